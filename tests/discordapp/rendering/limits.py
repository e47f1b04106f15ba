"""Discord's limits for embeds and buttons, checked independently, and hostile stories."""

import re
import string
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import discord
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length
from storage.models import Article, Image, Kind, Provider, RelatedArticle, Story
from tests.support.articles import make_story
from tests.support.examples import of_hundred

MARKUP = [
    "**bold**", "__under__", "~~gone~~", "||spoiler||", "`code`", "```block", "> quote",
    ">>> quote", "# heading", "-# small", "- item", "1. item", "[click](https://evil.example)",
    "](", "[", "<@1>", "<@&2>", "<#3>", "<t:0:R>", "</news top:4>", "<:x:5>", "<a:x:5>", ":smile:",
    "@everyone", "@here", "https://evil.example/x", "<https://evil.example>", "\\", "\\*", "\r\n",
    "\n", "\t", "\u200b", "\u202e", "\ufeff", "\x00", "\ud800", "e\u0301", "👩\u200d👩\u200d👧",
    "🇩🇪", "👍🏽", "字", "\U0001d54f", "ß", " ",
]  # fmt: skip

# Whole stories are much to make up.
few_examples = of_hundred(40)

hostile = st.lists(st.one_of(st.sampled_from(MARKUP), st.text(max_size=6)), max_size=8).map(
    "".join
) | st.builds(lambda piece, times: piece * times, st.sampled_from(MARKUP), st.integers(0, 6000))

addresses = st.one_of(
    st.sampled_from(
        [
            "https://news.example/a",
            "http://news.example/a_(b)?c=[d]|e f",
            "HTTPS://NEWS.example:8443/#x",
            "https://bücher.example/ü",
            "https://my_site.example/a_b",
            "https://my_site.example/".ljust(580, "x"),
            "https://my_site.example/".ljust(2900, "x"),
            "https://news.example/" + "новости" * 100,
            "https://news.example/" + "%E6%96%B0" * 300,
            "https://news.example/picture.SVG?x",
            "javascript:alert(1)",
            "https://bank.example@evil.example/",
            "https://",
            "//news.example",
            "https://[::1",
            "https://news.example:99999999/",
            "https://localhost/",
            "",
        ]
    ),
    st.text(max_size=40).map("https://news.example/".__add__),
    st.integers(400, 6000).map(lambda length: "https://news.example/" + "x" * length),
    st.text(max_size=60),
)
moments = st.datetimes(timezones=st.just(UTC))
qualities = st.integers(-(2**63), 2**63 - 1)
providers = st.builds(
    Provider, name=hostile, domain=st.none() | hostile, icon_url=st.none() | addresses
)
sizes = st.none() | st.integers(-1, 100_000)
related_articles = st.builds(
    RelatedArticle,
    title=hostile,
    url=addresses,
    excerpt=hostile,
    published_at=st.none() | moments,
    kind=st.sampled_from(Kind),
    quality=st.none() | qualities,
    provider=st.none() | providers,
)
images = st.builds(Image, url=addresses, width=sizes, height=sizes, alt=hostile)
articles = st.builds(
    Article,
    title=hostile,
    url=addresses,
    addresses=st.just(()),
    published_at=moments,
    excerpt=hostile,
    kind=st.sampled_from(Kind),
    quality=qualities,
    provider=st.none() | providers,
    topics=st.lists(hostile, max_size=3).map(tuple),
    images=st.lists(images, max_size=6).map(tuple),
    related=st.lists(related_articles, max_size=7).map(tuple),
)
stories = st.builds(
    Story,
    id=st.integers(1, 2**63 - 1),
    revision=st.just(1),
    first_seen_at=moments,
    withdrawn=st.just(False),
    article=articles,
)

_LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^()\s<>\\]+)\)")
_BOLD = re.compile(r"\*\*[^*_]*?\*\*")
_OURS = re.compile(r"^-# |<t:-?\d{1,17}:[Rf]>", re.MULTILINE)


def check_embed(embed: discord.Embed) -> int:
    """Fail if Discord would refuse the embed; return its length."""
    shape = embed.to_dict()
    texts = [(shape.get("title"), 256), (shape.get("description"), 4096)]
    texts += [
        (shape.get("author", {}).get("name"), 256),
        (shape.get("footer", {}).get("text"), 2048),
    ]
    for field in shape.get("fields", []):
        texts += [(field["name"], 256), (field["value"], 1024)]
    present = [(text, limit) for text, limit in texts if text is not None]
    for text, limit in present:
        assert text == text.strip()
        assert 1 <= discord_length(text) <= limit
        text.encode()
    length = sum(discord_length(text) for text, _ in present)
    assert length <= 6000
    assert len(shape.get("fields", [])) <= 25
    assert shape.get("title") or shape.get("description")
    urls = [shape.get("url"), shape.get("image", {}).get("url")]
    urls.append(shape.get("author", {}).get("icon_url"))
    for url in urls:
        if url is not None:
            check_url(url, 2048)
            check_field_url(url)
    return length


