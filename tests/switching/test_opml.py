"""Reading and writing lists of feeds as OPML."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.misplaced_secrets import is_secret_key
from bot.config.sources import FeedSettings, ProviderSettings
from bot.errors import ImportFileError
from bot.ingest.text import clean_text
from bot.switching.feeds import ListedFeed, Outcome, compare_with_settings, setting_name
from bot.switching.opml import MAX_FILE, read_opml, write_opml
from bot.urls.normalise import comparable_address


def opml(*outlines: str) -> bytes:
    return f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>'.encode()


def read(*outlines: str) -> list[ListedFeed]:
    return list(read_opml(opml(*outlines)))


def settings(*outlines: str) -> list[object]:
    feeds = read(*outlines)
    assert [each.problem for each in feeds] == [None] * len(feeds)
    return [each.settings for each in feeds]


def test_an_outline_becomes_a_feed_with_a_provider() -> None:
    """Readers write the site's address, too, which says at which domain the provider is."""
    assert settings(
        '<outline type="rss" text="A &amp; B" title="No" xmlUrl="https://a.example/f?x=1&amp;y=2"'
        ' htmlUrl="https://www.a.example/news/"/>'
    ) == [
        {
            "feed": "https://a.example/f?x=1&y=2",
            "provider": {"name": "A & B", "domain": "a.example"},
        }
    ]


def test_folders_and_categories_become_topics() -> None:
    """In the order in which they are nested, each once; OPML has both."""
    assert settings(
        '<outline text="Tech"><outline title="AI">'
        '<outline text="A" xmlUrl="https://a.example/" category="/Science/ai,New"/></outline>'
        '<outline text="B" xmlUrl="https://b.example/"/></outline>'
        '<outline text="C" xmlUrl="https://c.example/"/>'
    ) == [
        {"feed": "https://a.example/", "provider": "A", "topics": ["Tech", "AI", "Science", "New"]},
        {"feed": "https://b.example/", "provider": "B", "topics": ["Tech"]},
        {"feed": "https://c.example/", "provider": "C"},
    ]


@pytest.mark.parametrize(
    ("outline", "expected"),
    [
        ('<OUTLINE XMLURL=" https://a.example/ "/>', "https://a.example/"),
        ('<outline xmlUrl="feed://a.example/"/>', "http://a.example/"),
        ('<outline xmlUrl="feed:https://a.example/"/>', "https://a.example/"),
        ('<outline text="http://a.example" xmlUrl="https://a.example/"/>', "https://a.example/"),
    ],
)
def test_programs_write_addresses_in_several_ways(outline: str, expected: str) -> None:
    """An address is not used as a name."""
    assert settings(outline) == [{"feed": expected}]


def test_ampersands_that_are_not_escaped_are_read() -> None:
    """Some programs don't escape them, or write entities of HTML."""
    assert settings(
        '<outline text="AT&T&nbsp;News" xmlUrl="https://a.example/?a=1&copy=2&amp;b=3"/>'
    ) == [{"feed": "https://a.example/?a=1&copy=2&b=3", "provider": "AT&T News"}]


def test_a_name_that_looks_like_a_secret_is_left_out() -> None:
    """The settings refuse it; the feed has a title of its own. Topics may look random."""
    (found,) = read(
        '<outline text="CityMarathon2026"><outline text="a:b@c.example"'
        ' xmlUrl="https://a.example/" category="u:p@a.example"/></outline>'
    )
    assert found.settings == {"feed": "https://a.example/", "topics": ["CityMarathon2026"]}
    assert found.notes == ("without its name, which looks like a password or token",)


@pytest.mark.parametrize(
    ("outline", "problem"),
    [
        ('<outline type="link" url="https://a.example/"/>', "has no address of a feed"),
        ('<outline xmlUrl="ftp://a.example/"/>', "feed does not begin with https:// or http://"),
        ('<outline xmlUrl=""/>', "feed does not begin with https:// or http://"),
        (
            '<outline xmlUrl="https://u:p@a.example/"/>',
            "feed contains a user name or password; remove it",
        ),
        (
            '<outline type="HTML+XPath" xmlUrl="https://a.example/"/>',
            "is not a feed: it is read by rules (HTML+XPath)",
        ),
    ],
)
def test_an_outline_that_is_no_feed_has_a_reason(outline: str, problem: str) -> None:
    (found,) = read(outline)
    assert found.problem == problem


def test_a_feed_that_is_listed_again_is_already_there() -> None:
    """Addresses of the same page are the same feed, whatever the list and the settings write."""
    feeds = read(
        '<outline text="A" xmlUrl="http://www.a.example/feed/"/>',
        '<outline text="B" xmlUrl="https://b.example/feed"/>',
        '<outline text="B again" xmlUrl="https://b.example/feed/"/>',
    )
    results, added = compare_with_settings(feeds, [FeedSettings(feed="https://a.example/feed")])
    assert [each.outcome for each in results] == [Outcome.PRESENT, Outcome.ADDED, Outcome.PRESENT]
    assert added == [{"feed": "https://b.example/feed", "provider": "B"}]


