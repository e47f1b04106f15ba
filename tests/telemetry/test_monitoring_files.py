"""The dashboard and the alert rules use the metrics that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
import yaml

from tests.telemetry.test_metrics_doc import DOCS, names

FOLDER = DOCS.parent / "contrib" / "monitoring"
RULES = FOLDER / "alerts.yaml"
DASHBOARD = FOLDER / "grafana-dashboard.json"


def expressions(value: object) -> Iterator[str]:
    """All PromQL expressions in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "expr":
                yield str(inner)
            else:
                yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


def series() -> set[str]:
    """The names that expressions may contain."""
    parts = {"histogram": ("_bucket", "_count", "_sum")}
    return {f"{name}{part}" for name, kind in names().items() for part in parts.get(kind, ("",))}


def used(document: object) -> set[str]:
    return set(re.findall(r"storywire_\w+", " ".join(expressions(document))))


def rules() -> list[dict[str, object]]:
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_alerts_use_metrics_that_exist() -> None:
    found = used(rules())
    assert found
    assert found <= series()


def test_the_dashboard_shows_metrics_that_exist() -> None:
    """It shows every metric but the ones that say little over time."""
    found = used(json.loads(DASHBOARD.read_text(encoding="utf-8")))
    assert found <= series()
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in found}
    assert names().keys() - shown == {
        "storywire_process_max_fds",
        "storywire_process_start_time_seconds",
        "storywire_process_virtual_memory_bytes",
    }


def test_every_alert_is_documented() -> None:
    rows = re.findall(
        r"^\| `(Storywire\w+)` \|", (DOCS / "monitoring.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [rule["alert"] for rule in rules()]


def test_promtool_accepts_the_alerts() -> None:
    """Debian has it in the package prometheus."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool")
    done = subprocess.run(  # noqa: S603 - our own file
        [promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
