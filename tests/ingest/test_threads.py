"""Blocking calls that may hang."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bot.ingest.folder.source import FolderSource
from bot.ingest.threads import run_in_thread
from storage.models import NO_DOCUMENTS
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock


async def test_result_or_error_is_returned() -> None:
    assert await run_in_thread(next, iter(["one"]), None) == "one"
    assert await run_in_thread(next, iter([]), None) is None
    with pytest.raises(FileNotFoundError):
        await run_in_thread(os.stat, "/nowhere")


def hanging_read(pipe: Path) -> asyncio.Task[bytes]:
    """Block until a writer opens the pipe, as on a drive that has disappeared."""
    os.mkfifo(pipe)
    return asyncio.create_task(run_in_thread(pipe.read_bytes))


def release(pipe: Path) -> None:
    """Open the pipe for writing, so that a blocked call returns."""
    os.close(os.open(pipe, os.O_WRONLY))


async def test_hanging_calls_do_not_block_others(folder: Path) -> None:
    pipes = [folder / f"pipe{number}" for number in range(50)]
    hanging = [hanging_read(pipe) for pipe in pipes]
    (folder / "a.md").write_bytes(make_markdown())
    healthy = FolderSource(
        folder, name="a", unpublished="skip", include=("*.md",), exclude=(), clock=FakeClock()
    )
    async with asyncio.timeout(60):
        assert (await healthy.read(NO_DOCUMENTS, None)).changed == 1
    for task in hanging:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for pipe in pipes:
        release(pipe)


def test_hanging_call_does_not_block_the_exit(folder: Path) -> None:
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
