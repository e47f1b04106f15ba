"""`python -m tests.year [--days N] [--seed N]`: simulate a year and tell what was wrong with it."""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.year.checks import describe, everything_wrong
from tests.year.run import simulate

START = datetime(2026, 1, 1, tzinfo=UTC)
SHOWN = 20


def main() -> int:
    """Run it; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console()
    # In memory, where there is such a place: the year is about time and not about disks.
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder is made there
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        started = time.perf_counter()
        chronicle = asyncio.run(
            simulate(Path(folder) / "year.db", START, options.days, options.seed)
        )
        seconds = time.perf_counter() - started
    wrong = everything_wrong(chronicle)
    console.print(f"{options.days} days in {seconds:.0f} s: {describe(chronicle)}", highlight=False)
    for complaint in wrong[:SHOWN]:
        console.print(complaint, highlight=False)
    console.print(f"{len(wrong)} things are wrong" if wrong else "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
