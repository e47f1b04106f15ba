"""Long parts of an upgrade, in short transactions that can be interrupted.

A migration is one transaction, which would take too long for work on every row. Such work is a
`Step`: it goes through rows in the order of their numbers, some hundred in each transaction, which
also records how far it is. If the program is interrupted, the next one that opens the database
continues there. Two that open it at once take turns.
"""

import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import aiosqlite

logger = logging.getLogger(__name__)

# The time between two lines about the progress.
REPORT_SECONDS = 1.0

_TABLE = """
CREATE TABLE IF NOT EXISTS upgrade_steps (
    name     TEXT PRIMARY KEY,
    edition  INTEGER NOT NULL,
    -- The number of the last row that was handled.
    position INTEGER NOT NULL,
    -- How many rows were handled, and how many there were at the beginning.
    done     INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    finished INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""


class Batch(NamedTuple):
    """What one transaction of a step did: up to which row, and how many rows."""

    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class Step:
    """Work on many rows that follows a migration.

    `since` is the version whose schema it needs. It runs before the next migration, or with
    `after_all` after the last one. It runs once for each `edition`, which changes with whatever it
    computes.

    `begin` prepares the work, in the first transaction, and returns how many rows there are to
    do; `batch` handles the next rows whose numbers are above the given one (0 at first), in a
    fraction of a second, and returns None if there were none: then, whatever ends the work is done.
    Both run inside a transaction with foreign keys off.

    `name` is stored and never changes; `doing` is for people, as in "rebuilding the search index".
    """

    name: str
    edition: int
    since: int
    doing: str
    begin: Callable[[aiosqlite.Connection], Awaitable[int]]
    batch: Callable[[aiosqlite.Connection, int], Awaitable[Batch | None]]
    after_all: bool = False


class Progress(NamedTuple):
    """How far a step is: of `total` rows, which were counted at its beginning."""

    step: Step
    done: int
    total: int
    finished: bool = False

    @property
    def percent(self) -> int:
        """At most 99 until it is finished."""
        return 100 if self.finished else min(99, 100 * self.done // max(self.total, 1))


async def find_unfinished(
    connection: aiosqlite.Connection, steps: Sequence[Step], version: int, newest: int
) -> Progress | None:
    """The next step that a database of this version needs, or None.

    `newest` is the last version to which it will be migrated.
    """
    stored = await _fetch_steps(connection)
    for step in steps:
        if step.since > version or (step.after_all and version < newest):
            continue
        edition, _, done, total, finished = stored.get(step.name, (None, 0, 0, 0, 0))
        if edition != step.edition:
            return Progress(step, 0, 0)
        if not finished:
            return Progress(step, done, total)
    return None


async def run_batch(connection: aiosqlite.Connection, step: Step) -> Progress:
    """Begin a step, or continue it with the next batch, inside a transaction of the caller."""
    await connection.execute(_TABLE)
    edition, position, done, total, _ = (await _fetch_steps(connection)).get(
        step.name, (None, 0, 0, 0, 0)
    )
    if edition != step.edition:
        position, done, total = 0, 0, await step.begin(connection)
    batch = await step.batch(connection, position)
    if batch is not None:
        position, done = batch.last, done + batch.rows
    await connection.execute(
        "INSERT OR REPLACE INTO upgrade_steps (name, edition, position, done, total, finished)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (step.name, step.edition, position, done, total, batch is None),
    )
    return Progress(step, done, total, batch is None)


async def take_turn(connection: aiosqlite.Connection) -> None:
    """Begin a transaction; wait for another program as long as that goes on with the upgrade."""
    position = await _fetch_position(connection)
    while True:
        try:
            await connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            before, position = position, await _fetch_position(connection)
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or position == before:
                raise
        else:
            return


async def _fetch_position(connection: aiosqlite.Connection) -> object:
    """A value that changes with every batch and every migration, by whichever program."""
    (row,) = await connection.execute_fetchall("PRAGMA user_version")
    return row[0], await _fetch_steps(connection)


async def _fetch_steps(
    connection: aiosqlite.Connection,
) -> dict[str, tuple[int | None, int, int, int, int]]:
    found = "SELECT 1 FROM sqlite_schema WHERE name = 'upgrade_steps'"
    if not await connection.execute_fetchall(found):
        return {}
    # A damaged row counts as none: the step begins again.
    numbers = ("edition", "position", "done", "total", "finished")
    intact = " AND ".join(f"typeof({column}) = 'integer'" for column in numbers)
    rows = await connection.execute_fetchall(
        f"SELECT name, {', '.join(numbers)} FROM upgrade_steps WHERE {intact}"
    )
    return {name: (edition, *rest) for name, edition, *rest in rows}


class ProgressLog:
    """Logs about once a second how far an upgrade is, and its end if it took so long."""

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._reported_at = clock()
        self._reported = False
        self._unfinished = False

    def report(self, progress: Progress) -> None:
        """Note the progress after a batch."""
        self._unfinished = not progress.finished
        if progress.finished:
            if self._reported:
                logger.info("upgrading %s: %s, finished", self._path, progress.step.doing)
            self._reported = False
        elif self._clock() >= self._reported_at + REPORT_SECONDS:
            logger.info(
                "upgrading %s: %s, %s of %s (%s %%)",
                self._path,
                progress.step.doing,
                f"{progress.done:,}",
                f"{progress.total:,}",
                progress.percent,
            )
            self._reported, self._reported_at = True, self._clock()

    def interrupted(self) -> None:
        """Note that the program ends."""
        if self._unfinished:
            logger.info(
                "the upgrade of %s was interrupted; the next start continues it", self._path
            )
