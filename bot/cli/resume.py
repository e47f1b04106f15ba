"""`storywire resume`: posts again after `storywire pause`."""

from datetime import datetime
from pathlib import Path

import click

from bot.announce.pausing import resume_posting
from bot.cli.common import config_option, run_to_end
from bot.cli.database import existing_store
from bot.cli.tables import short_time
from bot.clock import SystemClock


@click.command()
@config_option
def resume(config: Path | None) -> None:
    """Post again what waits since `storywire pause`, also while the bot runs."""

    async def work() -> datetime | None:
        async with existing_store(config) as store:
            return await resume_posting(store, SystemClock().now())

    since = run_to_end(work)
    if since is None:
        click.echo("posting is not paused")
    else:
        click.echo(f"posting goes on; it was paused since {short_time(since)} UTC")
