"""The long part of migration 11: compress the contents of documents."""

import aiosqlite

from storage.sqlite.packing import pack
from storage.sqlite.upgrade_steps import Batch, Step
from storage.sqlite.values import Value

_ROWS = 500
_STATES = "'live', 'draft', 'rejected', 'gone'"


def _number(column: str, otherwise: str) -> str:
    return f"iif(typeof({column}) = 'integer', {column}, {otherwise})"


def _text(column: str) -> str:
    return f"CAST(coalesce({column}, '') AS TEXT)"


# A damaged value that the table would refuse becomes another one that is not right: a document with
# another size than its file is read again. Bytes that are not UTF-8 stay as they are.
_VALUES = {
    "id": "id",
    "source_id": _number("source_id", "0"),
    "key": _text("key"),
    "size": _number("size", "-1"),
    "modified_ns": _number("modified_ns", "-1"),
    "digest": _text("digest"),
    "state": f"iif(state IN ({_STATES}), state, 'gone')",
    "article_id": _number("article_id", "NULL"),
    "published_at": "CAST(published_at AS TEXT)",
    "content": "pack(CAST(content AS BLOB))",
    "rejected_reason": "CAST(rejected_reason AS TEXT)",
    "rejected_line": _number("rejected_line", "NULL"),
    "rejected_field": "CAST(rejected_field AS TEXT)",
    "missing": _number("missing", "0"),
}
_NEXT = f"SELECT id FROM documents ORDER BY id LIMIT {_ROWS}"
_COPY = (
    f"INSERT OR IGNORE INTO documents_packed ({', '.join(_VALUES)})"
    f" SELECT {', '.join(_VALUES.values())} FROM documents WHERE id IN ({_NEXT}) ORDER BY id"
)


async def _begin(connection: aiosqlite.Connection) -> int:
    if not await _has_table(connection, "documents_packed"):
        return 0
    (row,) = await connection.execute_fetchall("SELECT count(*) FROM documents")
    return int(row[0])


async def _pack_next(connection: aiosqlite.Connection, after: int) -> Batch | None:  # noqa: ARG001 - packed rows are deleted
    # If the record of this step is damaged, it begins again when everything is done.
    if not await _has_table(connection, "documents_packed"):
        return None
    await connection.create_function("pack", 1, _pack, deterministic=True)
    await connection.execute(_COPY)
    # The space is used again by the next rows.
    deleted = await connection.execute_fetchall(
        f"DELETE FROM documents WHERE id IN ({_NEXT}) RETURNING id"
    )
    ids = [int(row[0]) for row in deleted]
    if ids:
        return Batch(max(ids), len(ids))
    await connection.execute("DROP TABLE documents")
    await connection.execute("ALTER TABLE documents_packed RENAME TO documents")
    return None


async def _has_table(connection: aiosqlite.Connection, name: str) -> bool:
    found = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return bool(await connection.execute_fetchall(found, (name,)))


def _pack(content: Value) -> Value:
    return None if content is None else pack(content)


PACKED_CONTENTS = Step(
    name="packed_contents",
    edition=1,
    since=11,
    doing="compressing articles",
    begin=_begin,
    batch=_pack_next,
)
