import socket
from collections.abc import Sequence

import pytest

from bot.errors import FetchError
from bot.fetching.fetcher import Fetcher
from bot.fetching.resolver import GuardedResolver, PrivateAddressError, public_socket
from bot.urls.public_hosts import is_same_server
from tests.support.clock import FakeClock
from tests.support.web import WebServer, serve_web


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


async def loopback(_host: str, _port: int) -> Sequence[str]:
    """A name server that knows only this machine."""
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    "target",
    [
        *("http://inside.example:{0}/secret", "http://localhost:{0}/secret", "//[::1]:{0}/secret"),
        *("http://127.0.0.1:{1}/secret", "http://127.0.0.1/secret", "https://127.0.0.1:{0}./x"),
    ],
)
async def test_permission_does_not_cover_redirects(server: WebServer, target: str) -> None:
    """`allow_private` is for the host and port in the settings; everything else is checked."""
    async with (
        serve_web() as other,
        Fetcher(FakeClock(), user_agent="x", lookup=loopback) as fetcher,
    ):
        for each in (server, other):
            each.at("/secret", b"secret")
        server.at("/feed", status=301, Location=target.format(server.port, other.port))
        with pytest.raises(FetchError) as caught:
            await fetcher.get(server.url("/feed"), allow_private=True)
        assert other.requests == []
    assert server.requests == ["/feed"]
    assert "allow_private: true" not in str(caught.value)


async def test_permission_covers_every_named_server(server: WebServer) -> None:
    """A redirect within a server, or to another one that the settings name, is followed."""
    async with Fetcher(FakeClock(), user_agent="x", lookup=loopback) as fetcher:
        inside = f"http://inside.example:{server.port}/secret"
        server.at("/feed", status=301, Location="/here")
        server.at("/here", status=302, Location=inside)
        server.at("/secret", b"secret")
        named = (server.url("/feed"), f"http://inside.example:{server.port}/")
        response = await fetcher.get(server.url("/feed"), allow_private=True, named=named)
        assert response.body == b"secret"
        with pytest.raises(FetchError, match="private network; add `allow_private: true`"):
            await fetcher.get(server.url("/feed"), named=named)


@pytest.mark.parametrize(
    ("address", "is_same"),
    [
        ("http://a.example/x", True),
        ("http://A.example.:80/y?z", True),
        ("https://a.example/", True),
        ("https://a.example:80/", True),
        ("https://a.example:8443/", False),
        ("http://a.example:443/", True),
        ("http://a.example:8080/", False),
        ("http://b.a.example/", False),
        ("http://127.1/", False),
        ("http://[/", False),
    ],
)
def test_server_is_its_host_and_its_port(address: str, is_same: bool) -> None:
    """That of http on its usual port is also that of https on its usual port."""
    assert is_same_server("http://a.example/feed", address) == is_same
    assert is_same_server("http://a.example:8080/feed", address) == (":8080" in address)
    assert is_same_server("https://a.example/feed", "http://a.example/feed") is False


def test_sockets_are_made_for_public_addresses_only() -> None:
    """Whatever a library takes for an address, its connection is checked."""
    for host in ("127.0.0.1", "10.0.0.1", "127.1", "2130706433", "localhost", ""):
        with pytest.raises(PrivateAddressError):
            public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, 80)))
    public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("1.1.1.1", 80))).close()


async def test_private_connections_are_not_shared(server: WebServer, fetcher: Fetcher) -> None:
    """A source without `allow_private` can't use a connection of one with it."""
    server.at("/feed", b"secret")
    address = f"http://localhost:{server.port}/feed"
    assert (await fetcher.get(address, allow_private=True)).body == b"secret"
    with pytest.raises(FetchError, match="private network"):
        await fetcher.get(address)
