"""The whole bot in a process whose clock is moved: `python -m tests.endurance.bot_process`.

Its arguments are the folder of articles, the database, the sandbox's address and the token. A line
of standard input is a number of seconds by which to move the clock; each is answered with a line
of JSON about what the process holds.
"""

import asyncio
import gc
import json
import logging
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from bot.app import run_bot
from bot.config.settings import AnnounceSettings, DiscordSettings, RetentionSettings, Settings
from bot.config.sources import FolderSettings
from tests.support.clock import OffsetClock

RETENTION = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a process holds."""

    memory: int
    blocks: int
    files: int
    tasks: int
    threads: int


class MovedClock(OffsetClock):
    """A clock that wakes sleepers when it is moved past their time."""

    def __init__(self) -> None:
        super().__init__()
        self._moved = asyncio.Event()

    def skip(self, seconds: float) -> None:
        """Move the clock."""
        self.skipped += timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has come, by waiting or by moving."""
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()
        await asyncio.sleep(0)


def measure() -> Holdings:
    """What this process holds now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Holdings(
        memory=pages * os.sysconf("SC_PAGE_SIZE"),
        blocks=sys.getallocatedblocks(),
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        tasks=len(asyncio.all_tasks()),
        threads=threading.active_count(),
    )


async def _obey(clock: MovedClock, stop: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        clock.skip(float(line))
        await asyncio.sleep(0)
        sys.stdout.write(json.dumps(asdict(measure())) + "\n")
        sys.stdout.flush()
    stop.set()


async def _run(folder: str, database: str, api_url: str, token: str) -> None:
    settings = Settings(
        database=Path(database),
        sources=(FolderSettings(folder=Path(folder)),),
        announce=AnnounceSettings(max_per_hour=None),
        retention=RetentionSettings.model_validate({"articles": f"{RETENTION.days}d"}),
        discord=DiscordSettings(api_url=api_url),
    )
    clock, stop = MovedClock(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_obey(clock, stop))
        await run_bot(settings, token, clock, stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(_run(*sys.argv[1:]))
