"""The selects below lists and digests offer any stories and topics within Discord's limits."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.rendering.page import persistent_view
from bot.discordapp.rendering.selects import story_select, topic_select
from storage.models import Kind, Provider, Story, Topic
from tests.discordapp.rendering.limits import (
    check_components,
    few_examples,
    hostile,
    moments,
    stories,
)
from tests.support.articles import make_story

topics = st.builds(
    Topic, id=st.integers(1, 9), name=hostile, stories=st.integers(1, 10**9), newest_at=moments
)
numbered = st.lists(st.tuples(st.integers(1, 10**6), stories), max_size=30)


def offered(*listed: tuple[int, Story]) -> list[tuple[str, str, str | None]]:
    """Label, value and description of each option."""
    select = story_select(listed)
    assert select is not None
    return [(option.label, option.value, option.description) for option in select.options]


@few_examples
@given(numbered)
def test_any_stories_make_a_valid_select(listed: list[tuple[int, Story]]) -> None:
    """Labels and descriptions are visible, and no two options have the same value."""
    select = story_select(listed)
    assert (select is None) == (not listed)
    if select is not None:
        check_components(persistent_view([select]).to_components())


@few_examples
@given(st.lists(topics, max_size=30))
def test_any_topics_make_a_valid_select(listed: list[Topic]) -> None:
    """Each topic is offered once, with a visible name."""
    select = topic_select(listed)
    assert (select is None) == (not listed)
    if select is not None:
        check_components(persistent_view([select]).to_components())


def test_an_option_names_number_title_provider_and_date() -> None:
    """Discord shows no markup in options, nor times in the reader's zone."""
    story = make_story(
        7,
        title="*Ada* at @everyone",
        provider=Provider("Reuters"),
        kind=Kind.VIDEO,
        published_at=datetime(2025, 11, 23, 8, tzinfo=UTC),
    )
    nameless = replace(story, id=8, article=replace(story.article, title="\u2800", provider=None))
    date = "23 Nov 2025"
    assert offered((3, story), (4, nameless)) == [
        ("3. ▶ *Ada* at @everyone", "7", f"Reuters · {date}"),
        ("4. ▶ Untitled story", "8", date),
    ]


def test_withdrawn_stories_are_not_offered() -> None:
    """Without any other story there is no select."""
    gone = replace(make_story(1), withdrawn=True)
    assert [value for _, value, _ in offered((1, gone), (2, make_story(2)))] == ["2"]
    assert story_select([(1, gone)]) is None


def test_a_story_is_offered_once() -> None:
    """Discord refuses equal values, and more than 25 options."""
    listed = [(number, make_story(number)) for number in range(1, 40)]
    values = [value for _, value, _ in offered(*listed[:3], *listed)]
    assert values == [str(number) for number in range(1, 26)]
