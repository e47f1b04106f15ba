"""JSON APIs as sources."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.clock import Clock
from bot.errors import SourceError
from bot.fetching.fetcher import Response
from bot.ingest.api.pages import MAX_PAGE_ITEMS, ApiPage, Item, page_identity, parse_page
from bot.ingest.article import FORMAT_VERSION, Unpublished, as_reading, read_fields
from bot.ingest.defaults import Defaults
from bot.ingest.entries.archive import completed_bounds
from bot.ingest.entries.comparison import KnownEntries
from bot.ingest.entries.documents import read_documents
from bot.ingest.entries.record import ListedEntry
from bot.ingest.source import ChangeSet
from bot.ingest.text import pluralize
from bot.ingest.web_page import NO_STATE, PageState, WebPage
from bot.urls.redaction import redact_address
from storage.models import (
    ArchiveBounds,
    KnownDocuments,
    Reading,
)

logger = logging.getLogger(__name__)

# Increase it when a change of the code reads the same response differently.
API_VERSION = 3
ACCEPT = "application/json"


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """How much of an API is read: pages, articles of a page and in total, bytes in total."""

    pages: int = 200
    page_items: int = MAX_PAGE_ITEMS
    items: int = 20_000
    bytes: int = 50 * 1024 * 1024


DEFAULT_LIMITS = ApiLimits()


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it was read, without its body."""

    content: ApiPage
    address: str
    size: int
    state: PageState = NO_STATE


@dataclass(slots=True)
class _Reading:
    """The pages of one reading. `completed`: the last one has no next page."""

    items: dict[ListedEntry, Item] = field(default_factory=dict)
    names: set[tuple[str, str]] = field(default_factory=set)
    completed: bool = False
    problem: str = ""


