"""The results of a measurement."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what it is; `goal` is the target, if there is one."""

    what: str
    value: str
    goal: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def as_markdown(figures: Sequence[Figure], machine: str) -> str:
    """The report."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. To run one measurement: `python -m tests.bench NAME`.",
        "Absolute figures depend on the machine; ratios within one run do not.",
        "",
        f"Machine: {machine}.",
        "",
        "| what | measured | goal |",
        "|---|---|---|",
    ]
    lines += [f"| {figure.what} | {figure.value} | {figure.goal} |" for figure in figures]
    return "\n".join(lines) + "\n"
