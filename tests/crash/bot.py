"""The whole bot in a process of its own, which may kill itself on the way."""

import asyncio
import logging
import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.app import run_bot, stop_on_signals
from bot.config.settings import AnnounceSettings, DiscordSettings, Settings
from bot.config.sources import FolderSettings
from tests.crash.steps import STEPS, die_at
from tests.support.clock import OffsetClock

# Faster than Discord allows: what is tested here is not the pace.
PACE = 2000
# Nothing outlives a run that was itself killed for longer than this.
LONGEST_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Life:
    """One run of the bot. It dies at the `call`-th call of a step, if it is told one.

    Its clock goes ahead of the machine's by `ahead`.
    """

    folder: Path
    database: Path
    api_url: str
    token: str
    ahead: timedelta
    step: str | None = None
    call: int = 1


def live(life: Life) -> None:
    """Run the bot until SIGTERM or its death."""
    signal.alarm(LONGEST_SECONDS)
    logging.basicConfig(level=logging.CRITICAL)
    if life.step is not None:
        die_at(STEPS[life.step], life.call)
    asyncio.run(_run(life))


async def _run(life: Life) -> None:
    settings = Settings(
        database=life.database,
        sources=(FolderSettings(folder=life.folder),),
        announce=AnnounceSettings.model_construct(pace=PACE),
        discord=DiscordSettings(api_url=life.api_url),
    )
    stop = asyncio.Event()
    with stop_on_signals(stop):
        await run_bot(settings, life.token, OffsetClock(life.ahead), stop)
