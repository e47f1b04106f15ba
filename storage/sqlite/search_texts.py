"""The prepared texts of stories: stored once, compressed, beside an index that has no copy.

The index needs them to remove a story (https://www.sqlite.org/fts5.html#contentless_tables), and
the order of results depends on which of them match.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import aiosqlite

from storage.search.prepared import PreparedTexts
from storage.sqlite.values import Row, Value

_LEVEL = 6
# Stored texts can't be read without it, so it never changes; another one would need a migration.
_DICTIONARY = (
    b" research school court president government police minister world market people year week"
    b" report say new how what why who when after before over under more than about will can could"
    b" has have had been was were are not but or an as at by from his her its that this they with"
    b" it be on for in and a of to the us uk ai \xc2\xa6 the of and to in a for on is with"
    b"\ns0 karticle q5 q6 q7 q8 t1 t2 p1"
)
_SEPARATOR = "\n"
# No text has it inside a word.
_TITLE = "¶"
_MAX_BYTES = 1024 * 1024
# Merging so many pages takes some hundredths of a second, in which nothing else can be written.
_PAGES_MERGED = 100
_COLUMNS = "title, body, names, related, filters"


class IndexedTexts(NamedTuple):
    """A row of the index: the prepared texts of a story, and the tokens of its filters."""

    row: int
    texts: PreparedTexts
    filters: str


def pack_texts(texts: PreparedTexts, filters: str) -> bytes:
    """Compress the texts of a row; they consist of tokens and spaces."""
    packer = zlib.compressobj(_LEVEL, zdict=_DICTIONARY)
    return packer.compress(_SEPARATOR.join((*texts, filters)).encode()) + packer.flush()


def unpack_texts(row: int, value: Value) -> IndexedTexts:
    """Decompress the texts of a row. Raises `ValueError` for what `pack_texts` can't have made."""
    if type(value) is not bytes:
        raise ValueError("is not compressed")
    unpacker = zlib.decompressobj(zdict=_DICTIONARY)
    try:
        text = unpacker.decompress(value, _MAX_BYTES).decode()
    except zlib.error as error:
        raise ValueError(f"can't be decompressed ({error})") from None
    *texts, filters = text.split(_SEPARATOR)
    if not unpacker.eof or len(texts) != len(PreparedTexts._fields):
        raise ValueError("is not complete")
    return IndexedTexts(row, PreparedTexts(*texts), filters)


def readable_texts(rows: Iterable[Row]) -> Iterator[IndexedTexts]:
    """The texts of rows of `search_texts`, without the damaged ones."""
    for row in rows:
        with suppress(ValueError):
            yield unpack_texts(row["id"], row["texts"])


def mark_title(tokens: str) -> str:
    """The tokens of a title as they are in the index.

    They differ from those of other texts: finding the titles with a word by its column would read
    all texts that have the word, which are ten times as many.
    """
    return f"{_TITLE}{tokens.replace(' ', f' {_TITLE}')}" if tokens else ""


def _index_row(each: IndexedTexts) -> tuple[Value, ...]:
    title, *others = each.texts
    return each.row, mark_title(title), *others, each.filters


async def add_texts(connection: aiosqlite.Connection, rows: Sequence[IndexedTexts]) -> None:
    """Store and index texts."""
    # In the order of rowids, so that FTS5 writes its index once and not for each row.
    rows = sorted(rows)
    await connection.executemany(
        "INSERT INTO search_texts (id, texts) VALUES (?, ?)",
        [(each.row, pack_texts(each.texts, each.filters)) for each in rows],
    )
    await index_texts(connection, rows)


async def index_texts(connection: aiosqlite.Connection, rows: Iterable[IndexedTexts]) -> None:
    """Index texts that are stored."""
    await connection.executemany(
        f"INSERT INTO articles_fts (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        map(_index_row, rows),
    )


async def remove_texts(connection: aiosqlite.Connection, rows: Sequence[IndexedTexts]) -> None:
    """Remove texts exactly as they are stored."""
    rows = sorted(rows)
    await connection.executemany(
        f"INSERT INTO articles_fts (articles_fts, rowid, {_COLUMNS})"
        " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
        map(_index_row, rows),
    )
    await connection.executemany(
        "DELETE FROM search_texts WHERE id = ?", [(each.row,) for each in rows]
    )


async def merge_segments(connection: aiosqlite.Connection) -> bool:
    """Merge some segments of the index into larger ones; return whether there may be more to do.

    Each transaction adds a segment, and a word is looked for in all of them: in a large archive,
    merging halves the time of a search. https://www.sqlite.org/fts5.html#the_merge_command
    """
    # How many segments of about the same size are needed for a merge.
    setting = "SELECT 1 FROM articles_fts_config WHERE k = 'usermerge'"
    if not list(await connection.execute_fetchall(setting)):
        await connection.execute(
            "INSERT INTO articles_fts (articles_fts, rank) VALUES ('usermerge', 2)"
        )
    before = connection.total_changes
    await connection.execute(
        "INSERT INTO articles_fts (articles_fts, rank) VALUES ('merge', ?)", (_PAGES_MERGED,)
    )
    return connection.total_changes - before > 1
