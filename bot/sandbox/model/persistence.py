"""Keeping the world over restarts: one SQLite file, written behind the sandbox's back.

What changes is noted at once and written a little later, many rows in one transaction, so that
no request waits for the disk. Closing writes what is left. What can't be written, for a full disk
or a file that another program holds, is told once and tried again.
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
_UNTIL_WRITTEN_SECONDS = 0.2
_UNTIL_TRIED_AGAIN_SECONDS = 5.0

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
        self._changed: dict[tuple[str, int], Any] = {}
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()

    def note(self, change: Change) -> None:
        """Remember to write a row."""
        self._changed[change.kind, change.key] = change.value
        self._wake.set()

    async def load(self) -> dict[str, dict[int, Any]]:
        """Everything that was saved, by kind and key."""
        found: dict[str, dict[int, Any]] = {kind: {} for kind in _ADAPTERS}
        async with self._database.execute("SELECT kind, key, value FROM things") as rows:
            async for kind, key, value in rows:
                found[kind][key] = _ADAPTERS[kind].validate_json(value)
        return found

    def close(self) -> None:
        """Let `run` write what is left, and end."""
        self._closing.set()
        self._wake.set()

    async def run(self) -> None:
        """Write what changes, until closed. Not to be cancelled: half a write would stay open.

        Raises `aiosqlite.Error` if what is left at the end can't be written.
        """
        trouble = False
        while not self._closing.is_set():
            await self._wake.wait()
            with suppress(TimeoutError):
                wait = _UNTIL_TRIED_AGAIN_SECONDS if trouble else _UNTIL_WRITTEN_SECONDS
                async with asyncio.timeout(wait):
                    await self._closing.wait()
            try:
                await self._write()
            except aiosqlite.Error as error:
                if not trouble:
                    _log.error("The sandbox's state can't be kept for now: %s", error)
                trouble = True
            else:
                if trouble:
                    _log.info("The sandbox's state is kept again")
                trouble = False
        await self._write()

    async def _write(self) -> None:
        """Write what has changed since the last time, in one transaction, or keep it for later."""
        self._wake.clear()
        changed, self._changed = self._changed, {}
        written = [
            (kind, key, _ADAPTERS[kind].dump_json(value).decode())
            for (kind, key), value in changed.items()
            if value is not None
        ]
        gone = [key for key, value in changed.items() if value is None]
        database = self._database
        try:
            await database.execute("BEGIN IMMEDIATE")
            await database.executemany("INSERT OR REPLACE INTO things VALUES (?, ?, ?)", written)
            await database.executemany("DELETE FROM things WHERE kind = ? AND key = ?", gone)
            await database.execute("COMMIT")
        except aiosqlite.Error:
            # What has changed once more meanwhile is newer.
            self._changed = changed | self._changed
            self._wake.set()
            await database.rollback()
            raise


@asynccontextmanager
async def open_state(folder: Path) -> AsyncIterator[SavedState]:
    """Open a folder's state, make it if there is none, and write what is left at the end."""
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
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
            await _ended(writing, folder)
    finally:
        await database.close()


async def _ended(writing: asyncio.Task[None], folder: Path) -> None:
    try:
        await writing
    except aiosqlite.Error as error:
        raise SandboxError(f"the sandbox's state in {folder} can't be kept: {error}") from error


def restore(world: World, saved: dict[str, dict[int, Any]]) -> list[Message]:
    """Fill a world with what was saved; returns the messages that carry a nonce, oldest first."""
    world.users.update(saved["user"])
    world.guilds.update(saved["guild"])
    world.channels.update(saved["direct"])
    for guild in world.guilds.values():
        world.channels.update(guild.channels)
        for each in (*guild.roles, *guild.channels):
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
