"""`storywire check`: checks settings, sources and database, and prints a line for each."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import click

from bot.cli.checks.backups import check_backups
from bot.cli.checks.configuration import check_settings, check_token
from bot.cli.checks.database import check_database
from bot.cli.checks.discord import check_discord
from bot.cli.checks.folders import free_bytes
from bot.cli.checks.ports import check_ports
from bot.cli.checks.results import (
    CheckResult,
    Code,
    Level,
    describe_problems,
    print_result,
    to_json,
)
from bot.cli.checks.sources import check_sources
from bot.cli.common import config_option, fail, run_to_end, settings_or_fail
from bot.cli.tables import console
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings, load_settings
from bot.errors import SettingsError
from storage.errors import StorywireError


@click.command()
@config_option
@click.option(
    "--deep",
    is_flag=True,
    help="Look for flipped bits, too; this takes a temporary copy of the database.",
)
@click.option("--online", is_flag=True, help="Ask Discord, and request the sources in the network.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def check(config: Path | None, *, deep: bool, online: bool, as_json: bool) -> None:
    """Check settings, sources and database; exits with status 1 if there is a problem."""
    results: list[CheckResult] = []
    screen = console()

    def add(result: CheckResult) -> None:
        results.append(result)
        if not as_json:
            print_result(screen, result)

    async def work(settings: Settings) -> None:
        add(check_settings(settings, config))
        async for result in run_checks(
            settings, clock=SystemClock(), deep=deep, online=online, request=online
        ):
            add(result)

    if as_json:
        try:
            settings = load_settings(config)
        except SettingsError as error:
            results += _invalid_settings(error)
        else:
            run_to_end(lambda: work(settings))
        click.echo(to_json(results))
    else:
        settings = settings_or_fail(config)
        run_to_end(lambda: work(settings))
    if problems := describe_problems(results):
        fail(StorywireError(problems))


async def run_checks(
    settings: Settings,
    *,
    clock: Clock,
    free_bytes: Callable[[Path], int] = free_bytes,
    deep: bool = False,
    online: bool = False,
    request: bool = False,
) -> AsyncIterator[CheckResult]:
    """Check everything but the settings.

    `free_bytes` returns the free space of a folder. `online`: ask Discord. `request`: request the
    sources that are not on this machine.
    """
    yield check_token(settings, online=online)
    if online:
        for result in await check_discord(settings, clock):
            yield result
    for result in await check_sources(settings, request=request):
        yield result
    for result in await check_database(settings, free_bytes, deep=deep):
        yield result
    for result in await check_backups(settings, clock):
        yield result
    for result in await check_ports(settings):
        yield result


def _invalid_settings(error: SettingsError) -> list[CheckResult]:
    return [
        CheckResult(Level.PROBLEM, Code.SETTINGS, "settings", line)
        for line in str(error).splitlines()
    ]
