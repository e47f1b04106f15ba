"""`python -m tests.chaos`: let everything go wrong for minutes; ends with 1 if a promise is broken.

Nothing may be lost or repeated, nothing may go to a paused channel, and no 429 be earned.
"""

import argparse
import asyncio
import logging
import secrets
import sys

from rich.console import Console

from tests.chaos.run import ChaosOptions, chaos


async def _run(given: argparse.Namespace, console: Console) -> bool:
    """Whether every promise was kept."""
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    console.print(f"chaos: {given.channels} channels, {given.seconds:.0f} s, seed {seed}")
    options = ChaosOptions(given.seconds, seed, given.channels)
    with console.status("") as status:
        report = await chaos(options, lambda seconds: status.update(f"{seconds:.0f} s"))
    console.print(str(report), highlight=False, soft_wrap=True)
    return report.fine


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--channels", type=int, default=60)
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's choices")
    # Much goes wrong on demand here, and every part would report it.
    logging.disable(logging.CRITICAL)
    return 0 if asyncio.run(_run(parser.parse_args(), Console())) else 1


if __name__ == "__main__":
    sys.exit(main())
