"""A JSON API as a source."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import SourceError
from bot.fetching.addresses import shown_address
from bot.fetching.fetcher import Answer
from bot.fetching.page import NOTHING_HELD, Held, Page, digest_of
from bot.fetching.schedule import Schedule
from bot.ingest.api.pages import ApiPage, Item, read_page
from bot.ingest.defaults import Defaults
from bot.ingest.dialects import translate
from bot.ingest.document import FORMAT_VERSION, Unpublished, read_article
from bot.ingest.rejection import RejectedError
from bot.ingest.source import Glance, Survey
from bot.ingest.workers import Workers
from storage.models import Document, Fingerprint, Reading, Rejection

logger = logging.getLogger(__name__)

# Raise it when the same answer is to be read differently.
API_VERSION = 2
BATCH = 200
MAX_PAGES = 200
MAX_ITEMS = 20_000
MAX_BYTES = 50 * 1024 * 1024
ACCEPT = "application/json"


@dataclass(slots=True)
class _Reading:
    """What was read of the pages so far, as compared with what is known."""

    changed: dict[str, Item] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    problem: str = ""


class ApiSource:
    """The articles of an API, newest first, from its first page on.

    Reading stops at the first page that tells nothing new, unless what came before it was never
    read to the end. What is on no page any more stays, as with a feed. `recall` is as for a feed.
    """

    def __init__(
        self,
        address: str,
        page: Page,
        schedule: Schedule,
        *,
        name: str,
        pages: str | None,
        unpublished: Unpublished,
        defaults: Defaults,
        recall: Callable[[str, str], Awaitable[str | None]],
        workers: Workers,
    ) -> None:
        self._address = address
        self._page = page
        self._schedule = schedule
        self._name = name
        self._pattern = pages
        self._unpublished: Unpublished = unpublished
        self._defaults = defaults
        self._recall = recall
        self._workers = workers
        self._held: Held | None = None
        self._answer: Answer | None = None
        self._kept: tuple[_Reading, Held] | None = None

    @property
    def name(self) -> str:
        """See `Source`."""
        return self._name

    @property
    def settings_digest(self) -> str:
        """See `Source`."""
        return (
            f"api {API_VERSION}, front matter {FORMAT_VERSION}, unpublished: {self._unpublished},"
            f" {self._defaults}"
        )

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and when the schedule says so."""
        return self._schedule.ticks()

    async def glance(self) -> Glance | None:
        """Ask the server whether the first page has changed. Raises `SourceError`."""
        # What the store has not got as read to the end is not asked for conditionally.
        self._held = Held.decode(await self._recall(self._name, self.settings_digest))
        self._kept = None
        self._answer = await self._page.ask(self._held)
        if self._answer is None:
            return Glance(self._held.encode(), self._held.documents)
        return None

    async def survey(self, known: Mapping[str, Fingerprint]) -> Survey:
        """Read the pages, if need be, and compare. Raises `SourceError`."""
        if self._kept is None:
            self._kept = await self._read(known)
        reading, held = self._kept
        changed = [item for item in reading.changed.values() if _is_new(item, known)]
        if known:
            self._kept = None
        unchanged = len(reading.seen) - len(changed)
        return Survey(
            len(changed),
            unchanged,
            (),
            self._batches(changed),
            held.encode(),
            archive=True,
            problem=reading.problem,
        )

    async def probe(self) -> str:
        """Whether the API can be read, in words, changing nothing. Raises `SourceError`."""
        answer = await self._page.ask()
        assert answer is not None
        page = await self._parse(answer, 1)
        more = " and more pages" if page.next_address else ""
        return f"a page of {len(page.items)} articles{more}"

    async def _read(self, known: Mapping[str, Fingerprint]) -> tuple[_Reading, Held]:
        """Page after page. The first must be readable; another that is not ends the reading."""
        stop_early = self._held is not None and self._held != NOTHING_HELD
        answer, self._answer = self._answer or await self._page.ask(), None
        assert answer is not None
        assert answer.body is not None
        validators, digest = answer.validators, digest_of(answer.body)
        reading = _Reading()
        page = await self._parse(answer, 1)
        number, size, asked = 1, len(answer.body), {self._address, answer.url}
        left_out = page.left_out
        while True:
            news = _take(page, known, reading)
            address = page.next_address
            if page.problem or address in asked:
                problem = page.problem or "its nextPage leads back to a page that was read"
                reading.problem = self._problem(number, problem)
                break
            if address is None or (stop_early and not news):
                break
            if number >= MAX_PAGES or len(reading.seen) >= MAX_ITEMS or size >= MAX_BYTES:
                left_out += 1
                break
            number += 1
            asked.add(address)
            try:
                further = await self._page.fetch(address)
                page = await self._parse(further, number)
            except SourceError as error:
                reading.problem = self._problem(number, str(error))
                break
            size += len(further.body or b"")
            left_out += page.left_out
        if left_out:
            logger.warning(
                "Source %s: read %d pages with %d articles and left out the rest",
                *(self._name, number, len(reading.seen)),
            )
        return reading, Held(validators, digest, len(reading.seen))

    def _problem(self, number: int, words: str) -> str:
        return f"{shown_address(self._address)}, page {number}: {words}"

    async def _parse(self, answer: Answer, number: int) -> ApiPage:
        try:
            return await self._workers.run(
                read_page, answer.body or b"", answer.url, number, self._pattern
            )
        except SourceError as error:
            raise SourceError(f"{shown_address(answer.url)}: {error}") from error

    def _batches(self, changed: Sequence[Item]) -> Iterator[Sequence[Document]]:
        """The oldest first."""
        items = changed[::-1]
        for start in range(0, len(items), BATCH):
            yield [
                Document(item.key, Fingerprint(0, 0, item.digest), self._tell(item))
                for item in items[start : start + BATCH]
            ]

    def _tell(self, item: Item) -> Reading:
        if item.fields is None:
            return Rejection("is not a group of fields")
        try:
            fields = translate(item.fields, "", None)
        except RejectedError as error:
            return error.rejection
        return read_article(self._defaults.fill(fields), unpublished=self._unpublished)


def _take(page: ApiPage, known: Mapping[str, Fingerprint], reading: _Reading) -> bool:
    """Note what a page tells; answers whether anything of it is new or changed."""
    news = False
    for item in page.items:
        if item.key in reading.seen:
            continue
        reading.seen.add(item.key)
        if _is_new(item, known):
            reading.changed[item.key] = item
            news = True
    return news


def _is_new(item: Item, known: Mapping[str, Fingerprint]) -> bool:
    return (before := known.get(item.key)) is None or before.digest != item.digest
