"""Errors of `run` and `sandbox`: one line with a remedy, status 1, no traceback."""

import asyncio
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from storage.open import open_store
from tests.cli.support import Terminal, settings
from tests.support.database import execute

TOKEN = {"DISCORD_TOKEN": "made-up"}
ONE_SOURCE = settings(["articles"])


@dataclass(frozen=True)
class Mistake:
    """A mistake, and the words that the error message must contain."""

    words: tuple[str, ...]
    arguments: tuple[str, ...] = ("run",)
    settings: str | None = ONE_SOURCE
    environment: dict[str, str] = field(default_factory=lambda: TOKEN)


MISTAKES = {
    "no token": Mistake(
        ("DISCORD_TOKEN", "DISCORD_TOKEN_FILE", "storywire sandbox"), environment={}
    ),
    "a token file that is not there": Mistake(
        ("DISCORD_TOKEN_FILE", "secret.txt", "No such file"),
        environment={"DISCORD_TOKEN_FILE": "secret.txt"},
    ),
    "no sources": Mistake(("no source", "sources:", "folder: articles"), settings=None),
    "an unknown setting": Mistake(
        ("announce.min_qualty", "storywire.yaml", "storywire docs settings"),
        settings="announce:\n  min_qualty: 3\n",
    ),
    "broken YAML": Mistake(("storywire.yaml, line 2", "not valid YAML"), settings="sources: [\n"),
    "a settings file that is not there": Mistake(
        ("elsewhere.yaml not found", "--config"), ("run", "--config", "elsewhere.yaml")
    ),
    "a misspelt variable": Mistake(
        ("STORYWIRE_ANOUNCE__PACE", "announce"),
        environment={**TOKEN, "STORYWIRE_ANOUNCE__PACE": "3"},
    ),
    "a foreign server without TLS": Mistake(
        ("http://discord.example/api/v10", "https"),
        environment={**TOKEN, "DISCORD_API_URL": "http://discord.example/api/v10"},
    ),
    "an address that is none": Mistake(
        ("https://localhost:1x/api",),
        environment={**TOKEN, "DISCORD_API_URL": "https://localhost:1x/api"},
    ),
    "a missing source folder": Mistake(
        ("folder nowhere does not exist", "create it"), settings=settings(["articles", "nowhere"])
    ),
    "a missing source folder of the sandbox": Mistake(
        ("folder nowhere does not exist",),
        ("sandbox", "--port", "0"),
        settings=settings(["nowhere"]),
        environment={},
    ),
    "a file where the sandbox's folder should be": Mistake(
        ("articles/one.md/data", "--data"),
        ("sandbox", "--port", "0", "--data", "articles/one.md/data"),
        environment={},
    ),
    "a file where the sandbox's state should be": Mistake(
        ("state", "--data"), ("sandbox", "--port", "0", "--data", "spoilt"), environment={}
    ),
    "a database of something else": Mistake(
        ("notes.txt", "not an SQLite database"),
        environment={**TOKEN, "STORYWIRE_DATABASE": "notes.txt"},
    ),
    "a newer database": Mistake(
        ("newer.db", "version 9999", "update Storywire"),
        environment={**TOKEN, "STORYWIRE_DATABASE": "newer.db"},
    ),
}


async def make_store(path: Path) -> None:
    """Create an empty database."""
    async with open_store(path):
        pass


@pytest.fixture
def desk(terminal: Terminal) -> Terminal:
    """A terminal with an article, a text file, a newer database, and a file instead of a folder."""
    terminal.write("articles/one.md", "---\ntitle: One\n---\n")
    terminal.write("notes.txt", "This is no database. " * 100)
    terminal.write("spoilt/discord", "")
    newer = terminal.folder / "newer.db"
    asyncio.run(make_store(newer))
    execute(newer, "PRAGMA user_version = 9999")
    return terminal


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_reported_on_one_line(desk: Terminal, mistake: Mistake) -> None:
    """The line names the place and the remedy."""
    if mistake.settings is not None:
        desk.write("storywire.yaml", mistake.settings)
    result = desk.run(*mistake.arguments, **mistake.environment)
    assert [] == [word for word in mistake.words if word not in result.complaint], result.err
    assert result.out == ""
    assert "made-up" not in result.err


@pytest.mark.parametrize(
    ("command", "broken"),
    [
        *product(("run", "load", "sources", "posts", "sandbox"), ("folder",)),
        *product(("run", "load", "posts", "sandbox"), ("link",)),
        *product(("run", "load", "sources", "posts"), ("long",)),
    ],
)
def test_an_unusable_database_is_reported_on_one_line(
    terminal: Terminal, command: str, broken: str
) -> None:
    """Each cause has one line with each command, without the traceback of a thread."""
    path = terminal.folder / "data" / "storywire.db"
    path.mkdir(parents=True)
    name = "data/storywire.db"
    if broken == "link":
        path.rmdir()
        path.symlink_to("nowhere/b.db")
    elif broken == "long":
        name = "a" * 300
    terminal.write("articles/one.md", "nothing")
    terminal.write("storywire.yaml", settings(["articles"], f"database: {name}"))
    options = ("--port", "0", "--data", "data") if command == "sandbox" else ()
    result = terminal.run(command, *options, **TOKEN)
    errors = [line for line in result.err.splitlines() if " INFO " not in line]
    assert (result.status, len(errors)) == (1, 1), result.err


@pytest.mark.parametrize(
    "arguments", [("run", "--bogus"), ("sandbox", "--port", "70000"), ("walk",)], ids=" ".join
)
def test_a_wrong_command_line_ends_with_status_2(
    terminal: Terminal, arguments: tuple[str, ...]
) -> None:
    """Click prints the usage, and then the error."""
    result = terminal.run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert "Usage: " in result.err
    assert "Traceback" not in result.err


async def test_a_rejected_token_is_reported_on_one_line(desk: Terminal, sandbox: Sandbox) -> None:
    """The line says where to get another token, and does not contain the rejected one."""
    desk.write("storywire.yaml", ONE_SOURCE)
    api = {"DISCORD_API_URL": sandbox.api_url}
    result = await asyncio.to_thread(lambda: desk.run("run", **api, **TOKEN))
    errors = [line for line in result.err.splitlines() if line.startswith("storywire: ")]
    assert result.status == 1
    assert [
        "storywire: Discord rejected the token; copy a new one from the application's Bot page"
    ] == errors
    assert "Traceback" not in result.err
    assert "made-up" not in result.err
