"""Made-up stories, one per number, in the format of the files in ``seeds/``.

For trying the bot out: the sandbox's button drops one into a watched folder. The sentences are in
``stories.yaml``.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

_LOWEST_QUALITY = 75
_QUALITIES = 66  # 75..140
_QUALITY_STEP = 37  # has no divisor in common with _QUALITIES: neighbours differ, all values occur
_PLACE_STEP = 8  # keeps the same follow-up from the same place for five turns and more
_RELATED_EVERY = 3
_SLUG_LENGTH = 60


def sample_story(number: int, now: datetime) -> tuple[str, str]:
    """Give the file name and the content of the made-up story with this number.

    The same number and time give the same story. Addresses never repeat; titles do not before
    number 8,200. The first forty are stories of their own, later ones tell what became of them.

    Args:
        number: from 0 on.
        now: the time of publication, in any time zone; written in UTC to the second.

    Raises:
        ValueError: if the number is negative or the time has no zone.

    """
    if number < 0:
        raise ValueError(f"a sample story's number starts at 0, not {number}")
    if now.tzinfo is None:
        raise ValueError("a sample story's time needs a time zone, for example datetime.now(UTC)")
    story = _tell(_read_bank(), number)
    published = now.astimezone(UTC).replace(microsecond=0)
    slug = _slug(story.title)
    return f"{published:%Y-%m-%d}-{slug}-{number}.md", _render(story, number, slug, published)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Provider(_Entry):
    name: str
    domain: str


class _Text(_Entry):
    title: str
    excerpt: str


class _Idea(_Text):
    subject: str
    topics: tuple[str, ...]
    provider: str


class _Bank(_Entry):
    """What ``stories.yaml`` holds."""

    providers: dict[str, _Provider]
    stories: tuple[_Idea, ...]
    follow_ups: tuple[_Text, ...]
    places: tuple[str, ...]
    related: tuple[_Text, ...]


@dataclass(frozen=True, slots=True)
class _Coverage:
    """The same story, as another provider has it."""

    title: str
    excerpt: str
    provider: _Provider
    hours_before: int


@dataclass(frozen=True, slots=True)
class _Story:
    title: str
    excerpt: str
    provider: _Provider
    topics: tuple[str, ...]
    quality: int
    related: tuple[_Coverage, ...]


def _read_bank() -> _Bank:
    text = files(__package__).joinpath("stories.yaml").read_text(encoding="utf-8")
    return _Bank.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def _tell(bank: _Bank, number: int) -> _Story:
    """Choose this number's words."""
    turn, index = divmod(number, len(bank.stories))
    idea = bank.stories[index]
    text: _Text = idea
    if turn > 0:
        # 12 follow-ups and 17 places share no divisor: a subject meets each pair once in 204 turns.
        pattern = bank.follow_ups[(index + turn) % len(bank.follow_ups)]
        place = bank.places[(index * _PLACE_STEP + turn) % len(bank.places)]
        text = _fill(pattern, idea.subject, place)
    return _Story(
        title=text.title,
        excerpt=text.excerpt,
        provider=bank.providers[idea.provider],
        topics=idea.topics,
        quality=_LOWEST_QUALITY + number * _QUALITY_STEP % _QUALITIES,
        related=_cover(bank, idea, number) if number % _RELATED_EVERY == 0 else (),
    )


def _cover(bank: _Bank, idea: _Idea, number: int) -> tuple[_Coverage, ...]:
    """Give one, two or three pieces of other coverage, each by another provider."""
    others = [provider for key, provider in bank.providers.items() if key != idea.provider]
    count = 1 + number // _RELATED_EVERY % len(bank.related)
    coverage = []
    for position, pattern in enumerate(bank.related[:count]):
        text = _fill(pattern, idea.subject, place="")
        provider = others[(number + position) % len(others)]
        coverage.append(_Coverage(text.title, text.excerpt, provider, hours_before=1 + position))
    return tuple(coverage)


def _fill(pattern: _Text, subject: str, place: str) -> _Text:
    return _Text(
        title=pattern.title.format(subject=subject, place=place),
        excerpt=pattern.excerpt.format(subject=subject, place=place),
    )


def _slug(title: str) -> str:
    """Lower-case words joined by hyphens, cut at a word's end."""
    words = "-".join(re.findall(r"[a-z0-9]+", title.lower().replace("'", "")))
    return words if len(words) <= _SLUG_LENGTH else words[: _SLUG_LENGTH + 1].rpartition("-")[0]


def _render(story: _Story, number: int, slug: str, published: datetime) -> str:
    address = f"https://{story.provider.domain}/stories/{number}/{slug}"
    lines = [
        "---",
        "category: news",
        f"title: {_quote(story.title)}",
        f"excerpt: {_quote(story.excerpt)}",
        f"publishedDateTime: {_iso(published)}",
        f"originalUrl: {_quote(address)}",
        f"webUrl: {_quote(address)}",
        "type: article",
        f"quality: {story.quality}",
        f"heat: {story.quality}",
        "published: true",
        "",
        "provider:",
        f"  name: {_quote(story.provider.name)}",
        f"  domain: {story.provider.domain}",
        "  images:",
        f"    - url: {_quote(f'https://img.{story.provider.domain}/icon-50x50.png')}",
        "      width: 50",
        "      height: 50",
        "",
        "topics:",
        *(f"  - {_quote(topic)}" for topic in story.topics),
        "",
        "images:",
        f"  - url: {_quote(f'https://img.{story.provider.domain}/stories/{number}.jpg')}",
        "    width: 1200",
        "    height: 675",
    ]
    if story.related:
        lines += ["", "related:"]
    for coverage in story.related:
        lines += _render_coverage(coverage, number, story.quality, published)
    return "\n".join([*lines, "---", "", ""])


def _render_coverage(
    coverage: _Coverage, number: int, quality: int, published: datetime
) -> list[str]:
    earlier = published - timedelta(hours=coverage.hours_before)
    address = f"https://{coverage.provider.domain}/coverage/{number}/{_slug(coverage.title)}"
    return [
        f"  - title: {_quote(coverage.title)}",
        f"    excerpt: {_quote(coverage.excerpt)}",
        f"    publishedDateTime: {_iso(earlier)}",
        f"    webUrl: {_quote(address)}",
        "    type: article",
        "    provider:",
        f"      name: {_quote(coverage.provider.name)}",
        f"      domain: {coverage.provider.domain}",
        f"    quality: {quality - 10 * coverage.hours_before}",
    ]


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _quote(text: str) -> str:
    """Write text as YAML; a JSON string is one too (https://yaml.org/spec/1.2.2/#chapter-1)."""
    return json.dumps(text, ensure_ascii=False)
