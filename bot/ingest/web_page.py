"""The web page that a feed or an API is read from."""

import json
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.errors import FetchError, SourceError
from bot.fetching.fetcher import NO_VALIDATORS, Fetcher, Response, Validators
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.text import content_digest
from bot.ingest.workers import Workers
from bot.urls.safety import redact_address

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageState:
    """What is known of a page that was read: its validators, a digest of its body, its documents.

    Encoded, it is the state token of the source.
    """

    validators: Validators = NO_VALIDATORS
    digest: str = ""
    documents: int = 0

    def encode(self) -> str:
        """As JSON."""
        validators = self.validators
        return json.dumps([validators.etag, validators.last_modified, self.digest, self.documents])

    @classmethod
    def decode(cls, text: str | None) -> "PageState":
        """What `encode` wrote; nothing is held if it is something else."""
        try:
            etag, last_modified, digest, documents = json.loads(text or "")
        except (ValueError, TypeError):
            return NO_STATE
        return cls(Validators(str(etag), str(last_modified)), str(digest), int(documents))


NO_STATE = PageState()


class WebPage:
    """Requests a page when it is due and has its body parsed by a worker process."""

    def __init__(
        self,
        address: str,
        fetcher: Fetcher,
        workers: Workers,
        schedule: PollSchedule,
        *,
        name: str,
        accept: str,
        allow_private: bool,
    ) -> None:
        self.name = name
        self.address = address
        self._fetcher = fetcher
        self._workers = workers
        self._schedule = schedule
        self._accept = accept
        self._allow_private = allow_private
        self._moved_to: str | None = None
        # The latest validators for the body that is held.
        self._renewed: tuple[PageState, Validators] | None = None
        # The response to the last quick check, with the state that it was compared with.
        self._checked: tuple[str, Response] | None = None

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and whenever a request is due."""
        return self._schedule.ticks()

    async def quick_check(self, state: str) -> int | None:
        """Return the number of documents if the page is as in `state`, else None.

        A changed page is kept for `answer`. Raises `SourceError`.
        """
        held = PageState.decode(state)
        answer = await self._ask(held)
        self._checked = None if answer is None else (state, answer)
        return held.documents if answer is None else None

    async def answer(self, state: str | None) -> tuple[Response, bytes]:
        """Return the response to the quick check of this state, or a new one, with its body.

        Raises `SourceError`.
        """
        checked, self._checked = self._checked, None
        known = checked is not None and checked[0] == state
        answer = checked[1] if checked is not None and known else await self._ask(NO_STATE)
        assert answer is not None
        assert answer.body is not None
        return answer, answer.body

    async def follow(self, address: str) -> tuple[Response, bytes]:
        """Request a further page that belongs to this one. Raises `SourceError`."""
        answer = await self._fetch(address, NO_VALIDATORS)
        return answer, answer.body or b""

    async def read(self, answer: Response, function: Callable[..., T], *arguments: object) -> T:
        """Return what a worker makes of a body. Raises `SourceError` that names the page."""
        try:
            return await self._workers.run(function, answer.body or b"", answer.url, *arguments)
        except SourceError as error:
            raise SourceError(f"{redact_address(answer.url)}: {error}") from error

    async def _ask(self, held: PageState) -> Response | None:
        """Request the page; None if it is as it is held. Raises `FetchError`."""
        validators = held.validators
        if self._renewed is not None and self._renewed[0] == held:
            validators = self._renewed[1]
        answer = await self._fetch(self.address, validators)
        self._schedule.succeeded()
        if answer.moved_to not in {None, self._moved_to}:
            logger.warning(
                "Source %s has moved for good; write its new address into the settings: %s",
                *(self.name, redact_address(str(answer.moved_to))),
            )
        self._moved_to = answer.moved_to
        if answer.body is None and held == NO_STATE:
            raise FetchError(
                f"{redact_address(self.address)} answers 304 Not Modified to a first question"
            )
        if answer.body is not None and content_digest(answer.body) != held.digest:
            return answer
        if answer.validators != NO_VALIDATORS:
            self._renewed = (held, answer.validators)
        return None

    async def _fetch(self, address: str, validators: Validators) -> Response:
        try:
            return await self._fetcher.get(
                address,
                accept=self._accept,
                validators=validators,
                allow_private=self._allow_private,
            )
        except FetchError as error:
            self._schedule.failed(error.retry_after)
            raise
