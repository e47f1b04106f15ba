"""`storywire load`: read the sources now, and tell what was rejected and why."""

import asyncio
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from rich import progress
from rich.console import Console
from rich.text import Text

from bot.cli.common import config_option, refuse_no_sources, run_to_end, settings_or_fail
from bot.cli.tables import clean
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings
from bot.errors import SourceError
from bot.ingest.factory import SourceFactory, topic_rules
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from bot.ingest.text import pluralize
from storage.models import LoadCounts, RejectedDocument
from storage.open import open_store
from storage.protocols import Store


@click.command()
@config_option
@click.option("--strict", is_flag=True, help="End with status 1 if any document stands rejected.")
def load(config: Path | None, strict: bool) -> None:
    """Read the sources now, with a progress bar and a report. A running bot notices."""
    settings = settings_or_fail(config)
    refuse_no_sources(settings)
    report = run_to_end(
        lambda: load_all(settings),
        "stopped; what was stored stays, and the next `storywire load` goes on from there",
    )
    for rejected in report.rejected:
        told = f"rejected {rejected.source}/{rejected.key}: {rejected.rejection}"
        click.echo(clean(told).plain, err=True)
    for error in report.errors:
        click.echo(f"storywire: {error}", err=True)
    if report.counts.drafts:
        left_out = pluralize(report.counts.drafts, "draft was", "drafts were")
        click.echo(
            f"{left_out} left out; a source's `unpublished: announce` takes drafts", err=True
        )
    click.echo(str(report.counts))
    sys.exit(1 if report.errors or (strict and report.rejected) else 0)


@dataclass(frozen=True, slots=True)
class Report:
    """What loading sources came to."""

    counts: LoadCounts = field(default_factory=LoadCounts)
    rejected: tuple[RejectedDocument, ...] = ()
    errors: tuple[SourceError, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.counts + other.counts,
            self.rejected + other.rejected,
            self.errors + other.errors,
        )


async def load_all(settings: Settings) -> Report:
    """Read every source once, all at the same time: one that fails or hangs delays no other."""
    clock = SystemClock()
    rules = topic_rules(settings.topics)
    async with (
        open_store(settings.database) as store,
        SourceFactory.open(clock, clones=settings.clones, rules=rules) as factory,
    ):
        sources = [factory.make(each) for each in settings.sources]
        await store.register_sources([source.name for source in sources])
        with _bars() as bars:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(_load(source, store, clock, _Bar(bars, source.name)))
                    for source in sources
                ]
    return sum((task.result() for task in tasks), Report())


async def _load(source: Source, store: Store, clock: Clock, bar: "_Bar") -> Report:
    try:
        counts = await load_source(source, store, clock, bar)
    except SourceError as error:
        bar.failed()
        await store.note_run(source.name, clock.now(), str(error))
        return Report(errors=(error,))
    await store.note_run(source.name, clock.now(), None)
    rejected = await store.rejected_documents(source.name)
    # One that stood rejected and has not changed is no good news either.
    # (One that a feed doesn't show any more still stands, but was not seen.)
    unchanged = max(0, counts.unchanged - (len(rejected) - counts.rejected))
    told = replace(counts, rejected=len(rejected), unchanged=unchanged)
    return Report(told, tuple(rejected))


class _Bar:
    """`bot.ingest.loader.Progress` as a bar on a terminal, with rate and time left.

    It is there at once, and only moves to and fro until it is known how much there is to read.
    """

    def __init__(self, bars: progress.Progress, source: str) -> None:
        self._bars = bars
        self._row = bars.add_task(source, total=None)

    def started(self, source: str, total: int) -> None:  # noqa: ARG002 - it has its row
        """Begin to count, and to take the time."""
        self._bars.reset(self._row, total=total)

    def advanced(self, documents: int) -> None:
        """Move the bar."""
        self._bars.advance(self._row, documents)

    def failed(self) -> None:
        """Take the bar away; what is wrong is told at the end."""
        self._bars.remove_task(self._row)

    def finished(self, counts: LoadCounts) -> None:
        """Leave the bar as it stands; the report comes at the end."""


class _RateColumn(progress.ProgressColumn):
    def render(self, task: progress.Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


def _bars() -> progress.Progress:
    """Bars that are gone when it is done, and never there where nobody watches."""
    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        _RateColumn(),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
