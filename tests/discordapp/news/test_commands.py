import asyncio
import logging
import re
from datetime import timedelta
from pathlib import Path

import discord
import pytest

from bot.sandbox import InteractionFailedError, Sandbox, Status
from storage.errors import StoreBusyError
from storage.models import Kind, Provider
from tests.discordapp.news.support import (
    NOW,
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
    lists = [("latest", {}), ("top", {}), ("trending", {}), ("search", {"query": "xy"})]
    for path, options in lists:
        assert private_text(await ada.ask(path, options)).startswith("No stories yet. They appear")
    assert private_text(await ada.ask("topics")).startswith("No topics yet. They appear here")


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


async def test_latest_filters_by_provider(archive: Archive, ada: Reader) -> None:
    """Together with the other filters; the case of the name does not matter."""
    vice = Provider("VICE")
    await archive.load(
        make_aged_article(1),
        make_aged_article(2, provider=vice),
        make_aged_article(3, provider=vice, topics=("Law",)),
    )
    answer = await ada.ask("latest", {"topic": "Law", "provider": "vice"})
    assert heading(answer) == "Latest stories in Law from VICE"
    assert body(answer).startswith("**1.** [Story 3]")
    assert footer(answer) == "1 story"


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
    ("path", "days", "title"),
    [
        ("top", 1, "Top stories of the past week in AI"),
        ("top", 20, "Top stories of the past month in AI"),
        ("top", 200, "Top stories of the past year in AI"),
        ("top", 900, "Top stories in AI"),
        ("trending", 1, "Trending stories of the past 3 days in AI"),
        ("trending", 5, "Trending stories of the past week in AI"),
        ("trending", 20, "Trending stories of the past month in AI"),
        ("trending", 200, "Trending stories in AI"),
    ],
)
async def test_a_default_period_is_widened(
    archive: Archive, ada: Reader, path: str, days: int, title: str
) -> None:
    """Without a period the answer has the usual one, or a longer one if that has no stories."""
    await archive.load(make_aged_article(days * DAY))
    answer = await ada.ask(path, {"topic": "AI"})
    assert heading(answer) == title
    assert footer(answer) == "1 story"


async def test_trending_shows_the_most_covered_first(archive: Archive, ada: Reader) -> None:
    """Equal heat is ordered by quality; older stories than the period are omitted."""
    await archive.load(
        make_aged_article(1, "Good", quality=80, heat=100),
        make_aged_article(2, "Covered", quality=60, heat=120),
        make_aged_article(3, "Better", quality=90, heat=100),
        make_aged_article(5 * DAY, "Old", heat=150),
    )
    answer = await ada.ask("trending")
    assert heading(answer) == "Trending stories of the past 3 days"
    titles = ("Covered", "Better", "Good")
    assert [body(answer).index(title) for title in titles] == sorted(
        body(answer).index(title) for title in titles
    )
    assert "Old" not in body(answer)
    assert body(await ada.ask("trending", {"period": "week"})).startswith("**1.** [Old]")


async def test_topic_shows_its_page(archive: Archive, ada: Reader) -> None:
    """The page has the topic's best story, its providers and its latest stories."""
    await archive.load(
        make_aged_article(1, "Newest", quality=70),
        make_aged_article(2, "Best", quality=120, provider=Provider("VICE")),
        make_aged_article(3, "Third", quality=60),
    )
    answer = await ada.ask("topic", {"topic": "AI"})
    assert heading(answer) == "AI"
    assert "**Best:** [Best](https://news.example/2) · quality 120" in body(answer)
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
        f"There's no topic “{typed}”. Did you mean **Computer Vision**?"
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


