"""`python -m tests.crash`: kill the bot many times; ends with 1 if anything was lost or repeated.

Both variants run: Discord folds nonces, and it does not.
"""

import argparse
import asyncio
import logging
import secrets
import sys

from rich.console import Console
from rich.status import Status

from tests.crash.run import CrashOptions, crash


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="how many, over both variants")
    parser.add_argument("--channels", type=int, default=500)
    parser.add_argument("--stories", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's choices")
    return parser.parse_args()


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Whether nothing was lost or repeated."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    fine = True
    for folding in (True, False):
        options = CrashOptions(given.kills // 2, given.channels, given.stories, seed, folding)
        what = "nonces folded" if folding else "nonces not folded"
        console.print(
            f"crash, {what}: {options.channels} channels x {options.stories} stories, seed {seed}"
        )
        with console.status("") as status:

            def progress(kills: int, status: Status = status) -> None:
                status.update(f"{kills} of {given.kills // 2} kills")

            report = await crash(options, progress)
        console.print(str(report), highlight=False, soft_wrap=True)
        tally = report.tally
        fine = fine and tally.messages == options.channels * options.stories
        fine = fine and not (tally.lost or tally.repeated or tally.outdated)
    return fine


if __name__ == "__main__":
    # The sandbox breaks connections on demand; its server would report each.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    sys.exit(0 if asyncio.run(_run(_arguments(), Console())) else 1)
