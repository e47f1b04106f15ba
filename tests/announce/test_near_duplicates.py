"""Finding near duplicates by related addresses and by titles."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.near_duplicates import NearDuplicateIndex
from storage.models import RelatedArticle
from tests.support.articles import make_story
from tests.support.clock import START

HOUR = timedelta(hours=1)
BRIDGE = "Port Ambry opens its harbour bridge to cyclists"


def related(*urls: str) -> tuple[RelatedArticle, ...]:
    """Other coverage at these addresses."""
    return tuple(RelatedArticle(f"Coverage {number}", url) for number, url in enumerate(urls))


def are_near_duplicates(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two stories are near duplicates; the result is the same in both directions."""
    first, second = make_story(1, **one), make_story(2, **other)
    forth, back = NearDuplicateIndex([first]).find(second), NearDuplicateIndex([second]).find(first)
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
def test_similar_titles_are_near_duplicates(title: str) -> None:
    """They may differ in case, punctuation, one or two added words, and a misspelt word."""
    assert are_near_duplicates({"title": BRIDGE}, {"title": title})


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
    assert not are_near_duplicates({"title": one}, {"title": other})


def test_short_titles_are_not_compared() -> None:
    """Characters that are words count twice."""
    assert not are_near_duplicates({"title": "Weekly roundup"}, {"title": "Weekly roundup"})
    assert not are_near_duplicates({"title": "朝のまとめ"}, {"title": "朝のまとめ"})
    japanese = {"title": "段々畑を見守る小型ロボット"}
    assert are_near_duplicates(japanese, japanese)


def test_listed_related_coverage_is_a_near_duplicate() -> None:
    """Either story may list the other, and the address may be spelled differently."""
    first = {"title": "One side of it", "related": related("http://www.news.example/2/?utm_id=7#a")}
    assert are_near_duplicates(first, {"title": "The other side"})
    assert not are_near_duplicates(
        {"related": related("https://news.example/2?page=2", "https://news.example/3")}, {}
    )
    assert not are_near_duplicates({"related": related("news.example/2", "https://[", "")}, {})


def test_an_alias_of_a_listed_address_is_the_same_page() -> None:
    """An article has several addresses, and its query string may identify it."""
    video = {"addresses": ("https://a.example/1", "https://tube.example/watch?v=8")}
    assert are_near_duplicates(
        video, {"related": related("https://tube.example/watch?v=8&utm_source=x")}
    )
    assert not are_near_duplicates(video, {"related": related("https://tube.example/watch?v=9")})
    accents = {"addresses": ("https://a.example/%C3%A4rger",)}
    assert are_near_duplicates(accents, {"related": related("https://a.example/ärger")})


@pytest.mark.parametrize(("hours", "expected"), [(72, True), (73, False), (-72, True)])
def test_stories_of_distant_days_are_different(hours: int, expected: bool) -> None:
    """The order does not matter, nor whether they are listed or have the same title."""
    early = {"title": BRIDGE, "published_at": START - 100 * HOUR}
    late = {"title": BRIDGE, "published_at": START - (100 - hours) * HOUR}
    assert are_near_duplicates(early, late) == expected
    late["title"] = "Bells"
    assert (
        are_near_duplicates(early, {**late, "related": related("https://news.example/1")})
        == expected
    )


def test_a_story_is_not_its_own_near_duplicate() -> None:
    """A story may be indexed already and come again after a change."""
    index = NearDuplicateIndex([make_story(1, title=BRIDGE), make_story(2, title=BRIDGE)])
    assert index.find(make_story(1, title=BRIDGE)) == (2,)


def test_added_stories_are_found_unless_withdrawn() -> None:
    """They are found in the order in which they were added."""
    index = NearDuplicateIndex(
        [make_story(5, title=BRIDGE), make_story(6, title=BRIDGE, withdrawn=True)]
    )
    index.add(make_story(3, title=BRIDGE))
    assert index.find(make_story(9, title=BRIDGE)) == (5, 3)


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_text_may_be_a_title_or_an_address(one: str, other: str, url: str) -> None:
    """The result is the same in both directions."""
    are_near_duplicates(
        {"title": one, "related": related(url)}, {"title": other, "addresses": (url,)}
    )
    are_near_duplicates({"title": one * 20}, {"title": one * 20 + other})
