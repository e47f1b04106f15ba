"""`storywire init`: the file that it writes, and what it says about it."""

import json
import os
import re
import subprocess

import pytest
import yaml

from bot.config.example_file import example_file
from bot.config.schema import settings_schema
from bot.config.settings import Settings, load_settings
from bot.config.sources import SOURCE_KINDS, FolderSettings
from tests.cli.support import PROGRAM, Terminal
from tests.support.articles import make_news_markdown

EXAMPLE = example_file(settings_schema(), "storywire.schema.json", [])


def test_init_asks_nothing_without_a_terminal(terminal: Terminal) -> None:
    """The file is valid, and what is left to do is not an error."""
    done = terminal.run("init")
    assert (0, "") == (done.status, done.err)
    wrote, token, sources, *_, rest = done.out.splitlines()
    assert wrote == "wrote storywire.yaml, and storywire.schema.json beside it, for editors"
    assert token.startswith("PROBLEM token: no Discord token")
    assert sources.startswith("PROBLEM sources: none; add one under `sources:`")
    assert rest == "2 problems to fix before `storywire run`; `storywire check` looks again"
    written = load_settings(terminal.folder / "storywire.yaml")
    assert written.model_dump() == Settings().model_dump()


def test_the_first_line_names_the_schema_for_editors(terminal: Terminal) -> None:
    terminal.run("init", "--config", "other.yaml")
    line, *_ = (terminal.folder / "other.yaml").read_text(encoding="utf-8").splitlines()
    assert line == "# yaml-language-server: $schema=storywire.schema.json"
    schema = (terminal.folder / "storywire.schema.json").read_text(encoding="utf-8")
    assert json.loads(schema) == settings_schema()


def test_settings_in_comments_have_their_defaults() -> None:
    """All are there; sources and topics are examples."""
    content = yaml.safe_load(re.sub(r"^#(?=\S|  )", "", EXAMPLE, flags=re.MULTILINE))
    settings = Settings.model_validate(content)
    examples = {"sources": settings.sources, "topics": settings.topics}
    assert settings == Settings().model_copy(update=examples)
    assert set(content) == set(Settings.model_fields)
    for name in ("announce", "subscriptions", "discord"):
        assert set(content[name]) == set(getattr(Settings(), name).model_dump())
    assert set(SOURCE_KINDS) <= {key for source in content["sources"] for key in source}


def test_init_writes_the_sources_that_are_named(terminal: Terminal) -> None:
    """In this order; they are checked, too."""
    terminal.write("my articles: all/one.md", make_news_markdown("one"))
    sources = ("--source", "folder", "my articles: all", "--source", "folder", "nowhere")
    done = terminal.run("init", *sources, DISCORD_TOKEN="made-up")
    assert done.status == 0
    assert "ok      folder:my articles: all: 1 document" in done.out
    assert "PROBLEM folder:nowhere: folder nowhere does not exist" in done.out
    assert [
        source.folder.name
        for source in load_settings(terminal.folder / "storywire.yaml").sources
        if isinstance(source, FolderSettings)
    ] == ["my articles: all", "nowhere"]


def test_init_overwrites_no_settings(terminal: Terminal) -> None:
    terminal.write("storywire.yaml", "database: mine.db\n")
    complaint = terminal.run("init").complaint
    assert complaint.startswith("storywire.yaml exists already; change it, or write another one")
    assert [file.name for file in terminal.folder.iterdir()] == ["storywire.yaml"]
    assert (terminal.folder / "storywire.yaml").read_text() == "database: mine.db\n"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("https://ada:secret@news.example/feed.xml", "contains a user name"),
        ("none", "does not begin with https"),
    ],
)
def test_init_writes_nothing_that_is_invalid(
    terminal: Terminal, address: str, problem: str
) -> None:
    """A password is neither stored nor shown."""
    done = terminal.run("init", "--source", "feed", address)
    first, second = done.err.splitlines()
    assert done.status == 1
    assert problem in first
    assert "secret" not in first
    assert second == "storywire: storywire.yaml was not written"
    assert [] == list(terminal.folder.iterdir())


def test_init_explains_where_it_can_not_write(terminal: Terminal) -> None:
    complaint = terminal.run("init", "--config", "nowhere/storywire.yaml").complaint
    assert complaint == "nowhere/storywire.yaml can't be written: No such file or directory"


def test_init_leaves_nothing_half_written(terminal: Terminal) -> None:
    (terminal.folder / "storywire.schema.json").mkdir()
    complaint = terminal.run("init").complaint
    assert "storywire.schema.json can't be written" in complaint
    assert not (terminal.folder / "storywire.yaml").exists()


def test_init_asks_for_a_source_on_a_terminal(terminal: Terminal) -> None:
    types, screen = os.openpty()
    os.write(types, b"folder\narticles\n")
    done = subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, "init"],
        cwd=terminal.folder,
        stdin=screen,
        capture_output=True,
        text=True,
        check=True,
    )
    os.close(types)
    os.close(screen)
    assert "What should be read? (folder, git, feed, api, none) [none]: Its path: " in done.stdout
    (source,) = load_settings(terminal.folder / "storywire.yaml").sources
    assert isinstance(source, FolderSettings)
    assert source.folder.name == "articles"
