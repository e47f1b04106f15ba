"""`python -m tests.chaos`: run the bot while the sandbox fails in every way, and check the result.

No story may be lost or repeated, nothing may be posted to a paused channel, and the bot may not
exceed a rate limit. The exit status is 1 if a check fails.
"""

import argparse
import asyncio
import logging
import secrets
import sys

from rich.console import Console

from tests.chaos.run import ChaosOptions, run_chaos_test
from tests.support.places import Place


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Return whether all checks passed."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    places = ", ".join(Place)
    console.print(
        f"chaos test: {given.channels} channels ({places}), {given.seconds:.0f} s, seed {seed}"
    )
    options = ChaosOptions(given.seconds, seed, given.channels)
    with console.status("") as status:
        report = await run_chaos_test(options, lambda seconds: status.update(f"{seconds:.0f} s"))
    console.print(str(report), highlight=False, soft_wrap=True)
    return report.ok


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--channels", type=int, default=60)
    parser.add_argument("--seed", type=int, default=None, help="repeat the random choices of a run")
    # Failures are intended here, and every part would log them.
    logging.disable(logging.CRITICAL)
    return 0 if asyncio.run(_run(parser.parse_args(), Console())) else 1


if __name__ == "__main__":
    sys.exit(main())
