"""DNS lookups that return permitted addresses only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.urls.public_hosts import is_public

# A lookup blocks its thread until the name server answers. These threads are used for lookups only,
# so that nothing else waits for one.
LOOKUP_THREADS = 8

Lookup: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class PrivateAddressError(OSError):
    """A host is on a private network."""


class GuardedResolver(AbstractResolver):
    """Resolves host names for aiohttp, which connects only to the addresses that it returns.

    So the address that was checked is the one that aiohttp connects to, even if the name server
    gives another answer a moment later (DNS rebinding). aiohttp does not resolve what it takes for
    a numeric host: see `is_private_literal` and `public_socket`.
    """

    def __init__(self, lookup: Lookup, *, allow_private: bool) -> None:
        self._lookup = lookup
        self._allow_private = allow_private

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - the overridden signature
    ) -> list[ResolveResult]:
        """Return the permitted addresses of a host. Raises `OSError`."""
        found = await self._lookup(host, port)
        permitted = [address for address in found if self._allow_private or is_public(address)]
        if found and not permitted:
            raise PrivateAddressError(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in permitted
        ]

    async def close(self) -> None:
        """Nothing to close."""


def public_socket(address_info: AddrInfoType) -> socket.socket:
    """Make the socket of a connection, which must be to a public address.

    This holds for every connection, however its address was found. Raises `PrivateAddressError`.
    """
    family, kind, protocol, _, address = address_info
    host = str(address[0])
    try:
        is_permitted = is_public(host)
    except ValueError:  # Not a numeric address: the system would look it up again.
        is_permitted = False
    if not is_permitted:
        raise PrivateAddressError(host)
    return socket.socket(family, kind, protocol)


class SystemLookup:
    """Resolves host names with the operating system's resolver, in threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the numeric addresses. Raises `OSError`."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _getaddrinfo, host, port
        )
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Start no more lookups; do not wait for running ones."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int) -> list[str]:
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(address[0]) for *_, address in results]
