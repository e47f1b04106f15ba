"""A JSON API as a source."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.errors import SourceError
from bot.fetching.fetcher import Response
from bot.ingest.api.pages import ApiPage, Item, parse_page
from bot.ingest.defaults import Defaults
from bot.ingest.document import FORMAT_VERSION, Unpublished, as_reading, read_fields
from bot.ingest.site_generators import translate
from bot.ingest.source import ChangeSet, Known
from bot.ingest.text import content_digest, pluralize
from bot.ingest.web_page import NO_STATE, PageState, WebPage
from bot.urls.safety import redact_address
from storage.models import Document, Fingerprint, Reading, Rejection

logger = logging.getLogger(__name__)

# Raise it when the same answer is to be read differently.
API_VERSION = 2
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

    Reading stops at the first page without changes, unless what came before it was never
    read to the end. What is on no page any more stays, as with a feed.
    """

    def __init__(
        self, page: WebPage, *, pages: str | None, unpublished: Unpublished, defaults: Defaults
    ) -> None:
        self.name = page.name
        self.changes, self.quick_check = page.changes, page.quick_check
        self.settings_digest = (
            f"api {API_VERSION}, front matter {FORMAT_VERSION}, unpublished: {unpublished},"
            f" {defaults}"
        )
        self._page = page
        self._pattern = pages
        self._unpublished: Unpublished = unpublished
        self._defaults = defaults

    async def read(self, known: Known, state: str | None) -> ChangeSet:
        """Read as many pages as may hold changes. Raises `SourceError`."""
        reading, held = await self._read_pages(known, state)
        return ChangeSet(
            reading.changed.keys(),
            self._documents(reading.changed),
            unchanged=len(reading.seen) - len(reading.changed),
            state_token=held.encode,
            archive=True,
            problem=reading.problem,
        )

    async def probe(self) -> str:
        """Whether the API can be read, in words, changing nothing. Raises `SourceError`."""
        answer, _ = await self._page.answer(None)
        page = await self._parse(answer, 1)
        more = " and more pages" if page.next_address else ""
        return f"a page of {pluralize(len(page.items), 'article')}{more}"

    async def _read_pages(self, known: Known, state: str | None) -> tuple[_Reading, PageState]:
        """Page after page. The first must be readable; another that is not ends the reading."""
        stop_early = PageState.decode(state) != NO_STATE
        answer, body = await self._page.answer(state)
        validators, digest = answer.validators, content_digest(body)
        reading = _Reading()
        page = await self._parse(answer, 1)
        number, size, asked = 1, len(body), {self._page.address, answer.url}
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
                answer, body = await self._page.follow(address)
                page = await self._parse(answer, number)
            except SourceError as error:
                reading.problem = self._problem(number, str(error))
                break
            size += len(body)
            left_out += page.left_out
        if left_out:
            logger.warning(
                "Source %s: read %d pages with %d articles and left out the rest",
                *(self.name, number, len(reading.seen)),
            )
        return reading, PageState(validators, digest, len(reading.seen))

    def _problem(self, number: int, words: str) -> str:
        return f"{redact_address(self._page.address)}, page {number}: {words}"

    async def _parse(self, answer: Response, number: int) -> ApiPage:
        return await self._page.read(answer, parse_page, number, self._pattern)

    def _documents(self, changed: dict[str, Item]) -> Iterator[Document]:
        """The oldest first."""
        for item in reversed(changed.values()):
            yield Document(item.key, Fingerprint(0, 0, item.digest), self._read_item(item))

    def _read_item(self, item: Item) -> Reading:
        fields = item.fields
        if fields is None:
            return Rejection("is not a group of fields")
        return as_reading(
            lambda: read_fields(
                self._defaults.fill(translate(fields, "", None)), unpublished=self._unpublished
            )
        )


def _take(page: ApiPage, known: Known, reading: _Reading) -> bool:
    """Note what a page holds; return whether any of it is new or changed."""
    before = len(reading.changed)
    for item in page.items:
        if item.key in reading.seen:
            continue
        reading.seen.add(item.key)
        fingerprint = known.get(item.key)
        if fingerprint is None or fingerprint.digest != item.digest:
            reading.changed[item.key] = item
    return len(reading.changed) > before
