"""Upgrades in steps: batches, interruptions, and progress."""

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from storage.sqlite.database import Database
from storage.sqlite.migrating import Migration, load_migrations
from storage.sqlite.upgrade_steps import (
    Batch,
    Progress,
    ProgressLog,
    Step,
    find_unfinished,
    take_turn,
)

ROWS, PER_BATCH = 10, 3
MIGRATIONS = [
    *load_migrations()[:1],
    Migration(
        2,
        "CREATE TABLE old (id INTEGER PRIMARY KEY);"
        "\nINSERT INTO old VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10);"
        "\nCREATE TABLE new (id INTEGER PRIMARY KEY, edition INTEGER);",
    ),
]
LATER = Migration(3, "CREATE TABLE summary AS SELECT count(*) AS rows FROM new;")


class ProgramEndError(Exception):
    """Stands for whatever ends the program."""


class Copying:
    """A step that copies rows; it can be interrupted within a batch, after its writes."""

    def __init__(self, edition: int = 1, *, interrupted_at: int | None = None) -> None:
        self.afters: list[int] = []
        self._edition = edition
        self._interrupted_at = interrupted_at

    def step(self, *, after_all: bool = False) -> Step:
        """The step."""
        return Step(
            "copying",
            self._edition,
            since=2,
            doing="copying rows",
            begin=self._begin,
            batch=self._batch,
            after_all=after_all,
        )

    async def _begin(self, connection: aiosqlite.Connection) -> int:
        await connection.execute("DELETE FROM new")
        return ROWS

    async def _batch(self, connection: aiosqlite.Connection, after: int) -> Batch | None:
        self.afters.append(after)
        copied = await connection.execute_fetchall(
            "INSERT INTO new SELECT id, ? FROM old WHERE id > ? ORDER BY id LIMIT ? RETURNING id",
            (self._edition, after, PER_BATCH),
        )
        if len(self.afters) == self._interrupted_at:
            self._interrupt()
        ids = [row[0] for row in copied]
        return Batch(ids[-1], len(ids)) if ids else None

    def _interrupt(self) -> None:
        raise ProgramEndError


