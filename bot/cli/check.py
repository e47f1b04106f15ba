"""`storywire check`: settings, sources and database, in words."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

import click

from bot.cli.common import config_option, fail, leaving, run_to_end, settings_or_fail
from bot.clock import SystemClock
from bot.config.settings import Settings, discord_token
from bot.config.sources import AnySource, FolderSettings, GitSettings
from bot.errors import TokenError
from bot.ingest.api.source import ApiSource
from bot.ingest.factory import SourceFactory, topic_rules
from bot.ingest.feed.source import FeedSource
from bot.ingest.git.source import GitSource
from bot.ingest.source import Source
from bot.ingest.text import pluralize
from bot.ingest.topics import NO_RULES
from storage.errors import StoreUnusableError, StorywireError
from storage.models import SourceState
from storage.open import inspect_store

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
        fail(StorywireError(f"{pluralize(problems, 'problem')} to mend before `storywire run`"))


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
    async with SourceFactory.open(SystemClock(), clones=settings.clones, rules=rules) as factory:
        sources = [factory.make(each) for each in settings.sources]
        looked = await asyncio.gather(*map(_look, settings.sources, sources))
    known = await _known(settings.database)
    for source, found in zip(sources, looked, strict=True):
        more = _so_far(known.get(source.name)) if isinstance(found, str) else ""
        tell(source.name, f"{found}{more}" if more else found)
    if any(isinstance(source, GitSettings) for source in settings.sources):
        clones = unusable_folder(settings.clones)
        if clones is not None:
            tell("clones of repositories", clones)
    database = await _look_at_database(settings)
    tell("database", database)
    if isinstance(database, str) and (free := _free_bytes(settings.database)) < LOW_DISK_BYTES:
        tell("disk", low_disk(settings.database, free))
    return problems


async def _look(settings: AnySource, source: Source) -> str | StorywireError:
    """What a source holds, or why it can't be read; a repository is asked, but not cloned."""
    try:
        if isinstance(source, GitSource | FeedSource | ApiSource):
            return await source.probe()
        found = (await source.read({}, None)).changed
    except StorywireError as error:
        return error
    if found == 0 and isinstance(settings, FolderSettings):
        wanted = ", ".join(settings.include)
        return f"0 documents; nothing in it is called {wanted} (`include`)"
    return pluralize(found, "document")


async def _known(database: Path) -> Mapping[str, SourceState]:
    """What the database knows of the sources."""
    try:
        return {state.name: state for state in await inspect_store(database).inspect_sources()}
    except StorywireError:
        return {}  # what is wrong with the database is told beside the sources


def _so_far(state: SourceState | None) -> str:
    """How it was the last time, as the end of a sentence."""
    if state is None or not (state.documents or state.last_run_at):
        return "; not read yet"
    told = ""
    if state.rejected:
        told = f"; {state.rejected} of {state.documents} stood rejected the last time"
    if state.error:
        told += f"; but it could not be read at {state.last_run_at:%b %d %H:%M} UTC: {state.error}"
    return told


async def _look_at_database(settings: Settings) -> str | StorywireError:
    path = settings.database
    try:
        names = [source.name for source in settings.sources]
        found = await inspect_store(path).inspect_contents(names)
    except StorywireError as error:
        return error
    unusable = unusable_folder(path.parent)
    if unusable is not None:
        return unusable
    if path.exists() and not os.access(path, os.W_OK):
        return StoreUnusableError(f"{path} can't be written; check its owner and rights")
    if found is None:
        return f"{path} holds nothing yet" + ("" if path.exists() else "; `storywire run` fills it")
    words = (
        f"{path} holds {pluralize(found.stories, 'story', 'stories')} and"
        f" {pluralize(found.subscriptions, 'subscription')}"
    )
    if found.rejected:
        stand = pluralize(found.rejected, "document stands", "documents stand")
        words += f"; {stand} rejected (`storywire sources` lists them)"
    if found.uncertain or found.failed:
        are = pluralize(found.uncertain, "post is", "posts are")
        words += f"; {are} uncertain, {found.failed} failed (`storywire posts` lists them)"
    if found.orphaned and settings.sources:
        words += f"; {leaving(found.orphaned)}"
    return words


def unusable_folder(folder: Path) -> StoreUnusableError | None:
    """Why nothing can be kept in a folder, there or not yet; leaves nothing behind."""
    there = folder.absolute()
    try:
        there = _existing(there)
        with TemporaryFile(dir=there):
            return None
    except OSError as error:
        return StoreUnusableError(
            f"nothing can be kept in {folder} ({there}: {error.strerror}); make it writable, or"
            " name another place under `database`"
        )


def low_disk(database: Path, free: int) -> StoreUnusableError:
    """What to say of a disk that is nearly full."""
    return StoreUnusableError(
        f"only {free // 2**20} MB are free where {database} lies; free some space before the bot"
        " has to stop posting"
    )


def _free_bytes(path: Path) -> int:
    """The free space where a file is, or will be made."""
    return shutil.disk_usage(_existing(path.absolute().parent)).free


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
