"""`storywire backup`: copies the database, also while the bot runs."""

from pathlib import Path

import click

from bot.cli.common import config_option, run_to_end, settings_or_fail
from bot.clock import SystemClock
from storage.open import back_up_store


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(config: Path | None, file: Path) -> None:
    """Write a backup of the database to FILE, which must not exist yet."""
    database = settings_or_fail(config).database
    now = SystemClock().now()
    size = run_to_end(lambda: back_up_store(database, file, now), "interrupted; no backup was made")
    click.echo(f"{database} is backed up to {file} ({size / 1e6:,.1f} MB)")
