"""Labelled pairs of stories: a portal's real ones beside the checkout, and invented ones."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.announce.same_event import MAX_TIME_APART, Headline

INVENTED = sorted((Path(__file__).parents[1] / "announce").glob("same_event_*.yaml"))


@dataclass(frozen=True, slots=True)
class Article:
    """A labelled article; `key` identifies it in its collection."""

    key: str
    headline: Headline
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, whether they are about the same event, and why (a label's remark)."""

    one: Article
    other: Article
    same: bool
    listed: bool
    remark: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Pairs at most 72 hours apart, and the archive that they come from."""

    name: str
    archive: tuple[Article, ...]
    pairs: tuple[Pair, ...]


def read_labelled(folder: Path) -> Collection:
    """Read `articles.jsonl` (articles with their related ones) and `labels.jsonl` (pairs).

    A label names an article by its address, or by its title if it has none.
    """
    archive: dict[str, Article] = {}
    named: dict[str, Article] = {}
    for entry in _json_lines(folder / "articles.jsonl"):
        for each in (entry, *entry["related"]):
            article = _article(each)
            article = archive.setdefault(article.key, article)
            for name in (each.get("url"), article.headline.title):
                if name:
                    named.setdefault(name, article)
    pairs = []
    for label in _json_lines(folder / "labels.jsonl"):
        one, other = named[label["a"]], named[label["b"]]
        if abs(one.published_at - other.published_at) <= MAX_TIME_APART:
            listed = label["source"] == "listed"
            pairs.append(Pair(one, other, label["same"], listed, label["why"]))
    return Collection(str(folder.name), tuple(archive.values()), tuple(pairs))


def read_invented(path: Path) -> Collection:
    """Read a list of invented pairs, each of an event of its own."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    archive, pairs = [], []
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
        one, other = (
            Article(
                f"{number}{side}",
                Headline(entry[side]["title"], entry[side]["excerpt"] or ""),
                start + timedelta(hours=hours),
            )
            for side, hours in (("a", 0), ("b", entry["hours"]))
        )
        archive += [one, other]
        pairs.append(Pair(one, other, entry["same"], entry["listed"], entry["kind"]))
    return Collection(path.stem, tuple(archive), tuple(pairs))


def _article(entry: dict[str, Any]) -> Article:
    published = datetime.fromisoformat(entry["published"])
    headline = Headline(entry["title"], entry.get("excerpt") or "")
    return Article(f"{entry.get('url')} {entry['title']}", headline, published.astimezone(UTC))


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
