"""Deciding whether two stories are about the same event."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import EventText, TermFrequencies
from bot.announce.same_event_index import SameEventIndex
from storage.models import RelatedArticle, Story
from tests.support.articles import make_story
from tests.support.clock import START

HOUR = timedelta(hours=1)
BRIDGE = "Port Ambry opens its harbour bridge to cyclists"


# While the archive is empty, every word is equally rare.
COMMON = TermFrequencies()
# Invented pairs in 18 languages, in which every other word is equal.
PAIRS = yaml.safe_load(Path(__file__).with_name("same_event_pairs.yaml").read_text("utf-8"))
PAIR_FREQUENCIES = TermFrequencies(
    EventText.of(each["title"], each["excerpt"])
    for pair in PAIRS
    for each in (pair["a"], pair["b"])
)


def related(*urls: str) -> tuple[RelatedArticle, ...]:
    """Other coverage at these addresses."""
    return tuple(RelatedArticle(f"Coverage {number}", url) for number, url in enumerate(urls))


def find(index: SameEventIndex, story: Story) -> tuple[int, ...]:
    """The ids of the stories about the same event."""
    return tuple(each.story_id for each in index.find(story).same_events)


def are_same_event(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two stories are about the same event; the result is the same in both directions."""
    first = make_story(1, **({"excerpt": ""} | one))
    second = make_story(2, **({"excerpt": ""} | other))
    forth = find(SameEventIndex([first], COMMON), second)
    back = find(SameEventIndex([second], COMMON), first)
    assert (forth, back) in (((1,), (2,)), ((), ()))
    return bool(forth)


@pytest.mark.parametrize(
    "title",
    [
        BRIDGE,
        "PORT AMBRY OPENS ITS HARBOUR BRIDGE: TO CYCLISTS!",
        "UPDATE: Port Ambry opens its harbour bridge to cyclists",
        "Port Ambry opens its harbour bridge to cyclists | Daily Gull",
        "Port Ambry opens its harbor bridge to cyclists",
        "Port Ambry opens its harbuor bridge to cyclists",
        "Port Ambry opens its bridge to cyclists",
        "Port Ambry opens its harbour bridge to cyclists 🚲",
    ],
)
def test_similar_titles_are_same_event(title: str) -> None:
    """They may differ in case, punctuation, one or two added words, and a misspelt word."""
    assert are_same_event({"title": BRIDGE}, {"title": title})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Weekly roundup for the makers 12", "Weekly roundup for the makers 13"),
        ("Compass browser 2.1 released with tabs", "Compass browser 2.2 released with tabs"),
        ("Compass browser released with tabs", "Compass browser 3 released with tabs"),
        ("Part I: how the bridge was built", "Part II: how the bridge was built"),
        ("第12回 ものづくり週刊まとめ記事", "第13回 ものづくり週刊まとめ記事"),
        ("Morning briefing for all on Monday", "Morning briefing for all on Tuesday"),
        ("Court fines Contoso over browser choice", "Court fines Fabrikam over browser choice"),
        ("Contoso hires three hundred engineers", "Contoso fires three hundred engineers"),
        ("Harbour team has won the autumn race", "Harbour team can win the autumn race"),
        ("Rocket launch succeeds on second try", "Rocket launch fails on second try"),
        (BRIDGE, "Port Ambry closes its harbour bridge to cyclists"),
        ("Harbour bridge opens", "Harbour bridge open"),
        (BRIDGE, "Bridge"),
        (BRIDGE, ""),
        ("!!!", "???"),
    ],
)
def test_other_numbers_or_words_make_another_story(one: str, other: str) -> None:
    """Stories of a series are different, even if their titles are similar."""
    assert not are_same_event({"title": one}, {"title": other})


def test_short_titles_are_not_compared() -> None:
    """Characters that are words count twice."""
    assert not are_same_event({"title": "Weekly roundup"}, {"title": "Weekly roundup"})
    assert not are_same_event({"title": "朝のまとめ"}, {"title": "朝のまとめ"})
    japanese = {"title": "段々畑を見守る小型ロボット"}
    assert are_same_event(japanese, japanese)


def test_being_listed_is_not_enough() -> None:
    """A portal lists what is about the same subject, too."""
    listed = related("https://news.example/2")
    first = make_story(1, title="IBM wants export controls", related=listed)
    second = make_story(2, title="Portland passes the broadest ban on facial recognition")
    assert SameEventIndex([first], COMMON).find(second).same_events == ()
    assert SameEventIndex([first], COMMON).find(second).related == (1,)
    assert SameEventIndex([second], COMMON).find(first).related == (2,)


