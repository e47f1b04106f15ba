"""From names to the machines that may be connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.urls.public_hosts import is_public

# A name server that doesn't answer holds a thread for as long as the system likes. These are ours
# alone, so that nobody else waits for one.
LOOKUP_THREADS = 8

Lookup: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class PrivateAddressError(OSError):
    """A name stands for machines of a private network only."""


class GuardedResolver(AbstractResolver):
    """Looks names up for aiohttp, which connects to nothing but what it is told here.

    So the address that is checked is the one that is connected to, whatever the name server says
    a moment later. (Numeric hosts never come here: see `is_refused_literal`.)
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
        """The numeric addresses of a host. Raises `OSError`."""
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
    """Asks the system for the addresses of a name."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The numeric addresses. Raises `OSError`."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _ask_system, host, port
        )
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Start no more lookups; those that run end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask_system(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(address[0]) for *_, address in found]
