"""`storywire check`: settings, sources and database, in words."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from bot.cli.running import config_option, fail, run_to_end, settings_or_fail
from bot.clock import SystemClock
from bot.config import Settings, discord_token
from bot.errors import TokenError
from bot.ingest.api.source import ApiSource
from bot.ingest.feed.source import FeedSource
from bot.ingest.git.source import GitSource
from bot.ingest.source import Source
from bot.ingest.topics import NO_RULES
from bot.sources import open_sources, open_web, topic_rules
from storage.errors import StoreUnusableError, StorywireError
from storage.sqlite.inspecting import inspect_database, inspect_sources

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
    try:
        rules = topic_rules(settings.topics)
    except StorywireError as error:
        tell("topics", error)
        rules = NO_RULES
    async with open_web(SystemClock(), _nothing_held) as web:
        sources = open_sources(
            settings.sources,
            SystemClock(),
            settings.clones,
            web=web,
            rules=rules,
        )
        looked = await asyncio.gather(*map(_look, sources))
    failed = await _failed(settings.database)
    for source, found in zip(sources, looked, strict=True):
        last = failed.get(source.name)
        tell(source.name, f"{found}{last}" if last and isinstance(found, str) else found)
    try:
        tell("database", await inspect_database(settings.database))
    except StorywireError as error:
        tell("database", error)
    free = _free_bytes(settings.database)
    if free < LOW_DISK_BYTES:
        tell("disk", low_disk(settings.database, free))
    return problems


async def _nothing_held(_source: str, _settings: str) -> None:
    """Whatever was read before is read again."""


async def _look(source: Source) -> str | StorywireError:
    """What a source holds, or why it can't be read; a repository is asked, but not cloned."""
    try:
        if isinstance(source, GitSource | FeedSource | ApiSource):
            return await source.probe()
        return f"{(await source.survey({})).changed} documents"
    except StorywireError as error:
        return error


async def _failed(database: Path) -> Mapping[str, str]:
    """The sources that could not be read the last time, and why, as the end of a sentence."""
    try:
        states = await inspect_sources(database)
    except StorywireError:
        return {}  # what is wrong with the database is told beside the sources
    return {
        state.name: f"; but it could not be read at {state.last_run_at:%b %d %H:%M} UTC:"
        f" {state.error}"
        for state in states
        if state.error
    }


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
