"""What `storywire check` says about the database and its disk."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.announce.posting_pause import STORED_AS as PAUSES
from bot.announce.posting_pause import decode_pauses
from bot.cli.checks.folders import problem_with_folder
from bot.cli.checks.results import CheckResult, Code, Level
from bot.cli.common import describe_orphaned
from bot.cli.tables import short_time
from bot.config.settings import Settings
from bot.discordapp.commands_problem import STORED_AS, decode_problem
from bot.discordapp.messages.commands_problem import describe_for_operator
from bot.ingest.text import pluralize
from storage.errors import StorywireError
from storage.open import inspect_store
from storage.private_files import open_to_others
from storage.protocols import Contents, Damage, DatabaseFile

# With less than this the write-ahead log may not fit.
LOW_DISK_BYTES = 100 * 2**20
# Damaged rows that are listed.
MAX_DAMAGE = 20


async def check_database(
    settings: Settings, free_bytes: Callable[[Path], int], *, deep: bool
) -> Sequence[CheckResult]:
    """Read the database without changing it; `deep` looks for flipped bits, too.

    `free_bytes` returns the free space of a folder.
    """
    path, names = settings.database, [source.name for source in settings.all_sources]
    store = inspect_store(path)
    try:
        unfinished = await store.unfinished_upgrade()
        contents = await store.inspect_contents(names)
        file = await store.inspect_file()
        commands = decode_problem(await store.inspect_value(STORED_AS))
        paused_since = decode_pauses(await store.inspect_value(PAUSES)).paused_since
    except StorywireError as error:
        return [CheckResult(Level.PROBLEM, Code.DATABASE, "database", str(error))]
    if (problem := problem_with_folder(path.parent) or _problem_with_file(path)) is not None:
        return [CheckResult(Level.PROBLEM, Code.DATABASE, "database", problem)]
    results = [judge_contents(path, file, contents, unfinished)]
    if open_to_others([path]):
        text = "other users of this machine can read it; the next `storywire run` changes that"
        results.append(CheckResult(Level.WARNING, Code.DATABASE_EXPOSED, "database", text))
    if contents is not None and unfinished is None:
        results += judge_rows(contents, has_sources=bool(names))
    if commands is not None:
        text = describe_for_operator(commands)
        results.append(CheckResult(Level.WARNING, Code.COMMANDS, "commands", text))
    if paused_since is not None:
        text = f"paused since {short_time(paused_since)} UTC; `storywire resume` ends that"
        results.append(CheckResult(Level.WARNING, Code.POSTING_PAUSED, "posting", text))
    try:
        damage = await store.find_damage(deep=deep)
    except StorywireError as error:
        results.append(CheckResult(Level.PROBLEM, Code.DAMAGE, "damage", str(error)))
    else:
        results += judge_damage(damage)
    return [*results, judge_disk(path, file.size if file else 0, free_bytes(path.parent))]


def _problem_with_file(path: Path) -> str | None:
    if path.exists() and not os.access(path, os.W_OK):
        return f"{path} can't be written; check its owner and permissions"
    return None


def judge_contents(
    path: Path, file: DatabaseFile | None, contents: Contents | None, unfinished: int | None
) -> CheckResult:
    """What a database contains, if it is complete. Pure."""
    if file is None or contents is None:
        state = "is empty" if file else "does not exist yet; `storywire run` creates it"
        return CheckResult(Level.OK, Code.DATABASE, "database", f"{path} {state}")
    if unfinished is not None:
        text = f"{path} is not upgraded completely ({unfinished} %); `storywire run` continues that"
        return CheckResult(Level.WARNING, Code.UPGRADE_UNFINISHED, "database", text)
    text = (
        f"{path} contains {pluralize(contents.stories, 'story', 'stories')} and"
        f" {pluralize(contents.subscriptions, 'subscription')}"
    )
    later = f", which `storywire run` upgrades to {file.newest}"
    version = f"version {file.version}{later if file.version < file.newest else ''}"
    used = "; a bot is using it" if file.in_use else ""
    notes = [f"{version}; {file.size / 1e6:,.1f} MB{used}"]
    facts = {
        "stories": contents.stories,
        "subscriptions": contents.subscriptions,
        "version": file.version,
        "newest_version": file.newest,
        "bytes": file.size,
        "in_use": file.in_use,
    }
    return CheckResult(Level.OK, Code.DATABASE, "database", text, notes, facts)


def judge_rows(contents: Contents, *, has_sources: bool) -> Iterator[CheckResult]:
    """Yield what an operator can settle in a database. Pure."""
    if contents.uncertain or contents.failed:
        numbers = {"uncertain": contents.uncertain, "failed": contents.failed}
        listed = " and ".join(f"{number} {name}" for name, number in numbers.items() if number)
        text = f"{listed} (`storywire posts` lists them)"
        facts = {"uncertain": contents.uncertain, "failed": contents.failed}
        yield CheckResult(Level.WARNING, Code.POSTS_UNSETTLED, "posts", text, facts=facts)
    if contents.paused:
        are = pluralize(contents.paused, "subscription is", "subscriptions are")
        text = (
            f"{are} paused, because the bot can't post to the channels;"
            " `/subscriptions status` says there why"
        )
        facts = {"paused": contents.paused}
        yield CheckResult(
            Level.WARNING, Code.SUBSCRIPTIONS_PAUSED, "subscriptions", text, facts=facts
        )
    if contents.orphaned and has_sources:
        text, facts = describe_orphaned(contents.orphaned), {"stories": contents.orphaned}
        yield CheckResult(
            Level.WARNING, Code.STORIES_ORPHANED, "removed sources", text, facts=facts
        )


def judge_damage(damage: Sequence[Damage]) -> Iterator[CheckResult]:
    """Yield what is damaged, with a note for each of the first rows. Pure."""
    if not damage:
        return
    notes = [f"{each.place}: {each.problem}" for each in damage[:MAX_DAMAGE]]
    if len(damage) > MAX_DAMAGE:
        notes.append(f"and {len(damage) - MAX_DAMAGE} more")
    text = (
        f"{pluralize(len(damage), 'row or part', 'rows or parts')} of the database"
        f" {'is' if len(damage) == 1 else 'are'} damaged and set aside; everything else works"
        " (storywire docs database)"
    )
    yield CheckResult(Level.PROBLEM, Code.DAMAGE, "damage", text, notes, {"rows": len(damage)})


def judge_disk(database: Path, size: int, free: int) -> CheckResult:
    """Whether there is space for the database to grow, and for a copy; sizes in bytes. Pure."""
    facts = {"free_bytes": free}
    if free < LOW_DISK_BYTES:
        text = (
            f"only {free // 2**20} MB are free on the disk of {database}; free some space, or the"
            " bot will have to stop posting"
        )
        return CheckResult(Level.PROBLEM, Code.DISK, "disk", text, facts=facts)
    if free < size:
        text = (
            f"{free / 1e9:,.1f} GB are free on the disk of {database}, less than a copy of it takes"
            f" ({size / 1e9:,.1f} GB); upgrades and backups may fail"
        )
        return CheckResult(Level.WARNING, Code.DISK, "disk", text, facts=facts)
    text = f"{free / 1e9:,.1f} GB are free on the disk of {database}"
    return CheckResult(Level.OK, Code.DISK, "disk", text, facts=facts)
