"""The database as text, and a database made of that."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BackupError, StoreLockedError
from storage.models import StoryQuery
from storage.open import export_store, import_store, open_store
from storage.sqlite.archive import Line, decode_line, encode_line
from storage.sqlite.lookup_step import DERIVED
from storage.sqlite.migrating import load_migrations
from storage.sqlite.packing import unpack
from tests.storage.sqlite.old_databases import build_old_database
from tests.support.clock import START
from tests.support.database import DAMAGE, damage, execute, query

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | TEXTS | st.binary()
MANY = 3000


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A database with rows in nearly all tables."""
    path = tmp_path / "storywire.db"
    await build_old_database(path, 12)
    async with open_store(path) as store:
        await store.set_value("a", '“Ä”\n\0\u2028\\"')
    execute(
        path,
        "INSERT INTO recovered_channels VALUES (20, '', '2026', 7, NULL);"
        "INSERT INTO announced_addresses"
        " VALUES (20, 'https://news.example/1', 9, '2026', 'story', 8, 'compact', 'publish');"
        "INSERT INTO follow_ups SELECT min(id), 'publish', channel_id, 'waiting', changed_at,"
        " changed_at, 1, NULL, changed_at, NULL FROM posts",
    )
    return path


def read_tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, as people would compare them; without what is computed from them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = [
            name.decode()
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {
            name: sorted(
                (
                    tuple(_readable(value) for value in row)
                    for row in connection.execute(f"SELECT * FROM {name}")  # noqa: S608 - a table
                ),
                key=repr,
            )
            for name in names
            if not name.startswith("articles_fts") and name not in {*DERIVED, "upgrade_steps"}
        }


def _readable(content: object) -> object:
    try:
        return unpack(content)
    except ValueError:
        return content


async def round_trip(database: Path) -> Path:
    """Export a database, and import the archive elsewhere."""
    archive, copy = database.with_name("a.jsonl"), database.parent / "new" / "copy.db"
    rows = await export_store(database, archive, START)
    assert await import_store(copy, archive) == rows
    return copy


async def test_a_round_trip_loses_nothing(database: Path) -> None:
    copy = await round_trip(database)
    before, after = read_tables(database), read_tables(copy)
    made = (b"backup_made_at", START.isoformat().encode())
    assert made in after["settings"]
    after["settings"].remove(made)
    assert after == before
    assert len([name for name, rows in before.items() if rows]) > 15
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_what_is_left_out_is_computed_again(database: Path) -> None:
    copy = await round_trip(database)
    for table in DERIVED:
        counted = f"SELECT count(*) FROM {table}"  # noqa: S608 - a table
        assert query(copy, counted) == query(database, counted) != [0]
    async with open_store(copy) as store:
        found = await store.find_stories(StoryQuery("turbines"))
        assert [story.id for story in found.stories] == [1]


async def test_damaged_values_are_kept_or_stay_damaged(database: Path) -> None:
    damage(database, "documents", "content", "x'00ff'", "id = 3")
    damage(database, "topics", "name", DAMAGE["not UTF-8"], "id = 3")
    copy = await round_trip(database)
    assert query(copy, "SELECT content FROM documents WHERE id = 3") == [b"\x00\xff"]
    assert query(copy, "SELECT name FROM topics WHERE id = 3") == ['{"t?']


async def test_an_archive_is_exported_while_it_is_written(database: Path) -> None:
    """It has the state of one moment, and the time of an earlier backup that it is made of."""
    archive = database.with_name("a.jsonl")
    async with open_store(database) as store:
        await store.acquire_outbox()
        await store.set_value("backup_made_at", "earlier")
        await export_store(database, archive, START)
        with pytest.raises(BackupError, match="exists already"):
            await export_store(database, archive, START)
    first, *rows, last = archive.read_text(encoding="utf-8").split("\n")[:-1]
    assert json.loads(first)["storywire_archive"] == 1
    assert json.loads(last) == {"end": {"rows": len(rows)}}
    assert '{"settings":{"name":"backup_made_at","value":"earlier"}}' in rows
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


async def test_a_database_is_not_overwritten(database: Path) -> None:
    archive = database.with_name("a.jsonl")
    await export_store(database, archive, START)
    before = read_tables(database)
    with pytest.raises(BackupError, match="exists already"):
        await import_store(database, archive)
    assert read_tables(database) == before


async def test_nothing_is_imported_beside_a_running_bot(database: Path, tmp_path: Path) -> None:
    """Even if somebody removed its database."""
    archive, used = tmp_path / "a.jsonl", tmp_path / "used.db"
    await export_store(database, archive, START)
    async with open_store(used) as store:
        await store.acquire_outbox()
        used.rename(tmp_path / "moved.db")
        with pytest.raises(StoreLockedError, match="another Storywire"):
            await import_store(used, archive)
        (tmp_path / "moved.db").rename(used)


async def test_an_old_database_is_upgraded_before_its_export(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    await build_old_database(path, 12)
    with pytest.raises(BackupError, match="has version 12; upgrade it first"):
        await export_store(path, tmp_path / "a.jsonl", START)
    assert not (tmp_path / "a.jsonl").exists()


HEADER = json.dumps({"storywire_archive": 1, "schema": load_migrations()[-1].version})
TOPIC = '{"topics": {"id": 1, "name": "AI", "folded": "ai"}}'
DAMAGED = {
    "empty": ("", "line 1 is not JSON"),
    "not text": ("\0\x01\ud800", "line 1 is not JSON"),
    "another file": ('{"a": 1}', "line 1 does not say that this is an archive"),
    "a list": ("[]", "line 1 is not an object"),
    "a newer schema": (
        '{"storywire_archive": 1, "schema": 999, "storywire": "9.8.7"}',
        "line 1 is of a newer version; use Storywire 9.8.7 or later",
    ),
    "a newer format": (
        '{"storywire_archive": 2, "schema": 13, "storywire": "\\n\\n"}',
        "line 1 is of a newer version; update Storywire",
    ),
    "an older schema": ('{"storywire_archive": 1, "schema": 3}', "line 1 names version 3"),
    "true": ('{"storywire_archive": true, "schema": 13}', "line 1 does not say"),
    "truncated": (f"{HEADER}\n{TOPIC}\n", "line 3 is missing; the archive is incomplete"),
    "half a line": (f"{HEADER}\n{TOPIC[:20]}", "line 2 is not JSON"),
    "a missing row": (f'{HEADER}\n{{"end": {{"rows": 1}}}}', "line 2 does not match"),
    "more at the end": (f'{HEADER}\n{{"end": {{"rows": 0}}}}\n{TOPIC}', "does not match"),
    "nested": (f"{HEADER}\n{'[' * 100_000}", "line 2 is not JSON"),
    "two rows": (f'{HEADER}\n{{"topics": {{}}, "sources": {{}}}}', "line 2 is not a row"),
    "another table": (f'{HEADER}\n{{"sqlite_schema": {{}}}}', "line 2 has a table that no"),
    "a computed table": (f'{HEADER}\n{{"search_words": {{}}}}', "line 2 has a table that no"),
    "a missing column": (f'{HEADER}\n{{"topics": {{"id": 1}}}}', "the columns of its table"),
    "another column": (f'{HEADER}\n{TOPIC[:-2]}, "x\\n": 1}}}}', "the columns of its table"),
    "a list as value": (TOPIC.replace('"AI"', "[]"), "has a value as 'name' that no"),
    "an object as value": (TOPIC.replace('"AI"', "{}"), "has an object as 'name'"),
    "bytes": (TOPIC.replace('"AI"', '{"base64": "?"}'), "has bytes as 'name' that are not"),
    "half a character": (TOPIC.replace("AI", "\\ud800"), "has a text as 'name' that is not"),
    "a large number": (TOPIC.replace("1", "1" + "0" * 30), "has a number as 'id' that is too"),
    "a huge number": (TOPIC.replace("1", "1" * 10_000), "is not JSON"),
    "not a number": (TOPIC.replace("1", "NaN"), "is not JSON"),
    "another type": (TOPIC.replace("1", '"x"'), "is refused by the database"),
    "the same row": (f"{TOPIC}\n{TOPIC}", "is refused by the database"),
    "a dangling row": (
        '{"addresses": {"address": "a", "article_id": 7}}\n{"end": {"rows": 1}}',
        "is the last one, but some rows refer to rows that are missing",
    ),
}


@pytest.mark.parametrize("kind", DAMAGED)
async def test_a_damaged_archive_is_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    """Whoever wrote it; nothing is left of it."""
    text, problem = DAMAGED[kind]
    if text.startswith(('{"topics', '{"addresses')):
        text = f"{HEADER}\n{text}"
    archive = tmp_path / "a.jsonl"
    archive.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(BackupError) as refused:
        await import_store(tmp_path / "a.db", archive)
    assert str(refused.value).startswith(f"{archive}: line ")
    assert problem in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert set(os.listdir(tmp_path)) <= {"a.jsonl", "a.db.lock"}  # noqa: PTH208 - not async


async def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"a\.jsonl can't be read: No such file"):
        await import_store(tmp_path / "a.db", tmp_path / "a.jsonl")
    with pytest.raises(BackupError, match="there is no database at"):
        await export_store(tmp_path / "a.db", tmp_path / "a.jsonl", START)


@given(st.text(min_size=1), st.dictionaries(TEXTS, VALUES))
def test_every_row_survives(table: str, row: dict[str, object]) -> None:
    """Whatever values SQLite has, in a line each."""
    table = table.encode(errors="replace").decode()
    line: Line = (table, row)
    text = encode_line(*line)
    assert "\n" not in text
    assert decode_line(text.encode()) == line


@given(st.binary())
def test_any_line_is_read_or_refused(line: bytes) -> None:
    try:
        decode_line(line)
    except ValueError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - it may be read
