"""`storywire import`: adds feeds and subscriptions, or makes a database of an archive."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

import click

from bot.announce.subscription_lifecycle import subscribe
from bot.cli.common import config_option, fail, run_to_end, settings_or_fail
from bot.cli.restore import NEXT_START
from bot.cli.tables import printable
from bot.clock import SystemClock
from bot.config.settings import DEFAULT_FILE, Settings, find_settings_file
from bot.config.settings_file import add_sources
from bot.errors import ImportFileError, SettingsError
from bot.ingest.text import pluralize
from bot.switching import monitorrss as monitorrss_files
from bot.switching import opml as opml_files
from bot.switching.feeds import Outcome, Result, compare_with_settings
from bot.switching.subscriptions import Terms, plan_import
from storage.errors import StorywireError
from storage.models import NewSubscription, Subscription, SubscriptionSpec
from storage.open import import_store, inspect_store, open_store

T = TypeVar("T")
# Nobody in Discord created these subscriptions, so notices about them go to the server's owner.
_NOBODY = 0

_file_argument = click.argument("file", type=click.File("rb"))
_dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Report what would be added, and change nothing."
)


@click.group(name="import")
@config_option
def import_(config: Path | None) -> None:
    """Add feeds and subscriptions, or make a database of an archive."""


@import_.command()
@_file_argument
@config_option
@_dry_run_option
def opml(file: BinaryIO, config: Path | None, *, dry_run: bool) -> None:
    """Add the feeds of an OPML file to the settings."""
    feeds = _read(file, opml_files.MAX_FILE, opml_files.read_opml)
    results, added = compare_with_settings(feeds, settings_or_fail(config).sources)
    if not dry_run:
        _add_sources(config, added)
    _report(results, dry_run=dry_run)


@import_.command()
@_file_argument
@config_option
@_dry_run_option
def monitorrss(file: BinaryIO, config: Path | None, *, dry_run: bool) -> None:
    """Add the feeds of MonitoRSS, and subscribe its channels to them.

    FILE is a backup of a server, or an export of the collection `userfeeds`.
    """
    feeds = _read(file, monitorrss_files.MAX_FILE, monitorrss_files.read_monitorrss)
    settings = settings_or_fail(config)
    servers = {connection.guild_id for feed in feeds for connection in feed.connections}
    existing = run_to_end(lambda: _list_subscriptions(settings, servers))
    plan = plan_import(feeds, settings.sources, existing, _terms(settings))
    if not dry_run:
        _add_sources(config, plan.sources)
        run_to_end(lambda: _subscribe(settings, plan.subscriptions))
    _report(plan.results, dry_run=dry_run, new_sources=bool(plan.sources))


@import_.command()
@_file_argument
@click.option(
    "--server",
    required=True,
    type=click.IntRange(1, 2**63 - 1),
    metavar="ID",
    help="The server that the channels belong to.",
)
@config_option
@_dry_run_option
def storywire(file: BinaryIO, server: int, config: Path | None, *, dry_run: bool) -> None:
    """Add the subscriptions of a file from `/subscriptions export`."""
    # discord.py takes half a second.
    from bot.cli.subscription_file import plan_subscriptions, read_subscription_file  # noqa: PLC0415 - as said above
    from bot.discordapp.subscriptions.upload_parser import MAX_FILE  # noqa: PLC0415 - the same

    entries = _read(file, MAX_FILE, read_subscription_file)
    settings = settings_or_fail(config)
    existing = run_to_end(lambda: _list_subscriptions(settings, [server]))
    results, added = plan_subscriptions(entries, existing.get(server, ()), _terms(settings))
    if not dry_run:
        run_to_end(lambda: _subscribe(settings, [(server, spec) for spec in added]))
    _report(results, dry_run=dry_run, new_sources=False)


@import_.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def archive(file: Path, config: Path | None) -> None:
    """Make the database of FILE, from `export archive`; there must be none yet."""
    database = settings_or_fail(config).database
    interrupted = "interrupted; run `storywire check`"
    rows = run_to_end(lambda: import_store(database, file), interrupted)
    click.echo(f"{database} is made of {file} ({pluralize(rows, 'row')})")
    click.echo(NEXT_START)


def _read(file: BinaryIO, limit: int, parse: Callable[[bytes], T]) -> T:
    try:
        # One more byte than allowed, so that `parse` notices.
        return parse(file.read(limit + 1))
    except ImportFileError as error:
        fail(ImportFileError(f"{file.name} {error}"))
    except OSError as error:
        fail(ImportFileError(f"{file.name} can't be read: {error.strerror}"))


def _add_sources(config: Path | None, added: Sequence[Mapping[str, object]]) -> None:
    if not added:
        return
    try:
        add_sources(find_settings_file(config) or DEFAULT_FILE, added)
    except SettingsError as error:
        fail(StorywireError(f"{error}\nnothing was imported"))


def _terms(settings: Settings) -> Terms:
    return Terms(
        max_per_server=settings.subscriptions.max_per_server,
        max_channels=settings.subscriptions.max_channels,
        min_quality=settings.announce.min_quality,
        max_per_hour=settings.announce.max_per_hour,
    )


async def _list_subscriptions(
    settings: Settings, servers: Collection[int]
) -> Mapping[int, Sequence[Subscription]]:
    """The subscriptions of these servers; creates no database."""
    if not await inspect_store(settings.database).exists():
        return {}
    async with open_store(settings.database) as store:
        return {server: await store.list_subscriptions(server) for server in servers}


async def _subscribe(settings: Settings, added: Sequence[tuple[int, SubscriptionSpec]]) -> None:
    """Store subscriptions, which begin with the stories that arrive from now on."""
    if not added:
        return
    async with open_store(settings.database) as store:
        for guild_id, spec in added:
            await subscribe(
                store,
                NewSubscription(guild_id, _NOBODY, SystemClock().now(), spec),
                catch_up=0,
                max_age=settings.announce.max_age,
                make_nonce=str,  # there are no posts to give one to
            )


def _report(results: Sequence[Result], *, dry_run: bool, new_sources: bool = True) -> None:
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
    elif counts[Outcome.ADDED] and new_sources:
        click.echo("restart the bot to read new feeds; what they contain by then is not announced")
