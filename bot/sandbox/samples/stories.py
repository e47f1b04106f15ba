"""Made-up stories, one per number, in the format of the files in ``seeds/``.

The sandbox's button writes one into a watched folder. The texts are in ``stories.yaml``.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

_LOWEST_QUALITY = 75
_QUALITIES = 66  # 75..140
_QUALITY_STEP = 37  # coprime to _QUALITIES: neighbours differ, and all values occur
_PLACE_STEP = 8  # a follow-up and a place don't meet again for at least five rounds
_RELATED_EVERY = 3
_HEAT_OF_RELATED = 10
_SLUG_LENGTH = 60


def sample_story(number: int, now: datetime) -> tuple[str, str]:
    """Return the file name and the content of the made-up story with this number.

    The same number and time produce the same story. Addresses never repeat, and titles don't repeat
    before number 8,200. The first forty are independent stories; later ones are follow-ups to them.

    `now` is the time of publication, written in UTC to the second. Raises `ValueError` if the
    number is negative or the time has no zone.
    """
    if number < 0:
        raise ValueError(f"a sample story's number must not be negative: {number}")
    if now.tzinfo is None:
        raise ValueError("a sample story's time needs a time zone, for example datetime.now(UTC)")
    data = _read_sample_data()
    round_number, index = divmod(number, len(data.stories))
    sample = data.stories[index]
    headline: _Headline = sample
    if round_number > 0:
        # 12 follow-ups and 17 places have no common divisor: pairs repeat after 204 rounds.
        pattern = data.follow_ups[(index + round_number) % len(data.follow_ups)]
        place = data.places[(index * _PLACE_STEP + round_number) % len(data.places)]
        headline = _fill(pattern, sample.subject, place)
    published = now.astimezone(UTC).replace(microsecond=0)
    quality = _LOWEST_QUALITY + number * _QUALITY_STEP % _QUALITIES
    slug = _slug(headline.title)
    provider = data.providers[sample.provider]
    address = f"https://{provider.domain}/stories/{number}/{slug}"
    # Every related article is worse than the story; otherwise the heat would be -1.
    heat = quality + _HEAT_OF_RELATED * _related_count(data, number)
    lines = [
        "---",
        "category: news",
        f"title: {_quote(headline.title)}",
        f"excerpt: {_quote(headline.excerpt)}",
        f"publishedDateTime: {_iso(published)}",
        f"originalUrl: {_quote(address)}",
        f"webUrl: {_quote(address)}",
        "type: article",
        f"quality: {quality}",
        f"heat: {heat}",
        "published: true",
        "",
        "provider:",
        f"  name: {_quote(provider.name)}",
        f"  domain: {provider.domain}",
        "  images:",
        f"    - url: {_quote(f'https://img.{provider.domain}/icon-50x50.png')}",
        "      width: 50",
        "      height: 50",
        "",
        "topics:",
        *(f"  - {_quote(topic)}" for topic in sample.topics),
        "",
        "images:",
        f"  - url: {_quote(f'https://img.{provider.domain}/stories/{number}.jpg')}",
        "    width: 1200",
        "    height: 675",
    ]
    if _related_count(data, number):
        lines += ["", "related:", *_coverage(data, sample, number, quality, published)]
    return f"{published:%Y-%m-%d}-{slug}-{number}.md", "\n".join([*lines, "---", "", ""])


class _FrozenModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Provider(_FrozenModel):
    name: str
    domain: str


class _Headline(_FrozenModel):
    title: str
    excerpt: str


class _SampleStory(_Headline):
    subject: str
    topics: tuple[str, ...]
    provider: str


class _SampleData(_FrozenModel):
    """The content of ``stories.yaml``."""

    providers: dict[str, _Provider]
    stories: tuple[_SampleStory, ...]
    follow_ups: tuple[_Headline, ...]
    places: tuple[str, ...]
    related: tuple[_Headline, ...]


def _read_sample_data() -> _SampleData:
    text = files(__package__).joinpath("stories.yaml").read_text(encoding="utf-8")
    return _SampleData.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def _related_count(data: _SampleData, number: int) -> int:
    """How many other articles about a story there are: one to three for every third story."""
    rank, left = divmod(number, _RELATED_EVERY)
    return 0 if left else 1 + rank % len(data.related)


def _coverage(
    data: _SampleData, sample: _SampleStory, number: int, quality: int, published: datetime
) -> Iterator[str]:
    """The lines of the other articles about a story, each by another provider."""
    other_providers = [
        provider for key, provider in data.providers.items() if key != sample.provider
    ]
    for position, pattern in enumerate(data.related[: _related_count(data, number)]):
        headline = _fill(pattern, sample.subject, place="")
        provider = other_providers[(number + position) % len(other_providers)]
        hours_before = 1 + position
        address = f"https://{provider.domain}/coverage/{number}/{_slug(headline.title)}"
        yield f"  - title: {_quote(headline.title)}"
        yield f"    excerpt: {_quote(headline.excerpt)}"
        yield f"    publishedDateTime: {_iso(published - timedelta(hours=hours_before))}"
        yield f"    webUrl: {_quote(address)}"
        yield "    type: article"
        yield "    provider:"
        yield f"      name: {_quote(provider.name)}"
        yield f"      domain: {provider.domain}"
        yield f"    quality: {quality - 10 * hours_before}"


def _fill(pattern: _Headline, subject: str, place: str) -> _Headline:
    return _Headline(
        title=pattern.title.format(subject=subject, place=place),
        excerpt=pattern.excerpt.format(subject=subject, place=place),
    )


def _slug(title: str) -> str:
    """Lower-case words joined by hyphens, cut at the end of a word."""
    words = "-".join(re.findall(r"[a-z0-9]+", title.lower().replace("'", "")))
    return words if len(words) <= _SLUG_LENGTH else words[: _SLUG_LENGTH + 1].rpartition("-")[0]


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _quote(text: str) -> str:
    """Write text as YAML; a JSON string is one too (https://yaml.org/spec/1.2.2/#chapter-1)."""
    return json.dumps(text, ensure_ascii=False)
