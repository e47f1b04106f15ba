"""`python -m tests.bench.responsiveness_process CONFIG REPORT`: a bot that times its event loop.

Like asyncio's debug mode, it reports callbacks that take long, but without what that costs: debug
mode records the stack of each callback. When the bot has stopped it writes JSON to a file.
"""

import asyncio
import gc
import json
import os
import sys
import threading
import time
from asyncio import events
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from bot.app import run_bot, stop_on_signals
from bot.cli.common import keep_pauses_short, settings_or_fail
from bot.cli.logs import set_up_logging
from bot.clock import SystemClock
from bot.config.settings import discord_token

SLOW_SECONDS = 0.05
_SAMPLE_SECONDS = 0.02
_LINES = 8


@dataclass(frozen=True, slots=True)
class SlowCallback:
    """A callback of the event loop: seconds by the clock and of CPU time, and what it did."""

    seconds: float
    processor_seconds: float
    what: str
    where: tuple[str, ...]


@dataclass
class LoopTimes:
    """How long the callbacks of a loop took."""

    callbacks: int = 0
    longest: float = 0.0
    longest_processor: float = 0.0
    longest_collection: float = 0.0
    slow: list[SlowCallback] = field(default_factory=list)


@contextmanager
def timed_callbacks(times: LoopTimes) -> Iterator[None]:
    """Time every callback of this thread's loop. A second thread looks at what takes long."""
    run: Any = events.Handle._run  # noqa: SLF001 - what the loop calls
    thread, running, over = threading.get_ident(), list[float](), threading.Event()
    where: list[str] = []
    collecting = list[float]()

    def timed(handle: events.Handle) -> None:
        began, processor = time.perf_counter(), time.thread_time()
        running.append(began)
        run(handle)
        running.pop()
        took, spent = time.perf_counter() - began, time.thread_time() - processor
        times.callbacks += 1
        times.longest = max(times.longest, took)
        times.longest_processor = max(times.longest_processor, spent)
        if took >= SLOW_SECONDS:
            times.slow.append(SlowCallback(took, spent, repr(handle)[:300], tuple(where)))
        where.clear()

    def collected(phase: str, _details: object) -> None:
        if phase == "start":
            collecting.append(time.thread_time())
        else:
            took = time.thread_time() - collecting.pop()
            times.longest_collection = max(times.longest_collection, took)

    def sample() -> None:
        while not over.wait(_SAMPLE_SECONDS):
            if running and time.perf_counter() - running[-1] >= SLOW_SECONDS / 2:
                where[:] = _stack(sys._current_frames()[thread])  # noqa: SLF001 - documented

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    gc.callbacks.append(collected)
    events.Handle._run = timed  # type: ignore[method-assign, assignment]  # noqa: SLF001 - see above
    try:
        yield
    finally:
        events.Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001 - see above
        gc.callbacks.remove(collected)
        over.set()
        sampler.join()


def _stack(frame: FrameType | None) -> list[str]:
    """The innermost calls, the newest first."""
    lines = list[str]()
    while frame is not None and len(lines) < _LINES:
        code = frame.f_code
        lines.append(f"{code.co_filename.rpartition('/')[2]}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return lines


def main(config: str, report: str) -> None:
    """Run the bot until SIGTERM."""
    settings = settings_or_fail(Path(config))
    discord = settings.discord.model_copy(update={"api_url": os.environ["DISCORD_API_URL"]})
    settings = settings.model_copy(update={"discord": discord})
    token = discord_token(settings).get_secret_value()
    set_up_logging("text", "info")
    keep_pauses_short()
    times = LoopTimes()

    async def work() -> None:
        stop = asyncio.Event()
        with stop_on_signals(stop):
            await run_bot(settings, token, SystemClock(), stop)

    with timed_callbacks(times):
        asyncio.run(work())
    Path(report).write_text(json.dumps(asdict(times)))


if __name__ == "__main__":
    main(*sys.argv[1:])
