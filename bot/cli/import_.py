"""`storywire import`: adds the feeds of other programs to the settings."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from bot.cli.common import config_option, fail, settings_or_fail
from bot.cli.tables import printable
from bot.config.settings import DEFAULT_FILE, find_settings_file
from bot.config.settings_file import add_sources
from bot.errors import ImportFileError, SettingsError
from bot.ingest.text import pluralize
from bot.switching.feeds import ListedFeed, Outcome, Result, compare_with_settings
from bot.switching.opml import MAX_FILE, read_opml
from storage.errors import StorywireError

_file_argument = click.argument("file", type=click.File("rb"))
_dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Report what would be added, and change nothing."
)


@click.group(name="import")
@config_option
def import_(config: Path | None) -> None:
    """Add the feeds of other programs."""


@import_.command()
@_file_argument
@config_option
@_dry_run_option
def opml(file: BinaryIO, config: Path | None, *, dry_run: bool) -> None:
    """Add the feeds of an OPML file to the settings."""
    feeds = _read(file, MAX_FILE, read_opml)
    results = _import_feeds(config, feeds, dry_run=dry_run)
    _report(results, dry_run=dry_run)


def _read(
    file: BinaryIO, limit: int, parse: Callable[[bytes], Sequence[ListedFeed]]
) -> Sequence[ListedFeed]:
    try:
        # One more byte than allowed, so that `parse` notices.
        return parse(file.read(limit + 1))
    except ImportFileError as error:
        fail(ImportFileError(f"{file.name} {error}"))
    except OSError as error:
        fail(ImportFileError(f"{file.name} can't be read: {error.strerror}"))


def _import_feeds(
    config: Path | None, feeds: Sequence[ListedFeed], *, dry_run: bool
) -> Sequence[Result]:
    results, added = compare_with_settings(feeds, settings_or_fail(config).sources)
    if added and not dry_run:
        try:
            add_sources(find_settings_file(config) or DEFAULT_FILE, added)
        except SettingsError as error:
            fail(StorywireError(f"{error}\nnothing was imported"))
    return results


def _report(results: Sequence[Result], *, dry_run: bool) -> None:
    """Print a line for each entry, and how many there are of each kind."""
    for result in results:
        added = "would be added" if dry_run else "added"
        label = added if result.outcome is Outcome.ADDED else str(result.outcome)
        notes = f": {'; '.join(result.notes)}" if result.notes else ""
        click.echo(printable(f"{label:<14}  {result.name}{notes}").plain)
    counts = Counter(result.outcome for result in results)
    listed = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    click.echo(f"{pluralize(len(results), 'entry', 'entries')}: {listed or 'nothing to import'}")
    if dry_run:
        click.echo("nothing was changed (--dry-run)")
    elif counts[Outcome.ADDED]:
        click.echo(
            "restart the bot, so that it reads them; what they contain by then is not announced"
        )
