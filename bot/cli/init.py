"""`storywire init`: writes a settings file with comments, and checks it."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from bot.cli.check import run_checks
from bot.cli.checks.results import CheckResult, describe_problems, print_result
from bot.cli.common import config_option, fail, run_to_end
from bot.cli.tables import console
from bot.clock import SystemClock
from bot.config.example_file import example_file
from bot.config.schema import settings_schema
from bot.config.settings import DEFAULT_FILE, Settings, load_settings
from bot.config.sources import SOURCE_KINDS
from bot.errors import SettingsError
from bot.urls.redaction import redact

SCHEMA_FILE = "storywire.schema.json"
NO_SOURCE = "none"


@click.command()
@config_option
@click.option(
    "--source",
    "sources",
    type=(click.Choice(list(SOURCE_KINDS)), str),
    metavar="KIND ADDRESS",
    multiple=True,
    help=(
        f"What to read: {', '.join(SOURCE_KINDS)}, and its path or address; can be repeated."
        "  [default: asked on a terminal, else none]"
    ),
)
def init(config: Path | None, sources: Sequence[tuple[str, str]]) -> None:
    """Write storywire.yaml with all settings in comments, and check it.

    Nothing is overwritten but the schema for editors, which is written beside the file.
    """
    file = config or Path(os.environ.get("STORYWIRE_CONFIG") or DEFAULT_FILE)
    if file.exists():
        fail(_exists(file))
    if not sources and sys.stdin.isatty():
        sources = _ask_for_source()
    settings = _write(file, sources)
    click.echo(f"wrote {redact(str(file))}, and {SCHEMA_FILE} beside it, for editors")
    if problems := describe_problems(run_to_end(lambda: _check(settings))):
        click.echo(f"{problems}; `storywire check` looks again")


async def _check(settings: Settings) -> Sequence[CheckResult]:
    results = []
    screen = console()
    async for result in run_checks(settings, clock=SystemClock(), request=True):
        print_result(screen, result)
        results.append(result)
    return results


def _ask_for_source() -> Sequence[tuple[str, str]]:
    kinds = click.Choice([*SOURCE_KINDS, NO_SOURCE])
    kind = click.prompt("What should be read?", type=kinds, default=NO_SOURCE)
    if kind == NO_SOURCE:
        return ()
    return [(kind, click.prompt("Its path" if kind == "folder" else "Its address"))]


def _write(file: Path, sources: Sequence[tuple[str, str]]) -> Settings:
    """Write the file and the schema; a file with invalid settings is removed."""
    schema = settings_schema()
    try:
        with file.open("x", encoding="utf-8") as settings_file:
            settings_file.write(example_file(schema, SCHEMA_FILE, sources))
        settings = load_settings(file)
        printed = json.dumps(schema, indent=2, ensure_ascii=False)
        file.with_name(SCHEMA_FILE).write_text(f"{printed}\n", encoding="utf-8")
    except FileExistsError:
        fail(_exists(file))
    except OSError as error:
        with suppress(OSError):  # it may be what can't be written
            file.unlink()
        fail(SettingsError(f"{error.filename or file} can't be written: {error.strerror}"))
    except SettingsError as error:
        file.unlink()
        fail(SettingsError(f"{error}\n{file} was not written"))
    return settings


def _exists(file: Path) -> SettingsError:
    return SettingsError(
        f"{file} exists already; change it, or write another one: storywire init --config FILE"
    )
