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
async def test_this_machine_and_its_neighbours_are_not_asked(
    server: WebServer, fetcher: Fetcher, host: str
) -> None:
    """However their address is written, nothing reaches the server."""
    server.at("/feed", b"secret")
    with pytest.raises(FetchError):
        await fetcher.get(f"http://{host}:{server.port}/feed")
    assert server.asked == []


async def test_the_refusal_says_how_to_allow_it(server: WebServer, fetcher: Fetcher) -> None:
    """Whoever means it is told what to write."""
    with pytest.raises(FetchError, match="allow_private: true"):
        await fetcher.get(server.url("/feed"))
    with pytest.raises(FetchError, match="allow_private: true"):
        await fetcher.get(f"http://localhost:{server.port}/feed")


async def test_a_name_is_checked_at_every_connection(server: WebServer) -> None:
    """A name that stood for a public address before is refused when it stands for a private one.

    The address that is checked is the one that is connected to: there is no second look-up.
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
    assert server.asked == []


async def test_a_name_with_both_kinds_of_addresses_leads_to_the_public_ones() -> None:
    """Private addresses in a name's answer are passed over."""

    async def mixed(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1", "1.1.1.1", "::1"]

    found = await GuardedResolver(mixed, allow_private=False).resolve("mixed.example", 80)
    assert [each["host"] for each in found] == ["1.1.1.1"]


async def test_a_redirect_into_the_private_network_is_refused(server: WebServer) -> None:
    """What a public server redirects to is checked like the first address."""
    server.at("/feed", status=301, Location=f"http://inside.example:{server.port}/secret")
    server.at("/literal", status=302, Location=server.url("/secret"))
    server.at("/secret", b"secret")

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with Fetcher(FakeClock(), user_agent="x", lookup=lookup) as fetcher:
        assert (await fetcher.get(server.url("/feed"), allow_private=True)).body == b"secret"
        server.asked.clear()
        for path in ("/feed", "/literal"):
            with pytest.raises(FetchError, match="private network"):
                await fetcher.get(f"http://outside.example:{server.port}{path}")
    assert server.asked == []


async def test_a_connection_of_a_trusted_source_serves_no_other(
    server: WebServer, fetcher: Fetcher
) -> None:
    """A source with `allow_private` leaves no open door for one without."""
    server.at("/feed", b"secret")
    address = f"http://localhost:{server.port}/feed"
    assert (await fetcher.get(address, allow_private=True)).body == b"secret"
    with pytest.raises(FetchError, match="private network"):
        await fetcher.get(address)
