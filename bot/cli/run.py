"""`storywire run`: runs the bot on Discord."""

import asyncio
from pathlib import Path

import click

from bot.app import Reloading, reload_on_hangup, run_bot, stop_on_signals
from bot.cli.common import (
    check_folders,
    check_sources,
    config_option,
    fail,
    keep_pauses_short,
    log_start,
    require_folders,
    require_sources,
    run_to_end,
    settings_or_fail,
)
from bot.cli.logs import logging_options, set_up_logging
from bot.clock import SystemClock
from bot.config.settings import Settings, discord_api_url, discord_token, load_settings
from bot.errors import TokenError


@click.command()
@config_option
@logging_options
def run(config: Path | None, log_format: str, log_level: str) -> None:
    """Run the bot on Discord. Needs DISCORD_TOKEN or DISCORD_TOKEN_FILE."""
    settings, token = settings_and_token(config)
    set_up_logging(log_format, log_level)
    log_start(settings, config)
    keep_pauses_short()

    async def work() -> None:
        stop, reloading = asyncio.Event(), Reloading(read_again)
        with stop_on_signals(stop), reload_on_hangup(reloading.wanted, stop):
            await run_bot(settings, token, SystemClock(), stop, reloading=reloading)

    def read_again(current: Settings) -> Settings:
        new = _with_api_url(load_settings(config))
        check_sources(new)
        check_folders(each for each in new.sources if each not in current.sources)
        return new

    run_to_end(work)


def _with_api_url(settings: Settings) -> Settings:
    """The settings with the API that a variable may name."""
    discord = settings.discord.model_copy(update={"api_url": discord_api_url(settings)})
    return settings.model_copy(update={"discord": discord})


def settings_and_token(config: Path | None) -> tuple[Settings, str]:
    """What a start needs; ends the process with an error if something is missing."""
    settings = settings_or_fail(config)
    try:
        token = discord_token(settings).get_secret_value()
    except TokenError as error:
        fail(error)
    require_sources(settings)
    require_folders(settings.sources)
    return _with_api_url(settings), token
