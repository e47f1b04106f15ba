"""JSON APIs as sources."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.clock import Clock
from bot.errors import SourceError
from bot.fetching.fetcher import Response
from bot.ingest.api.pages import ApiPage, Item, parse_page
from bot.ingest.defaults import Defaults
from bot.ingest.document import FORMAT_VERSION, Unpublished, as_reading, read_fields
from bot.ingest.entries.archive import completed_bounds, is_archive
from bot.ingest.entries.comparison import ChangedEntry, KnownEntries
from bot.ingest.entries.record import ListedEntry
from bot.ingest.field_values import parse_date
from bot.ingest.site_generators import translate
from bot.ingest.source import ChangeSet
from bot.ingest.text import content_digest, pluralize
from bot.ingest.web_page import NO_STATE, PageState, WebPage
from bot.urls.safety import redact_address
from storage.models import (
    ArchiveBounds,
    Article,
    Document,
    KnownDocuments,
    Reading,
    Rejection,
    UnchangedDocument,
)

logger = logging.getLogger(__name__)

# Increase it when a change of the code reads the same response differently.
API_VERSION = 3
MAX_PAGES = 200
MAX_ITEMS = 20_000
MAX_BYTES = 50 * 1024 * 1024
ACCEPT = "application/json"


@dataclass(slots=True)
class _Reading:
    """The pages of one reading. `completed`: the last one has no next page."""

    items: dict[ListedEntry, Item] = field(default_factory=dict)
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
    ) -> None:
        self.name = page.name
        self.changes, self.quick_check = page.changes, page.quick_check
        self.settings_digest = (
            f"api {API_VERSION}, front matter {FORMAT_VERSION}, unpublished: {unpublished},"
            f" {defaults}"
        )
        if time_zone:
            self.settings_digest += f", time zone {time_zone}"
        self._page = page
        self._clock = clock
        self._pattern = pages
        self._unpublished: Unpublished = unpublished
        self._defaults = defaults

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:
        """Fetch as many pages as may contain changes. Raises `SourceError`."""
        entries = await asyncio.to_thread(KnownEntries, known)
        reading, page_state = await self._read_pages(entries, state)
        return await asyncio.to_thread(self._compare, reading, page_state, entries, known)

    async def probe(self) -> str:
        """Fetch the first page and describe it, storing nothing. Raises `SourceError`."""
        response, _ = await self._page.fetch(None)
        page = await self._parse(response, 1)
        more = " and more pages" if page.next_address else ""
        return f"a page of {pluralize(len(page.items), 'article')}{more}"

    async def _read_pages(
        self, known: KnownEntries, state: str | None
    ) -> tuple[_Reading, PageState]:
        """Read page after page; the read ends at the first unreadable page after page 1."""
        stop_early = PageState.decode(state) != NO_STATE
        response, body = await self._page.fetch(state)
        validators, digest = response.validators, content_digest(body)
        reading = _Reading()
        page = await self._parse(response, 1)
        number, size, requested = 1, len(body), {self._page.address, response.url}
        skipped = page.skipped
        while True:
            listed = await asyncio.to_thread(self._add_page, page, reading)
            address = page.next_address
            if page.problem or address in requested:
                problem = page.problem or "nextPage leads back to a page that was already read"
                reading.problem = self._page_problem(number, problem)
                break
            if address is None:
                reading.completed = True
                break
            if stop_early and not known.compare(listed, self._clock.now()).changed:
                break
            if number >= MAX_PAGES or len(reading.items) >= MAX_ITEMS or size >= MAX_BYTES:
                skipped += 1
                break
            number += 1
            requested.add(address)
            try:
                response, body = await self._page.fetch_next(address)
                page = await self._parse(response, number)
            except SourceError as error:
                reading.problem = self._page_problem(number, str(error))
                break
            size += len(body)
            skipped += page.skipped
        if skipped:
            logger.warning(
                "Source %s: read %d pages with %d articles and skipped the rest",
                *(self.name, number, len(reading.items)),
            )
        return reading, PageState(validators, digest, len(reading.items))

    def _page_problem(self, number: int, problem: str) -> str:
        return f"{redact_address(self._page.address)}, page {number}: {problem}"

    async def _parse(self, response: Response, number: int) -> ApiPage:
        return await self._page.parse(response, parse_page, number, self._pattern)

    @staticmethod
    def _add_page(page: ApiPage, reading: _Reading) -> Collection[ListedEntry]:
        """Add the articles of a page, without those that moved here from the page before."""
        listed = {_listed(item): item for item in page.items}
        for entry, item in listed.items():
            reading.items.setdefault(entry, item)
        return listed.keys()

    def _compare(
        self, reading: _Reading, page_state: PageState, entries: KnownEntries, known: KnownDocuments
    ) -> ChangeSet:
        now = self._clock.now()
        comparison = entries.compare(reading.items, now)
        bounds = known.archive or ArchiveBounds(now)
        dates = (_date(entry) for entry in reading.items)
        return ChangeSet(
            {each.key for each in comparison.changed},
            self._documents(comparison.changed, reading, bounds, now),
            unchanged=len(comparison.present) - len(comparison.changed),
            state_token=page_state.encode,
            archive=completed_bounds(bounds, dates, now),
            present=comparison.present if reading.completed else None,
            findings=comparison.findings,
            problem=reading.problem,
        )

    def _documents(
        self,
        changed: Sequence[ChangedEntry],
        reading: _Reading,
        bounds: ArchiveBounds,
        now: datetime,
    ) -> Iterator[Document]:
        """Yield the oldest first."""
        for each in reversed(changed):
            if not each.content_changed:
                yield Document(each.key, each.fingerprint, UnchangedDocument())
                continue
            read = self._read_article(reading.items[each.entry])
            archive = False
            if isinstance(read, Article):
                archive = is_archive(read.published_at, bounds, now)
                read = each.with_own_address(read)
            yield Document(each.key, each.fingerprint, read, archive)

    def _read_article(self, item: Item) -> Reading:
        fields = item.fields
        if fields is None:
            return Rejection("is not a JSON object")
        return as_reading(
            lambda: read_fields(
                self._defaults.fill(translate(fields, "", None)), unpublished=self._unpublished
            )
        )


def _listed(item: Item) -> ListedEntry:
    fields = item.fields or {}
    link, title, date = (
        next((value for name in names if isinstance(value := fields.get(name), str)), "")
        for names in (("webUrl", "originalUrl"), ("title",), ("publishedDateTime",))
    )
    return ListedEntry(item.key, link, title, date, item.digest)


def _date(entry: ListedEntry) -> datetime | None:
    try:
        return parse_date(entry.date)
    except ValueError:
        return None
