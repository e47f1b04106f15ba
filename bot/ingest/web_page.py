"""The web page of a feed or an API: conditional requests, and parsing in worker processes."""

import asyncio
import json
import logging
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.clock import Clock
from bot.errors import FetchError, SourceError
from bot.fetching.fetcher import NO_VALIDATORS, Fetcher, Response, Validators
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.text import content_digest
from bot.ingest.workers import Workers
from bot.urls.redaction import redact_address

T = TypeVar("T")

# White space and byte order marks.
_BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageState:
    """The state of a page when it was read: validators, digest of the body, number of documents.

    From `waits_until` on (Unix time; 0: never), it has to be read again although it is the same,
    since changes of it had to wait. Encoded, it is the state token of the source.
    """

    validators: Validators = NO_VALIDATORS
    digest: str = ""
    documents: int = 0
    waits_until: int = 0

    def has_to_be_read(self, now: datetime) -> bool:
        """Whether the page has to be read again even if it is the same."""
        return 0 < self.waits_until <= now.timestamp()

    def waiting(self, until: datetime | None) -> "PageState":
        """Return the state with changes that have to wait until then, if any have to."""
        return replace(self, waits_until=math.ceil(until.timestamp()) if until else 0)

    def waiting_no_longer_than(self, other: "PageState") -> "PageState":
        """Return the state with the earlier time of both."""
        times = filter(None, (self.waits_until, other.waits_until))
        return replace(self, waits_until=min(times, default=0))

    def encode(self) -> str:
        """Return the state as JSON."""
        validators = self.validators
        numbers = (self.documents, self.waits_until)
        return json.dumps([validators.etag, validators.last_modified, self.digest, *numbers])

    @classmethod
    def decode(cls, text: str | None) -> "PageState":
        """Decode the result of `encode`; return `NO_STATE` for anything else."""
        try:
            etag, last_modified, digest, documents, waits_until = json.loads(text or "")
        except (ValueError, TypeError):
            return NO_STATE
        validators = Validators(str(etag), str(last_modified))
        return cls(validators, str(digest), int(documents), int(waits_until))


NO_STATE = PageState()


class WebPage:
    """Requests a page when it is due and parses its body in a worker process."""

    def __init__(
        self,
        address: str,
        fetcher: Fetcher,
        workers: Workers,
        schedule: PollSchedule,
        *,
        clock: Clock,
        name: str,
        accept: str,
        allow_private: bool,
        further: Sequence[str] = (),
    ) -> None:
        """`further` are the other addresses that the settings name; `allow_private` covers them."""
        self.name = name
        self.address = address
        self._fetcher = fetcher
        self._workers = workers
        self._schedule = schedule
        self._clock = clock
        self._accept = accept
        self._allow_private = allow_private
        self._named = (address, *further)
        self._moved_to: str | None = None
        # The newest validators for an unchanged body, with the state that they belong to.
        self._new_validators: tuple[PageState, Validators] | None = None
        # The page at the last quick check, with the state that it was compared with.
        self._checked: tuple[str, Response, PageState] | None = None

    def changes(self) -> AsyncGenerator[None]:
        """Yield immediately, and then whenever a request is due."""
        return self._schedule.ticks()

    async def quick_check(self, state: str) -> int | None:
        """Return the number of documents if the page is as in `state`, else None.

        None also if the time of a change that had to wait has come; then nothing is requested. The
        response of a changed page is kept for `fetch`. Raises `SourceError`.
        """
        page_state = PageState.decode(state)
        if page_state.has_to_be_read(self._clock.now()):
            return None
        changed = await self._request(page_state)
        self._checked = None if changed is None else (state, *changed)
        return page_state.documents if changed is None else None

    async def fetch(self, state: str | None) -> tuple[Response, PageState]:
        """Return the response of the quick check of this state, or a new one, with its state.

        That state has no number of documents yet. Raises `SourceError`.
        """
        checked, self._checked = self._checked, None
        if checked is not None and checked[0] == state:
            return checked[1:]
        changed = await self._request(NO_STATE)
        assert changed is not None
        return changed

    async def fetch_next(self, address: str) -> Response:
        """Request a further page that belongs to this one. Raises `SourceError`."""
        return await self._get(address, NO_VALIDATORS)

    async def parse(self, response: Response, function: Callable[..., T], *arguments: object) -> T:
        """Parse a body in a worker process. Raises `SourceError`, which names the page."""
        body = response.body or b""
        if not body.strip(_BLANK):
            raise SourceError(
                f"{redact_address(response.url)} returned an empty response; check the address"
            )
        try:
            return await self._workers.run(function, body, response.url, *arguments)
        except SourceError as error:
            raise SourceError(f"{redact_address(response.url)}: {error}") from error

    async def _request(self, page_state: PageState) -> tuple[Response, PageState] | None:
        """Request the page; None if it is as in `page_state`. Raises `FetchError`."""
        validators = page_state.validators
        if self._new_validators is not None and self._new_validators[0] == page_state:
            validators = self._new_validators[1]
        response = await self._get(self.address, validators)
        self._schedule.succeeded()
        if response.moved_to not in {None, self._moved_to}:
            logger.warning(
                "Source %s has permanently moved; update its address in the settings: %s",
                *(self.name, redact_address(str(response.moved_to))),
            )
        self._moved_to = response.moved_to
        if response.body is None and page_state == NO_STATE:
            raise FetchError(
                f"{redact_address(self.address)} returned 304 Not Modified to an unconditional"
                " request"
            )
        if response.body is not None:
            # In a thread: the digest of 10 MB takes more than 10 ms.
            digest = await asyncio.to_thread(content_digest, response.body)
            if digest != page_state.digest:
                return response, PageState(response.validators, digest)
        if response.validators != NO_VALIDATORS:
            self._new_validators = (page_state, response.validators)
        return None

    async def _get(self, address: str, validators: Validators) -> Response:
        try:
            return await self._fetcher.get(
                address,
                accept=self._accept,
                validators=validators,
                allow_private=self._allow_private,
                named=self._named,
            )
        except FetchError as error:
            self._schedule.failed(error.retry_after)
            raise
