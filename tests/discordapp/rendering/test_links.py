from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.rendering.links import masked_link, safe_url
from bot.discordapp.rendering.text import discord_length
from tests.discordapp.rendering.limits import addresses, check_markup, check_url, hostile


@given(addresses, st.integers(10, 2048))
def test_an_address_is_a_web_address_or_none(url: str, limit: int) -> None:
    """Only complete http and https addresses within the limit come out, markup-free."""
    if (safe := safe_url(url, limit)) is not None:
        check_url(safe, limit)
        assert safe_url(safe, limit) == safe


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1&z=%20#f", "https://a.example/x?y=1&z=%20#f"),
        ("https://a.example/a_(b) c", "https://a.example/a_%28b%29%20c"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("HTTP://A.example:8080", "http://a.example:8080"),
        ("https://a.example/\n**x**", "https://a.example/%2A%2Ax%2A%2A"),
    ],
)
def test_odd_characters_are_percent_encoded(url: str, safe: str) -> None:
    """An address keeps its meaning and loses what could end or bend a link."""
    assert safe_url(url) == safe


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "discord://-/channels/1",
        "https://bank.example@evil.example/",
        "https://evil.example\\@bank.example/",
        "https://",
        "https:///x",
        "https://localhost/",
        "https://a..example/",
        "https://a.example:port/",
        "https://a.example:99999/",
        "https://[::1",
        "https://a.example/\ud800",
        "",
        "no address",
    ],
)
def test_what_is_no_safe_web_address_is_none(url: str) -> None:
    """Other schemes, users in disguise and broken hosts are not linked to."""
    assert safe_url(url) is None


@given(hostile, addresses, st.integers(1, 600))
def test_a_masked_link_fits_and_holds_one_link_at_most(label: str, url: str, limit: int) -> None:
    """A hostile label can neither end the link nor begin another."""
    link = masked_link(label, url, limit)
    assert discord_length(link) <= limit
    check_markup(link)
    assert link.count("](") <= 1


def test_brackets_in_a_label_become_parentheses() -> None:
    """Discord's reading of escaped brackets in labels can't be relied upon."""
    link = masked_link("[Update] x](https://evil.example)", "https://a.example/", 200)
    assert link == r"[(Update) x)(https\://evil.example)](https://a.example/)"


def test_a_label_stands_alone_where_the_address_is_unsafe_or_long() -> None:
    """Better no link than half a link."""
    assert masked_link("x", "javascript:1", 100) == "x"
    assert masked_link("x", "https://a.example/" + "y" * 100, 100) == "x"
