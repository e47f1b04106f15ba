"""`python -m tests.fuzz_discord.program FILE …`: the real `storywire …`, on a clock that is ahead.

The file contains the seconds, as a double; the test changes them while the program runs.
"""

import mmap
import signal
import struct
import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli import main
from bot.clock import SystemClock

SECONDS = struct.Struct("d")
# If the test itself is killed, its bots end after this time.
_MAX_RUN_SECONDS = 600


def _move_clock(file: Path) -> None:
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), SECONDS.size, access=mmap.ACCESS_READ)
    now, monotonic = SystemClock.now, SystemClock.monotonic

    def offset() -> float:
        (seconds,) = SECONDS.unpack(mapped[:])
        return float(seconds)

    def moved_now(self: SystemClock) -> datetime:
        return now(self) + timedelta(seconds=offset())

    def moved_monotonic(self: SystemClock) -> float:
        return monotonic(self) + offset()

    SystemClock.now = moved_now  # type: ignore[method-assign]  # the program has no such option
    SystemClock.monotonic = moved_monotonic  # type: ignore[method-assign]  # as above


if __name__ == "__main__":
    signal.alarm(_MAX_RUN_SECONDS)
    _move_clock(Path(sys.argv.pop(1)))
    main()
