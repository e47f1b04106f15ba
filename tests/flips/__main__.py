"""`python -m tests.flips [--flips N] [--days N] [--seed N]`: flip bits of a real database.

Counts, for each table and index, which flips the deep check finds. Flips that change nothing that
can be read, as in the unused part of a page, are harmless.
"""

import argparse
import asyncio
import hashlib
import random
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from storage.errors import StorageError
from storage.open import inspect_store
from tests.year.run import simulate

START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    """Flip bits; returns 1 if an undamaged database counts as damaged, or no flip is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.flips", description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        database, copy = Path(folder) / "year.db", Path(folder) / "flipped.db"
        asyncio.run(simulate(database, START, options.days, options.seed))
        if damage := asyncio.run(inspect_store(database).find_damage(deep=True)):
            console.print(f"found without a flip: {damage[:10]}")
            return 1
        results = flip_bits(database, copy, options.flips, random.Random(options.seed))  # noqa: S311 - repeatable
    console.print(summary(results))
    return 0 if sum(count["found"] for count in results.values()) else 1


def flip_bits(
    database: Path, copy: Path, flips: int, chance: random.Random
) -> dict[str, Counter[str]]:
    """Flip one bit at a time; returns how many were found, missed and harmless, by table."""
    content, undamaged = database.read_bytes(), read_all(database)
    size, pages = pages_of(database)
    # Every table and index gets its share, however small it is.
    names = [name for name, numbers in pages.items() for _ in range(min(len(numbers), 40) + 10)]
    results: dict[str, Counter[str]] = defaultdict(Counter)
    for _ in range(flips):
        name = chance.choice(names)
        position = (chance.choice(pages[name]) - 1) * size + chance.randrange(size)
        flipped = bytearray(content)
        flipped[position] ^= 1 << chance.randrange(8)
        for leftover in copy.parent.glob(f"{copy.name}-*"):
            leftover.unlink()
        copy.write_bytes(flipped)
        if is_found(copy):
            results[name]["found"] += 1
        else:
            results[name]["missed" if read_all(copy) != undamaged else "harmless"] += 1
    return results


def is_found(database: Path) -> bool:
    """Whether the deep check finds damage, or can't even open the file."""
    try:
        return bool(asyncio.run(inspect_store(database).find_damage(deep=True)))
    except StorageError:
        return True


def read_all(database: Path) -> str:
    """A hash of the schema and of all rows."""
    found = hashlib.blake2b()
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            schema = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
            found.update(repr(schema).encode())
            for name in sorted(row[1].decode() for row in schema if row[0] == b"table"):
                # Without the indexes, which may contradict the table.
                for row in connection.execute(f"SELECT * FROM {name} NOT INDEXED"):  # noqa: S608 - a table
                    found.update(repr(row).encode())
    except sqlite3.DatabaseError as error:
        return str(error)
    return found.hexdigest()


def pages_of(database: Path) -> tuple[int, dict[str, list[int]]]:
    """The size of a page in bytes, and the numbers of the pages of each table and index."""
    pages: dict[str, list[int]] = defaultdict(list)
    with closing(sqlite3.connect(database)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        for name, number in connection.execute("SELECT name, pageno FROM dbstat"):
            pages[name].append(number)
    return size, pages


def summary(results: dict[str, Counter[str]]) -> Table:
    """The results as a table; the share is of the flips that change something."""
    table = Table("of", "found", "missed", "harmless", "share found")
    total = Counter[str]()
    for name, counted in sorted(results.items()):
        total += counted
        table.add_row(*_row(name, counted))
    table.add_row(*_row("all", total), style="bold")
    return table


def _row(name: str, counted: Counter[str]) -> list[str]:
    changed = counted["found"] + counted["missed"]
    share = f"{100 * counted['found'] / changed:.0f} %" if changed else ""
    return [name, *(str(counted[key]) for key in ("found", "missed", "harmless")), share]


if __name__ == "__main__":
    sys.exit(main())
