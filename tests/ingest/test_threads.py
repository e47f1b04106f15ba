"""Work that may hang."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bot.ingest.folder.source import FolderSource
from bot.ingest.threads import run_in_thread
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock


async def test_an_answer_or_an_error_comes_back() -> None:
    """As from a call."""
    assert await run_in_thread(next, iter(["one"]), None) == "one"
    assert await run_in_thread(next, iter([]), None) is None
    with pytest.raises(FileNotFoundError):
        await run_in_thread(os.stat, "/nowhere")


def hung(pipe: Path) -> asyncio.Task[bytes]:
    """Waits for a writer, as on a drive that is gone; nobody can end it from here."""
    os.mkfifo(pipe)
    return asyncio.create_task(run_in_thread(pipe.read_bytes))


def end(pipe: Path) -> None:
    """What waits for a writer gets one."""
    os.close(os.open(pipe, os.O_WRONLY))


async def test_what_hangs_holds_up_nothing_else(folder: Path) -> None:
    """However many hang."""
    pipes = [folder / f"pipe{number}" for number in range(50)]
    hanging = [hung(pipe) for pipe in pipes]
    (folder / "a.md").write_bytes(make_markdown())
    healthy = FolderSource(
        folder, name="a", unpublished="skip", include=("*.md",), exclude=(), clock=FakeClock()
    )
    async with asyncio.timeout(20):
        assert (await healthy.read({}, None)).changed == 1
    for task in hanging:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for pipe in pipes:
        end(pipe)


def test_what_hangs_does_not_hold_up_the_end(folder: Path) -> None:
    """The process ends when it is asked to."""
    os.mkfifo(folder / "pipe")
    program = f"""
import asyncio, pathlib
from bot.ingest.threads import run_in_thread
async def main():
    read = asyncio.create_task(run_in_thread(pathlib.Path({str(folder / "pipe")!r}).read_bytes))
    await asyncio.sleep(0)
    read.cancel()
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)  # noqa: S603 - ours
