"""Shared by all commands: settings, logging, and errors in one line."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from bot.config.settings import Settings, load_settings
from bot.config.sources import FolderSettings, SourceSettings
from bot.errors import FolderMissingError, SettingsError
from storage.errors import StorywireError

T = TypeVar("T")


def _from_group(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    config: Path | None,
) -> Path | None:
    """The command's own option, else the one given before the command's name."""
    return config or (ctx.parent.params.get("config") if ctx.parent else None)


config_option = click.option(
    "--config",
    "config",
    callback=_from_group,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings file (STORYWIRE_CONFIG; storywire.yaml if there is one).",
)


def run_to_end(work: Callable[[], Coroutine[None, None, T]], interrupted: str | None = None) -> T:
    """Run a command's work. A `StorywireError` ends the process with one line and status 1.

    Ctrl+C ends it with status 130, after printing `interrupted`.
    """
    try:
        return asyncio.run(work())
    except* StorywireError as errors:
        fail(_first(errors))
    except* KeyboardInterrupt:
        if interrupted:
            click.echo(f"storywire: {interrupted}", err=True)
        sys.exit(130)
    raise AssertionError("unreachable: fail() exits")


def settings_or_fail(config: Path | None) -> Settings:
    """The settings; ends the process with a line per problem and status 1 if they are invalid."""
    try:
        return load_settings(config)
    except SettingsError as error:
        fail(error)


def refuse_no_sources(settings: Settings) -> None:
    """End the process with an error if no source is set."""
    if not settings.sources:
        fail(
            SettingsError(
                "no source to read; name one under `sources:` in storywire.yaml, for example"
                " `- folder: articles` (docs/settings.md)"
            )
        )


def refuse_missing_folders(sources: Sequence[SourceSettings]) -> None:
    """End the process with an error if a source's folder does not exist.

    A folder that vanishes later is waited for; one that is missing at the start is a mistake in
    the settings.
    """
    for source in sources:
        if isinstance(source, FolderSettings) and not source.folder.is_dir():
            fail(FolderMissingError(source.folder))


def leaving(stories: int) -> str:
    """A sentence about stories whose sources are no longer in the settings."""
    come = "story comes" if stories == 1 else "stories come"
    return (
        f"{stories} {come} only from sources that are no longer in the settings; `storywire run`"
        " withdraws what the others don't tell either (docs/settings.md)"
    )


def fail(error: BaseException) -> NoReturn:
    """Print an error, each of its lines with the program's name, and end with status 1."""
    for line in str(error).splitlines():
        click.echo(f"storywire: {line}", err=True)
    sys.exit(1)


def set_up_logging(level: int = logging.INFO) -> None:
    """Log to standard error: coloured on a terminal, plain lines otherwise."""
    handler: logging.Handler
    if sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415 - 1 MB that a log file does not need
        from rich.logging import RichHandler  # noqa: PLC0415 - as above

        handler = RichHandler(
            console=Console(stderr=True), show_path=False, omit_repeated_times=False
        )
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # At INFO, discord.py logs what the bot logs itself.
    logging.getLogger("discord").setLevel(logging.WARNING)
    logging.getLogger("discord.client").addFilter(_for_operators)


def _for_operators(record: logging.LogRecord) -> bool:
    """Suppress discord.py's voice-support warning, and the traceback of a reconnection."""
    if "voice will NOT be supported" in record.msg:
        return False
    if record.msg.startswith("Attempting a reconnect") and record.exc_info:
        record.msg = f"{record.msg}: %s"
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.args = (*(record.args or ()), record.exc_info[1])
        record.exc_info = None
    return True


def _first(errors: BaseExceptionGroup[StorywireError]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