@pytest.mark.parametrize(
    ("option", "value", "heading_end"),
    [
        ("topic", "law", "in Law"),
        ("provider", "the verge", "from The Verge"),
        ("since", "week", "of the past week"),
        ("min_quality", 95, "· quality 95+"),
        ("kind", Kind.VIDEO, "· videos"),
        ("kind", Kind.SHORT, "· shorts"),
    ],
)
async def test_search_has_filters(
    archive: Archive, ada: Reader, option: str, value: object, heading_end: str
) -> None:
    """Each of them narrows the stories; the heading names it."""
    plain: dict[str, object] = {
        "topics": ("AI",),
        "provider": Provider("Reuters"),
        "quality": 50,
        "published_at": NOW - timedelta(days=100),
    }
    wanted: dict[str, object] = {
        "topic": ("Law",),
        "provider": Provider("The Verge"),
        "since": NOW,
        "min_quality": 95,
        "kind": value,
    }
    names = {"topic": "topics", "since": "published_at", "min_quality": "quality"}
    changes = {**plain, names.get(option, option): wanted[option]}
    await archive.load(
        make_aged_article(1, "Robot one", **plain),
        make_aged_article(2, "Robot two", **changes),
    )
    answer = await ada.ask("search", {"query": "robot", option: value})
    assert heading(answer) == f"Stories matching “robot” {heading_end}"
    assert footer(answer) == "1 story"
    assert "**Robot** two" in body(answer)


async def test_an_unknown_provider_is_answered_with_suggestions(
    archive: Archive, ada: Reader
) -> None:
    """Part of a name leads to the right provider."""
    await archive.load(make_aged_article(1, provider=Provider("The Verge")))
    for typed, words in [("verge", "Did you mean **The Verge**?"), ("*x*", "Choose one from")]:
        for path, options in [("latest", {}), ("search", {"query": "story"})]:
            text = private_text(await ada.ask(path, {**options, "provider": typed}))
            assert text.startswith("There's no provider “")
            assert words in text


@pytest.mark.parametrize("gone", ["id:999", "999", "Gone"])
async def test_a_choice_that_is_gone_is_explained(archive: Archive, ada: Reader, gone: str) -> None:
    """What was offered may have been withdrawn since."""
    await archive.load(make_aged_article(1))
    for path, option in [("topic", "topic"), ("latest", "provider"), ("story", "story")]:
        text = private_text(await ada.ask(path, {option: gone}))
        assert text.startswith(("There's no ", "This topic has no ", "This prov", "No story match"))
    for typed in ("999", "#999"):
        assert "no longer available" in private_text(await ada.ask("story", {"story": typed}))


@pytest.mark.parametrize("typed", ["2", "id 2", "ID:2", "id: 2", "#2"])
async def test_a_story_is_found_by_its_id(archive: Archive, ada: Reader, typed: str) -> None:
    """As its page shows it, or as a number."""
    await archive.load(make_aged_article(1, "Id 2"), make_aged_article(2), make_aged_article(3))
    answer = await ada.ask("story", {"story": typed})
    assert heading(answer) == "Story 2"
    assert "Closest" not in body(answer)


@pytest.mark.parametrize(
    "typed",
    [
        *("https://news.example/1", "http://www.news.example:80/1/?utm_source=x#top"),
        *("<https://news.example/1>", "news.example/1", "NEWS.example/1", "www.news.example/1 "),
        "https://amp.example/one",
    ],
)
async def test_a_story_is_found_by_its_address(archive: Archive, ada: Reader, typed: str) -> None:
    """Any spelling leads to it, also a long one, and also in a search."""
    await archive.load(
        make_aged_article(
            1, addresses=("https://news.example/1", "https://amp.example/one"), related=coverage(9)
        ),
        make_aged_article(2),
    )
    for path, option in (("story", "story"), ("search", "query")):
        answer = await ada.ask(path, {option: typed})
        assert heading(answer) == "Story 1"
        assert footer(await ada.press(answer, "Next")).endswith("page 2/2")


async def test_an_unknown_address_is_explained(archive: Archive, ada: Reader) -> None:
    """It is not searched for as words."""
    await archive.load(make_aged_article(1))
    long = "https://news.example/" + "x" * 500
    for typed in ("https://news.example/2", "https://news.example/", long):
        for path, option in (("story", "story"), ("search", "query")):
            text = private_text(await ada.ask(path, {option: typed}))
            assert text.startswith("No story has this address.")


async def test_a_name_with_a_dot_is_searched_for(archive: Archive, ada: Reader) -> None:
    """Without `https://`, what no story has as its address is a text."""
    await archive.load(make_aged_article(1, "Node.js 20 is out"))
    assert heading(await ada.ask("story", {"story": "node.js"})).startswith("Node.js 20 is out")
    assert footer(await ada.ask("search", {"query": "node.js"})) == "1 story"


