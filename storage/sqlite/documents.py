"""Documents: what the sources hold, and how it becomes articles."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import aiosqlite

from storage.models import (
    Article,
    Document,
    Draft,
    Fingerprint,
    LoadCounts,
    RejectedDocument,
    Rejection,
)
from storage.sqlite.articles import refresh_articles
from storage.sqlite.codec import ArticleCodec, encode_time
from storage.sqlite.database import Database, Row, Value, fetch_all, fetch_value

UNNAMED_SOURCE_RANK = 1_000_000
# A document in one of these states has its article.
_STANDING = {"live", "draft"}


class SqliteDocuments:
    """The part of the store that loading needs (`storage.store.ArticleStore`)."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def register_sources(self, names: Sequence[str]) -> None:
        """See `ArticleStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            before = await _ranks(connection)
            await connection.execute("UPDATE sources SET rank = ?", (UNNAMED_SOURCE_RANK,))
            await connection.executemany(
                "INSERT INTO sources (name, rank) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET rank = excluded.rank",
                [(name, rank) for rank, name in enumerate(names)],
            )
            if before and before != await _ranks(connection):
                shared = await fetch_all(
                    connection,
                    "SELECT article_id FROM documents WHERE state = 'live'"
                    " GROUP BY article_id HAVING count(*) > 1",
                )
                await refresh_articles(connection, self._codec, [row[0] for row in shared])

        await self._database.write(work)

    async def withdraw_unnamed_sources(self) -> int:
        """See `ArticleStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            await connection.execute(
                "UPDATE sources SET holdings = NULL WHERE rank = ?", (UNNAMED_SOURCE_RANK,)
            )
            gone = await fetch_all(
                connection,
                "UPDATE documents SET state = 'gone', rejected_reason = NULL WHERE state != 'gone'"
                " AND source_id IN (SELECT id FROM sources WHERE rank = ?)"
                " RETURNING article_id",
                (UNNAMED_SOURCE_RANK,),
            )
            told = [row["article_id"] for row in gone if row["article_id"] is not None]
            await refresh_articles(connection, self._codec, told)
            return len(told)

        return await self._database.write(work)

    async def known_documents(self, source: str, settings: str) -> Mapping[str, Fingerprint]:
        """See `ArticleStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT key, size, modified_ns, digest FROM documents WHERE state != 'gone' AND"
                " source_id = (SELECT id FROM sources WHERE name = ? AND settings = ?)",
                (source, settings),
            )
        return await asyncio.to_thread(_fingerprints, rows)

    async def save_documents(
        self, source: str, documents: Sequence[Document], now: datetime, *, archive: bool = False
    ) -> LoadCounts:
        """See `ArticleStore`."""

        async def work(connection: aiosqlite.Connection) -> LoadCounts:
            old = archive and await _is_unread(connection, source)
            batch = await _Batch.open(connection, self._codec, source, documents, now)
            await asyncio.to_thread(batch.take, documents)
            await batch.write(connection, archive=old)
            if not archive:
                await _make_news(connection, batch.touched)
            await refresh_articles(connection, self._codec, batch.touched, batch.told)
            return batch.counts

        return await self._database.write(work)

    async def withdraw_documents(self, source: str, keys: Sequence[str]) -> int:
        """See `ArticleStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            await _forget_holdings(connection, source)
            gone = await fetch_all(
                connection,
                "SELECT id, article_id FROM documents WHERE state = 'live'"
                " AND source_id = (SELECT id FROM sources WHERE name = ?)"
                " AND key IN (SELECT value FROM json_each(?))",
                (source, json.dumps(list(keys))),
            )
            await connection.execute(
                "UPDATE documents SET state = 'gone', rejected_reason = NULL"
                " WHERE source_id = (SELECT id FROM sources WHERE name = ?)"
                " AND key IN (SELECT value FROM json_each(?))",
                (source, json.dumps(list(keys))),
            )
            await refresh_articles(connection, self._codec, [row["article_id"] for row in gone])
            return len(gone)

        return await self._database.write(work)

    async def finish_reading(self, source: str, settings: str, holdings: str | None = None) -> None:
        """See `ArticleStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE sources SET settings = ?, holdings = ? WHERE name = ?",
                (settings, holdings, source),
            )

        await self._database.write(work)

    async def known_holdings(self, source: str, settings: str) -> str | None:
        """See `ArticleStore`."""
        async with self._database.read() as connection:
            holdings: str | None = await fetch_value(
                connection,
                "SELECT holdings FROM sources WHERE name = ? AND settings = ?",
                (source, settings),
            )
        return holdings

    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        """See `ArticleStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT s.name, d.key, d.rejected_reason, d.rejected_line, d.rejected_field"
                " FROM documents AS d JOIN sources AS s ON s.id = d.source_id"
                " WHERE d.rejected_reason IS NOT NULL AND s.name = coalesce(?, s.name)"
                " ORDER BY s.rank, s.name, d.key",
                (source,),
            )
        return [
            RejectedDocument(row["name"], row["key"], Rejection(row[2], row[3], row[4]))
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class _State:
    """A document's row, as far as a new reading depends on it."""

    state: str = "gone"
    article_id: int | None = None
    content: str | None = None
    published_at: str | None = None
    rejection: Rejection | None = None


class _Batch:
    """The changes that a batch of documents makes, gathered first and then written at once."""

    def __init__(
        self,
        codec: ArticleCodec,
        source_id: int,
        now: datetime,
        known: dict[str, _State],
        articles: dict[str, int],
        held: set[int],
        next_article: int,
    ) -> None:
        self._codec = codec
        self._source_id = source_id
        self._now = now
        self._known = known
        self._articles = articles
        # What other documents of the source tell, as far as it matters here.
        self._held = held
        self._next_article = next_article
        self._rows: dict[str, tuple[Value, ...]] = {}
        self._first_told: dict[int, str] = {}
        self._addresses: dict[str, int] = {}
        self._left: dict[str, None] = {}
        self.touched: dict[int, None] = {}
        self.told: dict[str, Article] = {}
        self.counts = LoadCounts()

    @classmethod
    async def open(
        cls,
        connection: aiosqlite.Connection,
        codec: ArticleCodec,
        source: str,
        documents: Sequence[Document],
        now: datetime,
    ) -> _Batch:
        """Look up everything that the documents may meet, in a few queries."""
        await connection.execute(
            "INSERT INTO sources (name, rank) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (source, UNNAMED_SOURCE_RANK),
        )
        await _forget_holdings(connection, source)
        source_id = await fetch_value(
            connection, "SELECT id FROM sources WHERE name = ?", (source,)
        )
        rows = await fetch_all(
            connection,
            "SELECT key, state, article_id, content, published_at FROM documents"
            " WHERE source_id = ? AND key IN (SELECT value FROM json_each(?))",
            (source_id, json.dumps([document.key for document in documents])),
        )
        known = {row["key"]: _State(*row[1:]) for row in rows}
        addresses = [
            address
            for document in documents
            if isinstance(document.reading, Article)
            for address in document.reading.addresses
        ]
        found = await fetch_all(
            connection,
            "SELECT address, article_id FROM addresses"
            " WHERE address IN (SELECT value FROM json_each(?))",
            (json.dumps(addresses),),
        )
        articles = {row["address"]: row["article_id"] for row in found}
        telling = await fetch_all(
            connection,
            "SELECT key, article_id FROM documents WHERE +source_id = ? AND state = 'live'"
            " AND article_id IN (SELECT value FROM json_each(?))",
            (source_id, json.dumps([before.article_id for before in known.values()])),
        )
        retold = {each.key for each in documents if not isinstance(each.reading, Rejection)}
        held = {row["article_id"] for row in telling if row["key"] not in retold}
        newest = await fetch_value(connection, "SELECT coalesce(max(id), 0) FROM articles")
        return cls(codec, source_id, now, known, articles, held | {*articles.values()}, newest + 1)

    def take(self, documents: Iterable[Document]) -> None:
        """Decide what the documents change; of two under one key, the last counts."""
        for document in {each.key: each for each in documents}.values():
            self._take(document)

    def _take(self, document: Document) -> None:
        before = self._known.get(document.key, _State())
        if isinstance(document.reading, Rejection):
            after = self._reject(before, document.reading)
        elif isinstance(document.reading, Draft):
            after = self._draft(before)
        else:
            after = self._tell(before, document.reading)
        if before.article_id not in {None, after.article_id}:
            self.touched[before.article_id] = self._left[document.key] = None
        self._known[document.key] = after
        rejection = after.rejection
        fingerprint = document.fingerprint
        self._rows[document.key] = (
            self._source_id,
            document.key,
            fingerprint.size,
            fingerprint.modified_ns,
            fingerprint.digest,
            after.state,
            after.article_id,
            after.published_at,
            after.content,
            rejection.reason if rejection else None,
            rejection.line if rejection else None,
            rejection.field if rejection else None,
        )

    def _reject(self, before: _State, rejection: Rejection) -> _State:
        self.counts += LoadCounts(rejected=1)
        state = before.state if before.state in _STANDING else "rejected"
        return replace(before, state=state, rejection=rejection)

    def _draft(self, before: _State) -> _State:
        if before.state == "live" and before.article_id is not None:
            self.counts += LoadCounts(withdrawn=1)
            self.touched[before.article_id] = None
        else:
            self.counts += LoadCounts(drafts=1)
        return replace(before, state="draft", rejection=None)

    def _tell(self, before: _State, article: Article) -> _State:
        content = self._codec.encode(article)
        if before.state == "live" and before.content == content:
            self.counts += LoadCounts(unchanged=1)
            return replace(before, rejection=None)
        self.counts += LoadCounts(new=1) if before.content is None else LoadCounts(changed=1)
        article_id = self._find_article(before, article)
        self._held.add(article_id)
        for address in article.addresses:
            if address not in self._articles:
                self._articles[address] = self._addresses[address] = article_id
        self.touched[article_id] = None
        self.told[content] = article
        return _State("live", article_id, content, encode_time(article.published_at))

    def _find_article(self, before: _State, article: Article) -> int:
        """Which article a document tells now.

        One that has one of its addresses: what the document told before, or else the first found.
        An address that is known nowhere is another story if a second document of the source tells
        the one before, or if the document was gone; else the story has changed its address.
        """
        named = [self._articles[each] for each in article.addresses if each in self._articles]
        own = before.article_id
        if named:
            return own if own in named else named[0]
        if own is not None and before.state in _STANDING and own not in self._held:
            return own
        self._next_article += 1
        self._first_told[self._next_article - 1] = encode_time(self._now)
        return self._next_article - 1

    async def write(self, connection: aiosqlite.Connection, *, archive: bool) -> None:
        """Write what was gathered; `refresh_articles` fills in what new articles show."""
        await connection.executemany(
            "INSERT INTO articles (id, revision, document_id, content_hash, visible_hash,"
            " first_seen_at, withdrawn, title, dated_at, quality, provider, archive)"
            " VALUES (?, -?1, 0, '', '', ?, 1, '', '', 0, '', ?)",
            [(*first, int(archive)) for first in self._first_told.items()],
        )
        # What an article showed last stays with it when its document comes to tell another one.
        await connection.executemany(
            "UPDATE OR REPLACE documents SET key = key || char(10) || article_id, state = 'gone',"
            " rejected_reason = NULL WHERE source_id = ? AND key = ?",
            [(self._source_id, key) for key in self._left],
        )
        await connection.executemany(
            "INSERT INTO documents (source_id, key, size, modified_ns, digest, state, article_id,"
            " published_at, content, rejected_reason, rejected_line, rejected_field)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source_id, key) DO UPDATE SET size = excluded.size,"
            " modified_ns = excluded.modified_ns, digest = excluded.digest,"
            " state = excluded.state, article_id = excluded.article_id,"
            " published_at = excluded.published_at, content = excluded.content,"
            " rejected_reason = excluded.rejected_reason, rejected_line = excluded.rejected_line,"
            " rejected_field = excluded.rejected_field",
            list(self._rows.values()),
        )
        await connection.executemany(
            "INSERT INTO addresses (address, article_id) VALUES (?, ?)",
            list(self._addresses.items()),
        )


async def _is_unread(connection: aiosqlite.Connection, source: str) -> bool:
    """Whether a source was never read to the end."""
    settings = await fetch_value(
        connection, "SELECT settings FROM sources WHERE name = ?", (source,)
    )
    return settings is None


async def _make_news(connection: aiosqlite.Connection, articles: Iterable[int]) -> None:
    """End that these are archive; a changed hash lets `refresh_articles` raise the revision."""
    await connection.execute(
        "UPDATE articles SET archive = 0, content_hash = 'news'"
        " WHERE archive AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(articles)),),
    )


async def _forget_holdings(connection: aiosqlite.Connection, source: str) -> None:
    await connection.execute("UPDATE sources SET holdings = NULL WHERE name = ?", (source,))


def _fingerprints(rows: Iterable[Row]) -> dict[str, Fingerprint]:
    return {key: Fingerprint(size, modified, digest) for key, size, modified, digest in rows}


async def _ranks(connection: aiosqlite.Connection) -> list[tuple[Value, ...]]:
    rows: list[Row] = await fetch_all(connection, "SELECT id, rank FROM sources ORDER BY id")
    return [tuple(row) for row in rows]
