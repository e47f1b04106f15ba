"""`storywire pause`: posts nothing until `storywire resume`."""

from datetime import datetime
from pathlib import Path

import click

from bot.announce.pausing import pause_posting
from bot.cli.common import config_option, run_to_end
from bot.cli.database import existing_store
from bot.cli.tables import short_time
from bot.clock import SystemClock


@click.command()
@config_option
def pause(config: Path | None) -> None:
    """Post and edit nothing until `storywire resume`, also while the bot runs.

    Sources are still read, and commands answered. The stories wait; none becomes too old.
    """

    async def work() -> tuple[datetime, bool]:
        async with existing_store(config) as store:
            return await pause_posting(store, SystemClock().now())

    since, was_paused = run_to_end(work)
    if was_paused:
        click.echo(f"posting is already paused, since {short_time(since)} UTC")
    else:
        click.echo("posting is paused; stories wait until `storywire resume`")
