import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.normalise import is_front_page, normalise_address
from bot.urls.safety import parse_web_address


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
    """Spelling and tracking parameters make no difference."""
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
    """Everything that a server may distinguish is kept."""
    assert normalise_address(one) != normalise_address(other)


def test_front_page_is_recognised() -> None:
    """An address without a path is a site's front page; with a query it may be an article."""
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
def test_normalising_is_idempotent(rest: str) -> None:
    """Every safe address has a normalised form, which is its own normalised form."""
    for text in (f"https://{rest}", f"http://www.news.example/{rest}"):
        address = parse_web_address(text)
        if address is not None:
            normalised = normalise_address(address)
            assert normalise_address(normalised) == normalised
            assert normalised.isascii()
            assert parse_web_address(normalised) == normalised or len(normalised) > 2048