class Killed(Copying):
    """A step that kills its process."""

    def _interrupt(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file for a database."""
    return tmp_path / "a.db"


async def open_with(path: Path, *steps: Step, later: bool = False) -> None:
    """Open a database, which runs its migrations and steps."""
    async with Database.open(path, [*MIGRATIONS, *([LATER] if later else [])], steps):
        pass


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def copied(path: Path) -> list[tuple[object, ...]]:
    """The copied rows."""
    return query(path, "SELECT id, edition FROM new ORDER BY id")


def all_rows(edition: int = 1) -> list[tuple[int, int]]:
    """What has to be there in the end."""
    return [(number + 1, edition) for number in range(ROWS)]


async def progress_of(path: Path, step: Step) -> Progress | None:
    """What inspection says."""
    async with aiosqlite.connect(path) as connection:
        return await find_unfinished(connection, [step], 2, 2)


async def test_a_step_runs_in_batches_and_only_once(path: Path) -> None:
    """Each batch gets the number of the last row of the one before."""
    copying = Copying()
    await open_with(path, copying.step())
    assert (copying.afters, copied(path)) == ([0, 3, 6, 9, 10], all_rows())
    await open_with(path, copying.step())
    assert len(copying.afters) == 5
    assert await progress_of(path, copying.step()) is None


@pytest.mark.parametrize("after_all", [False, True])
async def test_a_step_runs_before_or_after_later_migrations(path: Path, after_all: bool) -> None:
    """A later migration finds its work done, unless the step comes last."""
    await open_with(path, Copying().step(after_all=after_all), later=True)
    assert query(path, "SELECT * FROM summary") == [(0 if after_all else ROWS,)]
    assert copied(path) == all_rows()


@pytest.mark.parametrize("batch", range(1, 6))
async def test_an_interrupted_step_continues(path: Path, batch: int) -> None:
    """What the interrupted batch did is undone, and done by the next start."""
    copying = Copying(interrupted_at=batch)
    with pytest.raises(ProgramEndError):
        await open_with(path, copying.step())
    done = min(PER_BATCH * (batch - 1), ROWS)
    assert len(copied(path)) == done
    unfinished = await progress_of(path, copying.step())
    assert unfinished is not None
    assert unfinished.percent == min(99, 100 * done // ROWS)
    rest = Copying()
    await open_with(path, rest.step())
    assert rest.afters[0] == done
    assert copied(path) == all_rows()


async def test_a_cancelled_step_continues(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Ctrl+C cancels the task; the log says that the next start continues."""
    caplog.set_level("INFO")
    copying = Copying()

    async def batch(connection: aiosqlite.Connection, after: int) -> Batch | None:
        if after == 6:
            task.cancel()
        return await copying.step().batch(connection, after)

    step = Step("copying", 1, 2, "copying rows", copying.step().begin, batch)
    task = asyncio.ensure_future(open_with(path, step))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(copied(path)) == 6
    assert "was interrupted; the next start continues it" in caplog.text
    await open_with(path, Copying().step())
    assert copied(path) == all_rows()


async def test_a_killed_step_continues(path: Path) -> None:
    """A process that is killed within a batch leaves the batches before it."""
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        f"from {__name__} import Killed, open_with\n"
        "asyncio.run(open_with(Path(sys.argv[1]), Killed(interrupted_at=3).step()))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, path)
    assert await process.wait() == -signal.SIGKILL
    assert len(copied(path)) == 6
    rest = Copying()
    await open_with(path, rest.step())
    assert (rest.afters[0], copied(path)) == (6, all_rows())


async def test_two_programs_upgrade_together(path: Path) -> None:
    """Each batch is done by one of them, and both find the work done in the end."""
    await open_with(path)
    one, other = Copying(), Copying()
    await asyncio.gather(open_with(path, one.step()), open_with(path, other.step()))
    assert copied(path) == all_rows()
    # One of them finds nothing more to do.
    assert sorted({*one.afters, *other.afters}) == [0, 3, 6, 9, 10]
    assert len(one.afters) + len(other.afters) == 5


@pytest.mark.parametrize("turns", [1, 3])
async def test_a_program_waits_while_another_upgrades(path: Path, turns: int) -> None:
    """It gives up when nothing has changed since it began to wait."""
    await open_with(path, Copying().step())
    attempts = 0
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:

        def count(statement: str) -> None:
            """What the other program does while this one waits."""
            nonlocal attempts
            if statement == "BEGIN IMMEDIATE":
                attempts += 1
                if attempts <= turns:
                    other.execute("UPDATE upgrade_steps SET position = ?", (100 + attempts,))
                    other.execute("COMMIT")
                    other.execute("BEGIN IMMEDIATE")

        other.execute("BEGIN IMMEDIATE")
        async with aiosqlite.connect(path, isolation_level=None, timeout=0) as waiting:
            await waiting.set_trace_callback(count)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                await take_turn(waiting)
            assert attempts == turns + 1
            other.execute("COMMIT")
            await take_turn(waiting)


async def test_a_new_edition_begins_again(path: Path) -> None:
    """Also if an earlier edition was not finished."""
    with pytest.raises(ProgramEndError):
        await open_with(path, Copying(interrupted_at=3).step())
    second = Copying(edition=2)
    await open_with(path, second.step())
    assert (second.afters[0], copied(path)) == (0, all_rows(2))
    await open_with(path, Copying(edition=1).step())
    assert copied(path) == all_rows(1)


async def test_a_damaged_record_begins_again(path: Path) -> None:
    """The work is done twice rather than not at all."""
    await open_with(path, Copying().step())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE upgrade_steps SET name = 'copyinf'")
        connection.commit()
    again = Copying()
    await open_with(path, again.step())
    assert (again.afters[0], copied(path)) == (0, all_rows())


def test_progress_is_logged_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    """A short upgrade logs nothing."""
    caplog.set_level("INFO")
    now = 0.0
    log = ProgressLog("a.db", lambda: now)
    step = Copying().step()
    log.report(Progress(step, 500, 100_000))
    log.report(Progress(step, 500, 100_000, finished=True))
    assert caplog.messages == []
    for second in (0.4, 1.0, 1.9, 2.5):
        now = second
        log.report(Progress(step, 45_000, 100_000))
    log.report(Progress(step, 100_000, 100_000, finished=True))
    line = "upgrading a.db: copying rows, 45,000 of 100,000 (45 %)"
    assert caplog.messages == [line, line, "upgrading a.db: copying rows, finished"]
    log.interrupted()
    assert len(caplog.messages) == 3
