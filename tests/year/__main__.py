"""`python -m tests.year [--days N] [--seed N]`: simulate a year and list violations."""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.year.checks import describe, find_violations
from tests.year.run import simulate

START = datetime(2026, 1, 1, tzinfo=UTC)
MAX_SHOWN = 20


def main() -> int:
    """Run the simulation; returns 1 if a rule is violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console()
    # In memory if possible: the speed of the disk does not matter here.
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created there
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        started = time.perf_counter()
        result = asyncio.run(simulate(Path(folder) / "year.db", START, options.days, options.seed))
        seconds = time.perf_counter() - started
    violations = find_violations(result)
    console.print(f"{options.days} days in {seconds:.0f} s: {describe(result)}", highlight=False)
    for violation in violations[:MAX_SHOWN]:
        console.print(violation, highlight=False)
    console.print(f"{len(violations)} violations" if violations else "no violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
