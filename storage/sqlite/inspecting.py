"""Looking at a database from outside, changing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storage.errors import StoreUnusableError
from storage.sources import SourceState
from storage.sqlite.database import exists, fetch_one, fetch_value, open_for_inspection
from storage.sqlite.sources import fetch_sources

# The migration that brought `last_run_at` and its neighbours.
SOURCES_SINCE = 2


async def inspect_database(path: Path) -> str:
    """What a database file holds, in words; also while a bot runs on it.

    Raises as opening it would.
    """
    if not exists(path):
        return f"{path} is not there yet; it will be made"
    async with open_for_inspection(path) as connection:
        if not await fetch_value(connection, "SELECT count(*) FROM sqlite_schema"):
            return f"{path} is empty; it will be filled"
        damage = await fetch_value(connection, "PRAGMA quick_check(1)")
        if damage != "ok":
            raise StoreUnusableError(f"{path} is damaged ({damage}); restore a backup")
        row = await fetch_one(
            connection,
            "SELECT (SELECT count(*) FROM articles WHERE NOT withdrawn),"
            " (SELECT count(*) FROM subscriptions),"
            " (SELECT count(*) FROM documents WHERE rejected_reason IS NOT NULL),"
            " (SELECT count(*) FROM posts WHERE status = 'uncertain'),"
            " (SELECT count(*) FROM posts WHERE status = 'failed')",
        )
    assert row is not None
    stories, subscriptions, rejected, uncertain, failed = row
    words = f"{path} holds {stories} stories and {subscriptions} subscriptions"
    if rejected:
        words += f"; {rejected} documents stand rejected (`storywire sources` lists them)"
    if uncertain or failed:
        words += (
            f"; {uncertain} posts are uncertain, {failed} failed (`storywire posts` lists them)"
        )
    return words


async def inspect_sources(path: Path) -> Sequence[SourceState]:
    """How the sources do; nothing where there is no database yet, or one of before they were kept.

    Raises as opening it would.
    """
    if not exists(path):
        return ()
    async with open_for_inspection(path) as connection:
        if await fetch_value(connection, "PRAGMA user_version") < SOURCES_SINCE:
            return ()
        return await fetch_sources(connection)
