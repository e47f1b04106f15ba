import itertools
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bot.sandbox.samples.stories import sample_story

NOW = datetime(2026, 11, 23, 15, 30, 5, 123456, tzinfo=UTC)
SEEDS = Path(__file__).parents[3] / "seeds"

FrontMatter = dict[str, Any]


def parse(content: str) -> FrontMatter:
    opening, matter, body = content.split("---\n")
    assert (opening, body.strip()) == ("", "")
    fields = yaml.load(matter, Loader=yaml.CSafeLoader)
    assert isinstance(fields, dict)
    return fields


@pytest.fixture(scope="module")
def stories() -> list[FrontMatter]:
    return [parse(sample_story(number, NOW)[1]) for number in range(200)]


def words_of(title: str) -> set[str]:
    return set(re.findall(r"\w+", title.lower()))


def test_same_number_gives_the_same_story() -> None:
    assert sample_story(17, NOW) == sample_story(17, NOW)


def test_story_is_complete_and_dated_now(stories: list[FrontMatter]) -> None:
    """Each has the given time, a quality above the usual minimum, a topic and a provider."""
    for story in stories:
        assert story["publishedDateTime"] == NOW.replace(microsecond=0)
        assert 75 <= story["quality"] <= 140
        assert story["excerpt"]
        assert story["topics"]
        assert story["published"] is True
        assert urlsplit(story["webUrl"]).hostname == story["provider"]["domain"]
        assert story["provider"]["domain"].endswith(".example")


def test_file_names_addresses_and_titles_differ(stories: list[FrontMatter]) -> None:
    """Two hundred presses of the button give two hundred different stories."""
    names = {sample_story(number, NOW)[0] for number in range(200)}
    addresses = [item["webUrl"] for story in stories for item in [story, *story.get("related", [])]]
    assert len(names) == 200
    assert all(re.fullmatch(r"2026-11-23-[a-z0-9-]+-\d+\.md", name) for name in names)
    assert len(set(addresses)) == len(addresses)
    assert len({story["title"] for story in stories}) == 200


def test_no_two_stories_are_about_the_same_event(stories: list[FrontMatter]) -> None:
    """A bot that folds stories about the same event posts all of them, and all seeds, too."""
    seeds = [parse(path.read_text("utf-8"))["title"] for path in SEEDS.glob("*.md")]
    titles = [words_of(title) for title in [*seeds, *(story["title"] for story in stories)]]
    closest = max(len(a & b) / len(a | b) for a, b in itertools.combinations(titles, 2))
    assert closest < 0.6


def test_stories_contain_no_placeholders() -> None:
    """Every placeholder of a follow-up or of related coverage is filled in."""
    assert [number for number in range(200) if "{" in sample_story(number, NOW)[1]] == []


def test_every_third_story_has_related_coverage(stories: list[FrontMatter]) -> None:
    """It has one to three articles by other providers, none newer than the story."""
    counts = [len(story["related"]) for story in stories if "related" in story]
    assert len(counts) == 67
    assert set(counts) == {1, 2, 3}
    for story in stories:
        providers = [story["provider"]["name"]]
        providers += [item["provider"]["name"] for item in story.get("related", [])]
        assert len(set(providers)) == len(providers)
        assert all(
            item["publishedDateTime"] < story["publishedDateTime"]
            for item in story.get("related", [])
        )


def test_heat_measures_how_widely_a_story_is_covered(stories: list[FrontMatter]) -> None:
    """It follows the formula in docs/articles.md."""
    for story in stories:
        related = [item["quality"] for item in story.get("related", [])]
        assert max(related, default=0) <= story["quality"]
        assert story["heat"] == story["quality"] + 10 * len(related)


def test_topics_are_those_of_the_seeds(stories: list[FrontMatter]) -> None:
    """A subscription to a topic of the seeds also gets dropped stories."""
    offered = {
        topic for path in SEEDS.glob("*.md") for topic in parse(path.read_text("utf-8"))["topics"]
    }
    dropped = [topic for story in stories[:40] for topic in story["topics"]]
    assert set(dropped) <= offered
    assert dropped.count("AI") >= 10


def test_any_time_zone_is_written_as_utc() -> None:
    """The date in the file name and in the story is the day in UTC."""
    late_in_the_west = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-7)))
    name, content = sample_story(0, late_in_the_west)
    assert name.startswith("2026-11-23-")
    assert "publishedDateTime: 2026-11-23T06:30:00Z\n" in content


def test_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative: -1"):
        sample_story(-1, NOW)


def test_time_without_a_zone_is_refused() -> None:
    """A naive time would be interpreted as local time."""
    with pytest.raises(ValueError, match="needs a time zone"):
        sample_story(0, NOW.replace(tzinfo=None))
