"""`storywire restore`: puts a backup in the place of the database."""

from pathlib import Path

import click

from bot.cli.common import config_option, run_to_end, settings_or_fail
from bot.clock import SystemClock
from storage.open import restore_store

NEXT_START = (
    "the next start reads in the channels what was announced after the backup was made, so that"
    " nothing is announced again"
)


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(config: Path | None, file: Path) -> None:
    """Put a backup in the place of the database.

    The bot has to be stopped. FILE is the backup; the database is kept under another name.
    """
    database = settings_or_fail(config).database
    now = SystemClock().now()
    kept = run_to_end(lambda: restore_store(database, file, now), "interrupted")
    click.echo(f"{database} is restored from {file}")
    if kept is not None:
        click.echo(f"the database that was there is now {kept}")
    click.echo(NEXT_START)
