"""The rows of the report, and the part of `docs/benchmarks.md` that they are written into."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.lookups.timing import FEWEST_SAMPLES, Times

ARTICLES = 1_000_000
HEADING = "## Lookups among a million articles"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its goal; `met` is None if there is no goal."""

    what: str
    value: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is met, in a word."""
        return {None: "", True: "met", False: "missed"}[self.met]

    def __str__(self) -> str:
        goal = f" (goal: {self.goal}; {self.verdict})" if self.goal else ""
        return f"{self.what}: {self.value}{goal}"


def times_row(times: Times, note: str = "") -> Row:
    """A row of times."""
    failed = f", {times.failed} not answered" if times.failed else ""
    which = "the longest" if times.share == 1 else f"p{times.share * 100:.0f}"
    return Row(
        times.name + (f" ({note})" if note else ""),
        f"p50 {_milliseconds(times.seconds(0.5))}, p99 {_milliseconds(times.seconds(0.99))},"
        f" longest {_milliseconds(times.longest.seconds)} ms, {len(times.taken)} samples{failed}",
        f"{which} ≤ {times.goal * 1000:.0f} ms",
        times.met,
    )


def details(times: Times) -> str:
    """What does not fit into a row: CPU time if known, and the question that took longest."""
    longest = f"the longest: {times.longest.question}"
    if not times.longest.processor_seconds:
        return f"  {longest}"
    p50, p99 = (_milliseconds(times.processor_seconds(share)) for share in (0.5, 0.99))
    return f"  CPU time p50 {p50}, p99 {p99} ms; {longest}"


def counts(articles: int, samples: int) -> bool:
    """Whether the figures of a run may be reported: those of fewer articles say too little."""
    return articles >= ARTICLES and samples >= FEWEST_SAMPLES


def machine() -> str:
    """What the figures were measured on."""
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    )


def as_section(rows: Sequence[Row], articles: int) -> str:
    """The part of the report, as Markdown."""
    lines = [
        HEADING,
        "",
        f"Written by `make bench-lookups`. {articles:,} generated articles; one question at a time"
        " unless stated otherwise.",
        "",
        f"Machine: {machine()}.",
        "",
        "| what | measured | goal | |",
        "|---|---|---|---|",
    ]
    lines += [f"| {each.what} | {each.value} | {each.goal} | {each.verdict} |" for each in rows]
    return "\n".join(lines) + "\n"


def with_section(report: str, section: str) -> str:
    """A report with this part instead of an earlier one; it is the last part."""
    return f"{without_section(report)[0].rstrip()}\n\n{section}"


def without_section(report: str) -> tuple[str, str]:
    """A report without the part, and the part."""
    before, heading, after = report.partition(HEADING)
    return before, heading + after


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"
