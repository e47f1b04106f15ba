"""`storywire load`: read the sources now, and report rejected documents."""

import asyncio
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from rich import progress
from rich.console import Console
from rich.text import Text

from bot.cli.common import config_option, require_sources, run_to_end, settings_or_fail
from bot.cli.findings import describe_passed_over
from bot.cli.tables import printable
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings
from bot.errors import SourceError
from bot.ingest.factory import SourceFactory, topic_rules
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from bot.ingest.text import pluralize
from bot.urls.redaction import redact
from storage.models import LoadCounts, RejectedDocument
from storage.open import open_store
from storage.protocols import Store


@click.command()
@config_option
@click.option("--strict", is_flag=True, help="Exit with status 1 if any document is rejected.")
def load(config: Path | None, strict: bool) -> None:
    """Read all sources now and report the result. A running bot picks up the changes."""
    settings = settings_or_fail(config)
    require_sources(settings)
    report = run_to_end(
        lambda: load_all(settings),
        "interrupted; what is stored is kept, and the next `storywire load` continues from there",
    )
    for rejected in report.rejected:
        message = f"rejected {rejected.source}/{rejected.key}: {rejected.rejection}"
        click.echo(printable(message).plain, err=True)
    for note in report.notes:
        click.echo(printable(note).plain, err=True)
    for error in report.errors:
        click.echo(redact(f"storywire: {error}"), err=True)
    if report.counts.drafts:
        drafts = pluralize(
            report.counts.drafts, "draft or undated page", "drafts and undated pages"
        )
        click.echo(
            f"{drafts} skipped; set `unpublished: announce` for a source to include its drafts",
            err=True,
        )
    click.echo(str(report.counts))
    sys.exit(1 if report.errors or (strict and report.rejected) else 0)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of loading sources."""

    counts: LoadCounts = field(default_factory=LoadCounts)
    rejected: tuple[RejectedDocument, ...] = ()
    errors: tuple[SourceError, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.counts + other.counts,
            self.rejected + other.rejected,
            self.errors + other.errors,
            self.notes + other.notes,
        )


async def load_all(settings: Settings) -> Report:
    """Read every source once, concurrently: one that fails or hangs delays no other."""
    clock = SystemClock()
    rules = topic_rules(settings.topics)
    async with (
        open_store(settings.database) as store,
        SourceFactory.open(clock, clones=settings.clones, rules=rules) as factory,
    ):
        sources = [factory.make(each) for each in settings.all_sources]
        await store.register_sources([source.name for source in sources])
        with _progress_bars() as bars:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(_load(source, store, clock, _ProgressBar(bars, source.name)))
                    for source in sources
                ]
        states = {state.name: state for state in await store.list_sources()}
    notes = tuple(
        f"{source.name}: {note}"
        for source in settings.all_sources
        for note in describe_passed_over(states[source.name].findings, source)
    )
    return sum((task.result() for task in tasks), Report(notes=notes))


async def _load(source: Source, store: Store, clock: Clock, bar: "_ProgressBar") -> Report:
    try:
        counts = await load_source(source, store, clock, bar)
    except SourceError as error:
        bar.failed()
        await store.record_run(source.name, clock.now(), str(error))
        return Report(errors=(error,))
    await store.record_run(source.name, clock.now(), None)
    rejected = await store.rejected_documents(source.name)
    # Count unchanged rejected documents as rejected, not as unchanged. (Those that a feed no longer
    # lists are still rejected, but are not among the unchanged ones: hence max.)
    unchanged = max(0, counts.unchanged - (len(rejected) - counts.rejected))
    counts = replace(counts, rejected=len(rejected), unchanged=unchanged)
    return Report(counts, tuple(rejected))


class _ProgressBar:
    """Shows `bot.ingest.loader.Progress` on a terminal, with rate and time left.

    It appears immediately, and moves back and forth until the number of documents is known.
    """

    def __init__(self, bars: progress.Progress, source: str) -> None:
        self._bars = bars
        self._row = bars.add_task(source, total=None)

    def started(self, source: str, total: int) -> None:  # noqa: ARG002 - the bar has its name
        """Start counting and measuring the rate."""
        self._bars.reset(self._row, total=total)

    def advanced(self, documents: int) -> None:
        """Move the bar."""
        self._bars.advance(self._row, documents)

    def failed(self) -> None:
        """Remove the bar; the error is printed at the end."""
        self._bars.remove_task(self._row)

    def finished(self, counts: LoadCounts) -> None:
        """Leave the bar as it is; the report is printed at the end."""


class _RateColumn(progress.ProgressColumn):
    def render(self, task: progress.Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


def _progress_bars() -> progress.Progress:
    """Progress bars on standard error; disabled outside a terminal, and removed at the end."""
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
