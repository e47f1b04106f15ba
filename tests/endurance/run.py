"""Moves the clock of a bot through days of traffic, and breaks its connection to the gateway."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.sandbox import Sandbox, SandboxOptions
from tests.endurance.bot_process import RETENTION, Holdings
from tests.support.desk import Desk

DAY = timedelta(days=1)
# Files are deleted when their articles have left the archive.
_DAYS_KEPT = RETENTION.days + 2
_ANSWER_SECONDS = 60
_FEW = 4


@dataclass(slots=True)
class BotProcess:
    """A running bot, its sandbox and its articles."""

    desk: Desk
    process: asyncio.subprocess.Process
    written: int = 0
    passed: timedelta = timedelta()

    async def move(self, time: timedelta = timedelta()) -> Holdings:
        """Move the clock; return what the process holds."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.passed += time
        self.process.stdin.write(f"{time.total_seconds()}\n".encode())
        async with asyncio.timeout(_ANSWER_SECONDS):
            return Holdings(**json.loads(await self.process.stdout.readline()))

    async def announce(self, stories: int) -> None:
        """Stories appear, and are posted."""
        for _ in range(stories):
            self.written += 1
            now = SystemClock().now() + self.passed
            self.desk.write(str(self.written), published=now.isoformat(timespec="seconds"))
        await self.desk.sandbox.wait_until(lambda: len(self.desk.posts()) >= self.written)


@asynccontextmanager
async def running_bot() -> AsyncIterator[BotProcess]:
    """Run a bot with a subscribed channel until the block ends."""
    sandbox = Sandbox(SandboxOptions(rates=None))
    with tempfile.TemporaryDirectory() as name:
        folder, database = Path(name) / "articles", Path(name) / "storywire.db"
        folder.mkdir()
        async with sandbox.serve():
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.endurance.bot_process",
                *(str(folder), str(database), sandbox.api_url, sandbox.token),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdin is not None
            bot = BotProcess(Desk(sandbox, folder, database), process)
            await sandbox.bot_ready()
            await sandbox.wait_until(lambda: sandbox.world.commands)
            await bot.desk.subscribe()
            try:
                yield bot
            finally:
                process.stdin.close()
                async with asyncio.timeout(_ANSWER_SECONDS):
                    assert await process.wait() == 0


async def traffic(
    bot: BotProcess, days: int, per_day: int, progress: Callable[[int, Holdings], object]
) -> Sequence[Holdings]:
    """Let days pass, with stories in each and a lookup; return the holdings after each."""
    found = []
    for day in range(1, days + 1):
        for _ in range(4):
            await bot.announce(per_day // 4)
            await bot.move(DAY / 4)
            await bot.desk.ask("news latest")
            _delete_old(bot, per_day * _DAYS_KEPT)
        found.append(await bot.move())
        progress(day, found[-1])
    return found


def _delete_old(bot: BotProcess, kept: int) -> None:
    for number in range(1, bot.written - kept + 1):
        (bot.desk.folder / f"{number}.md").unlink(missing_ok=True)


async def reconnects(bot: BotProcess, number: int) -> Holdings:
    """Break the connection in turn in each way; return the holdings once it is back."""
    gateway = bot.desk.sandbox.gateway
    for each in range(number):
        (connection,) = gateway.connections
        if each % 4 == 0:
            connection.drop()
        elif each % 4 == 1:
            connection.reconnect()
        elif each % 4 == 2:
            connection.invalidate(resumable=False)
        else:
            await connection.close(4000)
        await _reconnected(bot, connection)
    return await bot.move()


async def _reconnected(bot: BotProcess, before: object) -> None:
    gateway = bot.desk.sandbox.gateway
    while not any(each.session and each is not before for each in gateway.connections):
        # Waits between attempts grow.
        await bot.move(timedelta(seconds=5))
        await asyncio.sleep(0.01)


def leaks(before: Holdings, after: Holdings) -> list[str]:
    """What the process holds more of than before; its memory may differ by 5 %.

    Connections and threads come and go, so a few more of them are none.
    """
    found = []
    if after.memory > before.memory * 1.05:
        found.append(f"memory grew by {after.memory / before.memory - 1:.1%}")
    for name in ("files", "tasks", "threads"):
        more = getattr(after, name) - getattr(before, name)
        if more > _FEW:
            found.append(f"{more} more {name}")
    return found
