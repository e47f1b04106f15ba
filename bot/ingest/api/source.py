"""JSON APIs as sources."""

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

# Increase it when a change of the code reads the same response differently.
API_VERSION = 2
MAX_PAGES = 200
MAX_ITEMS = 20_000
MAX_BYTES = 50 * 1024 * 1024
ACCEPT = "application/json"


@dataclass(slots=True)
class _Comparison:
    """The articles of the pages read so far, compared with the known documents."""

    changed: dict[str, Item] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
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
        self._pattern = pages
        self._unpublished: Unpublished = unpublished
        self._defaults = defaults

    async def read(self, known: Known, state: str | None) -> ChangeSet:
        """Fetch as many pages as may contain changes. Raises `SourceError`."""
        comparison, page_state = await self._read_pages(known, state)
        return ChangeSet(
            comparison.changed.keys(),
            self._documents(comparison.changed),
            unchanged=len(comparison.seen) - len(comparison.changed),
            state_token=page_state.encode,
            archive=True,
            present=comparison.seen,
            problem=comparison.problem,
        )

    async def probe(self) -> str:
        """Fetch the first page and describe it, storing nothing. Raises `SourceError`."""
        response, _ = await self._page.fetch(None)
        page = await self._parse(response, 1)
        more = " and more pages" if page.next_address else ""
        return f"a page of {pluralize(len(page.items), 'article')}{more}"

    async def _read_pages(self, known: Known, state: str | None) -> tuple[_Comparison, PageState]:
        """Read page after page; the read ends at the first unreadable page after page 1."""
        stop_early = PageState.decode(state) != NO_STATE
        response, body = await self._page.fetch(state)
        validators, digest = response.validators, content_digest(body)
        comparison = _Comparison()
        page = await self._parse(response, 1)
        number, size, requested = 1, len(body), {self._page.address, response.url}
        skipped = page.skipped
        while True:
            has_changes = _add_page(page, known, comparison)
            address = page.next_address
            if page.problem or address in requested:
                problem = page.problem or "nextPage leads back to a page that was already read"
                comparison.problem = self._page_problem(number, problem)
                break
            if address is None or (stop_early and not has_changes):
                break
            if number >= MAX_PAGES or len(comparison.seen) >= MAX_ITEMS or size >= MAX_BYTES:
                skipped += 1
                break
            number += 1
            requested.add(address)
            try:
                response, body = await self._page.fetch_next(address)
                page = await self._parse(response, number)
            except SourceError as error:
                comparison.problem = self._page_problem(number, str(error))
                break
            size += len(body)
            skipped += page.skipped
        if skipped:
            logger.warning(
                "Source %s: read %d pages with %d articles and skipped the rest",
                *(self.name, number, len(comparison.seen)),
            )
        return comparison, PageState(validators, digest, len(comparison.seen))

    def _page_problem(self, number: int, problem: str) -> str:
        return f"{redact_address(self._page.address)}, page {number}: {problem}"

    async def _parse(self, response: Response, number: int) -> ApiPage:
        return await self._page.parse(response, parse_page, number, self._pattern)

    def _documents(self, changed: dict[str, Item]) -> Iterator[Document]:
        """Yield the oldest first."""
        for item in reversed(changed.values()):
            yield Document(item.key, Fingerprint(0, 0, item.digest), self._read_article(item))

    def _read_article(self, item: Item) -> Reading:
        fields = item.fields
        if fields is None:
            return Rejection("is not a JSON object")
        return as_reading(
            lambda: read_fields(
                self._defaults.fill(translate(fields, "", None)), unpublished=self._unpublished
            )
        )


def _add_page(page: ApiPage, known: Known, comparison: _Comparison) -> bool:
    """Compare the articles of a page; return whether any of them is new or changed."""
    before = len(comparison.changed)
    for item in page.items:
        if item.key in comparison.seen:
            continue
        comparison.seen.add(item.key)
        fingerprint = known.get(item.key)
        if fingerprint is None or fingerprint.digest != item.digest:
            comparison.changed[item.key] = item
    return len(comparison.changed) > before
