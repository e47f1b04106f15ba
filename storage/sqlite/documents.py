"""Store the documents of sources, and refresh their articles in the same transaction."""

import asyncio
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import aiosqlite
from typing_extensions import override

from storage.models import (
    NO_FINDINGS,
    ArchiveBounds,
    Document,
    Fingerprint,
    KnownDocuments,
    RejectedDocument,
    Rejection,
    SaveResult,
    SourceFindings,
)
from storage.protocols import ArticleStore
from storage.sqlite.articles import refresh_articles
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    ARTICLES,
    DOCUMENTS,
    EXPIRED,
    SOURCES,
    encode_findings,
    encode_time,
)
from storage.sqlite.columns import text
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_one, fetch_value
from storage.sqlite.document_batch import DocumentBatch
from storage.sqlite.retention import HAS_DATE
from storage.sqlite.search_texts import merge_segments
from storage.sqlite.values import Row, Value

UNREGISTERED_SOURCE_RANK = 1_000_000
# Documents marked or withdrawn per transaction; others may write between two transactions.
DOCUMENTS_PER_TRANSACTION = 1000

# The fingerprint of a damaged document: no document has it.
_UNKNOWN = Fingerprint(-1, -1, "")

_SELECTED = (
    "source_id = (SELECT id FROM sources WHERE name = ?)"
    " AND key IN (SELECT value FROM json_each(?))"
)


