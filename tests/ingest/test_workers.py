"""Worker processes: the bot keeps working whatever happens in one of them."""

import asyncio
import json
import os
import pickle
import resource
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

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


@dataclass(frozen=True)
class Part:
    """A part of a result."""

    name: str
    number: int | None = None


@dataclass(frozen=True)
class Parts:
    """A result of any size."""

    parts: tuple[Part, ...]
    title: str = ""


def pid() -> int:
    return os.getpid()


def absolute(number: int) -> int:
    return abs(number)


def secret() -> str | None:
    return os.getenv("DISCORD_TOKEN")


def repeat(text: str, times: int) -> str:
    return text * times


def split(text: str) -> Parts:
    return Parts(tuple(Part(letter, number) for number, letter in enumerate(text)), text)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def fill(pipe: Path) -> None:
    pipe.write_bytes(bytes(2**20))


def reject(message: str) -> None:
    raise SourceError(message)


def raise_error() -> None:
    raise LookupError


def use_memory() -> int:
    return len(b"x" * 2**30)


def crash(number: int) -> None:
    os.kill(os.getpid(), number)


def quit_process() -> None:
    raise SystemExit(3)


def nest() -> list[Any]:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    return nested


def print_and_fail() -> None:
    print("printed")  # noqa: T201 - a library may print
    sys.stderr.write("written")
    os.write(2, b"written")
    raise RecursionError


def promise_text() -> str:
    return cast("str", ["no text"])


def promise_part() -> Part:
    return cast("Part", Parts(()))


def attack(payload: bytes) -> str:
    """Send bytes that are not a result, as whoever takes over a worker process can."""
    for descriptor in range(3, 20):
        with suppress(OSError):
            os.write(descriptor, payload)
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


class Exploit:
    """It runs code in the process that unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("import os; os.environ['EXPLOITED'] = 'yes'",))


def message(content: bytes) -> bytes:
    return len(content).to_bytes(8) + content


async def test_worker_process_is_reused(workers: Workers) -> None:
    """Arguments and results may be large."""
    first = await workers.run(pid)
    assert first != os.getpid()
    assert await workers.run(pid) == first
    assert len(await workers.run(repeat, "x" * 1_000_000, 10)) == 10_000_000


@pytest.mark.parametrize("text", ["", "a", "ab\0\u2028\U0001f600", "x" * 10_000])
async def test_results_arrive_as_they_were_returned(workers: Workers, text: str) -> None:
    """A long list arrives in pieces."""
    assert await workers.run(split, text) == split(text)


async def test_lone_surrogates_are_left_out(workers: Workers) -> None:
    """They are no characters, and no encoding has them."""
    assert await workers.run(repeat, "a\ud800b\udfff", 2) == "abab"


async def test_workers_get_no_secrets(workers: Workers) -> None:
    """An exploited parser finds no token in its environment."""
    assert await workers.run(secret) is None


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        ((reject, "it is not a feed"), "it is not a feed"),
        ((raise_error,), "it can't be parsed (no reason is given)"),
        ((use_memory,), "parsing it takes more than 512 MB of memory"),
        ((crash, signal.SIGSEGV), "parsing it crashed the worker process (SIGSEGV)"),
        ((crash, signal.SIGABRT), "parsing it crashed the worker process (SIGABRT)"),
        ((crash, signal.SIGKILL), "parsing it crashed the worker process (SIGKILL)"),
        ((quit_process,), "parsing it crashed the worker process (exit status 3)"),
        ((nest,), "it can't be parsed (it is nested too deeply)"),
        ((print_and_fail,), "it can't be parsed (it is nested too deeply)"),
        ((promise_text,), "parsing it returned an invalid result"),
        ((promise_part,), "parsing it returned an invalid result"),
        ((repeat, "x" * 1024, 70_000), "parsing it results in more than 64 MB"),
        ((repeat, "x" * 2**20, 600), "parsing it takes more than 512 MB of memory"),
    ],
)
async def test_failed_task_raises_one_line(
    workers: Workers, task: tuple[object, ...], problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The terminal shows no traceback, and the next task works."""
    function, *arguments = task
    assert callable(function)
    with pytest.raises(SourceError) as caught:
        await workers.run(function, *arguments)
    assert str(caught.value) == problem
    assert await workers.run(absolute, -1) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "payload",
    [
        message(pickle.dumps(Exploit())),
        message(b"\n" + pickle.dumps(Exploit())) + message(b""),
        message(b""),
        message(b"\n5") + message(b""),
        message(b'parts\n["x"]') + message(b""),
        message(b"\xff\n1") + message(b""),
        message(b"\n" + b"[" * 100_000) + message(b""),
        message(b"!\n{}") + message(b""),
        b"\xff" * 8,
        b"x",
    ],
)
async def test_taken_over_process_runs_no_code_in_the_bot(workers: Workers, payload: bytes) -> None:
    """Whatever it sends is a result of the expected type, or an error."""
    with pytest.raises(SourceError):
        await workers.run(attack, payload)
    assert "EXPLOITED" not in os.environ
    assert await workers.run(absolute, -1) == 1


