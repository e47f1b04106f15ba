from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.errors import FetchError
from bot.fetching.addresses import MAX_SHOWN, is_public, problem_with_address, shown_address
from bot.fetching.fetcher import Fetcher
from bot.fetching.resolving import GuardedResolver
from bot.source_settings import FeedSettings
from tests.support.clock import ManualClock
from tests.support.web import WebServer

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),  # noqa: S104 - refused
    *("255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:a00:1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "2002:7f00:1::"),
    *("2002:a00:1::1", "2001:db8::1", "::127.0.0.1", "64:ff9b:1::808:808", "fec0::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ranges_are_not_the_internet(address: str) -> None:
    """Loopback, private, link-local, reserved, multicast; also in the dress of IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_addresses_are_the_internet(address: str) -> None:
    """Whatever they are written as."""
    assert is_public(address)


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

    async with Fetcher(ManualClock(), user_agent="x", lookup=rebinding) as fetcher:
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

    async with Fetcher(ManualClock(), user_agent="x", lookup=lookup) as fetcher:
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


@pytest.mark.parametrize(
    "address",
    [
        *("", "news.example", "ftp://a.example/", "file:///etc/passwd", "//a.example/", "https://"),
        *("https:///feed", "https://a.example:99999/", "http://[::1", "https://a b.example/"),
        *("https://a.example/\n", "https://me:secret@a.example/", "https://token@a.example/"),
        *("https://@a.example/", "https://a.example/" + "x" * 3000, "javascript:alert(1)"),
        *("https://[v1.x]@/", "http://[]@/", "https://" + "a" * 64 + ".example/"),
    ],
)
def test_only_plain_web_addresses_are_taken(address: str) -> None:
    """Http or https, a host, no password, nothing that can't be seen."""
    problem = problem_with_address(address)
    assert problem is not None
    assert "secret" not in problem


@pytest.mark.parametrize(
    "address",
    ["https://a.example/feed.xml?a=b#c", "http://münchen.example", "https://[2606:4700::1]:8443/x"],
)
def test_web_addresses_are_taken(address: str) -> None:
    """With ports, queries, and names in any script."""
    assert problem_with_address(address) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://news.example/feed.xml", "https://news.example/feed.xml"),
        ("https://ann:pw@news.example/feed", "https://news.example/feed"),
        (
            "https://news.example/f?token=abc&format=rss#x",
            "https://news.example/f?token=…&format=…",
        ),
        ("https://news.example/f?abc", "https://news.example/f?…"),
        ("https://news.example/\x1b[31m", "https://news.example/_[31m"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_secret(address: str, shown: str) -> None:
    """On one line, and with the names of a query's values only."""
    assert shown_address(address) == shown


def test_a_long_address_is_shown_in_part() -> None:
    """A message stays a line."""
    assert len(shown_address("https://news.example/" + "a" * 5_000)) == MAX_SHOWN


def test_a_source_is_named_without_secrets_but_unlike_others() -> None:
    """Two feeds of one place with other tokens are two sources."""
    first, second = (
        FeedSettings(feed=f"https://news.example/f?token={secret}").name
        for secret in ("hunter2", "swordfish")
    )
    assert first != second
    assert "hunter2" not in first
    assert first.startswith("feed:https://news.example/f?token=…")
    assert FeedSettings(feed="https://news.example/f").name == "feed:https://news.example/f"
