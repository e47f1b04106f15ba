"""`python -m tests.size`: simulate a year, and print the size of the database and its bound."""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.size.run import Sample, SizeOptions, bound, simulate

START = datetime(2025, 1, 1, tzinfo=UTC)
GOAL_PER_DAY = 10_000
_SHOWN_EVERY = 30
_MEGABYTE = 1024 * 1024
# The file may be so much larger in the second half, as it depends on when the index is merged.
_FLAT = 1.25


def main() -> int:
    """Run the simulation; returns 1 if the database does not stop growing."""
    parser = argparse.ArgumentParser(prog="python -m tests.size", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--per-day", type=int, default=100)
    parser.add_argument("--retention", type=int, default=30, help="in days")
    parser.add_argument("--channels", type=int, default=1, help="that get every article")
    given = parser.parse_args()
    options = SizeOptions(given.days, given.per_day, given.retention, given.channels)
    console = Console(highlight=False, soft_wrap=True)

    def show(sample: Sample) -> None:
        if sample.day % _SHOWN_EVERY == 0:
            console.print(
                f"day {sample.day:3}: {sample.articles:7,} articles,"
                f" {sample.used / _MEGABYTE:7.1f} MB used of {sample.file / _MEGABYTE:7.1f} MB,"
                f" {sample.per_article:6,.0f} bytes per article"
            )

    # In memory if possible: the speed of the disk does not matter here.
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created there
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        started = time.process_time()
        samples = asyncio.run(simulate(Path(folder) / "size.db", options, START, show))
    seconds = time.process_time() - started
    middle = options.days // 2
    first = max(each.file for each in samples[:middle])
    largest = max(each.file for each in samples[middle:])
    console.print(
        f"{options.days} days of {options.per_day:,} articles in {seconds:.0f} s of CPU time:"
        f" at most {largest / _MEGABYTE:,.1f} MB in the second half, {largest / first - 1:+.1%}"
        " compared with the first\n"
        f"bound with {GOAL_PER_DAY:,} articles a day: ({options.retention} + 1) days x"
        f" {GOAL_PER_DAY:,} x {bound(samples, options, 1) / (options.retention + 1):,.0f} bytes ="
        f" {bound(samples, options, GOAL_PER_DAY) / _MEGABYTE:,.0f} MB"
    )
    return int(largest > _FLAT * first)


if __name__ == "__main__":
    sys.exit(main())
