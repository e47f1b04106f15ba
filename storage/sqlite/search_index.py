"""Repairs the search index (`articles_fts`) from the texts that are stored beside it."""

import logging
import sqlite3
from pathlib import Path

import aiosqlite

from storage.sqlite.search_texts import index_texts, readable_texts

logger = logging.getLogger(__name__)

# The index of an empty table, without which SQLite can't even open a table to fill it.
# https://www.sqlite.org/fts5.html#fts5_data_structures
_EMPTY = (
    "DELETE FROM articles_fts_data",
    "DELETE FROM articles_fts_idx",
    "INSERT INTO articles_fts_data (id, block) VALUES (1, x''), (10, x'00000000000000')",
    "INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')",
)
_ROWS_PER_STEP = 1000


# A virtual table is damaged, and there is no other than the index. A damaged index may also contain
# what is added to it; constraints of other tables have codes of their own.
# https://www.sqlite.org/rescode.html
_DAMAGE = {sqlite3.SQLITE_CORRUPT_VTAB, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_CONSTRAINT_VTAB}


def is_index_damaged(error: BaseException) -> bool:
    """Whether an error says that the index is damaged."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) in _DAMAGE


async def rebuild_index(connection: aiosqlite.Connection, path: Path) -> None:
    """Rebuild the index, outside a transaction, from the stored texts."""
    try:
        await connection.execute("BEGIN IMMEDIATE")
        for statement in _EMPTY:
            await connection.execute(statement)
        await _fill(connection)
        await connection.execute("COMMIT")
    except sqlite3.Error as error:
        logger.error(  # noqa: TRY400 - SQLite's message says it all
            "the search index of %s is damaged and can't be rebuilt (%s); restore a backup",
            path,
            error,
        )
        if connection.in_transaction:
            await connection.execute("ROLLBACK")
    else:
        logger.warning("the search index of %s was damaged, and was rebuilt", path)


async def _fill(connection: aiosqlite.Connection) -> None:
    after = -(2**63)
    while rows := list(
        await connection.execute_fetchall(
            "SELECT id, texts FROM search_texts WHERE id > ? ORDER BY id LIMIT ?",
            (after, _ROWS_PER_STEP),
        )
    ):
        await index_texts(connection, readable_texts(rows))
        after = rows[-1]["id"]
