"""`storywire sources`: how each source does, and what of it stands rejected."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from bot.cli.common import config_option, leaving, refuse_no_sources, run_to_end, settings_or_fail
from bot.cli.tables import clean, console, new_table, short_time
from bot.config.settings import Settings
from bot.config.sources import AnySource, FolderSettings, GitSettings
from bot.fetching.poll_schedule import LONGEST_BACK_OFF
from storage.models import RejectedDocument, SourceState
from storage.open import inspect_store, open_store

# So many rejections are shown without being asked for.
FEW = 10


@click.command()
@config_option
@click.option("--rejections", is_flag=True, help=f"Show all rejections, not only up to {FEW}.")
def sources(config: Path | None, rejections: bool) -> None:
    """Show when each source was last read, what failed, and what stands rejected and why."""
    settings = settings_or_fail(config)
    refuse_no_sources(settings)
    states, rejected, left = run_to_end(lambda: _look(settings))
    screen = console()
    screen.print(_source_table(settings, states))
    named = {source.name for source in settings.sources}
    failing = [state for state in states.values() if state.error and state.name in named]
    if failing:
        screen.print(_failure_table(failing))
    standing = [each for each in rejected if each.source in named]
    if standing and (rejections or len(standing) <= FEW):
        screen.print(_rejection_table(standing))
    elif standing:
        click.echo(f"{len(standing)} documents stand rejected; --rejections shows them")
    if left:
        click.echo(leaving(left))


async def _look(
    settings: Settings,
) -> tuple[Mapping[str, SourceState], Sequence[RejectedDocument], int]:
    """What the database knows, if it is there, with how many stories only other sources tell."""
    diagnostics = inspect_store(settings.database)
    if not await diagnostics.exists():
        return {}, (), 0
    async with open_store(settings.database) as store:
        states = {state.name: state for state in await store.list_sources()}
        rejected = await store.rejected_documents()
    names = [source.name for source in settings.sources]
    return states, rejected, await diagnostics.count_orphaned(names)


def _source_table(settings: Settings, states: Mapping[str, SourceState]) -> Table:
    table = new_table()
    table.add_column("source", overflow="fold")
    table.add_column("state", no_wrap=True)
    table.add_column("documents", justify="right", no_wrap=True)
    table.add_column("rejected", justify="right", no_wrap=True)
    table.add_column("read (UTC)", no_wrap=True)
    table.add_column("next", no_wrap=True)
    for source in settings.sources:
        state = states.get(source.name) or SourceState(source.name, 0, 0)
        table.add_row(
            clean(state.name),
            _state(state),
            str(state.documents),
            Text(str(state.rejected), style="yellow" if state.rejected else ""),
            short_time(state.last_success_at),
            _next(source, state),
        )
    return table


def _state(state: SourceState) -> Text:
    if state.error:
        return Text("failing", style="bold red")
    return Text("ok", style="green") if state.last_success_at else Text("not read", style="dim")


def _next(source: AnySource, state: SourceState) -> str:
    """When a running bot looks again; about, for it doesn't look at the same second every time."""
    if state.last_run_at is None:
        return "at once"
    if isinstance(source, FolderSettings | GitSettings):
        if state.error:
            return "within 1 min"
    elif state.error:
        # Less and less often, down to this; a server may ask to be left alone for longer.
        return f"within {_span(max(source.every, LONGEST_BACK_OFF))}"
    if isinstance(source, FolderSettings):
        return "when changed"
    return short_time(state.last_run_at + source.every)


def _span(time: timedelta) -> str:
    hours, rest = divmod(time, timedelta(hours=1))
    return f"{time // timedelta(minutes=1)} min" if rest else f"{hours} h"


def _failure_table(failing: Sequence[SourceState]) -> Table:
    table = new_table()
    table.add_column("failing", overflow="fold")
    table.add_column("tried (UTC)", no_wrap=True)
    table.add_column("why", overflow="fold")
    for state in failing:
        table.add_row(clean(state.name), short_time(state.last_run_at), clean(state.error or ""))
    return table


def _rejection_table(rejected: Sequence[RejectedDocument]) -> Table:
    table = new_table()
    table.add_column("rejected", overflow="fold")
    table.add_column("why, and where", overflow="fold")
    for each in rejected:
        table.add_row(clean(f"{each.source}/{each.key}"), clean(str(each.rejection)))
    return table
