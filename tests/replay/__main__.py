"""`python -m tests.replay`: replay a repository commit by commit and check the announced stories.

The exit status is 1 if a story is not announced exactly once.
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.replay.run import replay


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Return whether each story was announced exactly once."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    console.print(f"replay: {given.commits} commits, seed {seed}")
    with tempfile.TemporaryDirectory() as folder, console.status("") as status:
        report = await replay(
            Path(folder),
            given.commits,
            seed,
            lambda done: status.update(f"{done + 1} of {given.commits} commits"),
        )
    console.print(str(report), highlight=False, soft_wrap=True)
    return report.ok


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None, help="repeat the random choices of a run")
    return 0 if asyncio.run(_run(parser.parse_args(), Console())) else 1


if __name__ == "__main__":
    sys.exit(main())
