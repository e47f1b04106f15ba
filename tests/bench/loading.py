"""How long a first load takes, compared with the YAML parser alone on the same files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from bot.clock import SystemClock
from bot.config import FolderSettings
from bot.ingest.loader import load_source
from bot.sources import open_sources
from storage.sqlite import SqliteStore
from tests.bench.articles import write_articles
from tests.bench.figures import Figure

FILES = 4000


async def measure_loading() -> Sequence[Figure]:
    """Load a folder, then load it again with nothing changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        write_articles(folder, FILES)
        started = time.perf_counter()
        for path in folder.iterdir():
            text = path.read_text(encoding="utf-8")
            yaml.load(text.split("---\n", 2)[1], Loader=yaml.CSafeLoader)
        yaml_seconds = time.perf_counter() - started
        clock = SystemClock()
        (source,) = open_sources([FolderSettings(folder=folder, unpublished="announce")], clock)
        async with SqliteStore.open(Path(name) / "a.db") as store:
            started = time.perf_counter()
            await load_source(source, store, clock)
            first_seconds = time.perf_counter() - started
            started = time.perf_counter()
            await load_source(source, store, clock)
            second_seconds = time.perf_counter() - started
    return [
        Figure(
            f"first load of {FILES} files, against PyYAML's C loader alone",
            f"{first_seconds / yaml_seconds:.2f} x ({FILES / first_seconds:.0f} files/s)",
            "≤ 1.5 x",
        ),
        Figure("the same folder again, nothing changed", f"{second_seconds * 1000:.0f} ms"),
    ]
