"""Where the excerpt of a story matches a search."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length
from bot.discordapp.rendering.lists import story_list
from bot.discordapp.rendering.matches import Matches
from storage.models import Article, Provider, RelatedArticle, StoryPage
from storage.search.query import parse
from tests.discordapp.rendering.limits import (
    articles,
    check_embed,
    check_markup,
    few_examples,
    hostile,
    make_bare_story,
)
from tests.support.articles import make_article

FILLER = "Nothing of interest happens in this part of the text. "
queries = hostile | st.sampled_from(["bold", "everyone", "evil example", "smile", "click"])


def shown(excerpt: str, query: str, length: int = 60, language: str = "en") -> str:
    """The line that a list shows of an excerpt."""
    return Matches(make_article(excerpt=excerpt, language=language), parse(query), length).text


@few_examples
@given(articles, queries, st.integers(10, 200))
def test_any_excerpt_becomes_one_line(article: Article, query: str, length: int) -> None:
    """It fits, and has no markup besides our own bold parts."""
    line = Matches(article, parse(query), length).text
    assert discord_length(line.removeprefix("Related: ")) <= 2 * length
    assert "\n" not in line
    check_markup(line)


@few_examples
@given(st.lists(articles, min_size=1, max_size=5), queries)
def test_any_search_makes_a_valid_list(found: list[Article], query: str) -> None:
    """Discord accepts it whatever was found by whatever was typed."""
    stories = [replace(make_bare_story(), id=n, article=each) for n, each in enumerate(found, 1)]
    page = story_list("Stories", StoryPage(tuple(stories), len(stories)), 0, searched=query)
    check_embed(page.embed)
    check_markup(page.embed.description or "")


@pytest.mark.parametrize(
    ("excerpt", "query", "line"),
    [
        ("A robot learns to walk.", "robot", "A **robot** learns to walk."),
        ("Robots learn to walk.", "robot walking", "**Robots** learn to **walk**."),
        ("A metal spoon; meta data.", "meta", "A metal spoon; **meta** data."),
        ("A metal spoon.", "meta", "A **metal** spoon."),
        ("*Robot* [arm](https://e.example)", "robot", r"\***Robot**\* \[arm\](https\://e.example)"),
        ("Only its title matches.", "robot", ""),
        ("", "robot", ""),
    ],
)
def test_matching_words_are_bold(excerpt: str, query: str, line: str) -> None:
    """Words in other forms are, too; the excerpt's own markup is shown literally."""
    assert shown(excerpt, query) == line


def test_a_long_excerpt_is_cut_around_the_match() -> None:
    """An ellipsis stands for what is left out before and after."""
    line = shown(FILLER * 5 + "Then a robot walks. " + FILLER * 5, "robot")
    assert re.fullmatch(r"…\S.*\*\*robot\*\*.*\S…", line)


def test_a_match_at_the_beginning_is_not_cut() -> None:
    line = shown("A robot walks. " + FILLER * 5, "robot")
    assert line.startswith("A **robot** walks.")
    assert line.endswith("…")


def test_a_list_shows_where_stories_match() -> None:
    """Words of titles, providers and topics are bold, too; other lists have nothing bold."""
    story = make_bare_story(
        "A *robot* [2]",
        excerpt="What robots do.",
        provider=Provider("Robot Almanac"),
        topics=("AI", "Robots"),
    )
    found = StoryPage((story,), 1)
    text = story_list("Stories", found, 0, searched="robot").embed.description or ""
    assert text.splitlines() == [
        r"**1.** [A \***robot**\* (2)](https://news.example/a)",
        "What **robots** do.",
        "-# **Robot** Almanac · quality 0 · <t:1767323040:R> · AI, **Robots**",
    ]
    assert "**robot" not in (story_list("Stories", found, 0).embed.description or "")


def test_a_match_in_a_related_title_is_shown() -> None:
    """If the excerpt does not match, one sees why the story was found."""
    related = RelatedArticle("How a robot learned to walk", "https://other.example/a")
    article = make_article(excerpt="Nothing.", related=(related,), language="en")
    line = Matches(article, parse("robot"), 60).text
    assert line == "Related: How a **robot** learned to walk"
