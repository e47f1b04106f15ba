"""Name resolution that returns permitted addresses only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.urls.public_hosts import is_public

# A lookup blocks its thread for as long as the name server does not answer. These threads are for
# lookups only, so that nothing else waits for one.
LOOKUP_THREADS = 8

Lookup: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class PrivateAddressError(OSError):
    """A name resolves to addresses of private networks only."""


class GuardedResolver(AbstractResolver):
    """Resolves names for aiohttp, which connects to the returned addresses and no others.

    So the address that is checked is the one that is connected to, even if the name server answers
    differently a moment later. aiohttp does not resolve numeric hosts: see `is_private_literal`.
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
        """The permitted addresses of a host. Raises `OSError`."""
        found = await self._lookup(host, port)
        taken = [each for each in found if self._allow_private or is_public(each)]
        if found and not taken:
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
            for address in taken
        ]

    async def close(self) -> None:
        """Nothing to close."""


class SystemLookup:
    """Resolves names with the system's resolver, in threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The numeric addresses. Raises `OSError`."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _ask_system, host, port
        )
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Start no more lookups; running ones are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask_system(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(address[0]) for *_, address in found]
