"""Shared by all commands: reading settings, and reporting errors."""

import asyncio
import gc
import logging
import platform
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from bot.config.settings import Settings, find_settings_file, load_settings
from bot.config.sources import FolderSettings, SourceSettings
from bot.errors import FolderMissingError, SettingsError
from bot.urls.redaction import redact
from storage.errors import StorywireError

T = TypeVar("T")

logger = logging.getLogger(__name__)


def _own_or_group_config(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    config: Path | None,
) -> Path | None:
    """The option given after the command's name, else the one given before it."""
    return config or (ctx.parent.params.get("config") if ctx.parent else None)


config_option = click.option(
    "--config",
    "config",
    callback=_own_or_group_config,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file.  [default: $STORYWIRE_CONFIG, else storywire.yaml if it exists]",
)


def shipped_folder(name: str) -> Path:
    """A folder in the root of a checkout, which a wheel contains inside the package `bot`."""
    package = Path(__file__).parents[1]
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def run_to_end(work: Callable[[], Coroutine[None, None, T]], interrupted: str | None = None) -> T:
    """Run a command's work and return its result.

    A `StorywireError` ends the process with one line and status 1. Ctrl+C prints `interrupted` and
    ends it with status 130.
    """
    try:
        return asyncio.run(work())
    except* StorywireError as errors:
        fail(_first_error(errors))
    # After an error in a task group, Python 3.11 raises CancelledError instead at Ctrl+C:
    # the group leaves its own request to cancel the task pending.
    except* (KeyboardInterrupt, asyncio.CancelledError):
        if interrupted:
            click.echo(f"storywire: {interrupted}", err=True)
        sys.exit(130)
    raise AssertionError("unreachable: fail() exits")


def keep_pauses_short() -> None:
    """Let the interpreter interrupt a running bot for milliseconds only; for a process of its own.

    The modules' objects, which stay, are left out of garbage collections
    (https://docs.python.org/3/library/gc.html#gc.freeze). A thread that computes hands over to the
    event loop after a millisecond instead of five, as the loop may have to wait several times
    (https://docs.python.org/3/library/sys.html#sys.setswitchinterval).
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(0.001)


def settings_or_fail(config: Path | None) -> Settings:
    """The settings; ends the process with a line per problem and status 1 if they are invalid."""
    try:
        return load_settings(config)
    except SettingsError as error:
        fail(error)


def require_sources(settings: Settings) -> None:
    """End the process with an error if the settings contain no source."""
    try:
        check_sources(settings)
    except SettingsError as error:
        fail(error)


def check_sources(settings: Settings) -> None:
    """Raise `SettingsError` if the settings contain no source."""
    if not settings.all_sources:
        raise SettingsError(
            "no source configured; add one under `sources:` in storywire.yaml, for example"
            " `- folder: articles` (storywire docs settings)"
        )


def require_folders(sources: Iterable[SourceSettings]) -> None:
    """End the process with an error if a source's folder does not exist."""
    try:
        check_folders(sources)
    except FolderMissingError as error:
        fail(error)


def check_folders(sources: Iterable[SourceSettings]) -> None:
    """Raise `FolderMissingError` if a source's folder does not exist.

    If a folder vanishes later, the bot waits for it; at first, the settings are probably wrong.
    """
    for source in sources:
        if isinstance(source, FolderSettings) and not source.folder.is_dir():
            raise FolderMissingError(source.folder)


def describe_orphaned(stories: int) -> str:
    """Announce the withdrawal of stories whose sources are no longer in the settings."""
    are = "story is" if stories == 1 else "stories are"
    return (
        f"{stories} {are} only in sources that are no longer in the settings; `storywire run`"
        " withdraws those that it does not find in the other sources (storywire docs settings)"
    )


def fail(error: BaseException) -> NoReturn:
    """Print an error, each line after the program's name, and end the process with status 1."""
    for line in redact(str(error)).splitlines():
        click.echo(f"storywire: {line}", err=True)
    sys.exit(1)


def log_start(settings: Settings, config: Path | None) -> None:
    """Log what runs, with which settings and data. `config` is the file of `--config`."""
    logger.info(
        "Storywire %s on Python %s, SQLite %s, discord.py %s",
        *(version("storywire"), platform.python_version()),
        *(sqlite3.sqlite_version, version("discord.py")),
    )
    file = find_settings_file(config)
    logger.info(
        "settings: %s; database: %s",
        *(file.absolute() if file else "no file", settings.database.absolute()),
    )


def _first_error(errors: BaseExceptionGroup[StorywireError]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