async def test_error_of_a_taken_over_process_is_one_line(workers: Workers) -> None:
    payload = message(b"!\n" + json.dumps("a\n\x1b[31m" + "b" * 10_000).encode()) + message(b"")
    with pytest.raises(SourceError) as caught:
        await workers.run(attack, payload)
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) <= 500


async def test_task_that_takes_too_long_is_ended() -> None:
    """The next task runs in another process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    async with Workers(environment, replace(LIMITS, seconds=2.0)) as workers:
        with pytest.raises(SourceError, match=r"^parsing it takes more than 2 seconds$"):
            await workers.run(sleep, 60)
        # On a busy machine, starting the process may take as long.
        async with asyncio.timeout(120):
            while True:
                with suppress(SourceError):
                    assert await workers.run(absolute, -1) == 1
                    break


async def test_cancelling_does_not_wait_for_the_task(workers: Workers, tmp_path: Path) -> None:
    """The bot can stop immediately."""
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    is_running = asyncio.Event()
    asyncio.get_running_loop().add_reader(reader, is_running.set)
    await workers.run(absolute, -1)
    started_at = time.monotonic()
    # It does not end: nobody reads the pipe, which is full after 64 KB.
    task = asyncio.create_task(workers.run(fill, pipe))
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
            await workers.run(absolute, -1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert await workers.run(absolute, -1) == 1


async def test_process_that_does_not_start_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    """The terminal shows nothing of what Python says then."""
    async with Workers({"PYTHONHOME": "/missing"}, LIMITS) as workers:
        with pytest.raises(SourceError, match=r"^parsing it crashed the worker process \(exit "):
            await workers.run(absolute, -1)
    assert capfd.readouterr() == ("", "")


async def test_current_folder_is_not_imported_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder may contain something called `bot`."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/__init__.py").touch()
    (tmp_path / "pickle.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    async with Workers(environment, LIMITS) as workers:
        assert await workers.run(absolute, -3) == 3


async def test_worker_ends_after_the_bot_was_killed() -> None:
    task = pickle.dumps((time.sleep, (60,)))
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot.ingest.worker_process", "512", "1"),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert worker.stdin is not None
    worker.stdin.write(len(task).to_bytes(8) + task)
    async with asyncio.timeout(60):
        await worker.communicate()
    assert worker.returncode == -signal.SIGALRM


async def test_idle_process_ends() -> None:
    """The next task starts another one."""
    limits = replace(LIMITS, idle_seconds=0.0)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    async with Workers(environment, limits) as workers:
        first = await workers.run(pid)
        for _ in range(3):
            await asyncio.sleep(0)  # let the due timer run
        assert await workers.run(pid) != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_busy_process_is_not_idle() -> None:
    """It does not matter how long ago its last task ended."""
    limits = replace(LIMITS, idle_seconds=0.1)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    async with Workers(environment, limits) as workers:
        first = await workers.run(pid)
        await workers.run(sleep, 0.3)
        assert await workers.run(pid) == first
