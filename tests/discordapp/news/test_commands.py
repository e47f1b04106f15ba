import asyncio
import logging

import discord
import pytest

from bot.sandbox import InteractionFailedError, Sandbox
from storage.errors import StoreBusyError
from storage.models import Provider
from tests.discordapp.news.support import (
    Archive,
    Reader,
    body,
    buttons,
    coverage,
    footer,
    heading,
    make_aged_article,
    private_text,
)

DAY = 24


class Warned(logging.Handler):
    """Signals that something was logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.event = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Set the signal."""
        if record.levelno >= self.level:
            self.event.set()


async def test_members_can_use_news_everywhere(sandbox: Sandbox, bot: discord.Client) -> None:
    """The command works in servers and direct messages, for servers and for single users."""
    assert bot.is_ready()
    (command,) = sandbox.world.commands
    assert command["contexts"] == [0, 1, 2]
    assert command["integration_types"] == [0, 1]
    assert command["default_member_permissions"] is None


async def test_an_empty_database_is_stated(ada: Reader) -> None:
    """Every list says so before anything was loaded."""
    for path, options in [("latest", {}), ("top", {}), ("search", {"query": "xy"})]:
        assert body(await ada.ask(path, options)).startswith("No stories yet. They appear here")
    assert body(await ada.ask("topics")).startswith("No topics yet. They appear here")


async def test_latest_shows_the_newest_first(archive: Archive, ada: Reader) -> None:
    """A page has five stories, and the total in its footer."""
    await archive.load(*(make_aged_article(number) for number in range(7)))
    answer = await ada.ask("latest")
    assert heading(answer) == "Latest stories"
    assert body(answer).startswith("**1.** [Story 0](https://news.example/0)\n-# Reuters")
    assert "Story 4" in body(answer)
    assert "Story 5" not in body(answer)
    assert footer(answer) == "7 stories · page 1/2"
    assert answer.ephemeral_for is None


async def test_latest_filters_by_topic_and_quality(archive: Archive, ada: Reader) -> None:
    """The case of the topic does not matter."""
    await archive.load(
        make_aged_article(1),
        make_aged_article(2),
        make_aged_article(3, topics=("Law",)),
        make_aged_article(60),
    )
    answer = await ada.ask("latest", {"topic": "ai", "min_quality": 50})
    assert heading(answer) == "Latest stories in AI · quality 50+"
    assert footer(answer) == "2 stories"
    assert buttons(answer) == {}


async def test_top_shows_the_best_of_a_period(archive: Archive, ada: Reader) -> None:
    """The best story comes first; older stories than the period are omitted."""
    await archive.load(
        make_aged_article(1, "Good", quality=80),
        make_aged_article(2, "Best", quality=120),
        make_aged_article(2 * DAY, "Old", quality=150),
    )
    today = await ada.ask("top", {"period": "day"})
    ever = await ada.ask("top", {"period": "ever"})
    assert heading(today) == "Top stories of the past 24 hours"
    assert body(today).index("Best") < body(today).index("Good")
    assert "Old" not in body(today)
    assert heading(ever) == "Top stories"
    assert body(ever).startswith("**1.** [Old]")


@pytest.mark.parametrize(
    ("days", "title"),
    [
        (1, "Top stories of the past week in AI"),
        (20, "Top stories of the past month in AI"),
        (900, "Top stories in AI"),
    ],
)
async def test_top_widens_its_default_period(
    archive: Archive, ada: Reader, days: int, title: str
) -> None:
    """Without a period it shows the past week, or a longer period if that has no stories."""
    await archive.load(make_aged_article(days * DAY))
    answer = await ada.ask("top", {"topic": "AI"})
    assert heading(answer) == title
    assert footer(answer) == "1 story"


async def test_topic_shows_its_page(archive: Archive, ada: Reader) -> None:
    """The page has the topic's best story, its providers and its latest stories."""
    await archive.load(
        make_aged_article(1, "Newest", quality=70),
        make_aged_article(2, "Best", quality=120, provider=Provider("VICE")),
        make_aged_article(3, "Third", quality=60),
    )
    answer = await ada.ask("topic", {"topic": "AI"})
    assert heading(answer) == "AI"
    assert "**Top story:** [Best](https://news.example/2)" in body(answer)
    assert "**Top providers:** Reuters (2), VICE (1)" in body(answer)
    assert "**1.** [Newest]" in body(answer)
    assert footer(answer) == "3 stories"


@pytest.mark.parametrize("typed", ["Visio", "Computer Vison"])
async def test_an_unknown_topic_is_answered_with_suggestions(
    archive: Archive, ada: Reader, typed: str
) -> None:
    """Part of a name or a typing error leads to the right topic."""
    await archive.load(make_aged_article(1, topics=("Computer Vision",)))
    text = private_text(await ada.ask("topic", {"topic": typed}))
    assert text == (
        f"There's no topic “{typed}”. Did you mean “Computer Vision”?"
        " See all topics with `/news topics`."
    )


async def test_an_unknown_topic_is_shown_without_markup(archive: Archive, ada: Reader) -> None:
    await archive.load(make_aged_article(1))
    text = private_text(await ada.ask("latest", {"topic": "**@everyone**"}))
    assert text.startswith("There's no topic “\\*\\*@\u200beveryone\\*\\*”. See all topics with")


