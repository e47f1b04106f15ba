"""The documentation of the metrics."""

import re
from pathlib import Path

from bot.telemetry.metrics import Metrics

DOCS = Path(__file__).parents[2] / "docs"


def names() -> dict[str, str]:
    """The names of all metrics as in a scrape, with their types."""
    return {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type
        for family in Metrics().registry.collect()
    }


def test_the_documentation_lists_exactly_the_metrics() -> None:
    """docs/monitoring.md has a row for each, with its type."""
    text = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(storywire_\w+)` \| (\w+) \|", text, re.MULTILINE)
    assert dict(rows) == names()
    assert len(rows) == len(names()) >= 12
