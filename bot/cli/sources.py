"""`storywire sources`: the state of each source and its rejected documents."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from bot.cli.common import (
    config_option,
    describe_orphaned,
    require_sources,
    run_to_end,
    settings_or_fail,
)
from bot.cli.findings import describe_findings
from bot.cli.tables import console, new_table, printable, short_time
from bot.config.settings import Settings
from bot.config.sources import ConfiguredSource, FolderSettings, GitSettings, PushSettings
from bot.fetching.poll_schedule import MAX_BACKOFF
from storage.models import RejectedDocument, SourceState
from storage.open import inspect_store, open_store

# More rejections than this are shown only with --rejections.
MAX_LISTED = 10


@click.command()
@config_option
@click.option(
    "--rejections", is_flag=True, help=f"List all rejected documents, even more than {MAX_LISTED}."
)
def sources(config: Path | None, rejections: bool) -> None:
    """Show when each source was last read, its error, and its rejected documents."""
    settings = settings_or_fail(config)
    require_sources(settings)
    states, rejected, orphaned = run_to_end(lambda: _read_states(settings))
    screen = console()
    screen.print(_source_table(settings, states))
    names = {source.name for source in settings.all_sources}
    failing = [state for state in states.values() if state.error and state.name in names]
    if failing:
        screen.print(_failure_table(failing))
    notes = [
        (source.name, note)
        for source in settings.all_sources
        if (state := states.get(source.name)) is not None
        for note in describe_findings(state.findings, source)
    ]
    if notes:
        screen.print(_notes_table(notes))
    listed = [each for each in rejected if each.source in names]
    if listed and (rejections or len(listed) <= MAX_LISTED):
        screen.print(_rejection_table(listed))
    elif listed:
        click.echo(f"{len(listed)} documents are rejected; list them with --rejections")
    if orphaned:
        click.echo(describe_orphaned(orphaned))


async def _read_states(
    settings: Settings,
) -> tuple[Mapping[str, SourceState], Sequence[RejectedDocument], int]:
    """States by source name, rejected documents, and the number of stories to be withdrawn."""
    diagnostics = inspect_store(settings.database)
    if not await diagnostics.exists():
        return {}, (), 0
    async with open_store(settings.database) as store:
        states = {state.name: state for state in await store.list_sources()}
        rejected = await store.rejected_documents()
    names = [source.name for source in settings.all_sources]
    return states, rejected, await diagnostics.count_orphaned(names)


def _source_table(settings: Settings, states: Mapping[str, SourceState]) -> Table:
    table = new_table()
    table.add_column("source", overflow="fold")
    table.add_column("state", no_wrap=True)
    table.add_column("documents", justify="right", no_wrap=True)
    table.add_column("rejected", justify="right", no_wrap=True)
    table.add_column("read (UTC)", no_wrap=True)
    table.add_column("next", no_wrap=True)
    for source in settings.all_sources:
        state = states.get(source.name) or SourceState(source.name, 0, 0)
        table.add_row(
            printable(state.name),
            _state(state),
            str(state.documents),
            Text(str(state.rejected), style="yellow" if state.rejected else ""),
            short_time(state.last_success_at),
            _next_read(source, state),
        )
    return table


def _state(state: SourceState) -> Text:
    if state.error:
        return Text("failing", style="bold red")
    return Text("ok", style="green") if state.last_success_at else Text("not read", style="dim")


def _next_read(source: ConfiguredSource, state: SourceState) -> str:
    """When a running bot reads the source again; approximate, as intervals vary a little."""
    if isinstance(source, PushSettings):
        return "when pushed"
    if state.last_run_at is None:
        return "immediately"
    if isinstance(source, FolderSettings | GitSettings):
        if state.error:
            return "within 1 min"
    elif state.error:
        # Retries slow down to this interval; a server may ask for a longer one.
        return f"within {_format_duration(max(source.every, MAX_BACKOFF))}"
    if isinstance(source, FolderSettings):
        return "when changed"
    return short_time(state.last_run_at + source.every)


def _format_duration(duration: timedelta) -> str:
    hours, rest = divmod(duration, timedelta(hours=1))
    return f"{duration // timedelta(minutes=1)} min" if rest else f"{hours} h"


def _failure_table(failing: Sequence[SourceState]) -> Table:
    table = new_table()
    table.add_column("failing", overflow="fold")
    table.add_column("tried (UTC)", no_wrap=True)
    table.add_column("error", overflow="fold")
    for state in failing:
        table.add_row(
            printable(state.name), short_time(state.last_run_at), printable(state.error or "")
        )
    return table


def _notes_table(notes: Sequence[tuple[str, str]]) -> Table:
    table = new_table()
    table.add_column("source", overflow="fold")
    table.add_column("note", overflow="fold")
    for source, note in notes:
        table.add_row(printable(source), printable(note))
    return table


def _rejection_table(rejected: Sequence[RejectedDocument]) -> Table:
    table = new_table()
    table.add_column("rejected", overflow="fold")
    table.add_column("reason", overflow="fold")
    for each in rejected:
        table.add_row(printable(f"{each.source}/{each.key}"), printable(str(each.rejection)))
    return table