def test_three_companies_that_do_the_same_are_three_events() -> None:
    """Their names distinguish them, also in headlines that capitalise every word."""
    listed = related(*(f"https://news.example/{number}" for number in (1, 2, 3)))
    titles = (
        "Amazon bans police use of its facial recognition technology for a year",
        "Microsoft Bans Police From Using Its Facial-Recognition Technology",
        "IBM Bans the Use of Its Facial Recognition Technology by the Police",
    )
    stories = [
        make_story(number, title=title, excerpt="", related=listed)
        for number, title in enumerate(titles, 1)
    ]
    index = SameEventIndex(stories, COMMON)
    assert [index.find(story).same_events for story in stories] == [(), (), ()]


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("http://www.news.example/2/?utm_id=7#a", True),
        ("https://news.example/2?page=2", False),
        ("https://news.example/3", False),
        ("news.example/2", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_listed_address_may_be_spelled_differently(listed: str, found: bool) -> None:
    story = make_story(1, related=related(listed))
    assert SameEventIndex([story], COMMON).find(make_story(2)).related == ((1,) if found else ())


def test_an_alias_of_a_listed_address_is_the_same_page() -> None:
    """An article has several addresses, and its query string may identify it."""
    video = make_story(1, addresses=("https://a.example/1", "https://tube.example/watch?v=8"))
    accents = make_story(3, addresses=("https://a.example/%C3%A4rger",))
    index = SameEventIndex([video, accents], COMMON)
    for url, expected in (
        ("https://tube.example/watch?v=8&utm_source=x", (1,)),
        ("https://tube.example/watch?v=9", ()),
        ("https://a.example/ärger", (3,)),
    ):
        assert index.find(make_story(2, related=related(url))).related == expected


@pytest.mark.parametrize(("hours", "expected"), [(72, True), (73, False), (-72, True)])
def test_stories_of_distant_days_are_different(hours: int, expected: bool) -> None:
    """The order does not matter, nor whether they are listed."""
    early = {"title": BRIDGE, "published_at": START - 100 * HOUR}
    late = {"title": BRIDGE, "published_at": START - (100 - hours) * HOUR}
    assert are_same_event(early, late) == expected
    assert are_same_event(early, {**late, "related": related("https://news.example/1")}) == expected


def test_a_story_is_not_compared_with_itself() -> None:
    """A story may be indexed already and come again after a change."""
    index = SameEventIndex([make_story(1, title=BRIDGE), make_story(2, title=BRIDGE)], COMMON)
    assert find(index, make_story(1, title=BRIDGE)) == (2,)


def test_added_stories_are_found_unless_withdrawn() -> None:
    """They are found in the order in which they were added."""
    index = SameEventIndex(
        [make_story(5, title=BRIDGE), make_story(6, title=BRIDGE, withdrawn=True)], COMMON
    )
    index.add(make_story(3, title=BRIDGE))
    assert find(index, make_story(9, title=BRIDGE)) == (5, 3)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("DeepMind\u2019s 24,000-year U.S. plan", ["DeepMind", "24000", "year", "US", "plan"]),
        ("Accident dans l'Isère : 1,5 km", ["Accident", "dans", "l", "Isère", "1·5", "km"]),
        ("Version 2.1.3", ["Version", "2·1·3"]),
        ("بيروت، لبنان؟", ["بيروت", "لبنان"]),
        ("जयपुर में।", ["जयपुर", "में"]),
        ("广州地铁12号", ["广州", "州地", "地铁", "12", "号"]),
    ],
)
def test_words_of_any_script_are_separated(title: str, words: list[str]) -> None:
    """Marks belong to their letters, numbers keep their fractions, punctuation is dropped."""
    assert list(EventText.of(title, "").words) == words


def test_the_evidence_names_the_rarest_shared_words() -> None:
    """They are spelled as in the new story."""
    texts = [EventText.of("Harbour news", "The harbour and its cyclists")] * 50
    index = SameEventIndex([make_story(1, title=BRIDGE)], TermFrequencies(texts))
    earlier = START - timedelta(minutes=50)
    new = make_story(2, title="CYCLISTS: the bridge of Port Ambry opens", published_at=earlier)
    (found,) = index.find(new).same_events
    assert sorted(found.words) == ["Ambry", "Port", "bridge", "opens"], found.words
    assert found.apart == timedelta(minutes=50)


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if not pair["same"]], ids=lambda pair: str(pair["a"]["title"])
)
def test_other_events_are_recognised(pair: dict[str, Any]) -> None:
    """Series, form letters, follow-ups, plans, opposites: much is equal, but not the event.

    The pairs marked as `mistaken` are known mistakes; docs/decisions/0007-same-story.md.
    """
    one, other = (
        make_story(number, title=each["title"], excerpt=each["excerpt"])
        for number, each in enumerate((pair["a"], pair["b"]), 1)
    )
    found = SameEventIndex([one], PAIR_FREQUENCIES).find(other).same_events
    assert bool(found) == pair.get("mistaken", False)


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_text_may_be_a_title_or_an_address(one: str, other: str, url: str) -> None:
    """The result is the same in both directions."""
    are_same_event({"title": one, "related": related(url)}, {"title": other, "addresses": (url,)})
    are_same_event({"title": one * 20}, {"title": one * 20 + other})
