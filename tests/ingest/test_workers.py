"""Worker processes: the bot keeps working whatever happens in one of them."""

import asyncio
import os
import pickle
import resource
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.ingest.workers import WorkerLimits, Workers

LIMITS = WorkerLimits(processes=1, seconds=40.0, megabytes=512)
SECRET = "made-up"
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    # The task functions of these tests are not in an installed package.
    environment = {**os.environ, "DISCORD_TOKEN": SECRET, "PYTHONPATH": str(ROOT)}
    async with Workers(environment, LIMITS) as workers:
        yield workers


def reject(message: str) -> None:
    raise SourceError(message)


def raise_error() -> None:
    raise LookupError


def use_memory() -> int:
    return len(b"x" * 2**30)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


async def test_worker_process_is_reused(workers: Workers) -> None:
    """Arguments and results may be large."""
    first = await workers.run(os.getpid)
    assert first != os.getpid()
    assert await workers.run(os.getpid) == first
    assert await workers.run(len, b"x" * 10_000_000) == 10_000_000
    assert len(await workers.run(bytes, 10_000_000)) == 10_000_000


async def test_workers_get_no_secrets(workers: Workers) -> None:
    """An exploited parser finds no token in its environment."""
    assert await workers.run(os.getenv, "DISCORD_TOKEN") is None


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ((reject, "it is not a feed"), "it is not a feed"),
        ((raise_error,), "it can't be parsed (LookupError)"),
        ((use_memory,), "parsing it takes more than 512 MB of memory"),
        ((crash,), "parsing it crashed the worker process"),
    ],
)
async def test_failed_task_raises_one_line(
    workers: Workers, task: tuple[object, ...], message: str
) -> None:
    """The next task works, whether this one raised, crashed or used too much memory."""
    function, *arguments = task
    assert callable(function)
    with pytest.raises(SourceError) as caught:
        await workers.run(function, *arguments)
    assert str(caught.value) == message
    assert await workers.run(abs, -1) == 1


async def test_task_that_takes_too_long_is_ended() -> None:
    """The next task runs in another process."""
    async with Workers(os.environ, replace(LIMITS, seconds=2.0)) as workers:
        with pytest.raises(SourceError, match=r"^parsing it takes more than 2 seconds$"):
            await workers.run(time.sleep, 60)
        assert await workers.run(abs, -1) == 1


async def test_cancelling_does_not_wait_for_the_task(workers: Workers, tmp_path: Path) -> None:
    """The bot can stop immediately."""
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    is_running = asyncio.Event()
    asyncio.get_running_loop().add_reader(reader, is_running.set)
    await workers.run(abs, -1)
    started_at = time.monotonic()
    # It does not end: nobody reads the pipe, which is full after 64 KB.
    task = asyncio.create_task(workers.run(Path.write_bytes, pipe, bytes(2**20)))
    async with asyncio.timeout(60):
        await is_running.wait()
    asyncio.get_running_loop().remove_reader(reader)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started_at < LIMITS.seconds
    os.close(reader)


async def test_failure_to_start_a_process_is_reported(workers: Workers) -> None:
    """The next task works once files can be opened again."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(lowest_free := os.dup(0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    try:
        with pytest.raises(SourceError, match="can't be started: Too many open files"):
            await workers.run(abs, -1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert await workers.run(abs, -1) == 1


async def test_current_folder_is_not_imported_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder may contain something called `bot`."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/__init__.py").touch()
    (tmp_path / "pickle.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    async with Workers(os.environ, LIMITS) as workers:
        assert await workers.run(len, b"abc") == 3


async def test_worker_ends_after_the_bot_was_killed() -> None:
    task = pickle.dumps((time.sleep, (60,)))
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot.ingest.workers", "512", "1"), stdin=PIPE, stdout=PIPE
    )
    assert worker.stdin is not None
    worker.stdin.write(len(task).to_bytes(8) + task)
    async with asyncio.timeout(60):
        await worker.communicate()
    assert worker.returncode == -signal.SIGALRM


async def test_idle_process_ends() -> None:
    """The next task starts another one."""
    limits = replace(LIMITS, idle_seconds=0.0)
    async with Workers(os.environ, limits) as workers:
        first = await workers.run(os.getpid)
        for _ in range(3):
            await asyncio.sleep(0)  # let the due timer run
        assert await workers.run(os.getpid) != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_busy_process_is_not_idle() -> None:
    """It does not matter how long ago its last task ended."""
    limits = replace(LIMITS, idle_seconds=0.1)
    async with Workers(os.environ, limits) as workers:
        first = await workers.run(os.getpid)
        await workers.run(time.sleep, 0.3)
        assert await workers.run(os.getpid) == first
