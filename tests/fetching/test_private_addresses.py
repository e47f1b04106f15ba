from collections.abc import Sequence

import pytest

from bot.errors import FetchError
from bot.fetching.fetcher import Fetcher
from bot.fetching.resolver import GuardedResolver
from tests.support.clock import FakeClock
from tests.support.web import WebServer


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "127.1"),  # noqa: S104 - refused
        *("2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "169.254.169.254"),
    ],
)
async def test_private_addresses_are_not_requested(
    server: WebServer, fetcher: Fetcher, host: str
) -> None:
    """However the address is written, nothing reaches the server."""
    server.at("/feed", b"secret")
    with pytest.raises(FetchError):
        await fetcher.get(f"http://{host}:{server.port}/feed")
    assert server.requests == []


async def test_error_names_the_setting_that_allows_it(server: WebServer, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="allow_private: true"):
        await fetcher.get(server.url("/feed"))
    with pytest.raises(FetchError, match="allow_private: true"):
        await fetcher.get(f"http://localhost:{server.port}/feed")


async def test_host_is_checked_for_every_connection(server: WebServer) -> None:
    """A host that resolved to a public address is refused once it resolves to a private one.

    The checked address is the one that is connected to: there is no second lookup.
    """
    server.at("/feed", b"secret")
    looked_up: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        assert port == server.port
        looked_up.append(host)
        return ["127.0.0.1"]

    async with Fetcher(FakeClock(), user_agent="x", lookup=rebinding) as fetcher:
        with pytest.raises(FetchError, match="private network"):
            await fetcher.get(f"http://rebinding.example:{server.port}/feed")
    assert looked_up == ["rebinding.example"]
    assert server.requests == []


async def test_private_addresses_of_a_host_are_ignored() -> None:
    """A host with public and private addresses is reached at the public ones."""

    async def mixed(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1", "1.1.1.1", "::1"]

    results = await GuardedResolver(mixed, allow_private=False).resolve("mixed.example", 80)
    assert [result["host"] for result in results] == ["1.1.1.1"]


async def test_redirect_to_a_private_network_is_refused(server: WebServer) -> None:
    """The targets of redirects are checked like the first address."""
    server.at("/feed", status=301, Location=f"http://inside.example:{server.port}/secret")
    server.at("/literal", status=302, Location=server.url("/secret"))
    server.at("/secret", b"secret")

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with Fetcher(FakeClock(), user_agent="x", lookup=lookup) as fetcher:
        assert (await fetcher.get(server.url("/feed"), allow_private=True)).body == b"secret"
        server.requests.clear()
        for path in ("/feed", "/literal"):
            with pytest.raises(FetchError, match="private network"):
                await fetcher.get(f"http://outside.example:{server.port}{path}")
    assert server.requests == []


async def test_private_connections_are_not_shared(server: WebServer, fetcher: Fetcher) -> None:
    """A source without `allow_private` can't use a connection of one with it."""
    server.at("/feed", b"secret")
    address = f"http://localhost:{server.port}/feed"
    assert (await fetcher.get(address, allow_private=True)).body == b"secret"
    with pytest.raises(FetchError, match="private network"):
        await fetcher.get(address)
