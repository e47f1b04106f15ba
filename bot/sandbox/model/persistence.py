"""The saved state of the world: one SQLite file, written in the background.

Changes are collected and written shortly afterwards, many rows in one transaction, so that no
request waits for the disk. Closing writes the remaining changes. A write that fails, such as on a
full disk or a locked file, is logged once and retried.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite
from pydantic import TypeAdapter

from bot.sandbox.errors import SandboxError
from bot.sandbox.model.entities import Channel, Guild, Json, Message, User
from bot.sandbox.model.world import Change, World

_log = logging.getLogger(__name__)

FILE_NAME = "sandbox.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    kind TEXT NOT NULL, key INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""
_WRITE_DELAY_SECONDS = 0.2
_RETRY_DELAY_SECONDS = 5.0

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "user": TypeAdapter(User),
    "guild": TypeAdapter(Guild),
    "direct": TypeAdapter(Channel),
    "message": TypeAdapter(Message),
    "commands": TypeAdapter(list[Json]),
    "bot": TypeAdapter(Json),
}


class SavedState:
    """The saved world of a folder."""

    def __init__(self, database: aiosqlite.Connection) -> None:
        self._database = database
        self._pending: dict[tuple[str, int], Any] = {}
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()

    def schedule_write(self, change: Change) -> None:
        """Schedule a row to be written."""
        self._pending[change.kind, change.key] = change.value
        self._wake.set()

    async def load(self) -> dict[str, dict[int, Any]]:
        """Load everything that was saved, by kind and key."""
        found: dict[str, dict[int, Any]] = {kind: {} for kind in _ADAPTERS}
        async with self._database.execute("SELECT kind, key, value FROM things") as cursor:
            async for kind, key, value in cursor:
                found[kind][key] = _ADAPTERS[kind].validate_json(value)
        return found

    def close(self) -> None:
        """Let `run` write the remaining changes and return."""
        self._closing.set()
        self._wake.set()

    async def run(self) -> None:
        """Write changes until closed. Must not be cancelled: a transaction would stay open.

        Raises `aiosqlite.Error` if the remaining changes can't be written at the end.
        """
        failing = False
        while not self._closing.is_set():
            await self._wake.wait()
            with suppress(TimeoutError):
                wait = _RETRY_DELAY_SECONDS if failing else _WRITE_DELAY_SECONDS
                async with asyncio.timeout(wait):
                    await self._closing.wait()
            try:
                await self._write()
            except aiosqlite.Error as error:
                if not failing:
                    _log.error("Can't save the sandbox's state, will retry: %s", error)
                failing = True
            else:
                if failing:
                    _log.info("The sandbox's state is saved again")
                failing = False
        await self._write()

    async def _write(self) -> None:
        """Write all pending changes in one transaction; if that fails they stay pending."""
        self._wake.clear()
        pending, self._pending = self._pending, {}
        rows = [
            (kind, key, _ADAPTERS[kind].dump_json(value).decode())
            for (kind, key), value in pending.items()
            if value is not None
        ]
        deleted = [key for key, value in pending.items() if value is None]
        database = self._database
        try:
            await database.execute("BEGIN IMMEDIATE")
            await database.executemany("INSERT OR REPLACE INTO things VALUES (?, ?, ?)", rows)
            await database.executemany("DELETE FROM things WHERE kind = ? AND key = ?", deleted)
            await database.execute("COMMIT")
        except aiosqlite.Error:
            # A row that has changed again meanwhile is newer.
            self._pending = pending | self._pending
            self._wake.set()
            await database.rollback()
            raise


@asynccontextmanager
async def open_state(folder: Path) -> AsyncIterator[SavedState]:
    """Open the saved state of a folder, or create it; pending changes are written at the end.

    Raises SandboxError if it can't be opened or, at the end, written.
    """
    try:
        await asyncio.to_thread(_prepare, folder)
        database = await aiosqlite.connect(folder / FILE_NAME, isolation_level=None)
    except (OSError, aiosqlite.Error) as error:
        raise SandboxError(f"the sandbox's state in {folder} can't be opened: {error}") from error
    try:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute(_SCHEMA)
        state = SavedState(database)
        writing = asyncio.create_task(state.run())
        try:
            yield state
        finally:
            state.close()
            await _finish_writing(writing, folder)
    finally:
        await database.close()


def _prepare(folder: Path) -> None:
    """Create folder and file for the user alone: the state contains the bot's token.

    Raises `OSError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE_NAME
    path.touch(mode=0o600)
    path.chmod(0o600)  # SQLite gives its other files the same mode.


async def _finish_writing(writing: asyncio.Task[None], folder: Path) -> None:
    try:
        await writing
    except aiosqlite.Error as error:
        raise SandboxError(f"the sandbox's state in {folder} can't be saved: {error}") from error


def restore(world: World, saved: dict[str, dict[int, Any]]) -> list[Message]:
    """Fill a world with the saved state; returns the messages that have a nonce, oldest first."""
    world.users.update(saved["user"])
    world.guilds.update(saved["guild"])
    world.channels.update(saved["direct"])
    for guild in world.guilds.values():
        world.channels.update(guild.channels)
        tags = [tag.id for each in guild.channels.values() for tag in each.available_tags]
        for each in (*guild.roles, *guild.channels, *tags):
            world.snowflakes.seen(each)
    world.commands = saved["commands"].get(0, [])
    for command in world.commands:
        world.snowflakes.seen(int(command["version"]))
    for each in (*world.users, *world.guilds, *world.channels):
        world.snowflakes.seen(each)
    messages: dict[int, Message] = saved["message"]
    for message_id in sorted(messages):
        world.snowflakes.seen(message_id)
        if messages[message_id].channel_id in world.channels:
            world.log(messages[message_id].channel_id).put(messages[message_id])
    return [messages[each] for each in sorted(messages) if messages[each].nonce is not None]
