"""`python -m tests.endurance`: a month of traffic and 200 reconnects; prints what the bot holds."""

import argparse
import asyncio
import sys

from rich.console import Console

from tests.endurance.bot_process import Holdings
from tests.endurance.run import leaks, reconnects, running_bot, traffic

_MEGABYTE = 1024 * 1024
_SHOWN_EVERY = 3


def describe(held: Holdings) -> str:
    """What is held, in one line."""
    return (
        f"{held.memory / _MEGABYTE:.1f} MB, {held.blocks:,} objects, {held.files} files,"
        f" {held.tasks} tasks, {held.threads} threads"
    )


async def run(days: int, per_day: int, number: int) -> int:
    """Run both; returns 1 if something is leaked."""
    console = Console(highlight=False, soft_wrap=True)

    def show(day: int, held: Holdings) -> None:
        if day % _SHOWN_EVERY == 0:
            console.print(f"day {day:2}: {describe(held)}")

    async with running_bot() as bot:
        held = await traffic(bot, days, per_day, show)
        # Half of the time, everything is loaded and filled for the first time.
        found = leaks(held[days // 2], held[-1])
        before = await reconnects(bot, max(20, number // 10))
        console.print(f"before the reconnects: {describe(before)}")
        after = await reconnects(bot, number)
        console.print(f"after {number} reconnects: {describe(after)}")
        found += leaks(before, after)
    console.print("\n".join(found) if found else "nothing is leaked")
    return int(bool(found))


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--per-day", type=int, default=40)
    parser.add_argument("--reconnects", type=int, default=200)
    given = parser.parse_args()
    return asyncio.run(run(given.days, given.per_day, given.reconnects))


if __name__ == "__main__":
    sys.exit(main())
