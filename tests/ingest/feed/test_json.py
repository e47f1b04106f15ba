"""JSON as web servers send it, and the size of what leaves the process that parses feeds."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from bot.errors import SourceError
from bot.ingest.feed.entry import Entry
from bot.ingest.feed.json_parser import parse_json, text_of
from bot.ingest.feed.parser import parse_feed
from bot.ingest.text import document_key
from tests.ingest.feed.support import item, rss

BASE = "https://news.example/feed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("-0.0", "0"),
        ("1.5", "1.5"),
        ("1e3", "1000"),
        ("1e999", ""),
        ("-1e999", ""),
        ("NaN", ""),
        ("Infinity", ""),
        ("7" * 40, "7" * 40),
        ("7" * 41, "7" * 41),
        ("7" * 100_000, "7" * 100_000),
        ("-" + "7" * 5_000, "-" + "7" * 5_000),
        ('"1"', "1"),
        ('"a\nb"', "a\nb"),
        ("true", ""),
        ("null", ""),
        ("[]", ""),
        ('{"a": 1}', ""),
    ],
)
def test_values_as_text(text: str, expected: str) -> None:
    """Ids are numbers or text; no number is too long, and none is infinite."""
    assert text_of(parse_json(text.encode())) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1"),
        ("[1,]", "line 1, column"),
        ('{"a": 1,}', "line 1, column"),
        ("{'a': 1}", "line 1, column 2"),
        ('[\n"a": 1]', "line 2, column 4"),
        ("[1] [2]", "line 1, column 5"),
        ("[01]", "line 1, column 3"),
        ("{a: 1}", "line 1, column 2"),
        ('["a', "line 1, column 2"),
        ('["\\x"]', "line 1, column"),
        ("[// x\n1]", "line 1, column 2"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("[" * 5_000 + "]" * 5_000, "nested too deeply"),
    ],
)
def test_invalid_json_is_reported_with_its_position(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        parse_json(text.encode())
    assert str(caught.value).startswith("it is not valid JSON: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        "[" * 500 + "]" * 500,
        '{"x": ' + "[" * 500 + "]" * 500 + "}",
        '{"id": [[1]], "title": {"a": 1}, "tags": 5, "attachments": [[], {"url": {}}]}',
        '{"authors": ' + "1" * 9_000 + "}",
        "NaN",
        "1" * 9_000,
    ],
)
def test_strange_entry_does_not_affect_others(entry: str) -> None:
    body = f'{{"items": [{entry}, {{"id": 1.0, "title": "A story"}}]}}'.encode()
    entries = parse_feed(body, BASE, "").entries
    assert [(each.id, each.title) for each in entries[1:]] == [("1", "A story")]


def huge_rss(text: str) -> bytes:
    media = f'<media:content url="https://a.example/{text}.jpg" width="{text}"/>'
    enclosure = f'<enclosure url="https://a.example/{text}" type="audio/mpeg"/>'
    fields = {"title": text, "guid": text, "description": text}
    link = f"https://a.example/{text}"
    return rss(item(1, media, enclosure, f"<category>{text}</category>" * 5, link=link, **fields))


def huge_json(text: str) -> bytes:
    attachment = {"url": f"https://a.example/{text}", "mime_type": "audio/mpeg"}
    entry = dict.fromkeys(["id", "title", "content_html", "content_text", "summary", "x"], text)
    entry |= {"url": f"https://a.example/{text}", "image": f"https://a.example/{text}.png"}
    lists: dict[str, Any] = {"tags": [text] * 5, "attachments": [attachment] * 5}
    return json.dumps({"title": text, "items": [entry | lists]}).encode()


@pytest.mark.parametrize("make", [huge_rss, huge_json])
@pytest.mark.parametrize("letter", ["x", "é", "x "])
def test_entry_is_small_whatever_it_contains(make: Callable[[str], bytes], letter: str) -> None:
    text = letter * 100_000
    feed = parse_feed(make(text), BASE, "")
    assert len(feed.entries) == 1
    assert len(json.dumps(asdict(feed), ensure_ascii=False)) < 150_000


@pytest.mark.parametrize("name", ["a", "é\0", "x" * 300, "x" * 301, "y " * 100_000])
def test_bounded_entry_has_the_same_key(name: str) -> None:
    assert document_key(Entry(id=name).bounded().id, "") == document_key(name, "")
