"""Every spelling of an address on this machine, in each place from which addresses come.

The spellings are of 127.0.0.1, except where a library could take them for another private address.
None of them reaches the server that listens there, with or without `allow_private`.
"""
# ruff: noqa: RUF001 - characters that look like others are what is tested

import json
import socket
import unicodedata
from ipaddress import IPv4Address

import ada_url
import pydantic
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.config.sources import ApiSettings, FeedSettings, GitSettings
from bot.errors import FetchError
from bot.fetching.fetcher import Fetcher
from bot.ingest.api.pages import parse_page
from bot.urls.browser import join_address
from bot.urls.git_repositories import problem_with_repository
from bot.urls.safety import (
    embeddable_url,
    parse_web_address,
    problem_with_web_address,
    safe_url,
)
from tests.support.web import WebServer

DECIMAL = [
    *("2130706433", "02130706433", "2130706433.", "127.1", "127.0.1", "127.1.", "127.0.1."),
    *("127.0.0.1.", "127.0.0.1..", "127.65530", "127.0.256", "10.1", "0", "0.0", "00", "1"),
    *("256.0.0.1", "127.0.0.256", "127.0.0.1.0", "127.0.0.0.1", "340282366920938463463", "127..1"),
]
OCTAL = [
    *("0177.0.0.1", "0177.1", "0177.0.1", "017700000001", "00177.0.0.1", "0000177.0.0.1"),
    *("0000177.1", "127.0.0.01", "127.00.0.1", "127.000.000.001", "0177.0.0.1.", "000000177.1"),
    *("08.0.0.1", "0377.0377.0377.0377", "012.1"),
]
HEXADECIMAL = [
    *("0x7f000001", "0x7f.1", "0x7f.0.0.1", "0X7F000001", "0x7F.0x0.0x0.0x1", "0x7f.0x1"),
    *("0x7f000001.", "0x7f.1.", "0x0000007f.1", "0x", "0x.0x.0x.0x", "127.0x", "127.0.0.0x1"),
    *("0x7f.0177.1", "0177.0x0.1", "0x100000000000000007f000001", "a.0x7f", "a.1"),
]
UNICODE = [
    *(
        "１２７.０.０.１",
        "１２７．１",
        "127．0．0．1",
        "127。0。0。1",
        "127｡1",
        "①②⑦.1",
        "①②⑦.⓪.⓪.①",
    ),
    *("¹²⁷.1", "₁₂₇.1", "𝟏𝟐𝟕.𝟏", "𝟙𝟚𝟟.0.0.1", "127․0․0․1", "１２７.1", "２１３０７０６４３３"),
    *("０ｘ７ｆ.1", "0ｘ7f000001", "٠١٢٧.١", "١٢٧.٠.٠.١", "۱۲۷.۰.۰.۱", "१२७.०.०.१", "127.0.0.١"),
    *("127.0.0.1\u00ad", "127\u200b.1", "127.\u20601", "127.0.0.1。", "０"),
]
ENCODED = [
    *("127.0.0.%31", "%31%32%37.0.0.1", "127%2E0%2E0%2E1", "%6c%6f%63alhost", "127.0.0.1%00"),
    *("127.0.0.1%2f", "localhost%23", "127.0.0.1%20", "%5b::1%5d", "127.0.0.1%E3%80%82"),
]
IPV6 = [
    *("[::1%25lo]", "[::1%lo]", "[fe80::1%25eth0]", "[fe80::1%1]", "[::127.1]", "[::ffff:127.1]"),
    *("[::ffff:0177.0.0.1]", "[127.0.0.1]", "[::1]]", "[[::1]]", "[::1", "::1]", "[]", "[0x1::]"),
    *("[v1.127.0.0.1]", "[::ffff:2130706433]", "[::１]"),
]
USERS = ["public.example@127.1", "me:x@127.0.0.1", "@127.0.0.1", "127.0.0.1@", "a\\@127.0.0.1"]
UNUSUAL = [*DECIMAL, *OCTAL, *HEXADECIMAL, *UNICODE, *ENCODED, *IPV6, *USERS]
# These are the accepted forms, of addresses that are private.
PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "169.254.169.254", "192.168.0.1"),  # noqa: S104 - refused
    *("100.64.0.1", "255.255.255.255", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"),
    *(
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ),
    *("[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]", "[fe80::1]", "[fec0::1]"),
    *("[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fc00::1]", "[ff02::1]"),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ｌocalhost"),
]
# To a server that redirects, these are itself.
SAME = {"127.0.0.1", "@127.0.0.1"}
PUBLIC = ["93.184.216.34", "1.1.1.1", "255.example", "1.2.3.4.example", "[2606:4700::1111]"]


def test_there_are_enough_spellings() -> None:
    """None is there twice."""
    assert len({*UNUSUAL, *PRIVATE}) == len(UNUSUAL) + len(PRIVATE) >= 130