async def test_search_finds_stories_with_all_words(archive: Archive, ada: Reader) -> None:
    """Words are searched for in titles and excerpts; all must occur."""
    await archive.load(
        make_aged_article(1, "Facial recognition banned"),
        make_aged_article(2, "Facial cream", excerpt="no recognition of any kind"),
        make_aged_article(3, "Recognition of a state"),
        make_aged_article(40 * DAY, "Old facial recognition"),
    )
    answer = await ada.ask("search", {"query": "facial recognition", "since": "month"})
    assert heading(answer) == "Stories matching “facial recognition” of the past month"
    assert footer(answer) == "2 stories"
    assert "banned" in body(answer)
    assert "cream" in body(answer)


async def test_an_empty_result_suggests_what_to_try(archive: Archive, ada: Reader) -> None:
    """The suggestions are the filters that narrowed the search."""
    await archive.load(make_aged_article(1))
    options = {"query": "unicorn", "topic": "AI", "since": "day"}
    advice = "Every word must appear in a story. Try fewer or different words, a longer period"
    assert body(await ada.ask("search", options)) == f"No results. {advice} or all topics."
    assert body(await ada.ask("latest", {"min_quality": 1000})) == (
        "No stories found. Try `/news latest` or a lower quality."
    )


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        *((each, "Type at least one word") for each in ("\u200b ", "*", '"', "-", "^ (", "😀")),
        *((each, "Type a word of at least two") for each in ("a", "A*", "a b 1", 't:"x"')),
    ],
)
async def test_a_search_without_a_word_is_refused(ada: Reader, query: str, answer: str) -> None:
    """White space and signs are not words, and nearly every story has each letter."""
    assert private_text(await ada.ask("search", {"query": query})).startswith(answer)


@pytest.mark.parametrize("query", ["AND", "a* OR (b", "ti\\tle:x", "NEAR(", "字"])
async def test_search_accepts_any_text(archive: Archive, ada: Reader, query: str) -> None:
    """The database's query syntax has no effect."""
    await archive.load(make_aged_article(1))
    assert heading(await ada.ask("search", {"query": query})).startswith("Stories matching")


async def test_story_shows_all_coverage(archive: Archive, ada: Reader) -> None:
    """A story is found by the id that autocomplete gives; its coverage is split into pages."""
    await archive.load(make_aged_article(1, "IBM says", excerpt="On Friday", related=coverage(9)))
    (value,) = (await ada.offered("story", "story", "ibm")).values()
    answer = await ada.ask("story", {"story": value})
    assert heading(answer) == "IBM says"
    assert body(answer).startswith("On Friday\n**Related (9)**\n[Other 0]")
    assert footer(answer) == "Quality 99 · AI · page 1/2"


@pytest.mark.parametrize("typed", ["friday export", "2020"])
async def test_story_finds_the_best_match_for_words(
    archive: Archive, ada: Reader, typed: str
) -> None:
    """Words, and numbers that are not a story's id, are searched for."""
    await archive.load(
        make_aged_article(1, "Something else"), make_aged_article(2, "Friday: export ban of 2020")
    )
    assert heading(await ada.ask("story", {"story": typed})) == "Friday: export ban of 2020"


@pytest.mark.parametrize("typed", ["unicorn", "999", "9" * 40, "?"])
async def test_an_unknown_story_is_explained(archive: Archive, ada: Reader, typed: str) -> None:
    """The text is neither an id nor in any title."""
    await archive.load(make_aged_article(1))
    assert private_text(await ada.ask("story", {"story": typed})).startswith("No story matches")


async def test_a_withdrawn_story_is_not_found(archive: Archive, ada: Reader) -> None:
    """A withdrawn story is not shown, even by its id."""
    draft = make_aged_article(1, "Secret")
    await archive.load(draft, make_aged_article(2))
    (value,) = (await ada.offered("story", "story", "secret")).values()
    await archive.withdraw(draft)
    assert private_text(await ada.ask("story", {"story": value})).startswith("No story matches")


async def test_topics_lists_the_largest_first(archive: Archive, ada: Reader) -> None:
    """Topics have their counts, and fifteen are on a page."""
    many = [make_aged_article(number, topics=("AI", f"Topic {number:02}")) for number in range(20)]
    await archive.load(*many)
    answer = await ada.ask("topics")
    assert body(answer).startswith("**AI** · 20 stories · latest <t:")
    assert footer(answer) == "21 topics · page 1/2"


async def test_an_unreadable_database_is_explained(
    archive: Archive, ada: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    """The member gets a short answer; the operator reads the reason in the log."""
    archive.unreadable = True
    for path, options in [
        ("latest", {}),
        ("top", {}),
        ("topic", {"topic": "unicorn"}),
        ("search", {"query": "xy"}),
        ("story", {"story": "1"}),
    ]:
        assert "can't access my database" in private_text(await ada.ask(path, options))
    assert "the disk is full of holes" in caplog.text


async def test_a_slow_lookup_is_no_error(
    archive: Archive, ada: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    """The member reads what to do; the log has no line, however often it is repeated."""
    archive.unreadable, archive.error = True, StoreBusyError("it took too long")
    assert "takes too long" in private_text(await ada.ask("search", {"query": "the"}))
    assert not caplog.records


async def test_a_late_answer_is_logged(
    archive: Archive, ada: Reader, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """After its deadline Discord discards the answer; the log has one line about it."""
    warned = Warned()
    logging.getLogger("bot.discordapp.interactions").addHandler(warned)
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("latest")
    sandbox.faults.move_clock(sandbox.options.response_time)
    with pytest.raises(InteractionFailedError):
        await asked.answered()
    archive.busy.set()
    async with asyncio.timeout(60):
        await warned.event.wait()
    logging.getLogger("bot.discordapp.interactions").removeHandler(warned)
    assert "answered an interaction too late" in caplog.text
    assert "Traceback" not in caplog.text
