"""The page of the web that a feed or an API is read from: what is held of it, and what it says."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from bot.errors import SourceError
from bot.fetching.fetcher import Answer
from bot.fetching.page import NOTHING_HELD, Held, Page
from bot.fetching.schedule import Schedule
from bot.ingest.source import Glance
from bot.ingest.workers import Workers
from bot.urls.safety import shown_address

T = TypeVar("T")


class WebPage:
    """Asks for a page when it is time, and has the answers read by workers.

    `recall` tells what a source held, under the settings that it had, when all of it was stored.
    """

    def __init__(
        self,
        page: Page,
        schedule: Schedule,
        *,
        name: str,
        recall: Callable[[str, str], Awaitable[str | None]],
        workers: Workers,
    ) -> None:
        self.name = name
        self._page = page
        self._schedule = schedule
        self._recall = recall
        self._workers = workers
        self._held = NOTHING_HELD
        self._answer: Answer | None = None

    @property
    def held(self) -> Held:
        """What was held at the last glance."""
        return self._held

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and when the schedule says so."""
        return self._schedule.ticks()

    async def glance(self, settings: str) -> Glance | None:
        """Ask whether the page has changed. Raises `SourceError`.

        What the store has not got to the end is not asked for by conditions.
        """
        self._held = Held.decode(await self._recall(self.name, settings))
        self._answer = await self._page.ask(self._held)
        if self._answer is None:
            return Glance(self._held.encode(), self._held.documents)
        return None

    async def answer(self) -> tuple[Answer, bytes]:
        """What it said at the last glance, or says now, with the body. Raises `SourceError`."""
        answer, self._answer = self._answer or await self._page.ask(), None
        assert answer is not None
        assert answer.body is not None
        return answer, answer.body

    async def follow(self, address: str) -> tuple[Answer, bytes]:
        """What another page says that belongs to it. Raises `SourceError`."""
        answer = await self._page.fetch(address)
        return answer, answer.body or b""

    async def read(self, answer: Answer, function: Callable[..., T], *arguments: object) -> T:
        """What a worker makes of an answer's body. Raises `SourceError` that names the page."""
        try:
            return await self._workers.run(function, answer.body or b"", answer.url, *arguments)
        except SourceError as error:
            raise SourceError(f"{shown_address(answer.url)}: {error}") from error
