import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

SEEDS = Path(__file__).parents[3] / "seeds"
GIVEN = "2020-09-11-ibm-says"  # the one article that others wrote
FILES = sorted(SEEDS.glob("*.md"))
OURS = [path for path in FILES if not path.name.startswith(GIVEN)]

FrontMatter = dict[str, Any]
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[:50])
each_of_ours = pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem[:50])


def read(path: Path) -> FrontMatter:
    opening, matter, body = path.read_text(encoding="utf-8").split("---\n")
    assert (opening, body.strip()) == ("", "")
    fields = yaml.load(matter, Loader=yaml.CSafeLoader)
    assert isinstance(fields, dict)
    return fields


@pytest.fixture(scope="module")
def ours() -> list[FrontMatter]:
    return [read(path) for path in OURS]


def address_of(fields: FrontMatter) -> str:
    return str(fields.get("webUrl") or fields["originalUrl"])


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


@each_file
def test_seed_is_a_complete_article(path: Path) -> None:
    """It has a title, an aware date, an address, an integer quality, a provider and topics."""
    fields = read(path)
    stories = [fields, *fields.get("related", [])]
    for story in stories:
        assert story["title"].strip()
        assert isinstance(story["publishedDateTime"], datetime)
        assert story["publishedDateTime"].tzinfo is not None
        assert urlsplit(address_of(story)).scheme in {"http", "https"}
        assert type(story["quality"]) is int
        assert story["provider"]["name"]
        assert story["provider"]["domain"]
    assert type(fields["heat"]) is int
    assert type(fields["published"]) is bool
    assert fields["topics"]
    assert fields["category"] == "news"
    assert fields["type"] in {"article", "video"}


@each_of_ours
def test_our_seeds_use_example_hosts_only(path: Path) -> None:
    """Hosts end in .example, which never resolves (https://www.rfc-editor.org/rfc/rfc2606)."""
    texts = list(strings_in(read(path)))
    hosts = [
        urlsplit(found).hostname for text in texts for found in re.findall(r'\w+://[^"\s]+', text)
    ]
    domains = [text for text in texts if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", text)]
    assert hosts
    assert domains
    assert [
        host for host in [*hosts, *domains] if host is None or not host.endswith(".example")
    ] == []


@each_of_ours
def test_seed_file_name_starts_with_its_date(path: Path) -> None:
    """A seed is named like the portal's posts: the date, then a slug."""
    day = read(path)["publishedDateTime"].date().isoformat()
    assert re.fullmatch(rf"{day}-[a-z0-9-]+\.md", path.name)


def test_addresses_are_unique(ours: list[FrontMatter]) -> None:
    """All stories and all their related coverage have different addresses."""
    addresses = Counter(
        address_of(story) for fields in ours for story in [fields, *fields.get("related", [])]
    )
    assert [address for address, count in addresses.items() if count > 1] == []


def test_seeds_cover_many_topics_and_providers(ours: list[FrontMatter]) -> None:
    """There are ten topics and twelve providers, and three pages of five about AI."""
    topics = Counter(topic for fields in ours for topic in fields["topics"])
    assert len(ours) == 34
    assert len([topic for topic, count in topics.items() if count >= 2]) >= 10
    assert len({fields["provider"]["domain"] for fields in ours}) >= 12
    assert topics["AI"] >= 10


def test_seeds_cover_the_range_of_each_field(ours: list[FrontMatter]) -> None:
    """Quality, heat, the published flag and the dates vary as they do on the portal."""
    qualities = [fields["quality"] for fields in ours]
    heats = [fields["heat"] for fields in ours]
    dates = [fields["publishedDateTime"] for fields in ours]
    dated = r"publishedDateTime: \S+:\d\d(Z|[+-]\d\d:\d\d)\n"
    offsets = {offset for path in OURS for offset in re.findall(dated, path.read_text("utf-8"))}
    assert min(qualities) < 30
    assert max(qualities) == 150
    assert 20 <= sum(quality >= 70 for quality in qualities) <= 25
    assert (min(heats), max(heats)) == (21, 221)
    assert sum(fields["published"] for fields in ours) == 25
    assert min(dates) >= datetime(2026, 8, 1, tzinfo=UTC)
    assert max(dates) < datetime(2026, 11, 23, tzinfo=UTC)
    assert offsets == {"Z", "-07:00", "+02:00"}


@each_file
def test_heat_measures_how_widely_a_seed_is_covered(path: Path) -> None:
    """It follows the formula in docs/articles.md, in the given article, too."""
    fields = read(path)
    related = [item["quality"] for item in fields.get("related", [])]
    better = any(quality > fields["quality"] for quality in related)
    assert fields["heat"] == (-1 if better else fields["quality"] + 10 * len(related))


def test_seeds_cover_every_kind_of_article(ours: list[FrontMatter]) -> None:
    """They include related coverage, videos, other languages, missing parts and markup."""
    related = [len(fields["related"]) for fields in ours if "related" in fields]
    videos = [fields for fields in ours if fields["type"] == "video"]
    words = [f"{fields['title']} {fields.get('excerpt', '')}" for fields in ours]
    assert len(related) == 12
    assert (min(related), max(related)) == (1, 8)
    assert any("images" not in item for fields in ours for item in fields.get("related", []))
    assert len(videos) >= 3
    assert all("webUrl" not in video and "<iframe" in video["featuredContent"] for video in videos)
    assert sum("images" not in fields for fields in ours) >= 3
    assert sum("excerpt" not in fields for fields in ours) == 1
    assert sum("cdnAmpWebUrl" in fields for fields in ours) >= 3
    assert sum("secured" in fields for fields in ours) == 1
    assert 1800 <= max(map(len, words)) <= 2200
    for sample in ("@everyone", "*", "_", "[", "🐝", '"', "ß", "水", "ماء"):
        assert any(sample in text for text in words), sample
