from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.address import is_front_page, normalise_address, web_address


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example/story?id=1#top",
        "HTTP://News.Example",
        "http://news.example:8080/a(b)_|{c}'s",
        "https://bücher.example/straße",
        "https://例え.example/",
        "http://192.0.2.1/",
        "http://[2001:db8::1]:8080/x",
        "https://r3---sn_x.cdn.example./x",
        f"https://news.example/{'a' * 2027}",
    ],
)
def test_safe_addresses_are_kept_as_given(address: str) -> None:
    """What a reader opens is what the document says."""
    assert web_address(f" {address}\n") == address
    assert normalise_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "news.example/story",
        "//news.example/",
        "ftp://news.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:news.example",
        "https://",
        "https:///x",
        "https://user@news.example/",
        "https://user:secret@news.example/",
        "https://news.example\\@evil.example/",
        "https://xn--\u0131.example/",
        "https://" + "\u0131" * 63 + ".example/",
        "https://" + "\u0131." * 60 + "x/",
        "http\u017f://news.example/",
        "https://news.example/a b",
        "https://news.example/a\nb",
        "https://news.example/a\x00b",
        "https://news.example/\u202eb",
        "https://news.example/\u200bb",
        "https://news.example/<b>",
        'https://news.example/"',
        "https://news.example/\ud800",
        "https://news..example/",
        "https://.example/",
        "https://news.example:65536/",
        "https://news.example:/x:y@z:",
        "https://news.example:port/",
        "https://news%2eexample/",
        "https://a\u2100b.example/",
        "https://[::1",
        "https://[zz]/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 150}example/",
        f"https://{'ä' * 300}.example/",
        f"https://news.example/{'a' * 2048}",
    ],
)
def test_unsafe_addresses_are_refused(address: str) -> None:
    """Only http and https, with a host and nothing hidden in it."""
    assert web_address(address) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://news.example/a", "https://news.example/a"),
        ("https://NEWS.example/a", "https://news.example/a"),
        ("https://www.news.example/a", "https://news.example/a"),
        ("https://news.example./a", "https://news.example/a"),
        ("http://news.example:80/a", "https://news.example:443/a"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example/a/", "https://news.example/a"),
        ("https://news.example/a#top", "https://news.example/a"),
        ("https://news.example/x/../a/./", "https://news.example/a"),
        ("https://news.example/%7Ea%c3%a9", "https://news.example/~aé"),
        ("https://news.example/a?x=1&b=2", "https://news.example/a?b=2&x=1"),
        ("https://news.example/a?", "https://news.example/a"),
        (
            "https://news.example/a?utm_source=m&UTM_Medium=n&fbclid=1&x=2&gclid=3",
            "https://news.example/a?x=2",
        ),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_addresses_of_the_same_page_are_equal(one: str, other: str) -> None:
    """Spelling and the way that a reader came make no other page."""
    assert normalise_address(one) == normalise_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a", "https://news.example/A"),
        ("https://news.example/a", "https://news.example/a?page=2"),
        ("https://news.example/a", "https://m.news.example/a"),
        ("https://news.example/a", "https://news.example:8080/a"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://www.example/", "https://example/"),
        ("https://youtube.com/watch?v=a", "https://youtube.com/watch?v=b"),
    ],
)
def test_addresses_of_different_pages_differ(one: str, other: str) -> None:
    """Whatever a server may tell apart stays apart."""
    assert normalise_address(one) != normalise_address(other)


def test_a_front_page_is_recognised() -> None:
    """An address without a path names a site, not an article; with a query it may."""
    assert is_front_page(normalise_address("https://www.news.example"))
    assert not is_front_page(normalise_address("https://news.example/?p=1"))
    assert not is_front_page(normalise_address("https://news.example/?p=1/"))
    assert not is_front_page(normalise_address("https://news.example/a/"))


letters = st.one_of(
    st.sampled_from(
        [*"aA.-_/%?&=#:+@[]1é漢\u2100\u00df\u3002", "www.", "%2f", "%C3", "..", "utm_x=", ":80"]
    ),
    st.characters(),
)


@given(st.lists(letters, max_size=20).map("".join))
def test_normalising_twice_changes_nothing(rest: str) -> None:
    """Every safe address has a normalised form, which is its own normalised form."""
    for text in (f"https://{rest}", f"http://www.news.example/{rest}"):
        address = web_address(text)
        if address is not None:
            normalised = normalise_address(address)
            assert normalise_address(normalised) == normalised
            assert normalised.isascii()
            assert web_address(normalised) == normalised or len(normalised) > 2048
