"""`python -m tests.bench [NAME ...]`: run measurements and print their figures.

`whole-pace` takes four minutes, `quick-loading` is `loading` with fewer files; both run only when
they are named. `feeds --against COMMIT` compares the cost of feeds with that of an earlier commit,
by turns; `--feeds 20` reads fewer.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.bench.feeds import DEFAULTS, FeedOptions, measure_feeds
from tests.bench.figures import Figure, as_markdown
from tests.bench.idle import measure_idle
from tests.bench.latency import measure_latency
from tests.bench.loading import measure_loading, measure_quick_loading
from tests.bench.lookups.report import machine, with_section, without_section
from tests.bench.pace import measure_pace, measure_whole_pace
from tests.bench.planning import measure_planning
from tests.bench.responsiveness import measure_responsiveness
from tests.bench.same_event import measure_same_event
from tests.bench.sandbox_rate import measure_sandbox

REPORT = Path("docs/benchmarks.md")
MEASUREMENTS: dict[str, Callable[[], Awaitable[Sequence[Figure]]]] = {
    "sandbox": measure_sandbox,
    "loading": measure_loading,
    "feeds": measure_feeds,
    "idle": measure_idle,
    "planning": measure_planning,
    "same-event": measure_same_event,
    "latency": measure_latency,
    "pace": measure_pace,
    "responsiveness": measure_responsiveness,
}
NAMED_MEASUREMENTS = {"whole-pace": measure_whole_pace, "quick-loading": measure_quick_loading}


async def _measure(
    names: Sequence[str], feed_options: FeedOptions, console: Console
) -> list[Figure]:
    figures: list[Figure] = []
    measurements = (
        MEASUREMENTS | NAMED_MEASUREMENTS | {"feeds": partial(measure_feeds, feed_options)}
    )
    for name in names or tuple(MEASUREMENTS):
        with console.status(f"measuring {name} ..."):
            measured = await measurements[name]()
        for figure in measured:
            console.print(f"{figure.what}: [bold]{figure.value}[/bold]", highlight=False)
        figures += measured
    return figures


def main(arguments: Sequence[str]) -> None:
    """Run the named measurements, or all of them and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--against", metavar="COMMIT", help="compare feeds with this commit")
    parser.add_argument("--feeds", type=int, default=DEFAULTS.feeds, help="how many feeds")
    parser.add_argument("--runs", type=int, default=DEFAULTS.runs, help="how often to compare")
    options = parser.parse_args(arguments)
    names: Sequence[str] = ["feeds"] if options.against and not options.names else options.names
    feed_options = FeedOptions(options.feeds, options.runs, options.against)
    console = Console()
    figures = asyncio.run(_measure(names, feed_options, console))
    if not names:
        # `make bench-lookups` writes the other part.
        _, lookups = without_section(REPORT.read_text(encoding="utf-8"))
        report = as_markdown(figures, machine())
        REPORT.write_text(with_section(report, lookups) if lookups else report, encoding="utf-8")
        console.print(f"written to {REPORT}")


if __name__ == "__main__":
    main(sys.argv[1:])
