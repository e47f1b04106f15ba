"""The chart on a topic's page: stories per week.

The page is sent at once. A chart that is not drawn yet is added to the message when it is.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import discord

from bot.charts.bar_chart import BarChart, draw_off_loop
from bot.clock import Clock
from bot.discordapp.interactions import Interaction
from bot.discordapp.messages.topic_chart import MONTHS, TITLE, chart_description
from bot.discordapp.news.answer import replace_page, send_page
from bot.discordapp.outcomes import FAILURES
from bot.discordapp.rendering.page import Page
from bot.discordapp.rendering.picture import Picture
from bot.discordapp.replies import reply_to
from bot.errors import one_line
from storage.errors import StorywireError
from storage.models import Topic
from storage.protocols import StoryStore

logger = logging.getLogger(__name__)

WEEKS = 26
_WEEK = timedelta(days=7)
_FILE = "stories-per-week.png"
_MOST_KEPT = 200  # charts, of 6 KB each
_MOST_PENDING = 100
# The message was deleted, or the interaction's token is no longer valid:
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
_GONE = {10008, 10015, 50027}


class TopicCharts:
    """Sends pages, and adds the chart of a page that has one; a chart is drawn once a day.

    `run` owns the tasks that draw and add charts; while it does not run, no chart is added.
    """

    def __init__(self, store: StoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # None: the topic has too few stories for a chart. The oldest one comes first.
        self._kept: OrderedDict[tuple[int, date], Picture | None] = OrderedDict()
        self._drawing = asyncio.Lock()
        self._tasks: asyncio.TaskGroup | None = None
        # By the interaction to which the message replies.
        self._pending: dict[int, asyncio.Task[None]] = {}
        self._problem = ""

    async def run(self) -> None:
        """Add charts to answers until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._tasks = None

    async def send(
        self,
        interaction: Interaction,
        page: Page,
        view: discord.ui.View | None,
        *,
        ephemeral: bool = False,
    ) -> None:
        """Answer with a new message. Only the person who asked sees an `ephemeral` one."""
        picture = self._picture_of(page)
        sent = await send_page(interaction, page, view, ephemeral=ephemeral, picture=picture)
        if picture is None:
            self._add_later(interaction, interaction.id, page, sent)

    async def replace(
        self, interaction: Interaction, page: Page, view: discord.ui.View | None
    ) -> None:
        """Answer a button by changing the message that contains it."""
        origin = interaction.message.interaction_metadata if interaction.message else None
        key = origin.id if origin else interaction.id
        if (pending := self._pending.pop(key, None)) is not None:
            pending.cancel()  # the message no longer shows the page of that chart
        picture = self._picture_of(page)
        sent = await replace_page(interaction, page, view, picture=picture)
        if picture is None:
            self._add_later(interaction, key, page, sent)

    def _picture_of(self, page: Page) -> Picture | None:
        return self._kept.get(self._key(page.charted)) if page.charted else None

    def _key(self, topic: Topic) -> tuple[int, date]:
        return topic.id, self._clock.now().astimezone(UTC).date()

    def _add_later(
        self, interaction: Interaction, key: int, page: Page, sent: discord.Embed
    ) -> None:
        topic = page.charted
        if topic is None or self._tasks is None:
            return
        if len(self._pending) >= _MOST_PENDING:
            return  # the page is complete without it
        task = self._tasks.create_task(self._add(interaction, topic, sent))
        self._pending[key] = task

        def forget(done: asyncio.Task[None]) -> None:
            if self._pending.get(key) is done:
                del self._pending[key]

        task.add_done_callback(forget)

    async def _add(self, interaction: Interaction, topic: Topic, sent: discord.Embed) -> None:
        try:
            if (picture := await self._picture(topic)) is not None:
                reply = reply_to(interaction)
                await reply.improve([picture.shown_in(sent)], [picture.to_file()])
        except StorywireError as error:
            self._report(str(error))
        except FAILURES as error:
            if not (isinstance(error, discord.HTTPException) and error.code in _GONE):
                self._report(one_line(error))
        except Exception:
            # The last boundary: a bug costs this chart, and neither the others nor the bot.
            logger.exception("adding a chart failed")
        else:
            self._problem = ""

    async def _picture(self, topic: Topic) -> Picture | None:
        """The chart, which is drawn once a day. Raises `StorywireError`."""
        async with self._drawing:  # whoever wants the same chart meanwhile finds it then
            key = self._key(topic)
            if key not in self._kept:
                self._kept[key] = await self._draw(topic, key[1])
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]

    async def _draw(self, topic: Topic, today: date) -> Picture | None:
        until = datetime.combine(today + timedelta(days=1), time(), UTC)
        since = until - WEEKS * _WEEK
        counts = tuple(await self._store.count_by_week(topic.id, since, until))
        if sum(count > 0 for count in counts) <= 1:
            return None  # one bar says nothing
        chart = BarChart(TITLE, counts, month_labels(since.date(), len(counts)))
        content = await draw_off_loop(chart)
        return Picture(_FILE, content, chart_description(topic.name, counts))

    def _report(self, problem: str) -> None:
        """Log a problem, unless the last chart had the same one."""
        if problem != self._problem:
            self._problem = problem
            logger.warning("a topic is shown without its chart: %s", problem)


def month_labels(first_week: date, weeks: int) -> Mapping[int, str]:
    """The name of each month at the first week that begins in it, by the number of the week."""
    begins = [first_week + number * _WEEK for number in range(weeks)]
    return {
        number: MONTHS[day.month - 1] for number, day in enumerate(begins) if day.day <= _WEEK.days
    }
