import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.browser import join_address
from bot.urls.normalise import is_front_page, normalise_address, normalised_forms
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
        # Tracking.
        ("https://news.example/a?mtm_campaign=rss&pk_source=x&hsa_acc=1", "https://news.example/a"),
        ("https://news.example/a?wt_mc=rss.red&xtor=RSS-1&at_medium=RSS", "https://news.example/a"),
        (
            "https://news.example/a?ns_mchannel=rss&__hstc=1&_ga=2.3&yclid=4",
            "https://news.example/a",
        ),
        ("https://news.example/a?srsltid=x&UTM_ID=1&Cm_mmc=Rss", "https://news.example/a"),
        ("https://news.example/a?id=5&amp;utm_source=rss", "https://news.example/a?id=5"),
        ("https://news.example/a?id=5?utm_source=rss", "https://news.example/a?id=5"),
        # Where the reader comes from, if that is a feed.
        ("https://news.example/a?ref=rss", "https://news.example/a"),
        (
            "https://news.example/a?source=rss----1a2b3c---4&mod=rss_topics",
            "https://news.example/a",
        ),
        ("https://news.example/a?from=Feed&partner=rss&emc=rss", "https://news.example/a"),
        ("https://news.example/a?.tsrc=rss&fsrc=rss%7Cbus&rss=yes&af=R", "https://news.example/a"),
        # On one host.
        ("https://www.youtube.com/watch?v=a&si=x&feature=share", "https://youtube.com/watch?v=a"),
        ("https://youtu.be/a?si=x", "https://youtu.be/a"),
        ("https://www.bbc.co.uk/a?at_bbc_team=x&at_link_id=y", "https://bbc.co.uk/a"),
        ("https://edition.theguardian.com/a?CMP=share_btn", "https://edition.theguardian.com/a"),
        ("https://x.com/a/status/1?s=20&t=abc", "https://x.com/a/status/1"),
        (
            "https://old.reddit.com/r/a/1?share_id=x&rdt=5&%24deep_link=1",
            "https://old.reddit.com/r/a/1",
        ),
        # Sessions.
        ("https://news.example/a?PHPSESSID=1&id=5", "https://news.example/a?id=5"),
        (f"https://news.example/a?id=5&sid={'0a' * 16}", "https://news.example/a?id=5"),
        ("https://news.example/a.cfm?CFID=12&CFTOKEN=34&id=5", "https://news.example/a.cfm?id=5"),
        ("https://news.example/a.asp?ASPSESSIONIDQACDRTAB=AB", "https://news.example/a.asp"),
        ("https://news.example/a;jsessionid=0A.node1?id=5", "https://news.example/a?id=5"),
        ("https://news.example/a/;JSESSIONID=0A!-1/", "https://news.example/a"),
        ("https://news.example/a;jsessionid=0A/b", "https://news.example/a/b"),
        (
            "https://news.example/(S(lit3py55t21z5v55vlm25s55))/a.aspx",
            "https://news.example/a.aspx",
        ),
        ("https://news.example/(lit3py55t21z5v55vlm25s55)/a.aspx", "https://news.example/a.aspx"),
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
        *(
            (f"https://news.example/a?{name}=1", f"https://news.example/a?{name}=2")
            for name in (
                *("id", "p", "v", "q", "s", "t", "story", "article", "sid", "cid", "ref", "source"),
                *("from", "feature", "session", "si", "cmp", "oly", "utm", "itm", "at_id", "mc"),
            )
        ),
        ("https://news.example/a?sid=507f1f77bcf86cd799439011", "https://news.example/a"),
        ("https://news.example/?feed=rss2", "https://news.example/"),
        ("https://news.example/a?ref=rssowl", "https://news.example/a"),
        ("https://notyoutube.com/a?si=1", "https://notyoutube.com/a"),
        ("https://news.example/a;v=2", "https://news.example/a"),
        ("https://news.example/wiki/(disambiguation)/a", "https://news.example/wiki/a"),
    ],
)
def test_addresses_of_different_pages_differ(one: str, other: str) -> None:
    """Everything that a server may distinguish is kept."""
    assert normalise_address(one) != normalise_address(other)


def test_address_that_an_earlier_version_stored_is_found() -> None:
    """An article keeps the form that was stored before more parameters were left out."""
    assert normalised_forms("https://news.example/a?utm_source=x&id=5") == (
        "https://news.example/a?id=5",
    )
    assert normalised_forms("https://www.news.example/a/?xtor=RSS-1&id=5&fbclid=2") == (
        "https://news.example/a?id=5",
        "https://news.example/a?id=5&xtor=RSS-1",
    )
    assert normalised_forms("https://news.example/a;jsessionid=0A?b=1") == (
        "https://news.example/a?b=1",
        "https://news.example/a;jsessionid=0A?b=1",
    )


def test_front_page_is_recognised() -> None:
    """An address without a path is a site's front page; with a query it may be an article."""
    assert is_front_page(normalise_address("https://www.news.example"))
    assert not is_front_page(normalise_address("https://news.example/?p=1"))
    assert not is_front_page(normalise_address("https://news.example/?p=1/"))
    assert not is_front_page(normalise_address("https://news.example/a/"))


letters = st.one_of(
    st.sampled_from(
        [
            *"aA.-_/%?&=#:;+@[]1é漢\u2100\u00df\u3002",
            "www.",
            "%2f",
            "%C3",
            "..",
            "utm_x=",
            ":80",
            "si=",
            ";jsessionid=",
        ]
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
            assert normalised_forms(address)[0] == normalised
            assert {normalise_address(each) for each in normalised_forms(address)} == {normalised}
            assert normalised.isascii()
            assert parse_web_address(normalised) == normalised or len(normalised) > 2048


@given(st.lists(letters, max_size=20).map("".join))
def test_repaired_address_is_the_same_page(rest: str) -> None:
    """Links from feeds are repaired; those that were stored before are still found."""
    address = parse_web_address(f"https://news.example/{rest}")
    if address is not None:
        assert normalise_address(join_address("", address)) == normalise_address(address)
