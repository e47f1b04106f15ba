"""`make restore-test`: restore a backup, with the figures of docs/reliability.md."""

import argparse
import asyncio
import logging
import secrets
import sys

from rich.console import Console

from tests.restore.run import RestoreOptions, run_restore_test


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.restore", description=__doc__)
    parser.add_argument("--channels", type=int, default=50)
    parser.add_argument("--before", type=int, default=20)
    parser.add_argument("--after", type=int, default=50)
    parser.add_argument("--meanwhile", type=int, default=5)
    parser.add_argument("--seed", type=int, default=None, help="repeat the headlines of a run")
    return parser.parse_args()


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Return whether nothing was lost, repeated or outdated."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    options = RestoreOptions(given.channels, given.before, given.after, given.meanwhile, seed)
    console.print(f"restore test: {options}", highlight=False, soft_wrap=True)
    report = await run_restore_test(options)
    console.print(str(report), highlight=False, soft_wrap=True)
    tally = report.tally
    return not (tally.lost or tally.repeated or tally.outdated) and report.announced > 0


if __name__ == "__main__":
    # The sandbox's server would log the connections of the killed bot.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    sys.exit(0 if asyncio.run(_run(_arguments(), Console())) else 1)
