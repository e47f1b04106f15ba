"""The chart on a topic's page: when it appears, and when it does not."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import aiohttp
import discord
import pytest

from bot.discordapp.messages.topic_chart import chart_description
from bot.discordapp.news.topic_chart import WEEKS, month_labels
from bot.sandbox import Sandbox
from bot.sandbox.model.entities import Message
from bot.sandbox.rest.request_faults import Hold, Reset, Status
from storage.errors import StoreUnusableError
from storage.models import Article
from tests.discordapp.news.conftest import RunBot
from tests.discordapp.news.support import (
    EPHEMERAL,
    NOW,
    Archive,
    Reader,
    heading,
    make_aged_article,
)
from tests.support.clock import FakeClock
from tests.support.store import with_hook

WEEK = 7 * 24
EDIT = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
AI = {"topic": "AI"}


class Counting:
    """Counts per week, which a test can delay or make fail."""

    def __init__(self) -> None:
        self.calls = 0
        self.failing = False
        self._called = asyncio.Condition()
        self._free = asyncio.Event()
        self._free.set()

    async def before(self, _: str) -> None:
        """Called instead of each count."""
        async with self._called:
            self.calls += 1
            self._called.notify_all()
        if self.failing:
            raise StoreUnusableError("the disk is full of holes")
        await self._free.wait()

    async def called(self, times: int = 1) -> None:
        """Wait until it was called so often."""
        async with self._called:
            await self._called.wait_for(lambda: self.calls >= times)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Counting takes until the end of the block."""
        self._free.clear()
        yield
        self._free.set()


@pytest.fixture
def counting(archive: Archive) -> Counting:
    """Watches the counts of the bot."""
    made = Counting()
    archive.seen = with_hook(archive.seen, ("count_by_week",), made.before)
    return made


@pytest.fixture
def ada(counting: Counting, sandbox: Sandbox, bot: discord.Client) -> Reader:
    """A member who uses `/news` in #news."""
    assert bot.is_ready()
    assert not counting.calls
    return Reader(sandbox, "Ada")


def about_ai(*ages_in_weeks: int) -> list[Article]:
    """One story about AI for each age."""
    return [
        make_aged_article(
            number, topics=("AI",), published_at=NOW - timedelta(hours=age * WEEK + number)
        )
        for number, age in enumerate(ages_in_weeks, 1)
    ]


def chart_of(message: Message) -> dict[str, str] | None:
    """The picture of a message's one embed."""
    (embed,) = message.embeds
    return embed.get("image")


async def charted(sandbox: Sandbox, message: Message) -> Message:
    """Wait until a message shows a chart."""
    await sandbox.wait_until(lambda: chart_of(message) is not None)
    return message


async def test_chart_is_added_to_the_page(sandbox: Sandbox, archive: Archive, ada: Reader) -> None:
    """The page itself does not wait for it. Its description contains the numbers."""
    await archive.load(*about_ai(0, 0, 1, 1, 1, 30))
    page = await ada.ask("topic", AI)
    embed = dict(page.embeds[0])
    chart = chart_of(await charted(sandbox, page))
    assert chart is not None
    assert chart["description"] == (
        "Stories per week about AI over half a year: 2 in the last week, 3 at most."
    )
    assert page.embeds == [{**embed, "image": chart}]
    assert [each["filename"] for each in page.attachments] == ["stories-per-week.png"]
    async with aiohttp.ClientSession() as session, session.get(chart["url"]) as response:
        assert response.content_type == "image/png"
        assert (await response.read()).startswith(b"\x89PNG")


async def test_next_answers_have_the_chart_at_once(
    sandbox: Sandbox, archive: Archive, ada: Reader
) -> None:
    """It is drawn once a day, for public and private answers alike."""
    await archive.load(*about_ai(0, 1))
    first = chart_of(await charted(sandbox, await ada.ask("topic", AI)))
    await archive.load(make_aged_article(50, topics=("AI",)))
    for private in (False, True):
        page = await ada.ask("topic", {**AI, "private": private})
        assert bool(page.flags & EPHEMERAL) is private
        again = chart_of(page)
        assert again is not None
        assert first is not None
        assert again["description"] == first["description"]
        assert page.edited_timestamp is None


async def test_pages_after_the_first_have_no_chart(
    sandbox: Sandbox, archive: Archive, ada: Reader
) -> None:
    """Turning the page removes the file; turning back shows it again."""
    await archive.load(*about_ai(*[0, 1] * 4))
    page = await charted(sandbox, await ada.ask("topic", AI))
    page = await ada.press(page, "Next")
    assert chart_of(page) is None
    assert page.attachments == []
    page = await ada.press(page, "Previous")
    assert chart_of(page) is not None
    assert len(page.attachments) == 1