@pytest.mark.parametrize("host", UNUSUAL)
def test_unusual_spelling_is_refused_in_settings(host: str) -> None:
    """`allow_private` and `allow_local` are for networks and folders, not for spellings."""
    address = f"http://{host}:8080/feed"
    for settings, values in (
        (FeedSettings, {"feed": address}),
        (ApiSettings, {"api": address}),
        (ApiSettings, {"api": "https://a.example/", "pages": f"{address}/{{page}}"}),
        (GitSettings, {"git": f"https://{host}:8080/site"}),
        (GitSettings, {"git": f"ssh://{host}/site"}),
    ):
        permission = "allow_local" if settings is GitSettings else "allow_private"
        with pytest.raises(pydantic.ValidationError):
            settings(**values, **{permission: True})
    assert problem_with_repository(f"git@{host}:site", allow_local=True) is not None


@pytest.mark.parametrize("host", [*UNUSUAL, *PRIVATE])
async def test_no_spelling_is_requested(server: WebServer, fetcher: Fetcher, host: str) -> None:
    """Neither as the address of a source nor as that of its next page."""
    server.at("/secret", b"secret")
    address = f"http://{host}:{server.port}/secret"
    with pytest.raises(FetchError):
        await fetcher.get(address)
    next_page = parse_page(
        json.dumps({"value": [], "nextPage": address}).encode(), server.url("/api"), None, None
    ).next_address
    if next_page is not None and host not in SAME:
        with pytest.raises(FetchError):
            await fetcher.get(next_page, allow_private=True, named=[server.url("/api")])
    assert server.requests == []


@pytest.mark.parametrize("host", UNUSUAL)
async def test_unusual_spelling_needs_no_permission(
    server: WebServer, fetcher: Fetcher, host: str
) -> None:
    """It is refused even where the operator has permitted that private networks are asked."""
    server.at("/secret", b"secret")
    with pytest.raises(FetchError):
        await fetcher.get(f"http://{host}:{server.port}/secret", allow_private=True)
    assert server.requests == []


@pytest.mark.parametrize("scheme", ["http:", ""])
@pytest.mark.parametrize("host", [each for each in (*UNUSUAL, *PRIVATE) if each not in SAME])
async def test_no_spelling_is_redirected_to(
    server: WebServer, fetcher: Fetcher, host: str, scheme: str
) -> None:
    """Not even by a server in a private network that the settings name."""
    server.at("/secret", b"secret")
    location = f"{scheme}//{host}:{server.port}/secret".encode()
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location
    server.raw("/feed", head + b"\r\n\r\n")
    with pytest.raises(FetchError):
        await fetcher.get(server.url("/feed"), allow_private=True)
    assert [each for each in server.requests if each.startswith("/secret")] == []


@pytest.mark.parametrize("host", UNUSUAL)
def test_unusual_spelling_is_not_shown(host: str) -> None:
    """Addresses that readers see have the same spellings as those that are requested."""
    address = f"http://{host}/story"
    assert parse_web_address(address) is None
    assert safe_url(address) is None
    assert embeddable_url(address) is None
    joined = join_address("https://news.example/", address)
    assert joined == "" or parse_web_address(joined) == joined


@pytest.mark.parametrize("host", [*DECIMAL, *OCTAL, *HEXADECIMAL])
def test_links_are_not_repaired_to_numeric_hosts(host: str) -> None:
    """Browsers would open them, at an address that nobody can read there."""
    assert join_address("https://news.example/", f"http://{host}/story") == ""


@pytest.mark.parametrize("host", PUBLIC)
def test_usual_spelling_is_accepted_everywhere(host: str) -> None:
    """A number in front of a name is not a numeric address."""
    address = f"https://{host}:8443/x"
    assert FeedSettings(feed=address).feed == address
    assert GitSettings(git=address).git == address
    assert parse_web_address(address) == address
    assert join_address("https://news.example/", address) == address


def reads_as_number(host: str) -> bool:
    """Whether the C library, or a browser, takes a host for an IPv4 address."""
    folded = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".")
    try:
        socket.inet_aton(folded)
    except (OSError, ValueError):
        try:
            return ada_url.URL(f"http://{host}/").host_type == ada_url.HostType.IPV4
        except ValueError:
            return False
    return True


def is_usual(host: str) -> bool:
    try:
        return host == str(IPv4Address(host))
    except ValueError:
        return False


DIGITS = "0123456789abcdefxX" + "０１２３４５６７８９ｘ①②⑦¹²⁷₁𝟏𝟐𝟕𝟙" + "٠١٢٧۱۲۷१२७"
DOTS = "..．。｡․"


@given(
    st.text(st.sampled_from(DIGITS + DOTS), min_size=1, max_size=24)
    | st.lists(st.integers(0, 300), min_size=1, max_size=5).flatmap(
        lambda parts: st.tuples(
            *(
                st.sampled_from([f"{part}", f"0{part:o}", f"{part:#x}", f"{part:03}"])
                for part in parts
            )
        ).map(".".join)
    )
)
@example("127.0.0.1")
def test_one_spelling_is_accepted(host: str) -> None:
    """Whatever a library takes for a number, only its usual form is requested, cloned or shown."""
    if not reads_as_number(host) or is_usual(host):
        return
    assert problem_with_web_address(f"http://{host}/") is not None
    assert problem_with_repository(f"https://{host}/x", allow_local=True) is not None
    assert problem_with_repository(f"git@{host}:x", allow_local=True) is not None
    assert parse_web_address(f"http://{host}/") is None
    assert safe_url(f"http://{host}/") is None
    assert join_address("https://news.example/", f"http://{host}/") == ""
