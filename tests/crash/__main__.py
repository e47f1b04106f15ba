"""`python -m tests.crash`: kill the bot many times and check that no story is lost or repeated.

Runs twice: Discord deduplicates messages by nonce, and it does not. The exit status is 1 if a check
fails, or if 40 kills or more left out a kill point.
"""

import argparse
import asyncio
import logging
import secrets
import sys

from rich.console import Console
from rich.status import Status

from tests.crash.run import CrashOptions, CrashReport, run_crash_test, unreached
from tests.support.places import Place

# So many kills, in both runs together, reach every kill point.
KILLS_FOR_EACH_POINT = 40


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument(
        "--kills", type=int, default=300, help="number of kills in both runs together"
    )
    parser.add_argument("--channels", type=int, default=500)
    parser.add_argument("--stories", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="repeat the random choices of a run")
    return parser.parse_args()


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Return whether nothing was lost, repeated or outdated, and every kill point was reached."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    ok, reports = True, list[CrashReport]()
    for deduplicates_nonces in (True, False):
        options = CrashOptions(
            given.kills // 2, given.channels, given.stories, seed, deduplicates_nonces
        )
        variant = "nonces deduplicated" if deduplicates_nonces else "nonces ignored"
        console.print(
            f"crash test, {variant}:"
            f" {options.channels} channels ({', '.join(Place)}) x {options.stories} stories,"
            f" seed {seed}"
        )
        with console.status("") as status:

            def progress(kills: int, status: Status = status) -> None:
                status.update(f"{kills} of {given.kills // 2} kills")

            report = await run_crash_test(options, progress, reports)
        console.print(str(report), highlight=False, soft_wrap=True)
        reports.append(report)
        tally = report.tally
        ok = ok and tally.messages == options.channels * options.stories
        ok = ok and not (tally.lost or tally.repeated or tally.outdated)
        publications = report.publications
        ok = ok and publications.ok and not (publications.waiting or publications.refused)
        ok = ok and not (report.discussions.waiting or report.discussions.lost)
    missing = unreached(reports) if given.kills >= KILLS_FOR_EACH_POINT else []
    if missing:
        console.print(f"never killed: {', '.join(missing)}", highlight=False, soft_wrap=True)
    return ok and not missing


if __name__ == "__main__":
    # The sandbox breaks connections on purpose; its server would log each one.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    sys.exit(0 if asyncio.run(_run(_arguments(), Console())) else 1)
