"""`python -m tests.bench.lookups.building DATABASE COUNT END`: store a generated archive.

It is a process of its own, so that nothing of it is in the memory of the measurements. Prints JSON.
"""

import asyncio
import json
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from storage.open import open_store
from storage.protocols import Store
from tests.bench.lookups.archive import SOURCES, Archive

BATCH = 1000


@dataclass(frozen=True, slots=True)
class BuiltDatabase:
    """What building a database took: seconds in total and in the store, and bytes."""

    count: int
    end: str
    seconds: float
    storing_seconds: float
    withdrawn: int
    size: int
    peak_kilobytes: int

    def __str__(self) -> str:
        return (
            f"{self.count:,} articles in {self.seconds:.0f} s"
            f" ({self.count / self.storing_seconds:,.0f} articles/s in the store),"
            f" {self.size / self.count:,.0f} bytes per article,"
            f" peak memory {self.peak_kilobytes / 1024:.0f} MB, {self.withdrawn:,} withdrawn"
        )


def source_name(source: int) -> str:
    """The name of one of the sources."""
    return f"archive-{source}"


async def build(path: Path, archive: Archive) -> BuiltDatabase:
    """Store all articles, and withdraw some of them as a source does whose files are removed."""
    began = time.perf_counter()
    storing = 0.0
    withdrawn = 0
    async with open_store(path) as store:
        await store.register_sources([source_name(each) for each in range(SOURCES)])
        for source in range(SOURCES):
            documents = archive.documents(source)
            while batch := list(islice(documents, BATCH)):
                started = time.perf_counter()
                await store.save_documents(source_name(source), batch, archive.end)
                storing += time.perf_counter() - started
            withdrawn += await _withdraw(store, archive, source)
            await store.compact_search_index()
    size = await asyncio.to_thread(_checkpointed_size, path)
    return BuiltDatabase(
        archive.count,
        archive.end.isoformat(),
        time.perf_counter() - began,
        storing,
        withdrawn,
        size,
        _peak_kilobytes(),
    )


def sizes_by_table(path: Path) -> Sequence[tuple[str, int]]:
    """Bytes of each table and index, the largest first; none if SQLite was built without dbstat.

    https://www.sqlite.org/dbstat.html
    """
    query = "SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name ORDER BY size DESC"
    with closing(sqlite3.connect(path)) as connection:
        try:
            return list(connection.execute(query))
        except sqlite3.OperationalError:
            return []


async def _withdraw(store: Store, archive: Archive, source: int) -> int:
    numbers = range(source, archive.count, SOURCES)
    keys = [f"{number}.md" for number in numbers if archive.is_withdrawn(number)]
    for first in range(0, len(keys), BATCH):
        await store.withdraw_documents(source_name(source), keys[first : first + BATCH])
    return len(keys)


def _checkpointed_size(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def _peak_kilobytes() -> int:
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def main(path: str, count: str, end: str) -> None:
    """Build the database, and print what that took as JSON."""
    archive = Archive.of(int(count), datetime.fromisoformat(end))
    built = asyncio.run(build(Path(path), archive))
    sys.stdout.write(json.dumps(asdict(built)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