LOOKUPS: list[tuple[str, dict[str, object]]] = [
    ("latest", {}),
    ("top", {}),
    ("trending", {}),
    ("topic", {"topic": "AI"}),
    ("search", {"query": "story"}),
    ("story", {"story": "Story 1"}),
    ("topics", {}),
]


@pytest.mark.parametrize(("path", "options"), LOOKUPS)
async def test_answers_are_public_or_private(
    archive: Archive, ada: Reader, path: str, options: dict[str, object]
) -> None:
    """Every lookup can be asked for privately."""
    await archive.load(make_aged_article(1))
    assert (await ada.ask(path, options)).ephemeral_for is None
    assert (await ada.ask(path, {**options, "private": False})).ephemeral_for is None
    answer = await ada.ask(path, {**options, "private": True})
    assert answer.ephemeral_for == ada.id
    assert answer.embeds


async def test_every_lookup_is_tested(sandbox: Sandbox, bot: discord.Client) -> None:
    """The list of them is complete, and each has the option `private`."""
    assert bot.is_ready()
    (group,) = sandbox.world.commands
    assert {path for path, _ in LOOKUPS} == {each["name"] for each in group["options"]}
    for command in group["options"]:
        assert command["options"][-1]["name"] == "private"
        assert len(command["options"]) <= 25


async def test_every_option_is_documented(sandbox: Sandbox, bot: discord.Client) -> None:
    """The table of docs/lookups.md has each command with its options."""
    assert bot.is_ready()
    (group,) = sandbox.world.commands
    page = (Path(__file__).parents[3] / "docs" / "lookups.md").read_text(encoding="utf-8")
    for command in group["options"]:
        names = [f"`{each['name']}`" for each in command["options"] if each["name"] != "private"]
        row = rf"\| `/news {command['name']}` \|.*\| {', '.join(names)} ?\|"
        assert re.search(row, page), command["name"]


async def test_a_mistyped_search_is_answered_with_known_words(
    archive: Archive, ada: Reader
) -> None:
    """And with topics like it; neither what was typed nor what finds nothing is suggested."""
    await archive.load(make_aged_article(1, "A robot learns to walk", topics=("Robotics",)))
    text = private_text(await ada.ask("search", {"query": "robto"}))
    assert "No stories found. Did you mean **robot**?" in text
    text = private_text(await ada.ask("story", {"story": "robto lerns"}))
    assert "Did you mean **robot learns**?" in text
    await archive.load(make_aged_article(2, "A kettle sings"))
    text = private_text(await ada.ask("search", {"query": "robto ketle"}))
    assert "robot kettle" not in text
    text = private_text(await ada.ask("search", {"query": "robot", "min_quality": 1000}))
    assert text.endswith("Without filters: **1 story**. Try a lower quality.")


async def test_an_empty_result_suggests_what_to_try(archive: Archive, ada: Reader) -> None:
    """The suggestions are the filters that narrowed the search."""
    await archive.load(make_aged_article(1))
    options = {
        "query": "unicorn",
        "topic": "AI",
        "provider": "Reuters",
        "since": "day",
        "min_quality": 70,
        "kind": "article",
    }
    assert private_text(await ada.ask("search", options)) == (
        "**Stories matching “unicorn” of the past 24 hours in AI from Reuters · articles"
        " · quality 70+**\nNo stories found. Every word must appear in a story. Try fewer or"
        " different words, a longer period, a lower quality, all kinds, all providers or all"
        " topics."
    )
    assert private_text(await ada.ask("latest", {"min_quality": 1000})) == (
        "**Latest stories · quality 1000+**\n"
        "No stories found. Try `/news latest` or a lower quality."
    )


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        *((each, "Type at least one word") for each in ("\u200b ", "*", '"', "-", "^ (", "…")),
        ("-robot", "Type at least one word that the stories contain, too."),
        ('-"robot arm"', "Type at least one word that the stories contain, too."),
        ("word " * 13, "That is too long"),
    ],
)
async def test_a_search_without_a_word_is_refused(ada: Reader, query: str, answer: str) -> None:
    """White space and signs are not words; and the text has to fit into the page buttons."""
    assert private_text(await ada.ask("search", {"query": query})).startswith(answer)