class ApiSource:
    """The articles of an API, newest first, from its first page on.

    Reading stops at the first page without changes, unless the previous read did not reach the end.
    As with a feed, articles that are no longer on any page are kept.
    """

    def __init__(
        self,
        page: WebPage,
        *,
        clock: Clock,
        pages: str | None,
        unpublished: Unpublished,
        defaults: Defaults,
        time_zone: str | None = None,
        limits: ApiLimits = DEFAULT_LIMITS,
    ) -> None:
        self.name = page.name
        self.changes, self.quick_check = page.changes, page.quick_check
        self.settings_digest = (
            f"api {API_VERSION}, front matter {FORMAT_VERSION}, unpublished: {unpublished},"
            f" {defaults}"
        )
        if time_zone:
            self.settings_digest += f", time zone {time_zone}"
        self._time_zone = time_zone
        self._page = page
        self._clock = clock
        self._pattern = pages
        self._unpublished: Unpublished = unpublished
        self._defaults = defaults
        self._limits = limits

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:
        """Fetch as many pages as may contain changes. Raises `SourceError`."""
        began_at = self._clock.now()
        before = PageState.decode(state)
        entries = KnownEntries(known)
        reading, page_state = await self._read_pages(entries, before, state)
        return await asyncio.to_thread(
            self._compare, reading, page_state, entries, known, began_at, before
        )

    async def probe(self) -> str:
        """Fetch the first page and describe it, storing nothing. Raises `SourceError`."""
        page = (await self._first_page(None)).content
        more = " and more pages" if page.next_address else ""
        return f"a page of {pluralize(len(page.items), 'article')}{more}"

    async def _read_pages(
        self, known: KnownEntries, before: PageState, state: str | None
    ) -> tuple[_Reading, PageState]:
        """Read page after page; the read ends at the first unreadable page after page 1.

        It also ends at a page that was already read, or that lists no further article: some APIs
        link their last page to the first one, or to itself under ever new addresses.
        """
        stop_early = before != NO_STATE and not before.has_to_be_read(self._clock.now())
        reading = _Reading()
        page = first = await self._first_page(state)
        requested = {page_identity(self._page.address)}
        number, size, skipped = 1, 0, 0
        while True:
            requested.add(page_identity(page.address))
            size += page.size
            skipped += page.content.skipped
            listed, repeats = await asyncio.to_thread(self._add_page, page.content, reading)
            if page.content.problem:
                reading.problem = self._page_problem(number, page.content.problem)
                break
            address = page.content.next_address
            if address is None or repeats or page_identity(address) in requested:
                reading.completed = True
                break
            if stop_early:
                found = await asyncio.to_thread(known.compare, listed, self._clock.now())
                if not found.changed:
                    break
            if self._is_enough(number, len(reading.items), size):
                skipped += 1
                break
            number += 1
            requested.add(page_identity(address))
            try:
                page = await self._next_page(address, page.content.next_number)
            except SourceError as error:
                reading.problem = self._page_problem(number, str(error))
                break
        if skipped:
            logger.warning(
                "Source %s: read %d pages with %d articles and skipped the rest",
                *(self.name, number, len(reading.items)),
            )
        return reading, replace(first.state, documents=len(reading.items))

    def _is_enough(self, pages: int, items: int, size: int) -> bool:
        limits = self._limits
        return pages >= limits.pages or items >= limits.items or size >= limits.bytes

    def _page_problem(self, number: int, problem: str) -> str:
        return f"{redact_address(self._page.address)}, page {number}: {problem}"

    async def _first_page(self, state: str | None) -> _Page:
        response, page_state = await self._page.fetch(state)
        return replace(await self._parse(response, None), state=page_state)

    async def _next_page(self, address: str, number: int | None) -> _Page:
        return await self._parse(await self._page.fetch_next(address), number)

    async def _parse(self, response: Response, number: int | None) -> _Page:
        content = await self._page.parse(
            response,
            parse_page,
            number,
            self._pattern,
            self._limits.page_items,
            response.content_type,
            self._time_zone,
        )
        return _Page(content, response.url, len(response.body or b""))

    @staticmethod
    def _add_page(page: ApiPage, reading: _Reading) -> tuple[Sequence[ListedEntry], bool]:
        """Add the articles of a page, without those that moved here from the page before.

        Return them, and whether all were on earlier pages, perhaps in another version; then none is
        added.
        """
        listed = {_listed(item): item for item in page.items}
        names = {(entry.id, entry.link) for entry in listed}
        repeats = bool(names) and names <= reading.names
        reading.names |= names
        if not repeats:
            for entry, item in listed.items():
                reading.items.setdefault(entry, item)
        return list(listed), repeats

    def _compare(
        self,
        reading: _Reading,
        page_state: PageState,
        entries: KnownEntries,
        known: KnownDocuments,
        now: datetime,
        before: PageState,
    ) -> ChangeSet:
        comparison = entries.compare(reading.items, now)
        page_state = page_state.waiting(comparison.waits_until)
        if not reading.completed:
            page_state = page_state.waiting_no_longer_than(before)
        bounds = known.archive or ArchiveBounds(now)
        documents = read_documents(
            comparison.changed,
            lambda each: self._read_article(reading.items[each.entry]),
            bounds,
            now,
        )
        return ChangeSet(
            {each.key for each in comparison.changed},
            documents,
            unchanged=len(comparison.present) - len(comparison.changed),
            state_token=page_state.encode,
            archive=completed_bounds(bounds, (each.published_at for each in reading.items), now),
            present=comparison.present if reading.completed else None,
            findings=comparison.findings,
            problem=reading.problem,
        )

    def _read_article(self, item: Item) -> Reading:
        if item.rejection is not None:
            return item.rejection
        return as_reading(
            lambda: read_fields(self._defaults.fill(item.fields), unpublished=self._unpublished)
        )


def _listed(item: Item) -> ListedEntry:
    fields = item.fields
    link, title, date = (
        next((value for name in names if isinstance(value := fields.get(name), str)), "")
        for names in (("webUrl", "originalUrl"), ("title",), ("publishedDateTime",))
    )
    return ListedEntry(item.key, link, title, date, item.digest)
