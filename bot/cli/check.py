"""`storywire check`: checks settings, sources and database, and prints a line for each."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol

import click

from bot.cli.common import config_option, describe_orphaned, fail, run_to_end, settings_or_fail
from bot.cli.findings import describe_findings
from bot.cli.tables import printable
from bot.clock import SystemClock
from bot.config.settings import Settings, discord_token
from bot.config.sources import AnySource, FolderSettings, GitSettings
from bot.discordapp.commands_problem import STORED_AS, decode_problem
from bot.discordapp.messages.commands_problem import describe_for_operator
from bot.errors import TokenError
from bot.ingest.api.source import ApiSource
from bot.ingest.factory import SourceFactory, topic_rules
from bot.ingest.feed.source import FeedSource
from bot.ingest.git.source import GitSource
from bot.ingest.source import Source
from bot.ingest.text import pluralize
from bot.ingest.topics import NO_RULES
from bot.urls.redaction import redact
from storage.errors import StoreUnusableError, StorywireError
from storage.models import NO_DOCUMENTS, NO_FINDINGS, SourceFindings, SourceState
from storage.open import inspect_store
from storage.private_files import open_to_others
from storage.protocols import Damage

# With less than this the write-ahead log may not fit.
LOW_DISK_BYTES = 100 * 2**20
# Damaged rows that are listed.
MAX_DAMAGE = 20


class Report(Protocol):
    """Prints the result of a check."""

    def __call__(
        self, subject: str, result: str | StorywireError, notes: Sequence[str] = ()
    ) -> None:
        """Print it; an error is a problem."""


@click.command()
@config_option
@click.option(
    "--deep",
    is_flag=True,
    help="Look for flipped bits, too; this takes a temporary copy of the database.",
)
def check(config: Path | None, *, deep: bool) -> None:
    """Check settings, sources and database; exits with status 1 if there is a problem."""
    settings = settings_or_fail(config)
    click.echo("ok      settings")
    problems = run_to_end(lambda: run_checks(settings, deep=deep))
    if problems:
        fail(StorywireError(f"{pluralize(problems, 'problem')} to fix before `storywire run`"))


async def run_checks(settings: Settings, *, deep: bool = False) -> int:
    """Print a line per check; return the number of problems."""
    problems = 0

    def report(subject: str, result: str | StorywireError, notes: Sequence[str] = ()) -> None:
        nonlocal problems
        problems += isinstance(result, StorywireError)
        label = "PROBLEM" if isinstance(result, StorywireError) else "ok     "
        click.echo(redact(f"{label} {subject}: {result}"))
        for note in notes:
            click.echo(f"        {printable(note)}")

    try:
        discord_token(settings)
        report("token", "set (only `storywire run` tests it)")
    except TokenError as error:
        report("token", error)
    if not settings.sources:
        report(
            "sources", StorywireError("none; add one under `sources:` (storywire docs settings)")
        )
    try:
        rules = topic_rules(settings.topics)
    except StorywireError as error:
        report("topics", error)
        rules = NO_RULES
    async with SourceFactory.open(SystemClock(), clones=settings.clones, rules=rules) as factory:
        sources = [factory.make(each) for each in settings.sources]
        results = await asyncio.gather(*map(_check_source, settings.sources, sources))
    states = await _source_states(settings.database)
    for each, source, (result, findings) in zip(settings.sources, sources, results, strict=True):
        state = states.get(source.name)
        more = _last_reading(state) if isinstance(result, str) else ""
        notes = describe_findings(findings or _findings(state), each)
        report(source.name, f"{result}{more}" if more else result, notes)
    if any(isinstance(source, GitSettings) for source in settings.sources):
        problem = problem_with_folder(settings.clones)
        if problem is not None:
            report("clones of repositories", problem)
    await _report_database(settings, report, deep=deep)
    return problems


async def _report_database(settings: Settings, report: Report, *, deep: bool) -> None:
    database = await _check_database(settings)
    notes = list(await _commands_problem(settings.database))
    if isinstance(database, str):
        notes += _describe_modes(settings.database)
    report("database", database, notes)
    damage = await _find_damage(settings.database, deep=deep)
    if damage and not (isinstance(damage, StorywireError) and isinstance(database, StorywireError)):
        report("damage", *_describe_damage(damage))
    if isinstance(database, str) and (free := _free_bytes(settings.database)) < LOW_DISK_BYTES:
        report("disk", low_disk_error(settings.database, free))


async def _check_source(
    settings: AnySource, source: Source
) -> tuple[str | StorywireError, SourceFindings | None]:
    """Describe what a source contains, or why it can't be read, and what was noticed.

    Repositories are not cloned, so what there is to notice in them is not known here.
    """
    try:
        if isinstance(source, GitSource | FeedSource | ApiSource):
            return await source.probe(), None
        changes = await source.read(NO_DOCUMENTS, None)
    except StorywireError as error:
        return error, None
    if changes.changed == 0 and isinstance(settings, FolderSettings):
        patterns = ", ".join(settings.include)
        return f"0 documents; no file in it matches {patterns} (`include`)", changes.findings
    return pluralize(changes.changed, "document"), changes.findings


async def _source_states(database: Path) -> Mapping[str, SourceState]:
    try:
        return {state.name: state for state in await inspect_store(database).inspect_sources()}
    except StorywireError:
        return {}  # `_check_database` reports the problem


def _findings(state: SourceState | None) -> SourceFindings:
    return state.findings if state else NO_FINDINGS


def _last_reading(state: SourceState | None) -> str:
    """Describe how the source was last read, as the end of a sentence."""
    if state is None or not (state.documents or state.last_run_at):
        return "; not read yet"
    description = ""
    if state.rejected:
        description = f"; when last read, {state.rejected} of {state.documents} were rejected"
    if state.error:
        description += f"; could not be read at {state.last_run_at:%b %d %H:%M} UTC: {state.error}"
    return description


async def _commands_problem(database: Path) -> Sequence[str]:
    """Describe why the last run of the bot could not register its commands, if it couldn't."""
    try:
        stored = await inspect_store(database).inspect_value(STORED_AS)
    except StorywireError:
        return []  # `_check_database` reports the problem
    problem = decode_problem(stored)
    return [] if problem is None else [describe_for_operator(problem)]


