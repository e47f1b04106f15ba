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
from bot.sandbox.model.persistence import FILE_NAME
from tests.sandbox.support import Rest
from tests.support.sandbox import checked_sandbox


async def test_the_world_survives_a_restart(tmp_path: Path) -> None:
    """Identity, messages, nonces, channels, rights, roles and commands are as they were."""
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


async def test_what_changes_is_written_while_it_runs(tmp_path: Path) -> None:
    """A sandbox that is killed loses no more than the last moment."""
    options = SandboxOptions(state=tmp_path, rates=None)
    running = Sandbox(options)
    async with running.serve():
        news = running.world.find_channel("news").id
        said = await running.person("Max").say(news, "written behind")
        async with asyncio.timeout(5):
            while True:
                async with Sandbox(options).serve() as copy:
                    if copy.world.log(news).get(said.id) is not None:
                        break


async def test_a_sandbox_that_is_stopped_while_it_writes_keeps_everything(tmp_path: Path) -> None:
    """What is being written then is written to its end, and so is what came meanwhile."""
    options = SandboxOptions(state=tmp_path, rates=None)
    async with Sandbox(options).serve() as first:
        news = first.world.find_channel("news").id
    async with aiosqlite.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
        async with Sandbox(options).serve() as second:
            await other.execute("BEGIN IMMEDIATE")
            early = await second.person("Max").say(news, "while another program holds the file")
            await asyncio.sleep(0.4)  # it is being written now; were it not, this would prove less
            late = await second.person("Max").say(news, "at the last moment")
            letting_go = asyncio.create_task(let_go(other))
        await letting_go
    async with Sandbox(options).serve() as third:
        assert third.world.log(news).get(early.id) is not None
        assert third.world.log(news).get(late.id) is not None


async def let_go(other: aiosqlite.Connection) -> None:
    """End a transaction in a moment."""
    await asyncio.sleep(0.1)
    await other.execute("ROLLBACK")


class Listener(logging.Handler):
    """Hands on what the state logs."""

    def __init__(self) -> None:
        super().__init__()
        self.told: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self.told.put_nowait(record.getMessage())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Listener]:
    """What the state logs; what failed is tried again at once."""
    monkeypatch.setattr("bot.sandbox.model.persistence._RETRY_DELAY_SECONDS", 0.01)
    caplog.set_level(logging.INFO, "bot.sandbox.model.persistence")
    listener = Listener()
    logging.getLogger("bot.sandbox.model.persistence").addHandler(listener)
    yield listener
    logging.getLogger("bot.sandbox.model.persistence").removeHandler(listener)


async def test_a_sandbox_that_cant_write_for_a_while_tells_it_and_loses_nothing(
    tmp_path: Path, log: Listener
) -> None:
    """Told once when it comes and once when it has passed."""
    options = SandboxOptions(state=tmp_path, rates=None)
    async with Sandbox(options).serve() as first:
        news = first.world.find_channel("news").id
        async with aiosqlite.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
            await other.execute("ALTER TABLE things RENAME TO away")
            said = await first.person("Max").say(news, "nowhere to write to")
            assert "will retry: no such table" in await log.told.get()
            await other.execute("ALTER TABLE away RENAME TO things")
            assert await log.told.get() == "The sandbox's state is saved again"
    assert log.told.empty()
    async with Sandbox(options).serve() as second:
        assert second.world.log(news).get(said.id) is not None


async def test_a_sandbox_that_cant_write_at_its_end_says_so(tmp_path: Path, log: Listener) -> None:
    """SandboxError with the folder in it, after a last try."""

    async def lose() -> None:
        async with Sandbox(SandboxOptions(state=tmp_path, rates=None)).serve() as running:
            async with aiosqlite.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
                await other.execute("ALTER TABLE things RENAME TO away")
            await running.person("Max").say(running.world.find_channel("news").id, "lost")
            await log.told.get()

    with pytest.raises(SandboxError, match="can't be saved: no such table") as raised:
        await lose()
    assert str(tmp_path) in str(raised.value)
    assert log.told.empty()


async def test_a_busy_port_says_which(tmp_path: Path) -> None:
    """OSError with the address in it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"can't listen on 127.0.0.1:{port}"):
            async with Sandbox(SandboxOptions(state=tmp_path)).serve(port=port):
                pass


async def test_a_state_that_cant_be_opened_says_where(tmp_path: Path) -> None:
    """SandboxError with the folder in it."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SandboxError, match="file can't be opened"):
        async with Sandbox(SandboxOptions(state=tmp_path / "file")).serve():
            pass


async def test_nonces_are_forgotten_after_their_window(tmp_path: Path) -> None:
    """Also over a restart."""
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