def check_embeds(*embeds: discord.Embed) -> None:
    """Fail if Discord would refuse the embeds of one message."""
    assert sum(map(check_embed, embeds)) <= 6000


def check_components(rows: list[dict[str, Any]]) -> None:
    """Fail if Discord would refuse the components.

    https://docs.discord.com/developers/components/reference
    """
    assert 1 <= len(rows) <= 5
    custom_ids = []
    for row in rows:
        selects = [each for each in row["components"] if each["type"] == 3]
        assert 1 <= len(row["components"]) <= (1 if selects else 5)
        for each in row["components"]:
            custom_ids += [each["custom_id"]] if "custom_id" in each else []
            if "url" in each:
                check_url(each["url"], 512)
                check_field_url(each["url"])
            if each["type"] == 2:
                _check_text(each["label"], 80)
        for select in selects:
            _check_select(select)
    assert len(custom_ids) == len(set(custom_ids))
    assert all(1 <= discord_length(custom_id) <= 100 for custom_id in custom_ids)


def check_layout(rows: list[dict[str, Any]]) -> None:
    """Fail if Discord would refuse the components of a message that consists of them."""
    everything = list(_walk(rows))
    assert len(everything) <= 40
    texts = [each["content"] for each in everything if each["type"] == 10]
    assert all(text == text.strip() and discord_length(text) >= 1 for text in texts)
    assert sum(map(discord_length, texts)) <= 4000
    for gallery in (each for each in everything if each["type"] == 12):
        assert 1 <= len(gallery["items"]) <= 10
        for item in gallery["items"]:
            check_url(item["media"]["url"], 2048)
            check_field_url(item["media"]["url"])
            if item.get("description") is not None:
                _check_text(item["description"], 1024)
    check_components([each for each in everything if each["type"] == 1])


def _walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in components:
        yield each
        yield from _walk(each.get("components", []))


def _check_select(select: dict[str, Any]) -> None:
    options = select["options"]
    assert 1 <= len(options) <= 25
    _check_text(select["placeholder"], 150)
    for option in options:
        for name in ("label", "value", "description"):
            _check_text(option[name], 100)
    values = [option["value"] for option in options]
    assert len(values) == len(set(values))


def _check_text(text: str, limit: int) -> None:
    assert text == text.strip()
    assert "\n" not in text
    assert 1 <= discord_length(text) <= limit
    text.encode()


def check_url(url: str, limit: int) -> None:
    """Fail for an address that is not a plain web address."""
    parts = urlsplit(url)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert parts.username is None
    assert not re.search(r"[\s()<>\[\]\\|*`\"]", url)
    assert discord_length(url) <= limit
    if not url.isascii():
        assert len(quote(url, safe=string.punctuation)) > limit
        assert all(character.isascii() or is_word(character) for character in url)


def is_word(character: str) -> bool:
    """Whether a character is a letter, a digit or an accent."""
    return unicodedata.category(character)[0] in "LMN"


def check_field_url(url: str) -> None:
    """Fail for an address that Discord refuses in the fields of embeds and buttons."""
    assert url.isascii()
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", urlsplit(url).hostname or "")


def check_markup(markup: str) -> None:
    """Fail if there is markup besides our own bold text, small print, times and links."""
    rest = re.sub(r"\\[^0-9A-Za-z\s]", "x", markup)  # escaped punctuation is text
    for label, url in _LINK.findall(rest):
        assert "://" not in label
        check_url(url, limit=len(url))
    # What follows bold text is not at the start of a line.
    rest = _OURS.sub("", _BOLD.sub("x", _LINK.sub("", rest)))
    assert not re.search(r"[*_~|`<\[\]\\]", rest), markup
    assert "://" not in rest
    assert not re.search(r":[^\s:]+:", rest)
    assert not re.search(r"@(everyone|here)", rest)
    assert not re.search(r"^\s*([#>+-]|[0-9]+\.)", rest, re.MULTILINE), markup


def make_bare_story(title: str = "A story", **changes: Any) -> Story:  # noqa: ANN401 - any field
    """Return a story that has little more than a title, with changes to its article."""
    bare: dict[str, Any] = {
        "url": "https://news.example/a",
        "addresses": (),
        "published_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "excerpt": "",
        "quality": 0,
        "provider": None,
        "topics": (),
    }
    return make_story(7, title=title, **{**bare, **changes})
