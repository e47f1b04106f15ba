"""Decide which articles a batch of documents belongs to, and write the changes."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiosqlite

from storage.errors import DamagedRowError
from storage.models import (
    Article,
    Document,
    LoadCounts,
    Rejection,
    UnchangedDocument,
    UnpublishedDocument,
)
from storage.sqlite.articles import DecodedContent
from storage.sqlite.codec import (
    DOCUMENTS,
    EXPIRED,
    decode_content,
    encode_article,
    encode_time,
    hash_content,
)
from storage.sqlite.columns import HIGHEST_COUNTED
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.packing import pack, unpack
from storage.sqlite.values import Row, Value

# A document in one of these states may keep its article: see `_may_keep_article`.
_PRESENT = {"live", "draft"}
# Reason, line and field of a document that is not rejected.
_ACCEPTED = (None, None, None)


@dataclass(frozen=True, slots=True)
class _State:
    """The parts of a document's row that matter when it is read again."""

    state: str = "gone"
    article_id: int | None = None
    # Compressed; it may be damaged.
    content: bytes | None = None
    published_at: str | None = None
    missing: bool = False
    rejection: Rejection | None = None


@dataclass(slots=True)
class DocumentBatch:
    """The changes of a batch of documents, collected first and then written together."""

    _source_id: int
    _now: datetime
    _states: dict[str, _State]
    _articles: dict[str, int]
    # Articles that other documents of the source belong to, among those that matter to the batch.
    _taken_articles: set[int]
    # Articles that left the archive, among those that matter to the batch: they don't come back.
    _expired_articles: set[int]
    # Whether a known document's new article is archive.
    _has_archive: bool
    _next_article: int
    _rows: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    # Of each new article, whether it is archive.
    _new_articles: dict[int, bool] = field(default_factory=dict)
    _addresses: dict[str, int] = field(default_factory=dict)
    _moved_keys: dict[str, None] = field(default_factory=dict)
    _fingerprints: list[tuple[Value, ...]] = field(default_factory=list)
    touched: dict[int, None] = field(default_factory=dict)
    # The articles of documents whose stored content is damaged: this version is news.
    repaired: set[int] = field(default_factory=set)
    decoded: dict[bytes, DecodedContent] = field(default_factory=dict)
    undecided: list[Document] = field(default_factory=list)
    counts: LoadCounts = field(default_factory=LoadCounts)

    @classmethod
    async def open(
        cls,
        connection: aiosqlite.Connection,
        damage: DamageLog,
        source_id: int,
        documents: Sequence[Document],
        now: datetime,
        unread: Collection[str],
        *,
        has_archive: bool,
    ) -> "DocumentBatch":
        """Look up everything that the documents depend on, with a few queries."""
        rows = await fetch_all(
            connection,
            "SELECT d.* FROM documents AS d LEFT JOIN articles AS a ON a.id = d.article_id"
            " WHERE d.source_id = ? AND d.key IN (SELECT value FROM json_each(?))"
            " AND (d.article_id IS NULL OR a.id IS NOT NULL)",
            (source_id, json.dumps([document.key for document in documents])),
        )
        # A damaged document counts as new; what was read now replaces it.
        states = dict(damage.decode_all(rows, _decode_state))
        damage.forget(DOCUMENTS.name, (row["id"] for row in rows))
        addresses = [
            address
            for document in documents
            if isinstance(document.reading, Article)
            for address in document.reading.addresses
        ]
        found = await fetch_all(
            connection,
            "SELECT n.address, n.article_id FROM addresses AS n"
            " JOIN articles AS a ON a.id = n.article_id"
            " WHERE n.address IN (SELECT value FROM json_each(?))",
            (json.dumps(addresses),),
        )
        articles = {row["address"]: row["article_id"] for row in found}
        others = await fetch_all(
            connection,
            "SELECT key, article_id FROM documents WHERE +source_id = ? AND state = 'live'"
            " AND NOT missing AND article_id IN (SELECT value FROM json_each(?))",
            (source_id, json.dumps([before.article_id for before in states.values()])),
        )
        reread = {each.key for each in documents if not isinstance(each.reading, Rejection)}
        shared = {
            row["article_id"]
            for row in others
            if row["key"] not in reread and row["key"] not in unread
        }
        owners = {*articles.values(), *(before.article_id for before in states.values())}
        expired = await fetch_all(
            connection,
            f"SELECT id FROM articles WHERE content_hash = '{EXPIRED}'"
            " AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(owners)),),
        )
        newest = await fetch_value(
            connection,
            # What belongs to a story must not become that of another, even if the row is damaged.
            "SELECT max(coalesce((SELECT max(id) FROM articles WHERE id <= :most), 0),"
            " coalesce((SELECT max(article_id) FROM documents WHERE article_id <= :most), 0),"
            " coalesce((SELECT max(article_id) FROM posts WHERE article_id <= :most), 0))",
            {"most": HIGHEST_COUNTED},
        )
        return cls(
            source_id,
            now,
            states,
            articles,
            shared | {*articles.values()},
            {row[0] for row in expired},
            has_archive,
            newest + 1,
        )

    def add(self, documents: Iterable[Document], *, decide_all: bool = True) -> None:
        """Collect the changes of documents; of several with one key, the last counts.

        Without `decide_all`, documents whose address may have changed are left undecided.
        """
        for document in {each.key: each for each in documents}.values():
            if decide_all or not self._may_have_new_address(document):
                self._add(document)
            else:
                self.undecided.append(document)

    def _may_have_new_address(self, document: Document) -> bool:
        """Whether the document's story may have a new address, or its key a new story."""
        before = self._states.get(document.key, _State())
        reading = document.reading
        return (
            isinstance(reading, Article)
            and self._may_keep_article(before)
            and not any(address in self._articles for address in reading.addresses)
        )

    def _may_keep_article(self, before: _State) -> bool:
        """Whether the document is the source's only known one of its article."""
        return (
            before.article_id is not None
            and before.state in _PRESENT
            and not before.missing
            and before.article_id not in self._taken_articles
        )

    def _add(self, document: Document) -> None:
        if isinstance(document.reading, UnchangedDocument):
            self.counts += LoadCounts(unchanged=1)
            self._fingerprints.append((*document.fingerprint, self._source_id, document.key))
            return
        before = self._states.get(document.key, _State())
        if isinstance(document.reading, Rejection):
            after = self._reject(before, document.reading)
        elif isinstance(document.reading, UnpublishedDocument):
            after = self._unpublish(before)
        else:
            after = self._accept(before, document.reading, archive=document.archive)
        if before.article_id not in {None, after.article_id}:
            self.touched[before.article_id] = self._moved_keys[document.key] = None
        self._states[document.key] = after
        rejection = after.rejection
        self._rows[document.key] = (
            self._source_id,
            document.key,
            *document.fingerprint,
            after.state,
            after.article_id,
            after.published_at,
            after.content,
            *((rejection.reason, rejection.line, rejection.field) if rejection else _ACCEPTED),
        )

    def _reject(self, before: _State, rejection: Rejection) -> _State:
        self.counts += LoadCounts(rejected=1)
        state = before.state if before.state in _PRESENT else "rejected"
        return replace(before, state=state, rejection=rejection)

    def _unpublish(self, before: _State) -> _State:
        if before.state == "live" and before.article_id is not None:
            self.counts += LoadCounts(withdrawn=1)
            self.touched[before.article_id] = None
        else:
            self.counts += LoadCounts(drafts=1)
        return replace(before, state="draft", rejection=None)

    def _accept(self, before: _State, article: Article, *, archive: bool) -> _State:
        content = encode_article(article)
        if before.state == "live" and _is_packed(content, before.content):
            self.counts += LoadCounts(unchanged=1)
            if before.missing and before.article_id is not None:
                self.touched[before.article_id] = None
            return replace(before, rejection=None)
        article_id = self._find_article(before, article)
        if article_id in self._expired_articles:
            self.counts += LoadCounts(unchanged=1)
            return _State("live", article_id, None, encode_time(article.published_at))
        self.counts += LoadCounts(new=1) if before.content is None else LoadCounts(changed=1)
        if article_id is not None and article_id == before.article_id:
            self._note_repair(article_id, before.content)
        if article_id is None:
            article_id = self._next_article
            self._next_article += 1
            was_stored = self._has_archive and before.article_id is not None
            self._new_articles[article_id] = archive or was_stored
        self._taken_articles.add(article_id)
        for address in article.addresses:
            if address not in self._articles:
                self._articles[address] = self._addresses[address] = article_id
        self.touched[article_id] = None
        packed = pack(content)
        self.decoded[packed] = DecodedContent(article, hash_content(content))
        return _State("live", article_id, packed, encode_time(article.published_at))

    def _note_repair(self, article_id: int, content: bytes | None) -> None:
        """Note that damaged content is replaced."""
        try:
            decode_content(0, content)
        except DamagedRowError:
            self.repaired.add(article_id)

    def _find_article(self, before: _State, article: Article) -> int | None:
        """Return the article that a document belongs to now, or None for a new one.

        This is an article with one of the document's addresses: its previous article, or else the
        first match. Without a match, the document keeps its article (the address was corrected),
        unless another document of the source belongs to that article, or this document was gone or
        missing.
        """
        matches = [self._articles[each] for each in article.addresses if each in self._articles]
        own = before.article_id
        if matches:
            return own if own in matches else matches[0]
        return own if self._may_keep_article(before) else None

    async def write(self, connection: aiosqlite.Connection) -> None:
        """Write the collected changes; `refresh_articles` fills in the content of new articles."""
        await connection.executemany(
            "INSERT INTO articles (id, revision, document_id, content_hash, visible_hash,"
            " first_seen_at, withdrawn, quality, archive)"
            " VALUES (?, ?, 0, '', '', ?, 1, 0, ?)",
            [
                (article_id, -article_id, encode_time(self._now), int(archive))
                for article_id, archive in self._new_articles.items()
            ],
        )
        # An article keeps its last content when its document moves to another article.
        await connection.executemany(
            "UPDATE OR REPLACE documents SET key = key || char(10) || article_id, state = 'gone',"
            f" rejected_reason = NULL WHERE source_id = ? AND key = ? AND {DOCUMENTS.intact}",
            [(self._source_id, key) for key in self._moved_keys],
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
            " rejected_field = excluded.rejected_field, missing = 0",
            list(self._rows.values()),
        )
        await connection.executemany(
            "UPDATE documents SET size = ?, modified_ns = ?, digest = ?"
            f" WHERE source_id = ? AND key = ? AND {DOCUMENTS.intact}",
            self._fingerprints,
        )
        await connection.executemany(
            # A row that exists is damaged.
            "INSERT INTO addresses (address, article_id) VALUES (?, ?)"
            " ON CONFLICT (address) DO UPDATE SET article_id = excluded.article_id",
            list(self._addresses.items()),
        )


def _is_packed(content: bytes, packed: bytes | None) -> bool:
    """Whether a content was stored before; damaged ones are not the same as any other."""
    try:
        return packed is not None and unpack(packed) == content
    except ValueError:
        return False


def _decode_state(row: Row) -> tuple[str, _State]:
    """The key of a document, and its state; its content may be damaged."""
    values = DOCUMENTS.decode(row, ("key", "state", "article_id", "missing"))
    state, article_id = values["state"].value, values["article_id"]
    try:
        DOCUMENTS.decode(row, ("published_at",))
        published_at: str | None = row["published_at"]
    except DamagedRowError:
        # It could not be written again; the version that was read now takes its place.
        return values["key"], _State(state, article_id, None, None, values["missing"])
    # Nor could anything else than bytes.
    content = row["content"] if type(row["content"]) is bytes else None
    return values["key"], _State(state, article_id, content, published_at, values["missing"])
