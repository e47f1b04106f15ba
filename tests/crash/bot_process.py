"""The whole bot in a separate process, which can kill itself at a given point."""

import asyncio
import logging
import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.app import run_bot, stop_on_signals
from bot.config.settings import AnnounceSettings, DiscordSettings, Settings
from bot.config.sources import FolderSettings
from tests.crash.kill_points import KILL_POINTS, kill_at
from tests.support.clock import OffsetClock

# Faster than Discord allows: the pace is not tested here.
MESSAGES_PER_SECOND = 2000
# If the test itself is killed, its bot processes end after this time.
MAX_RUN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class BotRun:
    """One run of the bot, killed at the `call`-th call of `kill_point` if there is one.

    Its clock is ahead of the machine's by `clock_offset`.
    """

    folder: Path
    database: Path
    api_url: str
    token: str
    clock_offset: timedelta
    kill_point: str | None = None
    call: int = 1


def run_bot_process(bot_run: BotRun) -> None:
    """Run the bot until SIGTERM or until it is killed."""
    signal.alarm(MAX_RUN_SECONDS)
    logging.basicConfig(level=logging.CRITICAL)
    if bot_run.kill_point is not None:
        kill_at(KILL_POINTS[bot_run.kill_point], bot_run.call)
    asyncio.run(_run(bot_run))


async def _run(bot_run: BotRun) -> None:
    settings = Settings(
        database=bot_run.database,
        sources=(FolderSettings(folder=bot_run.folder),),
        announce=AnnounceSettings.model_construct(pace=MESSAGES_PER_SECOND),
        discord=DiscordSettings(api_url=bot_run.api_url),
    )
    stop = asyncio.Event()
    with stop_on_signals(stop):
        await run_bot(settings, bot_run.token, OffsetClock(bot_run.clock_offset), stop)