async def test_page_that_was_turned_gets_no_late_chart(
    sandbox: Sandbox, archive: Archive, counting: Counting, ada: Reader
) -> None:
    """The chart is not ready when the page is turned, so it is not added any more."""
    await archive.load(*about_ai(*[0, 1] * 4))
    with counting.held():
        page = await ada.ask("topic", AI)
        await counting.called()
        page = await ada.press(page, "Next")
    # The next answer draws the chart: had the first one gone on, it would have come before.
    await charted(sandbox, await ada.ask("topic", AI))
    assert chart_of(page) is None
    assert "2" in page.embeds[0]["footer"]["text"]


async def test_chart_of_a_page_that_is_turned_back(
    sandbox: Sandbox, archive: Archive, counting: Counting, ada: Reader
) -> None:
    """The first page gets its chart also if it was not ready at first."""
    await archive.load(*about_ai(*[0, 1] * 4))
    with counting.held():
        page = await ada.ask("topic", AI)
        await counting.called()
        page = await ada.press(page, "Next")
        page = await ada.press(page, "Previous")
        assert chart_of(page) is None
    await charted(sandbox, page)


async def test_another_members_copy_has_the_chart(
    sandbox: Sandbox, archive: Archive, ada: Reader
) -> None:
    """Whoever presses a button of somebody else's answer gets a private copy with a chart."""
    await archive.load(*about_ai(*[0, 1] * 4))
    page = await ada.press(await ada.ask("topic", AI), "Next")
    copy = await Reader(sandbox, "Max").press(page, "Previous")
    assert copy.flags & EPHEMERAL
    await charted(sandbox, copy)
    assert chart_of(page) is None


@pytest.mark.parametrize("ages", [[0], [3, 3, 3], [30, 40]])
async def test_few_stories_have_no_chart(
    sandbox: Sandbox, archive: Archive, ada: Reader, ages: list[int]
) -> None:
    """A chart with one bar, or none, says nothing."""
    await archive.load(*about_ai(*ages), *topic_with_chart())
    page = await ada.ask("topic", AI)
    await charted(sandbox, await ada.ask("topic", {"topic": "Space"}))
    assert chart_of(page) is None


def topic_with_chart() -> list[Article]:
    """Stories about another topic, whose chart is drawn after that of an earlier answer."""
    return [
        make_aged_article(
            100 + age, topics=("Space",), published_at=NOW - timedelta(hours=age * WEEK + 1)
        )
        for age in range(2)
    ]


async def test_simultaneous_answers_draw_one_chart(
    sandbox: Sandbox, archive: Archive, counting: Counting, ada: Reader
) -> None:
    await archive.load(*about_ai(0, 1))
    with counting.held():
        pages = [await ada.ask("topic", AI) for _ in range(4)]
        await counting.called()
    for page in pages:
        await charted(sandbox, page)
    assert counting.calls == 1


async def test_chart_that_gets_ready_while_a_page_is_sent(
    sandbox: Sandbox, archive: Archive, counting: Counting, ada: Reader
) -> None:
    """It was not ready when the page was sent, so it is added."""
    await archive.load(*about_ai(0, 1))
    release = asyncio.Event()
    with counting.held():
        first = await ada.ask("topic", AI)
        sandbox.faults.plan(Hold(release), route=CALLBACK)
        second = await ada.start_asking("topic", AI)
        await second.answered()
    await charted(sandbox, first)
    release.set()
    await charted(sandbox, await second.settled())