class SqliteDocuments(StorePart, ArticleStore):
    """`ArticleStore`."""

    @override
    async def register_sources(self, names: Sequence[str]) -> None:
        async def work(connection: aiosqlite.Connection) -> None:
            before = await _ranks(connection)
            await connection.execute(
                f"UPDATE documents SET missing = 0 WHERE missing AND {DOCUMENTS.intact}"
            )
            await connection.execute(
                f"UPDATE sources SET rank = ? WHERE {SOURCES.intact}", (UNREGISTERED_SOURCE_RANK,)
            )
            await connection.executemany(
                "INSERT INTO sources (name, rank) VALUES (?, ?)"
                f" ON CONFLICT (name) DO UPDATE SET rank = excluded.rank WHERE {SOURCES.intact}",
                [(name, rank) for rank, name in enumerate(names)],
            )
            if before and before != await _ranks(connection):
                shared = await fetch_all(
                    connection,
                    "SELECT article_id FROM documents WHERE state = 'live'"
                    " GROUP BY article_id HAVING count(*) > 1",
                )
                await refresh_articles(connection, self._damage, [row[0] for row in shared])

        await self._database.write(work)

    @override
    async def withdraw_unregistered_sources(self) -> int:
        async def work(connection: aiosqlite.Connection) -> tuple[int, int]:
            await connection.execute(
                "UPDATE sources SET holdings = NULL, settings = NULL, findings = NULL,"
                f" archive_before = NULL, archive_complete = 0 WHERE rank = ? AND {SOURCES.intact}",
                (UNREGISTERED_SOURCE_RANK,),
            )
            gone = await fetch_all(
                connection,
                "UPDATE documents SET state = 'gone', rejected_reason = NULL WHERE id IN"
                f" (SELECT id FROM documents WHERE state != 'gone' AND {DOCUMENTS.intact}"
                " AND source_id IN"
                " (SELECT id FROM sources WHERE rank = ?) LIMIT ?) RETURNING article_id",
                (UNREGISTERED_SOURCE_RANK, DOCUMENTS_PER_TRANSACTION),
            )
            articles = [row["article_id"] for row in gone if row["article_id"] is not None]
            await refresh_articles(connection, self._damage, articles)
            return len(gone), len(articles)

        gone, withdrawn = await self._database.write(work)
        while gone == DOCUMENTS_PER_TRANSACTION:
            gone, more = await self._database.write(work)
            withdrawn += more
        return withdrawn

    @override
    async def known_documents(self, source: str, settings: str) -> KnownDocuments:
        async with self._database.read() as connection:
            state = await fetch_one(
                connection,
                "SELECT id, settings IS ? AS current, archive_before, archive_complete"
                " FROM sources WHERE name = ?",
                (settings, source),
            )
            if state is None:
                return KnownDocuments({}, current=False)
            rows = await fetch_all(
                connection,
                "SELECT id, key, size, modified_ns, digest FROM documents WHERE state != 'gone'"
                " AND source_id = ?",
                (state["id"],),
            )
        return KnownDocuments(
            await asyncio.to_thread(_fingerprints, rows, self._damage),
            bool(state["current"]),
            # Without its bounds, what the source has now counts as archive: it is not news.
            self._damage.decode_or_none(state, _decode_bounds),
        )

    @override
    async def save_documents(
        self,
        source: str,
        documents: Sequence[Document],
        now: datetime,
        *,
        archive: ArchiveBounds | None = None,
        unread: Collection[str] = (),
        decide_all: bool = True,
    ) -> SaveResult:
        async def work(connection: aiosqlite.Connection) -> SaveResult:
            source_id = await _prepare_source(connection, source, archive)
            batch = await DocumentBatch.open(
                connection,
                self._damage,
                source_id,
                documents,
                now,
                unread,
                has_archive=archive is not None,
            )
            await asyncio.to_thread(batch.add, documents, decide_all=decide_all)
            await batch.write(connection)
            news = set() if archive else await _make_news(connection, batch.touched)
            await refresh_articles(
                connection, self._damage, batch.touched, batch.decoded, news | batch.repaired
            )
            return SaveResult(batch.counts, tuple(batch.undecided))

        return await self._database.write(work)

    @override
    async def forget_absent(
        self, source: str, present: Collection[str], *, duplicates: bool
    ) -> None:
        keys = json.dumps(list(present))

        async def work(connection: aiosqlite.Connection) -> None:
            source_id = await fetch_value(
                connection, "SELECT id FROM sources WHERE name = ?", (source,)
            )
            absent = "source_id = ? AND key NOT IN (SELECT value FROM json_each(?))"
            await connection.execute(
                f"DELETE FROM documents WHERE {absent} AND rejected_reason IS NOT NULL"
                " AND article_id IS NULL",
                (source_id, keys),
            )
            await connection.execute(
                "UPDATE documents SET rejected_reason = NULL, rejected_line = NULL,"
                " rejected_field = NULL, state = iif(state = 'rejected', 'gone', state)"
                f" WHERE {absent} AND rejected_reason IS NOT NULL AND {DOCUMENTS.intact}",
                (source_id, keys),
            )
            # What remains of articles that left the archive can be forgotten now (`retention`).
            await connection.execute(
                f"UPDATE documents SET state = 'gone', missing = 0 WHERE {absent}"
                f" AND state = 'live' AND content IS NULL AND {HAS_DATE} AND {DOCUMENTS.intact}"
                " AND EXISTS (SELECT 1 FROM articles AS a WHERE a.id = documents.article_id"
                " AND documents.published_at < a.first_seen_at"
                f" AND a.content_hash = '{EXPIRED}')",
                (source_id, keys),
            )
            if duplicates:
                await _forget_duplicates(connection, self._damage, source_id, keys)

        await self._database.write(work)

    @override
    async def mark_missing(self, source: str, keys: Sequence[str]) -> None:
        async def work(connection: aiosqlite.Connection, keys_json: str) -> None:
            await _discard_state_token(connection, source)
            await connection.execute(
                "UPDATE documents SET missing = 1 WHERE NOT missing AND state = 'live'"
                f" AND {_SELECTED} AND {DOCUMENTS.intact}",
                (source, keys_json),
            )

        for keys_json in _encode_chunks(keys):
            await self._database.write(partial(work, keys_json=keys_json))

    @override
    async def withdraw_documents(self, source: str, keys: Sequence[str]) -> int:
        async def work(connection: aiosqlite.Connection, keys_json: str) -> int:
            await _discard_state_token(connection, source)
            gone = await fetch_all(
                connection,
                f"SELECT article_id FROM documents WHERE state = 'live' AND {_SELECTED}",
                (source, keys_json),
            )
            await connection.execute(
                "UPDATE documents SET state = 'gone', missing = 0, rejected_reason = NULL"
                f" WHERE {_SELECTED} AND {DOCUMENTS.intact}",
                (source, keys_json),
            )
            articles = [row["article_id"] for row in gone]
            await refresh_articles(connection, self._damage, articles)
            return len(gone)

        withdrawn = 0
        for keys_json in _encode_chunks(keys):
            withdrawn += await self._database.write(partial(work, keys_json=keys_json))
        return withdrawn

    @override
    async def finish_reading(
        self,
        source: str,
        settings: str,
        state: str | None = None,
        *,
        findings: SourceFindings = NO_FINDINGS,
        archive: ArchiveBounds | None = None,
    ) -> None:
        await self._execute(
            "INSERT INTO sources"
            " (name, rank, settings, holdings, findings, archive_before, archive_complete)"
            " VALUES (:name, :rank, :settings, :state, :findings, :before, :complete)"
            " ON CONFLICT (name) DO UPDATE SET settings = :settings, holdings = :state,"
            " findings = :findings, archive_before = coalesce(:before, archive_before),"
            " archive_complete = iif(:before IS NULL, archive_complete, :complete)"
            f" WHERE {SOURCES.intact}",
            {
                "name": source,
                "rank": UNREGISTERED_SOURCE_RANK,
                "settings": settings,
                "state": state,
                "findings": encode_findings(findings),
                "before": encode_time(archive.before) if archive else None,
                "complete": bool(archive and archive.complete),
            },
        )

    @override
    async def compact_search_index(self) -> None:
        while await self._database.write(merge_segments):
            pass

    @override
    async def state_token(self, source: str, settings: str) -> str | None:
        row = await self._fetch_one(
            "SELECT id, holdings FROM sources WHERE name = ? AND settings = ?", (source, settings)
        )
        values = self._damage.decode_or_none(
            row, partial(SOURCES.decode, columns=("id", "holdings"))
        )
        if values is None:
            return None
        if await self._find_damage(values["id"]):
            # The next reading replaces the damaged documents that the source still has.
            await self._database.write(partial(_discard_state_token, source=source))
            return None
        token: str | None = values["holdings"]
        return token

    async def _find_damage(self, source_id: int) -> bool:
        """Whether content of a source's documents is found damaged that was not known before.

        Decodes all contents when it is called for the first time.
        """
        async with self._database.read() as connection:
            last = None if source_id in self._damage.verified_sources else 0
            while last is not None:
                rows = await fetch_all(
                    connection,
                    "SELECT id, content FROM documents"
                    " WHERE source_id = ? AND state != 'gone' AND id > ? ORDER BY id LIMIT ?",
                    (source_id, last, DOCUMENTS_PER_TRANSACTION),
                )
                decode = partial(DOCUMENTS.decode, columns=("content",))
                await asyncio.to_thread(self._damage.decode_all, rows, decode)
                last = rows[-1]["id"] if rows else None
            self._damage.verified_sources.add(source_id)
            damaged = await fetch_all(
                connection,
                "SELECT id FROM documents WHERE source_id = ? AND state != 'gone'"
                " AND id IN (SELECT value FROM json_each(?))",
                (source_id, json.dumps(sorted(self._damage.rows(DOCUMENTS.name)))),
            )
        new = {row["id"] for row in damaged} - self._damage.reread_documents
        self._damage.reread_documents |= new
        return bool(new)

    @override
    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        rows = await self._fetch_all(
            "SELECT s.name, d.id, d.key, d.rejected_reason, d.rejected_line, d.rejected_field"
            " FROM documents AS d JOIN sources AS s ON s.id = d.source_id"
            " WHERE d.rejected_reason IS NOT NULL AND s.name = coalesce(?, s.name)"
            " ORDER BY s.rank, s.name, d.key",
            (source,),
        )
        return self._damage.decode_all(rows, _decode_rejection)