@pytest.mark.parametrize("query", ["AND", "a* OR (b", "ti\\tle:x", "NEAR(", "字"])
async def test_search_accepts_any_text(archive: Archive, ada: Reader, query: str) -> None:
    """The database's query syntax has no effect."""
    await archive.load(make_aged_article(1))
    text = private_text(await ada.ask("search", {"query": query}))
    assert text.startswith("**Stories matching ")


@pytest.mark.parametrize("typed", ["Facial recognition", "FACIAL  recognition"])
async def test_the_story_with_a_title_is_found(archive: Archive, ada: Reader, typed: str) -> None:
    """The exact title in any case comes before better stories that have its words, too."""
    await archive.load(
        make_aged_article(1, "Facial recognition of faces", quality=100),
        make_aged_article(2, "Facial recognition", quality=10),
        *(make_aged_article(n, f"Facial recognition {n}", quality=90) for n in range(3, 30)),
    )
    assert heading(await ada.ask("story", {"story": typed})) == "Facial recognition"


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Robots", "nothing like that"),
        ("Nothing new", "nothing like that"),
        ("Robots that we like", "nothing like that before"),
        ("Quite a day", "quite seen before nothing"),
    ],
)
async def test_a_text_that_matches_nothing_well_finds_nothing(
    archive: Archive, ada: Reader, title: str, typed: str
) -> None:
    """Words in the text of another story don't mean that story, however common they are."""
    excerpt = "We have seen nothing quite like that before"
    await archive.load(make_aged_article(1, title, excerpt=excerpt))
    text = private_text(await ada.ask("story", {"story": typed}))
    assert text.startswith(f"No story matches “{typed}”.")


@pytest.mark.parametrize(
    "typed", ["robots that like", "robot", "the robots we like", "robots like before", "robo"]
)
async def test_most_of_the_words_name_a_story(archive: Archive, ada: Reader, typed: str) -> None:
    """The others may be in its text; their endings, and words such as “the”, don't matter."""
    await archive.load(make_aged_article(1, "Robots that we like", excerpt="Before the storm"))
    answer = await ada.ask("story", {"story": typed})
    assert heading(answer) == "Robots that we like"
    assert body(answer).startswith("-# Closest match for “")


async def test_story_shows_all_coverage(archive: Archive, ada: Reader) -> None:
    """A story is found by the id that autocomplete gives; its coverage is split into pages."""
    await archive.load(make_aged_article(1, "IBM says", excerpt="On Friday", related=coverage(9)))
    (value,) = (await ada.offered("story", "story", "ibm")).values()
    answer = await ada.ask("story", {"story": value})
    assert heading(answer) == "IBM says"
    assert body(answer).startswith("On Friday\n\n**Related (9)**\n[Other 0]")
    assert footer(answer) == "Quality 99 · AI · id 1 · page 1/2"


@pytest.mark.parametrize("typed", ["friday export", "2020"])
async def test_story_finds_the_best_match_for_words(
    archive: Archive, ada: Reader, typed: str
) -> None:
    """Words, and numbers that are not a story's id, are searched for; the answer says so."""
    article = make_aged_article(2, "Friday: export ban of 2020", related=coverage(9))
    await archive.load(make_aged_article(1, "Something else"), article)
    answer = await ada.ask("story", {"story": typed})
    assert heading(answer) == "Friday: export ban of 2020"
    assert body(answer).startswith(f"-# Closest match for “{typed}”:\n")
    assert body(await ada.press(answer, "Next")).startswith("-# Closest match for")
    exact = await ada.ask("story", {"story": "friday: export ban of 2020"})
    assert "Closest match" not in body(exact)


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
    assert body(answer).startswith("**AI** · 20 stories · <t:")
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
    await archive.load(make_aged_article(1))
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


async def test_refused_components_are_left_out_of_an_answer(
    archive: Archive, ada: Reader, sandbox: Sandbox
) -> None:
    """It is tried without pictures and as text before."""
    await archive.load(*[make_aged_article(hours) for hours in range(12)])
    route = "POST /interactions/{interaction_id}/{interaction_token}/callback"
    sandbox.faults.plan(Status(400), route=route, times=3)
    page = await ada.ask("latest")
    assert "Story 0" in body(page)
    assert page.components == []