async def test_unreadable_counts_cost_only_the_chart(
    sandbox: Sandbox,
    archive: Archive,
    counting: Counting,
    ada: Reader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The page is shown, one line is logged, and the next answer tries again."""
    await archive.load(*about_ai(0, 1))
    counting.failing = True
    pages = [await ada.ask("topic", AI) for _ in range(2)]
    await counting.called(2)
    counting.failing = False
    page = await charted(sandbox, await ada.ask("topic", AI))
    assert [heading(each) for each in pages] == ["AI", "AI"]
    assert chart_of(page) is not None
    problems = warnings_of(caplog)
    assert problems == ["a topic is shown without its chart: the disk is full of holes"]


@pytest.mark.parametrize("code", [10008, 10015, 50027])
async def test_message_that_is_gone_is_no_problem(
    sandbox: Sandbox,
    archive: Archive,
    ada: Reader,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    """It was deleted, or the interaction's token has expired."""
    await archive.load(*about_ai(0, 1))
    gone = f'{{"code": {code}, "message": "gone"}}'
    sandbox.faults.plan(Status(404, body=gone), route=EDIT)
    page = await ada.ask("topic", AI)
    await sandbox.wait_for_request(lambda each: each.route == EDIT)
    await charted(sandbox, await ada.ask("topic", AI))
    assert chart_of(page) is None
    assert warnings_of(caplog) == []


@pytest.mark.parametrize("body", [[], {}, None, {"id": {}}, {"embeds": [7], "attachments": 7}])
async def test_unreadable_confirmation_is_one_line(
    sandbox: Sandbox,
    archive: Archive,
    ada: Reader,
    caplog: pytest.LogCaptureFixture,
    body: object,
) -> None:
    """Whatever Discord answers to the edit, the chart is there."""
    await archive.load(*about_ai(0, 1))
    sandbox.faults.spoil(lambda _name, _body: body, name=EDIT)
    await charted(sandbox, await ada.ask("topic", AI))
    assert chart_of(await ada.ask("topic", AI)) is not None
    problems = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [each for each in problems if each.exc_info] == []
    assert len(warnings_of(caplog)) <= 1


async def test_refused_chart_is_logged_once(
    sandbox: Sandbox,
    archive: Archive,
    counting: Counting,
    ada: Reader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Any other refusal is one line for the operator."""
    await archive.load(*about_ai(0, 1), *topic_with_chart())
    sandbox.faults.plan(Status(403), route=EDIT, times=2)
    with counting.held():
        pages = [await ada.ask("topic", AI) for _ in range(2)]
    await charted(sandbox, await ada.ask("topic", {"topic": "Space"}))
    assert [chart_of(page) for page in pages] == [None, None]
    (problem,) = warnings_of(caplog)
    assert problem.startswith("a topic is shown without its chart: 403 Forbidden")


@pytest.mark.parametrize("status", [400, 403, 413])
async def test_page_is_sent_without_a_chart_that_is_refused(
    sandbox: Sandbox, archive: Archive, ada: Reader, status: int
) -> None:
    """Nothing else is left out."""
    await archive.load(*about_ai(0, 1))
    page = await ada.ask("topic", AI)
    embed = dict(page.embeds[0])
    await charted(sandbox, page)
    sandbox.faults.plan(Status(status), route=CALLBACK)
    page = await ada.ask("topic", AI)
    assert page.embeds == [embed]
    assert page.attachments == []


async def test_deferred_page_has_its_chart(
    sandbox: Sandbox, archive: Archive, ada: Reader, bot_clock: FakeClock
) -> None:
    """The chart that is ready is sent whole, also if Discord refuses the first attempt.

    Discord has the deferral, but its confirmation was lost: the bot first answers as usual.
    """
    await archive.load(*about_ai(0, 1))
    size = (await charted(sandbox, await ada.ask("topic", AI))).attachments[0]["size"]
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("topic", AI)
    sandbox.faults.plan(Reset(after_commit=True), route=CALLBACK)
    await bot_clock.wait_for_sleeps(2)
    await bot_clock.advance(2)
    await asked.answered()
    archive.busy.set()
    page = await asked.settled()
    assert chart_of(page) is not None
    assert page.attachments[0]["size"] == size


async def test_end_of_the_bot_cancels_charts(
    sandbox: Sandbox, archive: Archive, counting: Counting, run_bot: RunBot
) -> None:
    """Those that are drawn, and those that are sent."""
    await archive.load(*about_ai(0, 1), *topic_with_chart())
    release = asyncio.Event()
    async with run_bot():
        ada = Reader(sandbox, "Ada")
        await charted(sandbox, await ada.ask("topic", {"topic": "Space"}))
        sandbox.faults.plan(Hold(release), route=EDIT)
        with counting.held():
            page = await ada.ask("topic", AI)
            await counting.called()
    release.set()
    assert chart_of(page) is None


def test_description_is_plain_text() -> None:
    """A name with markdown or line breaks stays readable, and fits."""
    text = chart_description("**A**\n" + "x" * 2000, [1200, 0, 48])
    assert "\n" not in text
    assert len(text) <= 1024
    assert text.endswith("over half a year: 48 in the last week, 1,200 at most.")


def test_months_are_named_at_their_first_week() -> None:
    """Each month once, where the first week begins in it."""
    labels = month_labels(date(2026, 5, 30), WEEKS)
    assert labels == {1: "Jun", 5: "Jul", 9: "Aug", 14: "Sep", 18: "Oct", 23: "Nov"}
    assert month_labels(date(2026, 3, 1), 2) == {0: "Mar"}


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings and errors of the bot."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith("bot.discordapp")
    ]
