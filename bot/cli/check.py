"""`storywire check`: settings, sources and database, in words."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from bot.cli.running import config_option, fail, run_to_end, settings_or_fail
from bot.clock import SystemClock
from bot.config import Settings, discord_token
from bot.errors import TokenError
from bot.sources import open_sources
from storage.errors import StoreUnusableError, StorywireError
from storage.sqlite.inspecting import inspect_database

# With less than this the write-ahead log may not fit any more.
LOW_DISK_BYTES = 100 * 2**20


@click.command()
@config_option
def check(config: Path | None) -> None:
    """Check the settings, the sources and the database; status 1 if something needs mending."""
    settings = settings_or_fail(config)
    click.echo("ok      settings")
    problems = run_to_end(lambda: _check(settings))
    if problems:
        noun = "problem" if problems == 1 else "problems"
        fail(StorywireError(f"{problems} {noun} to mend before `storywire run`"))


async def _check(settings: Settings) -> int:
    problems = 0

    def tell(what: str, found: str | StorywireError) -> None:
        nonlocal problems
        problems += isinstance(found, StorywireError)
        mark = "PROBLEM" if isinstance(found, StorywireError) else "ok     "
        click.echo(f"{mark} {what}: {found}")

    try:
        discord_token(settings)
        tell("token", "there is one (it is not tried here)")
    except TokenError as error:
        tell("token", error)
    if not settings.sources:
        tell("sources", StorywireError("none; name one under `sources:` (docs/settings.md)"))
    for source in open_sources(settings.sources, SystemClock()):
        try:
            survey = await source.survey({})
        except StorywireError as error:
            tell(source.name, error)
        else:
            tell(source.name, f"{survey.changed} documents")
    try:
        tell("database", await inspect_database(settings.database))
    except StorywireError as error:
        tell("database", error)
    free = _free_bytes(settings.database)
    if free < LOW_DISK_BYTES:
        tell("disk", low_disk(settings.database, free))
    return problems


def low_disk(database: Path, free: int) -> StoreUnusableError:
    """What to say of a disk that is nearly full."""
    return StoreUnusableError(
        f"only {free // 2**20} MB are free where {database} lies; free some space before the bot"
        " has to stop posting"
    )


def _free_bytes(path: Path) -> int:
    """The free space where a file is, or will be made."""
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
