"""`make operator-test`: an operator's first day and first upgrade, by the documentation alone."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from rich.console import Console

from bot.sandbox import Sandbox, SandboxOptions
from tests.operator.pages import shell_blocks
from tests.operator.shell import CommandError, Shell
from tests.storage.sqlite.old_databases import VERSIONS, build_old_database
from tests.support.desk import button_id

ROOT = Path(__file__).parents[2]
FEEDS = 200


async def install(folder: Path, checkout: Path) -> list[str]:
    """Build and install the wheel; return the page's other blocks of commands."""
    build, install, *others = shell_blocks("getting-started.md")
    await Shell(checkout).run(build)
    (wheel,) = (checkout / "dist").glob("*.whl")
    shutil.copy(wheel, folder)
    assert "storywire" in (await Shell(folder).run(install)).lower()
    return others


async def first_day(folder: Path, blocks: list[str], elsewhere: Path) -> None:
    """From an article to a bot that posts it, a backup, and a restore on another machine."""
    article, settings, load, sandbox_command, run, backup, restore = blocks
    shell = Shell(folder)
    await shell.run(article)
    # The page says that the check fails without a token.
    expect(await shell.run(settings, status=1), "token", "storywire.yaml")
    expect(await shell.run(load), "1 ")
    async with shell.running(sandbox_command, "The bot is ready"):
        pass
    sandbox = Sandbox(SandboxOptions())
    async with sandbox.serve():
        (folder / "token.txt").write_text(sandbox.token)
        shell.variables["STORYWIRE_DISCORD__API_URL"] = sandbox.api_url
        async with shell.running(run, "connected as"):
            await subscribe(sandbox)
            await sandbox.wait_until(lambda: titles(sandbox) == ["A lighthouse keeps its keeper"])
            await shell.run(f"export DISCORD_TOKEN_FILE=token.txt\n{backup}")
        shutil.copytree(folder / "backups", elsewhere / "backups")
        shutil.copytree(folder / "articles", elsewhere / "articles")
        for name in ("storywire.yaml", "token.txt"):
            shutil.copy(folder / name, elsewhere)
        (elsewhere / ".venv").symlink_to(folder / ".venv")
        other = Shell(elsewhere, shell.variables)
        expect(await other.run(restore), "restored")
        async with other.running(run, "recovered from a backup"):
            await other.run(article.replace("lighthouse", "harbour"))
            await sandbox.wait_until(lambda: len(titles(sandbox)) > 1)
        assert len(titles(sandbox)) == 2, titles(sandbox)


async def import_feeds(folder: Path) -> None:
    """Import an OPML list of many feeds, first with a dry run."""
    outlines = "".join(
        f'<outline type="rss" text="Feed {number}" xmlUrl="https://feed{number}.example/rss"/>'
        for number in range(FEEDS)
    )
    opml = f'<opml version="2.0"><head/><body>{outlines}</body></opml>'
    (folder / "feeds.opml").write_text(opml, encoding="utf-8")
    (commands, *_) = shell_blocks("switching.md", "OPML")
    dry_run, add, check = commands.splitlines()
    expect(await Shell(folder).run(dry_run), f"{FEEDS} added")
    expect(await Shell(folder).run(add), f"{FEEDS} added")
    expect(await Shell(folder).run(dry_run), f"{FEEDS} already there")
    # Without `--online`, as these feeds don't exist.
    token = "export DISCORD_TOKEN_FILE=token.txt\n"
    await Shell(folder).run(token + check.removesuffix(" --online"))


async def upgrade(folder: Path, version: int, newest: int) -> None:
    """Upgrade a database of an earlier version by loading articles."""
    database = folder / "var" / "storywire.db"
    shutil.rmtree(folder / "var", ignore_errors=True)
    database.parent.mkdir()
    await build_old_database(database, version)
    await Shell(folder).run("storywire load")
    assert schema_version(database) == newest
    await Shell(folder).run("export DISCORD_TOKEN_FILE=token.txt\nstorywire check --deep")


def schema_version(database: Path) -> int:
    """The version of a database's schema."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


async def subscribe(sandbox: Sandbox) -> None:
    """Subscribe #news with the editor's defaults."""
    ada = sandbox.person("Ada")
    await sandbox.wait_until(lambda: bool(sandbox.world.commands))
    channel = sandbox.world.find_channel("news")
    asked = await ada.command(channel.id, "subscriptions add", {})
    editor = await asked.answered()
    assert editor is not None
    saved = await ada.press(editor.id, button_id(editor, "Save"))
    await saved.settled()


def titles(sandbox: Sandbox) -> list[str]:
    """The titles of the stories in #news."""
    messages = sandbox.world.log(sandbox.world.find_channel("news").id).all()
    return [each.embeds[0]["title"] for each in messages if each.embeds and not each.ephemeral_for]


def expect(output: str, *words: str) -> None:
    """Raise `CommandError` if an output lacks one of the words."""
    for word in words:
        if word not in output:
            raise CommandError(f"{word!r} is missing in\n{output}")


def copy_checkout(target: Path) -> None:
    """Copy the files of the repository, without what was built in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the git of the machine
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for file in filter(None, listed.stdout.split("\0")):
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, target / file)


async def _try_all(console: Console) -> None:
    with tempfile.TemporaryDirectory() as name:
        checkout, folder, elsewhere, old = (Path(name) / each for each in ("c", "a", "b", "old"))
        for each in (folder, elsewhere):
            each.mkdir()
        copy_checkout(checkout)

        async def step(text: str, work: Callable[[], Awaitable[None]]) -> None:
            await work()
            console.print(f"ok  {text}", highlight=False)

        blocks = await install(folder, checkout)
        console.print("ok  build and install the wheel", highlight=False)
        await step(
            "article, settings, check, sandbox, run, backup, restore elsewhere",
            lambda: first_day(folder, blocks, elsewhere),
        )
        await step(f"import an OPML list of {FEEDS} feeds", lambda: import_feeds(folder))
        old.mkdir()
        (old / ".venv").symlink_to(folder / ".venv")
        for file in ("storywire.yaml", "token.txt"):
            shutil.copy(elsewhere / file, old)
        shutil.copytree(folder / "articles", old / "articles")
        newest = schema_version(folder / "var" / "storywire.db")
        for version in VERSIONS:

            async def from_version(version: int = version) -> None:
                await upgrade(old, version, newest)

            await step(f"upgrade a database of version {version}", from_version)


def main() -> int:
    """Try everything; return the status of the process."""
    console = Console()
    try:
        asyncio.run(_try_all(console))
    except (CommandError, AssertionError, TimeoutError) as error:
        console.print(f"FAILED: {type(error).__name__}: {error}", highlight=False, markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
