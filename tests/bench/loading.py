"""Loading: the first time, against the YAML parser alone; and a start with nothing changed."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.bench.articles import write_articles, write_posts
from tests.bench.figures import Figure
from tests.bench.loading_process import Measured

FILES = 100_000
QUICK_FILES = 4_000


async def measure_loading(files: int = FILES) -> Sequence[Figure]:
    """Load a folder in a process of its own, then start again with nothing changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        write_articles(folder, files)
        yaml_seconds = await asyncio.to_thread(_parse, folder)
        first = await _load(folder, Path(name) / "a.db")
        second = await _load(folder, Path(name) / "a.db")
        posts = Path(name) / "posts"
        write_posts(posts, files // 10)
        posts_yaml_seconds = await asyncio.to_thread(_parse, posts)
        of_posts = await _load(posts, Path(name) / "b.db")
    rate = files / first.load_seconds
    return [
        Figure(
            f"first load of {files:,} files, compared with PyYAML's C loader alone",
            f"{first.load_seconds / yaml_seconds:.2f} x ({rate:,.0f} files/s)",
            "≤ 1.5 x",
        ),
        Figure(
            f"the same for {files // 10:,} posts whose excerpt and picture are in their text",
            f"{of_posts.load_seconds / posts_yaml_seconds:.2f} x"
            f" ({10 * 1e6 * of_posts.load_seconds / files:,.0f} µs per file)",
        ),
        Figure("peak memory of the first of these", f"{first.peak_megabytes:.0f} MB", "< 250 MB"),
        Figure(
            "the next start without changes, compared with a walk that calls stat on each file",
            f"{second.load_seconds / second.walk_seconds:.2f} x"
            f" ({second.load_seconds * 1000:.0f} ms)",
            "≤ 2 x",
        ),
    ]


async def measure_quick_loading() -> Sequence[Figure]:
    """The same with fewer files."""
    return await measure_loading(QUICK_FILES)


def _parse(folder: Path) -> float:
    started = time.perf_counter()
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        yaml.load(text.split("---\n", 2)[1], Loader=yaml.CSafeLoader)
    return time.perf_counter() - started


async def _load(folder: Path, database: Path) -> Measured:
    program = (sys.executable, "-m", "tests.bench.loading_process", str(folder), str(database))
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"loading ended with status {process.returncode}")
    return Measured.read(output)
