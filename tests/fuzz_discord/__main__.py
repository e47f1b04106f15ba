"""`python -m tests.fuzz_discord`: spoil what the bot receives from Discord, and check the result.

One field of a gateway frame or of a response is missing, null, of another type, huge or deep; or a
whole frame or response is. The bot is the real program, in a process of its own: it may not end, or
log a traceback, or lose or repeat a story, and works afterwards. The exit status is 1 if a check
fails, or if a kind of input was not spoiled (in a run of ten minutes: a field).
"""

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.fuzz_discord.coverage import Input
from tests.fuzz_discord.run import SECONDS_FOR_EACH_FIELD, FuzzOptions, run_fuzz_test

# Enough for one life, a long one.
_SECONDS_OF_REPLAY = 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_discord", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=None, help="default: 600, or 1 to replay an input"
    )
    parser.add_argument("--bots", type=int, default=3, help="number of bots at the same time")
    parser.add_argument("--seed", type=int, default=None, help="repeat the random choices of a run")
    parser.add_argument(
        "--journal", type=Path, default=None, help="the file for every spoiled input"
    )
    parser.add_argument(
        "--kinds",
        default="",
        metavar="TEXT[,TEXT…]",
        help="spoil only frames and responses whose names contain one of these texts",
    )
    parser.add_argument(
        "--replay",
        type=Input.parse,
        default=None,
        metavar="NAME:FIELD:CHANGE",
        help="spoil one input only, as a failure names it",
    )
    return parser.parse_args()


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Return whether all checks passed."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    seconds = given.seconds
    if seconds is None:
        seconds = _SECONDS_OF_REPLAY if given.replay else SECONDS_FOR_EACH_FIELD
    journal = given.journal
    if journal is None:
        journal = Path(tempfile.gettempdir()) / f"storywire-fuzz-discord-{seed}.jsonl"
    bots = 1 if given.replay else given.bots
    console.print(
        f"fuzz-discord: {bots} bots, {seconds:.0f} s, seed {seed}, journal {journal}",
        highlight=False,
        soft_wrap=True,
    )
    kinds = tuple(filter(None, given.kinds.split(",")))
    options = FuzzOptions(seconds, seed, journal, bots, kinds, given.replay)
    with console.status("") as status:
        report = await run_fuzz_test(options, status.update)
    console.print(str(report), highlight=False, soft_wrap=True, markup=False, emoji=False)
    return report.ok


def main() -> int:
    """Return the exit status."""
    given = _arguments()
    # Broken connections are intended here, and the sandbox's server would log each one.
    logging.disable(logging.CRITICAL)
    return 0 if asyncio.run(_run(given, Console())) else 1


if __name__ == "__main__":
    sys.exit(main())