async def _forget_duplicates(
    connection: aiosqlite.Connection, damage: DamageLog, source_id: int, present: str
) -> None:
    """Delete the documents whose article has another one, with a key in the JSON array."""
    rows = await fetch_all(
        connection,
        "UPDATE documents SET state = 'gone' WHERE source_id = :source AND state = 'live'"
        f" AND {DOCUMENTS.intact}"
        " AND key NOT IN (SELECT value FROM json_each(:present)) AND article_id IN"
        " (SELECT article_id FROM documents WHERE source_id = :source AND state = 'live'"
        " AND key IN (SELECT value FROM json_each(:present))) RETURNING id, article_id",
        {"source": source_id, "present": present},
    )
    await refresh_articles(connection, damage, [row["article_id"] for row in rows])
    await connection.executemany(
        "DELETE FROM documents WHERE id = ?"
        " AND id NOT IN (SELECT document_id FROM articles WHERE id = ?)",
        [(row["id"], row["article_id"]) for row in rows],
    )


async def _make_news(connection: aiosqlite.Connection, articles: Iterable[int]) -> set[int]:
    """Clear the archive flag of articles; return the ids of those that had it."""
    rows = await fetch_all(
        connection,
        "UPDATE articles SET archive = 0"
        f" WHERE archive AND id IN (SELECT value FROM json_each(?)) AND {ARTICLES.intact}"
        " RETURNING id",
        (json.dumps(list(articles)),),
    )
    return {row["id"] for row in rows}