async def _check_database(settings: Settings) -> str | StorywireError:
    path = settings.database
    try:
        unfinished = await inspect_store(path).unfinished_upgrade()
        names = [source.name for source in settings.sources]
        contents = await inspect_store(path).inspect_contents(names)
    except StorywireError as error:
        return error
    problem = problem_with_folder(path.parent)
    if problem is not None:
        return problem
    if path.exists() and not os.access(path, os.W_OK):
        return StoreUnusableError(f"{path} can't be written; check its owner and permissions")
    if contents is None:
        state = "is empty" if path.exists() else "does not exist yet; `storywire run` creates it"
        return f"{path} {state}"
    if unfinished is not None:
        return f"{path} is not upgraded completely ({unfinished} %); `storywire run` continues that"
    summary = (
        f"{path} contains {pluralize(contents.stories, 'story', 'stories')} and"
        f" {pluralize(contents.subscriptions, 'subscription')}"
    )
    if contents.rejected:
        are = pluralize(contents.rejected, "document is", "documents are")
        summary += f"; {are} rejected (`storywire sources` lists them)"
    if contents.uncertain or contents.failed:
        are = pluralize(contents.uncertain, "post is", "posts are")
        summary += f"; {are} uncertain, {contents.failed} failed (`storywire posts` lists them)"
    if contents.orphaned and settings.sources:
        summary += f"; {describe_orphaned(contents.orphaned)}"
    return summary


async def _find_damage(path: Path, *, deep: bool) -> Sequence[Damage] | StorywireError:
    try:
        return await inspect_store(path).find_damage(deep=deep)
    except StorywireError as error:
        return error


def _describe_damage(
    damage: Sequence[Damage] | StorywireError,
) -> tuple[StorywireError, Sequence[str]]:
    """What is damaged, with a note for each of the first rows."""
    if isinstance(damage, StorywireError):
        return damage, ()
    notes = [f"{each.place}: {each.problem}" for each in damage[:MAX_DAMAGE]]
    if len(damage) > MAX_DAMAGE:
        notes.append(f"and {len(damage) - MAX_DAMAGE} more")
    return StoreUnusableError(
        f"{pluralize(len(damage), 'row or part', 'rows or parts')} of the database"
        f" {'is' if len(damage) == 1 else 'are'} damaged and set aside; everything else works"
        " (storywire docs database)"
    ), notes


def _describe_modes(database: Path) -> Sequence[str]:
    """Describe that other users can read the database, if they can."""
    if not open_to_others([database]):
        return []
    return ["other users of this machine can read it; the next `storywire run` changes that"]


def problem_with_folder(folder: Path) -> StoreUnusableError | None:
    """Why files can't be created in a folder, which may not exist yet; None if they can.

    Leaves nothing behind.
    """
    existing = folder.absolute()
    try:
        existing = _nearest_existing(existing)
        with TemporaryFile(dir=existing):
            return None
    except OSError as error:
        return StoreUnusableError(
            f"no files can be created in {folder} ({existing}: {error.strerror}); make it writable,"
            " or set `database` to another place"
        )


def low_disk_error(database: Path, free: int) -> StoreUnusableError:
    """The error for a disk that is nearly full; `free` is in bytes."""
    return StoreUnusableError(
        f"only {free // 2**20} MB are free on the disk of {database}; free some space, or the bot"
        " will have to stop posting"
    )


def _free_bytes(path: Path) -> int:
    """The free space on the disk of a file, which may not exist yet."""
    return shutil.disk_usage(_nearest_existing(path.absolute().parent)).free


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
