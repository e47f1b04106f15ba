"""`python -m tests.bench.lookups`: how long lookups take among a million articles.

Exits with status 1 if a goal is missed. The figures are written into `docs/benchmarks.md` if
everything was measured, with enough articles and samples.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot.cli.common import keep_pauses_short
from bot.clock import SystemClock
from storage.open import open_store
from tests.bench.lookups.archive import Archive
from tests.bench.lookups.building import BuiltDatabase, sizes_by_table
from tests.bench.lookups.page_cache import fill_page_cache
from tests.bench.lookups.questions import all_lookups
from tests.bench.lookups.reader_search import ARTICLES as READER_ARTICLES
from tests.bench.lookups.reader_search import compare_with_reader
from tests.bench.lookups.report import (
    ARTICLES,
    Row,
    as_section,
    counts,
    details,
    machine,
    times_row,
    with_section,
)
from tests.bench.lookups.round_trips import (
    running_bot,
    time_alone,
    time_at_once,
    time_cold,
    time_loading,
)
from tests.bench.lookups.store_times import time_lookups
from tests.bench.lookups.timing import FEWEST_SAMPLES, Times
from tests.compare_sites.comparison import UnavailableError

REPORT = Path("docs/benchmarks.md")
BYTES_PER_ARTICLE = 2500
PARTS = ("size", "store", "round-trips", "reader")


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured, and on how much. `only`: a part, or lookups whose names contain it."""

    articles: int
    samples: int
    keep: Path | None
    only: str
    tables: bool

    def wants(self, part: str) -> bool:
        """Whether a part is measured."""
        return not self.only or self.only == part or (part == "store" and self.only not in PARTS)


@dataclass
class Results:
    """Prints rows as they are measured, and keeps them."""

    console: Console
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Print and keep a row."""
        self.console.print(str(row), style="red" if row.met is False else None, highlight=False)
        self.rows.append(row)

    def add_times(self, times: Times, note: str = "") -> None:
        """Print and keep times."""
        self.add(times_row(times, note))
        self.console.print(details(times), style="dim", highlight=False, markup=False)


async def measure(options: Options, results: Results) -> None:
    """Build the database, or use the one that was kept, and measure what is wanted."""
    async with _database(options) as (path, built):
        archive = Archive.of(built.count, datetime.fromisoformat(built.end))
        # Else the archive's words would be looked through at every collection of garbage.
        keep_pauses_short()
        if options.wants("size"):
            _add_sizes(options, path, built, results)
        if options.wants("store"):
            lookups = [
                each
                for each in all_lookups(archive.end)
                if options.only in {"", "store"} or options.only in each.name
            ]
            # `cold` measures without; a system may also forget what was not read for minutes.
            await asyncio.to_thread(fill_page_cache, path)
            async with open_store(path) as store:
                await time_lookups(store, archive, lookups, options.samples, results.add_times)
        if options.wants("round-trips"):
            await _measure_round_trips(path, archive, options.samples, results)
        if options.wants("reader"):
            await _compare_with_reader(archive, options.samples, results)


def _add_sizes(options: Options, path: Path, built: BuiltDatabase, results: Results) -> None:
    results.add(Row("building the database, in a process of its own", str(built)))
    size = built.size / built.count
    goal = f"≤ {BYTES_PER_ARTICLE:,} bytes"
    met = size <= BYTES_PER_ARTICLE
    results.add(Row("size of the database per article", f"{size:,.0f} bytes", goal, met))
    if options.tables:
        for name, table_size in sizes_by_table(path):
            if table_size < built.count:
                break
            results.console.print(f"  {name}: {table_size / built.count:,.1f} bytes per article")


async def _measure_round_trips(
    path: Path, archive: Archive, samples: int, results: Results
) -> None:
    async with running_bot(path, archive) as bot:
        results.add_times(*await time_cold(bot, samples))
        await time_alone(bot, samples, results.add_times)
        results.add_times(await time_at_once(bot, samples))
    # What is loaded remains in the database, so this comes last.
    async with running_bot(path, archive) as bot:
        results.add_times(*await time_loading(bot, samples))


async def _compare_with_reader(archive: Archive, samples: int, results: Results) -> None:
    articles = min(READER_ARTICLES, archive.count)
    what = f"the same searches among {articles:,} articles"
    try:
        ours, theirs = await compare_with_reader(Archive.of(READER_ARTICLES, archive.end), samples)
    except UnavailableError as error:
        results.add(Row(f"{what}, lemon24/reader", f"not measured: {error}"))
        return
    results.add(Row(f"{what}, Storywire", str(ours)))
    results.add(Row(f"{what}, lemon24/reader's own search", str(theirs)))


@asynccontextmanager
async def _database(options: Options) -> AsyncIterator[tuple[Path, BuiltDatabase]]:
    """The database, and what building it took; a kept one is built once."""
    with TemporaryDirectory() as name:
        path = options.keep or Path(name) / "lookups.db"
        record = path.with_name(f"{path.name}.json")
        if record.exists():
            yield path, BuiltDatabase(**json.loads(record.read_text()))
            return
        built = await _build(path, options.articles)
        if options.keep:
            record.write_text(json.dumps(asdict(built)))
        yield path, built


async def _build(path: Path, articles: int) -> BuiltDatabase:
    end = SystemClock().now().isoformat(timespec="seconds")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.lookups.building",
        str(path),
        str(articles),
        end,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit("the database could not be built")
    return BuiltDatabase(**json.loads(output))


def main(arguments: Sequence[str]) -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lookups")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--samples", type=int, default=FEWEST_SAMPLES, help="per lookup")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="build the database there, or use the one there"
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="NAME",
        help=f"one of {', '.join(PARTS)}, or lookups of the store whose names contain this",
    )
    parser.add_argument("--tables", action="store_true", help="show the size of each table")
    options = Options(**vars(parser.parse_args(arguments)))
    results = Results(Console(soft_wrap=True))
    results.console.print(f"Machine: {machine()}", highlight=False)
    asyncio.run(measure(options, results))
    if not options.only and counts(options.articles, options.samples):
        section = as_section(results.rows, options.articles)
        REPORT.write_text(with_section(REPORT.read_text(encoding="utf-8"), section), "utf-8")
        results.console.print(f"written to {REPORT}")
    missed = [row.what for row in results.rows if row.met is False]
    if missed:
        results.console.print(f"missed: {', '.join(missed)}", style="bold red", highlight=False)
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