async def _prepare_source(
    connection: aiosqlite.Connection, source: str, archive: ArchiveBounds | None
) -> int:
    """Return the id of a source, which is inserted if missing, and discard its state token.

    Record the bounds of its archive if there are none yet.
    """
    query = (
        "INSERT INTO sources (name, rank, archive_before) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET holdings = NULL,"
        " archive_before = coalesce(archive_before, excluded.archive_before)"
        f" WHERE {SOURCES.intact}"
    )
    before = encode_time(archive.before) if archive else None
    await connection.execute(query, (source, UNREGISTERED_SOURCE_RANK, before))
    find = "SELECT id FROM sources WHERE name = ?"
    return int(await fetch_value(connection, find, (source,)))


async def _discard_state_token(connection: aiosqlite.Connection, source: str) -> None:
    await connection.execute(
        f"UPDATE sources SET holdings = NULL WHERE name = ? AND {SOURCES.intact}", (source,)
    )


def _encode_chunks(keys: Sequence[str]) -> Iterator[str]:
    """Divide keys into JSON arrays of at most `DOCUMENTS_PER_TRANSACTION` keys."""
    for start in range(0, len(keys), DOCUMENTS_PER_TRANSACTION):
        yield json.dumps(list(keys[start : start + DOCUMENTS_PER_TRANSACTION]))


def _fingerprints(rows: Iterable[Row], damage: DamageLog) -> dict[str, Fingerprint]:
    """The fingerprints by key; that of a damaged document matches nothing, so it is read again."""
    damaged = damage.rows(DOCUMENTS.name)
    found = {
        key: _UNKNOWN if row_id in damaged else Fingerprint(size, modified, digest)
        for row_id, key, size, modified, digest in rows
    }
    # Almost all keys are fine, and checking one by one would take long.
    if not "".join(map(str, found)).isprintable():
        found = {key: each for key, each in found.items() if _is_text(key)}
    return found


def _is_text(value: Value) -> bool:
    try:
        text(value)
    except ValueError:
        return False
    return True


def _decode_bounds(row: Row) -> ArchiveBounds | None:
    values = SOURCES.decode(row, ("archive_before", "archive_complete"))
    before = values["archive_before"]
    return None if before is None else ArchiveBounds(before, values["archive_complete"])


def _decode_rejection(row: Row) -> RejectedDocument:
    values = DOCUMENTS.decode(row, ("key", "rejected_reason", "rejected_line", "rejected_field"))
    source = SOURCES.decode(row, ("name",))["name"]
    key, *why = values.values()
    return RejectedDocument(source, key, Rejection(*why))


async def _ranks(connection: aiosqlite.Connection) -> dict[int, int]:
    rows = await fetch_all(connection, "SELECT id, rank FROM sources")
    return {row["id"]: row["rank"] for row in rows}