BOMB = """<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>"""
OUTSIDE = """<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<opml><body><outline text="x" xmlUrl="https://a.example/">&a;</outline></body></opml>"""
DEEP = "<opml>" + "<outline text='x'>" * 1000 + "</outline>" * 1000 + "</opml>"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (BOMB, "declares an entity"),
        (OUTSIDE, "declares an entity"),
        (DEEP, "has more than 50 levels"),
        ("<rss><channel/></rss>", "is not OPML"),
        ("<html>", "is not OPML"),
        ("", "is not valid XML in line 1: no element found"),
        ("<opml>\n<outline xmlUrl='https://a.example/'></opml>", "is not valid XML in line 2"),
        ("<opml><outline>", "is not valid XML"),
        ('<?xml version="1.0" encoding="klingon"?><opml/>', "unknown encoding"),
        ("a" * (MAX_FILE + 1), "is larger than 10 MB"),
    ],
)
def test_a_hostile_or_broken_file_is_refused(content: str, problem: str) -> None:
    with pytest.raises(ImportFileError, match=problem):
        read_opml(content.encode())


def test_a_document_type_outside_the_file_is_not_read() -> None:
    """Some programs name one; nothing is fetched for it."""
    content = b'<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/x.dtd">' + opml(
        '<outline xmlUrl="https://a.example/"/>'
    )
    assert [each.settings for each in read_opml(content)] == [{"feed": "https://a.example/"}]


@given(st.binary(max_size=200) | st.text(max_size=200).map(opml))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ImportFileError):
        read_opml(content)


@given(st.dictionaries(st.sampled_from(["text", "title", "category"]), st.text(max_size=300)))
def test_any_text_becomes_settings_that_load(values: dict[str, str]) -> None:
    """Names that can't be seen, are too long, or have strange characters are repaired."""
    attributes = "".join(
        f' {name}="{"".join(f"&#{ord(char)};" for char in value)}"'
        for name, value in values.items()
    )
    try:
        (found,) = read(f'<outline{attributes} xmlUrl="https://a.example/"/>')
    except ImportFileError:  # a character that XML can't contain
        return
    assert found.problem is None
    FeedSettings.model_validate(found.settings)


def test_an_exported_list_is_one_that_readers_understand() -> None:
    """Each feed is listed once, in the folders of its topics; settings of ours are attributes."""
    feeds = [
        FeedSettings(feed="https://a.example/?a=1&b=2", provider=ProviderSettings(name='A "1"')),
        FeedSettings.model_validate(
            {"feed": "https://b.example/", "topics": ["Tech", "AI"], "every": "1h"}
        ),
    ]
    assert (
        write_opml(feeds).partition("<body>\n")[2]
        == """\
    <outline type="rss" text='A "1"' xmlUrl="https://a.example/?a=1&amp;b=2"/>
    <outline text="Tech">
      <outline text="AI">
        <outline type="rss" text="https://b.example/" xmlUrl="https://b.example/"\
 storywire:every="3600s"/>
      </outline>
    </outline>
  </body>
</opml>
"""
    )


_NAMES = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
    .map(lambda text: clean_text(text, 100))
    .filter(
        lambda text: (
            bool(setting_name(text))
            and not is_secret_key(text)
            and "\ufffe" not in text
            and "\uffff" not in text
        )
    )
)
_FEEDS = st.fixed_dictionaries(
    {
        "feed": st.from_regex(
            r"https?://[a-z]{1,9}\.example/[a-z]{0,5}(\?[a-z]=[&a-z0-9]{0,5})?", fullmatch=True
        )
    },
    optional={
        "provider": _NAMES
        | st.fixed_dictionaries(
            {"name": _NAMES, "domain": st.from_regex(r"[a-z]{1,9}\.example", fullmatch=True)}
        ),
        "topics": st.lists(_NAMES, max_size=3, unique_by=str.casefold),
        "every": st.integers(1, 10_000_000).map(lambda seconds: f"{seconds}s"),
        "quality": st.none() | st.integers(-999_999_999, 999_999_999),
        "time_zone": st.just("Europe/Berlin"),
    },
).map(FeedSettings.model_validate)


@given(st.lists(_FEEDS, max_size=5, unique_by=lambda feed: comparable_address(feed.feed)))
def test_a_list_that_is_exported_and_imported_is_unchanged(feeds: list[FeedSettings]) -> None:
    """The settings are the same, in the same order, and so is the list that is made of them."""
    written = write_opml(feeds)
    results, added = compare_with_settings(read_opml(written.encode()), [])
    assert {each.outcome for each in results} <= {Outcome.ADDED}
    imported = [FeedSettings.model_validate(each) for each in added]
    assert imported == feeds
    assert write_opml(imported) == written
