"""`storywire export`: writes the feeds for other programs, or the whole database as text."""

from pathlib import Path

import click

from bot.cli.common import config_option, run_to_end, settings_or_fail
from bot.clock import SystemClock
from bot.config.sources import FeedSettings
from bot.ingest.text import pluralize
from bot.switching.opml import write_opml
from storage.open import export_store


@click.group()
@config_option
def export(config: Path | None) -> None:
    """Write the feeds for other programs, or the database as text."""


@export.command()
@config_option
def opml(config: Path | None) -> None:
    """Write the feeds of the settings as OPML, with the secrets that addresses contain."""
    sources = settings_or_fail(config).sources
    feeds = [source for source in sources if isinstance(source, FeedSettings)]
    click.echo(write_opml(feeds).encode(), nl=False)
    if others := len(sources) - len(feeds):
        are = pluralize(others, "source is", "sources are")
        click.echo(f"storywire: {are} left out, since OPML has only feeds", err=True)
    if private := sum(feed.allow_private for feed in feeds):
        of = pluralize(private, "feed")
        click.echo(
            f"storywire: `allow_private` of {of} is left out; an import can't set it", err=True
        )


@export.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def archive(config: Path | None, file: Path) -> None:
    """Write the whole database as text to FILE, which must not exist yet; the bot may run."""
    database = settings_or_fail(config).database
    now = SystemClock().now()
    rows = run_to_end(lambda: export_store(database, file, now), "interrupted; nothing was written")
    click.echo(f"{database} is exported to {file} ({pluralize(rows, 'row')})")
