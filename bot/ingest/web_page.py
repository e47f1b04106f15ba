"""The web page that a feed or an API is read from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

from bot.errors import SourceError
from bot.fetching.fetcher import Answer
from bot.fetching.page import Held, Page
from bot.fetching.schedule import Schedule
from bot.ingest.workers import Workers
from bot.urls.safety import shown_address

T = TypeVar("T")


class WebPage:
    """Requests a page when it is due and has its body parsed by a worker process.

    The state token of a source that is read from a page is an encoded `Held`.
    """

    def __init__(self, page: Page, schedule: Schedule, *, name: str, workers: Workers) -> None:
        self.name = name
        self._page = page
        self._schedule = schedule
        self._workers = workers
        # The response to the last quick check, with the state that it was compared with.
        self._checked: tuple[str, Answer] | None = None

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and whenever a request is due."""
        return self._schedule.ticks()

    async def quick_check(self, state: str) -> int | None:
        """Return the number of documents if the page is as in `state`, else None.

        A changed page is kept for `answer`. Raises `SourceError`.
        """
        held = Held.decode(state)
        answer = await self._page.ask(held)
        self._checked = None if answer is None else (state, answer)
        return held.documents if answer is None else None

    async def answer(self, state: str | None) -> tuple[Answer, bytes]:
        """Return the response to the quick check of this state, or a new one, with its body.

        Raises `SourceError`.
        """
        checked, self._checked = self._checked, None
        if checked is not None and checked[0] == state:
            answer: Answer | None = checked[1]
        else:
            answer = await self._page.ask()
        assert answer is not None
        assert answer.body is not None
        return answer, answer.body

    async def follow(self, address: str) -> tuple[Answer, bytes]:
        """Request a further page that belongs to this one. Raises `SourceError`."""
        answer = await self._page.fetch(address)
        return answer, answer.body or b""

    async def read(self, answer: Answer, function: Callable[..., T], *arguments: object) -> T:
        """Return what a worker makes of a body. Raises `SourceError` that names the page."""
        try:
            return await self._workers.run(function, answer.body or b"", answer.url, *arguments)
        except SourceError as error:
            raise SourceError(f"{shown_address(answer.url)}: {error}") from error
