from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.messages.stories import QUALITY_EXPLAINED
from bot.discordapp.rendering.lists import story_list, topic_list, topic_page
from bot.discordapp.rendering.page import page_count
from storage.models import Kind, Provider, Story, StoryPage, Topic, TopicSummary
from tests.discordapp.rendering.limits import (
    check_embed,
    check_markup,
    few_examples,
    hostile,
    make_bare_story,
    moments,
    stories,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
topics = st.builds(
    Topic, id=st.integers(1, 9), name=hostile, stories=st.integers(0, 10**9), newest_at=moments
)
short_stories = stories.map(
    lambda story: replace(story, article=replace(story.article, related=(), images=()))
)
few_stories = st.lists(short_stories, max_size=5)


@few_examples
@given(hostile, few_stories, st.integers(0, 10**7), st.integers(0, 10**6))
def test_any_stories_make_a_valid_list(
    heading: str, found: list[Story], total: int, number: int
) -> None:
    """Discord accepts the list whatever its stories contain, and no markup gets through."""
    embed = story_list(heading, StoryPage(tuple(found), total), number).embed
    check_embed(embed)
    check_markup(embed.title or "")
    check_markup(embed.description or "")


@few_examples
@given(
    topics,
    st.lists(short_stories, min_size=1, max_size=5),
    st.lists(st.tuples(hostile, st.integers(1, 10**6)), max_size=8),
    st.lists(st.tuples(hostile, st.integers(1, 10**6)), max_size=8),
)
def test_any_stories_make_a_valid_topic_page(
    topic: Topic,
    found: list[Story],
    providers: list[tuple[str, int]],
    related: list[tuple[str, int]],
) -> None:
    """The first page has the most text, and still fits."""
    summary = TopicSummary(topic, found[0], found[-1], tuple(providers), tuple(related))
    embed = topic_page(summary, StoryPage(tuple(found), len(found)), 0).embed
    check_embed(embed)
    check_markup(embed.description or "")


def test_the_longest_topic_page_fits() -> None:
    """Five stories of maximum length leave room for the lines above them."""
    longest = replace(
        make_bare_story(
            "*" * 500,
            url="https://news.example/" + "x" * 225,
            kind=Kind.VIDEO,
            quality=-(2**63),
            provider=Provider("_" * 500),
            topics=("|" * 500,),
        ),
        first_seen_at=datetime(1, 1, 1, tzinfo=UTC),
    )
    names = (("*" * 500, 10**18),) * 5
    summary = TopicSummary(Topic(1, "*" * 500, 10**9, NOW), longest, longest, names, names)
    embed = topic_page(summary, StoryPage((longest,) * 5, 10**9), 0).embed
    check_embed(embed)
    assert len(embed.description or "") > 3000


@pytest.mark.parametrize("address_length", [40, 290, 390, 790])
def test_the_longest_search_result_fits(address_length: int) -> None:
    """Five stories of maximum length, with the parts of their excerpts that match."""
    longest = replace(
        make_bare_story(
            "*" * 500,
            url="https://news.example/".ljust(address_length, "x"),
            excerpt="*a" * 600,
            kind=Kind.VIDEO,
            quality=-(2**63),
            provider=Provider("_" * 500),
            topics=("|" * 500,),
        ),
        first_seen_at=datetime(1, 1, 1, tzinfo=UTC),
    )
    found = StoryPage((longest,) * 5, 10**9)
    embed = story_list("*" * 500, found, 10**6, searched="a").embed
    check_embed(embed)
    assert len((embed.description or "").split("\n\n")) == 5


@few_examples
@given(st.lists(topics, max_size=15))
def test_any_names_make_a_valid_list_of_topics(found: list[Topic]) -> None:
    """Fifteen hostile names fit on a page."""
    embed = topic_list(found, len(found), 0).embed
    check_embed(embed)
    check_markup(embed.description or "")


def test_a_list_says_that_there_are_more() -> None:
    """A query looks for a thousand stories at most."""
    found = StoryPage((make_bare_story(),), 1000, complete=False)
    footer = story_list("Latest", found, 1).embed.footer.text
    assert footer == "1,000+ stories · page 2/200"


def test_quality_is_explained_on_the_first_page() -> None:
    """It is what the documentation says; the next pages don't repeat it."""
    found = StoryPage((make_bare_story(),), 17)
    first, second = (story_list("Latest", found, number).embed.footer.text for number in (0, 1))
    assert first == f"17 stories · page 1/4 · {QUALITY_EXPLAINED}"
    assert second == "17 stories · page 2/4"


def test_empty_lines_separate_the_stories_of_a_list() -> None:
    """One sees where a story ends, also when its lines are wrapped."""
    text = story_list("Latest", StoryPage((make_bare_story(),) * 3, 3), 0).embed.description
    entries = (text or "").split("\n\n")
    assert [entry.partition(" ")[0] for entry in entries] == ["**1.**", "**2.**", "**3.**"]


def test_a_list_shows_the_facts_of_each_story() -> None:
    """Each story has a linked title and a line of small print; the footer counts them."""
    story = make_bare_story("Title", quality=86, provider=Provider("Reuters"), topics=("AI", "Law"))
    page = story_list("Latest", StoryPage((story,), 17), 1)
    assert page.embed.description == (
        "**6.** [Title](https://news.example/a)\n"
        "-# Reuters · quality 86 · <t:1767323040:R> · AI, Law"
    )
    assert page.embed.footer.text == "17 stories · page 2/4"
    assert (page.number, page.count) == (1, 4)


def test_a_single_page_has_no_number() -> None:
    page = story_list("Latest", StoryPage((make_bare_story(kind=Kind.VIDEO),), 1), 0)
    assert page.embed.footer.text == f"1 story · {QUALITY_EXPLAINED}"
    assert "▶ [A story]" in (page.embed.description or "")


def test_a_topic_page_begins_with_a_summary() -> None:
    """Size, best story, providers and related topics are on the first page; the next only list."""
    summary = TopicSummary(
        Topic(1, "AI", 6, NOW),
        make_bare_story("Best"),
        make_bare_story("Newest"),
        (("Reuters", 4), ("VICE", 2)),
        (("C_x", 1200), ("\u2800", 5), ("Law", 2)),
    )
    found = StoryPage((make_bare_story("Listed"),), 6)
    first, second = (topic_page(summary, found, number).embed for number in (0, 1))
    assert first.title == second.title == "AI"
    description = first.description or ""
    assert description.startswith(
        "**6 stories**, the newest <t:1767323040:R>\n"
        "**Best:** [Best](https://news.example/a) · quality 0\n"
        "**Top providers:** Reuters (4), VICE (2)\n"
        "**Often together with:** C\\_x (1,200), Law (2)\n\n"
        "**Latest stories**\n**1.** [Listed]"
    )
    assert (second.description or "").startswith("**6.** [Listed]")


def test_topics_are_listed_with_their_counts() -> None:
    """A topic's line has its number of stories and the date of the latest."""
    page = topic_list([Topic(1, "AI", 1, NOW), Topic(2, "C_x", 2000, NOW)], 32, 0)
    assert page.embed.description == (
        "**AI** · 1 story · <t:1767312000:R>\n**C\\_x** · 2,000 stories · <t:1767312000:R>"
    )
    assert page.embed.footer.text == "32 topics · page 1/3 · times: the newest story"
    cut = topic_list([], 1000, 0, complete=False)
    assert cut.embed.footer.text == "1,000+ topics · page 1/67"


def test_pages_are_counted() -> None:
    """An empty list is one page."""
    assert [page_count(total, 5) for total in (0, 1, 5, 6)] == [1, 1, 1, 2]


def test_long_addresses_are_linked_where_there_is_room() -> None:
    """A page has five stories; one with a long address does not lose its link."""
    long = make_bare_story(url="https://news.example/" + "x" * 700)
    page = story_list("Latest", StoryPage((long, *[make_bare_story()] * 4), 5), 0)
    assert f"](https://news.example/{'x' * 700})" in (page.embed.description or "")
    check_embed(story_list("Latest", StoryPage((long,) * 5, 5), 0).embed)
