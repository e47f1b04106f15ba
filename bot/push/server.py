"""Answers requests that contain articles, after the articles are stored."""

import asyncio
import hmac
import json
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from bot.clock import Clock
from bot.config.sources import PushSettings
from bot.ingest.defaults import Defaults
from bot.push.articles import InvalidRequestError, PushedArticle, read_articles
from bot.push.token import read_token
from bot.web_server import Bounds, serve
from storage.errors import StorywireError
from storage.models import Document, Fingerprint, LoadCounts, Rejection
from storage.protocols import ArticleStore, SourceStore


class PushStore(ArticleStore, SourceStore, Protocol):
    """The parts of the store that pushing needs."""


logger = logging.getLogger(__name__)

PATH = "/articles"
MAX_BYTES = 2**20
# A slow disk may take a moment for each article.
BOUNDS = Bounds(largest_body=MAX_BYTES, request_seconds=30, connection_seconds=60)
MAX_FAILURES = 10
_FAILURES_WITHIN = 60.0
_RETRY_SECONDS = 10
# Pushed articles are compared by what was read from them.
_NO_FINGERPRINT = Fingerprint(0, 0, "")
_RESULTS = {
    **{name: name for name in ("new", "changed", "unchanged", "withdrawn", "rejected")},
    "drafts": "draft",
}


@asynccontextmanager
async def accept_articles(
    settings: PushSettings,
    store: PushStore,
    clock: Clock,
    defaults: Callable[[], Defaults],
    changed: asyncio.Event,
) -> AsyncIterator[None]:
    """Accept articles until the block ends, if the settings say so; set `changed` after each.

    Raises `SettingsError` for an unusable token, and `WebServerError`.
    """
    if settings.port is None or settings.token_file is None:
        yield
        return
    token = read_token(settings.token_file)
    server = PushServer(settings.name, token, store, clock, defaults, changed)
    async with server.serve(settings.host, settings.port) as address:
        logger.info("Source %s: articles can be sent to %s%s", settings.name, address, PATH)
        yield


@dataclass(frozen=True, slots=True)
class PushServer:
    """Stores pushed articles as documents of the source `name`.

    Sets `changed` after each commit. Requests need the `token`; `failures` are the times of the
    last ones without it.
    """

    name: str
    token: bytes = field(repr=False)
    store: PushStore
    clock: Clock
    defaults: Callable[[], Defaults]
    changed: asyncio.Event
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_FAILURES))

    def serve(self, host: str, port: int) -> AbstractAsyncContextManager[str]:
        """Serve until the block ends; yields the address. Raises `WebServerError`."""
        return serve([web.post(PATH, self._answer)], host, port, section="push", bounds=BOUNDS)

    async def _answer(self, request: web.Request) -> web.Response:
        if not self._is_authorized(request.headers.get("Authorization", "")):
            return self._refuse(request.remote)
        if request.content_type != "application/json":
            problem = "send JSON, with the header Content-Type: application/json"
            return _problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, problem)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            problem = f"send at most {MAX_BYTES // 2**20} MB in a request"
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, problem)
        try:
            articles = await asyncio.to_thread(read_articles, body, self.defaults())
        except InvalidRequestError as error:
            return _problem(HTTPStatus.BAD_REQUEST, str(error))
        try:
            return await self._save_all(articles)
        except StorywireError as error:
            logger.warning("Source %s: %s", self.name, error)
            problem = "the database can't be written; send the articles again later"
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, problem, _retry_after(_RETRY_SECONDS))

    def _is_authorized(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self.token) and scheme.lower() == "bearer"

    def _refuse(self, sender: str | None) -> web.Response:
        """Answer a request without a valid token; log one, and then none for a while."""
        now, times = self.clock.monotonic(), self.failures
        if len(times) == MAX_FAILURES and (wait := times[0] + _FAILURES_WITHIN - now) > 0:
            problem = "too many requests without a valid token"
            return _problem(HTTPStatus.TOO_MANY_REQUESTS, problem, _retry_after(wait))
        if not times or now - times[-1] >= _FAILURES_WITHIN:
            logger.warning("Source %s: %s sent no valid token", self.name, sender)
        times.append(now)
        problem = "send the token of push.token_file, with the header Authorization: Bearer TOKEN"
        return _problem(HTTPStatus.UNAUTHORIZED, problem, {"WWW-Authenticate": "Bearer"})

    async def _save_all(self, articles: Sequence[PushedArticle]) -> web.Response:
        """Store the articles one by one, so that the result of each is known."""
        results, counts = [], LoadCounts()
        for article in articles:
            outcome = await self._save(article)
            results.append(_result(article, outcome))
            counts += outcome
        logger.info("Source %s: %s", self.name, counts)
        await self.store.record_run(self.name, self.clock.now(), None)
        if counts.new or counts.changed or counts.withdrawn:
            await self.store.compact_search_index()
        status = HTTPStatus.UNPROCESSABLE_ENTITY if counts.rejected else HTTPStatus.OK
        return _json({"articles": results}, status)

    async def _save(self, article: PushedArticle) -> LoadCounts:
        """Store an article. Whoever sent a rejected one reads why, so that is not stored."""
        if isinstance(article.reading, Rejection):
            logged = (self.name, article.key or "an article", article.reading)
            logger.warning("Source %s: rejected %s: %s", *logged)
            return LoadCounts(rejected=1)
        document = Document(article.key, _NO_FINGERPRINT, article.reading)
        saved = await self.store.save_documents(self.name, [document], self.clock.now())
        self.changed.set()
        return saved.counts


def _result(article: PushedArticle, counts: LoadCounts) -> Mapping[str, str | None]:
    result = next(result for name, result in _RESULTS.items() if getattr(counts, name))
    described: dict[str, str | None] = {"key": article.key or None, "result": result}
    if isinstance(article.reading, Rejection):
        described |= {"field": article.reading.field, "reason": article.reading.reason}
    return described


def _retry_after(seconds: float) -> Mapping[str, str]:
    return {"Retry-After": str(math.ceil(seconds))}


def _problem(
    status: HTTPStatus, problem: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    return _json({"error": problem}, status, headers)


def _json(
    content: object, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> web.Response:
    text = json.dumps(content, ensure_ascii=False) + "\n"
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")
