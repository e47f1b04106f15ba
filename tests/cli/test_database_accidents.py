"""The files of the database change under `storywire run`: it says so and sends nothing more."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from storage.models import NewSubscription, SubscriptionSpec
from storage.open import open_store
from tests.cli.support import END_SECONDS, Running, Terminal, settings
from tests.cli.test_running import said
from tests.support.articles import make_news_markdown
from tests.support.clock import START
from tests.support.database import query
from tests.support.outbox import add_subscription


@pytest.fixture
async def path(terminal: Terminal, sandbox: Sandbox) -> Path:
    """The database, with a subscription of #news, and one article to post."""
    terminal.write("storywire.yaml", settings(["articles"], "announce:\n  max_age: null"))
    path = terminal.folder / "var/storywire.db"
    channel = sandbox.world.find_channel("news")
    assert channel.guild_id is not None
    async with open_store(path) as store:
        new = NewSubscription(channel.guild_id, 1, START, SubscriptionSpec(channel.id))
        await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    shutil.copyfile(path, path.with_name("backup.db"))
    write(terminal, "one")
    return path


def write(terminal: Terminal, name: str) -> None:
    """Publish an article."""
    terminal.write(f"articles/{name}.md", make_news_markdown(name, title=name))


def posted(sandbox: Sandbox) -> list[str]:
    """The titles in #news."""
    channel = sandbox.world.find_channel("news")
    return [message.embeds[0]["title"] for message in sandbox.world.log(channel.id).all()]


def problems(log: str) -> list[str]:
    """The lines of a log that report a problem."""
    return [line for line in log.splitlines() if " INFO " not in line]


@asynccontextmanager
async def running(terminal: Terminal, sandbox: Sandbox, *titles: str) -> AsyncIterator[Running]:
    """`storywire run`, when it has posted these articles."""
    program = terminal.start("run", DISCORD_TOKEN=sandbox.token, DISCORD_API_URL=sandbox.api_url)
    async with program as process:
        async with asyncio.timeout(END_SECONDS):
            await sandbox.wait_until(lambda: posted(sandbox) == list(titles))
        await said(process, "posted story")
        yield process


def remove_log(path: Path) -> None:
    """Remove the write-ahead log."""
    path.with_name(f"{path.name}-wal").unlink()


def remove_index(path: Path) -> None:
    """Remove the shared memory."""
    path.with_name(f"{path.name}-shm").unlink()


@pytest.mark.parametrize("accident", [remove_log, remove_index])
async def test_a_lost_log_costs_nothing(
    terminal: Terminal, sandbox: Sandbox, path: Path, accident: Callable[[Path], None]
) -> None:
    """It ends with one line and status 1; the next start repeats and loses nothing."""
    async with running(terminal, sandbox, "one") as program:
        before = program.err
        accident(path)
        async with asyncio.timeout(END_SECONDS):
            assert await program.process.wait() == 1
        (line,) = problems(program.err.removeprefix(before))
    assert line.startswith("storywire: var/storywire.db lost its ")
    write(terminal, "two")
    async with running(terminal, sandbox, "one", "two") as program:
        await program.terminate()
    assert query(path, "PRAGMA integrity_check") == ["ok"]


async def test_a_moved_database_is_waited_for(
    terminal: Terminal, sandbox: Sandbox, path: Path
) -> None:
    """Nothing is sent meanwhile, even by a bot that is killed, and nothing is repeated."""
    away = path.parent.with_name("away")
    async with running(terminal, sandbox, "one") as program:
        before = program.err
        path.parent.rename(away)
        await said(program, "nothing is sent until it is back")
        write(terminal, "two")
        await said(program, "Source folder:articles")
        (line,) = problems(program.err.removeprefix(before))
        assert "var/storywire.db was removed or moved while it was in use" in line
        program.process.kill()
        await program.process.wait()
    assert posted(sandbox) == ["one"]
    assert not path.parent.exists()
    away.rename(path.parent)
    async with running(terminal, sandbox, "one", "two") as program:
        path.parent.rename(away)
        await said(program, "nothing is sent until it is back")
        away.rename(path.parent)
        await said(program, "var/storywire.db is back")
        assert (await program.terminate()).status == 0


async def test_a_restored_backup_is_used_at_the_next_start(
    terminal: Terminal, sandbox: Sandbox, path: Path
) -> None:
    """It was copied into the database of the running bot; it doesn't know what was posted."""
    async with running(terminal, sandbox, "one") as program:
        before = program.err
        shutil.copyfile(path.with_name("backup.db"), path)
        async with asyncio.timeout(END_SECONDS):
            assert await program.process.wait() == 1
        (line,) = problems(program.err.removeprefix(before))
    assert line.startswith("storywire: var/storywire.db was overwritten")
    async with running(terminal, sandbox, "one", "one") as program:
        await program.terminate()
    assert query(path, "PRAGMA integrity_check") == ["ok"]
