import asyncio
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import aiosqlite
import pytest

from bot.sandbox import Permission, Sandbox, SandboxError, SandboxOptions
from bot.sandbox.model.persistence import FILE_NAME, SavedState
from tests.sandbox.support import Rest
from tests.support.sandbox import checked_sandbox


async def test_world_survives_a_restart(tmp_path: Path) -> None:
    """Identity, messages, nonces, channels, permissions, roles and commands are restored."""
    options = SandboxOptions(state=tmp_path / "state", rates=None)
    async with checked_sandbox(options) as first, aiohttp.ClientSession() as session:
        rest = Rest(first, session)
        news = first.world.find_channel("news").id
        _, kept = await rest.send(
            news, content="kept", nonce="n", enforce_nonce=True, embeds=[{"title": "t"}]
        )
        _, deleted = await rest.send(news, content="deleted")
        await rest.call("DELETE", f"/channels/{news}/messages/{deleted['id']}")
        path = f"/applications/{first.world.bot.id}/commands"
        await rest.call("PUT", path, [{"name": "news", "description": "d"}])
        first.faults.revoke(news, Permission.EMBED_LINKS)
        guild = first.world.channels[news].guild_id or 0
        first.world.add_role(guild, "Editors")
        first.world.delete_channel(first.world.find_channel("ai").id)
        direct = first.world.direct_channel(first.world.find_user("Max").id)
    async with checked_sandbox(options) as second, aiohttp.ClientSession() as session:
        assert (second.token, second.world.bot) == (first.token, first.world.bot)
        assert second.world.guilds == first.world.guilds
        assert second.world.users == first.world.users
        assert second.world.commands == first.world.commands
        assert second.world.log(news).all() == first.world.log(news).all()
        assert second.world.channels[direct.id] == direct
        rest = Rest(second, session)
        again = await rest.send(news, content="kept", nonce="n", enforce_nonce=True)
        assert again[1]["id"] == kept["id"]
        assert int((await rest.send(news, content="new"))[1]["id"]) > int(deleted["id"])


async def test_changes_are_written_while_running(tmp_path: Path) -> None:
    """A sandbox that is killed loses only the last moment."""
    options = SandboxOptions(state=tmp_path, rates=None)
    running = Sandbox(options)
    async with running.serve():
        news = running.world.find_channel("news").id
        said = await running.person("Max").say(news, "written behind")
        async with asyncio.timeout(60):
            while True:
                async with Sandbox(options).serve() as copy:
                    if copy.world.log(news).get(said.id) is not None:
                        break


async def test_stopping_while_writing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current write is finished, and later changes are written, too."""
    is_writing, is_closing = asyncio.Event(), asyncio.Event()

    class ObservedState(SavedState):
        async def _write(self) -> None:
            if any(kind == "message" for kind, _ in self._pending):
                is_writing.set()
            await super()._write()

        def close(self) -> None:
            super().close()
            is_closing.set()

    async def roll_back_when_closing() -> None:
        await is_closing.wait()
        await other.execute("ROLLBACK")

    options = SandboxOptions(state=tmp_path, rates=None)
    async with Sandbox(options).serve() as first:
        news = first.world.find_channel("news").id
    monkeypatch.setattr("bot.sandbox.model.persistence.SavedState", ObservedState)
    async with aiosqlite.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
        async with Sandbox(options).serve() as second:
            await other.execute("BEGIN IMMEDIATE")
            early = await second.person("Max").say(news, "while another program holds the file")
            async with asyncio.timeout(60):
                await is_writing.wait()
            late = await second.person("Max").say(news, "at the last moment")
            rollback = asyncio.create_task(roll_back_when_closing())
        await rollback
    async with Sandbox(options).serve() as third:
        assert third.world.log(news).get(early.id) is not None
        assert third.world.log(news).get(late.id) is not None


class Listener(logging.Handler):
    """Collects the log messages of the saved state."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self.messages.put_nowait(record.getMessage())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Listener]:
    """Collect the log messages of the saved state, which retries failed writes at once."""
    monkeypatch.setattr("bot.sandbox.model.persistence._RETRY_DELAY_SECONDS", 0.01)
    caplog.set_level(logging.INFO, "bot.sandbox.model.persistence")
    listener = Listener()
    logging.getLogger("bot.sandbox.model.persistence").addHandler(listener)
    yield listener
    logging.getLogger("bot.sandbox.model.persistence").removeHandler(listener)


async def test_failed_writes_are_logged_and_retried(tmp_path: Path, log: Listener) -> None:
    """The failure and the recovery are each logged once, and nothing is lost."""
    options = SandboxOptions(state=tmp_path, rates=None)
    async with Sandbox(options).serve() as first:
        news = first.world.find_channel("news").id
        async with aiosqlite.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
            await other.execute("ALTER TABLE things RENAME TO away")
            said = await first.person("Max").say(news, "nowhere to write to")
            assert "will retry: no such table" in await log.messages.get()
            await other.execute("ALTER TABLE away RENAME TO things")
            assert await log.messages.get() == "The sandbox's state is saved again"
    assert log.messages.empty()
    async with Sandbox(options).serve() as second:
        assert second.world.log(news).get(said.id) is not None


async def test_failed_write_at_the_end_raises_an_error(tmp_path: Path, log: Listener) -> None:
    """After a last attempt SandboxError names the folder."""

    async def lose() -> None:
        async with Sandbox(SandboxOptions(state=tmp_path, rates=None)).serve() as running:
            async with aiosqlite.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
                await other.execute("ALTER TABLE things RENAME TO away")
            await running.person("Max").say(running.world.find_channel("news").id, "lost")
            await log.messages.get()

    with pytest.raises(SandboxError, match="can't be saved: no such table") as raised:
        await lose()
    assert str(tmp_path) in str(raised.value)
    assert log.messages.empty()


async def test_busy_port_error_names_the_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"can't listen on 127.0.0.1:{port}"):
            async with Sandbox(SandboxOptions(state=tmp_path)).serve(port=port):
                pass


async def test_unreadable_state_error_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SandboxError, match="file can't be opened"):
        async with Sandbox(SandboxOptions(state=tmp_path / "file")).serve():
            pass


async def test_nonces_expire_after_their_window(tmp_path: Path) -> None:
    """They expire also across a restart."""
    options = SandboxOptions(state=tmp_path, rates=None, nonce_window=timedelta(seconds=30))
    async with checked_sandbox(options) as first, aiohttp.ClientSession() as session:
        news = first.world.find_channel("news").id
        _, sent = await Rest(first, session).send(news, content="x", nonce="n", enforce_nonce=True)
    async with checked_sandbox(options) as second, aiohttp.ClientSession() as session:
        second.faults.move_clock(timedelta(seconds=31))
        _, again = await Rest(second, session).send(
            news, content="x", nonce="n", enforce_nonce=True
        )
        assert again["id"] != sent["id"]


async def test_only_its_user_can_read_the_state(tmp_path: Path) -> None:
    """It contains the bot's token."""
    folder = tmp_path / "state"
    async with Sandbox(SandboxOptions(state=folder, rates=None)).serve():
        modes = {each.suffix: each.stat().st_mode & 0o777 for each in folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
