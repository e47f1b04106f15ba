"""`storywire sources`, and the output of `load` and `check` about repositories."""

import asyncio

import pytest

from tests.cli.support import Result, Terminal, settings
from tests.cli.test_load import counts
from tests.ingest.feed.support import item, rss
from tests.ingest.git_support import Repository
from tests.support.articles import make_news_markdown
from tests.support.web import serve_web

GIT = """\
sources:
  - git: site
    allow_local: true
    path: _news
  - git: nowhere
    allow_local: true
  - folder: articles
"""


@pytest.fixture
def repository(terminal: Terminal) -> Repository:
    """A repository with one story, beside a folder with another."""
    made = Repository(terminal.folder / "site")
    made.write("_news/one.md", make_news_markdown("one").encode())
    made.commit()
    terminal.write("articles/two.md", make_news_markdown("two"))
    terminal.write("storywire.yaml", GIT)
    return made


def look(terminal: Terminal, *options: str, width: int = 100) -> Result:
    return terminal.run("sources", *options, COLUMNS=str(width))


def row(result: Result, name: str) -> list[str]:
    """The words of a source's line in the table."""
    lines = map(str.split, result.out.splitlines())
    return next((words for words in lines if words[:1] == [name]), [name, "is not shown"])


def test_sources_shows_the_state_of_each_source(terminal: Terminal, repository: Repository) -> None:
    """It does so before and after the first load and with a failing source, and creates nothing."""
    before = look(terminal)
    assert (before.status, before.err) == (0, "")
    assert row(before, "git:site#:_news")[1:] == ["not", "read", "0", "0", "immediately"]
    assert row(before, "folder:articles")[-1:] == ["immediately"]
    assert not (terminal.folder / "var").exists()
    loaded = terminal.run("load")
    assert (loaded.status, loaded.out) == (1, counts(new=2))
    assert "storywire: nowhere is not a repository" in loaded.err
    after = look(terminal)
    assert row(after, "git:site#:_news")[1:4] == ["ok", "1", "0"]
    assert row(after, "folder:articles")[-2:] == ["when", "changed"]
    assert row(after, "git:nowhere")[1:4] == ["failing", "0", "0"]
    assert "check the address" in " ".join(after.out.split())
    repository.folder.rename(terminal.folder / "moved")
    terminal.run("load")
    failing = look(terminal)
    assert row(failing, "git:site#:_news")[1:4] == ["failing", "1", "0"]


@pytest.mark.parametrize("width", [80, 120])
def test_tables_are_wrapped_to_the_terminal(
    terminal: Terminal, repository: Repository, width: int
) -> None:
    """Lines are wrapped and not cut."""
    repository.write("_news/bad.md", b"nothing")
    repository.commit()
    terminal.run("load")
    result = look(terminal, width=width)
    assert max(map(len, result.out.splitlines())) <= width
    text = "".join(result.out.split())
    assert "…" not in text
    assert "hasnofrontmatter;thefirstlinemustbe---" in text
    assert "git:site#:_news/bad.md" in text


def test_output_to_a_pipe_is_not_wrapped(terminal: Terminal) -> None:
    """Addresses stay on one line, so that they can be searched for."""
    deep = "/".join(["quite"] * 15)
    terminal.write("storywire.yaml", settings([deep]))
    terminal.write(f"{deep}/bad.md", "nothing")
    terminal.run("load")
    words = f"folder:{deep}/bad.md line 1: has no front matter; the first line must be ---"
    assert words in " ".join(terminal.run("sources").out.split())


def test_a_failing_web_source_shows_its_next_attempt(terminal: Terminal) -> None:
    """It is retried within an hour, or within its interval if that is longer."""
    terminal.write(
        "storywire.yaml",
        "sources:\n  - feed: http://127.0.0.1:9/a\n    allow_private: true\n"
        "  - feed: http://127.0.0.1:9/b\n    allow_private: true\n    every: 36h\n",
    )
    terminal.run("load")
    result = look(terminal)
    assert row(result, "feed:http://127.0.0.1:9/a")[-3:] == ["within", "1", "h"]
    assert row(result, "feed:http://127.0.0.1:9/b")[-3:] == ["within", "36", "h"]


def test_many_rejections_are_listed_on_request(terminal: Terminal) -> None:
    """Up to ten are always listed."""
    terminal.write("storywire.yaml", settings(["articles"]))
    for number in range(11):
        terminal.write(f"articles/{number:02}.md", "nothing")
    terminal.run("load")
    assert "11 documents are rejected; list them with --rejections" in look(terminal).out
    assert "10.md" not in look(terminal).out
    assert "10.md" in look(terminal, "--rejections").out


def test_sources_without_settings_says_how_to_add_one(terminal: Terminal) -> None:
    lines = {terminal.run(command).complaint for command in ("sources", "load")}
    assert lines == {
        "no source configured; add one under `sources:` in storywire.yaml, for example"
        " `- folder: articles` (storywire docs settings)"
    }


def test_check_asks_repositories_without_cloning(
    terminal: Terminal, repository: Repository
) -> None:
    assert repository.folder.is_dir()
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "1 problem to fix before `storywire run`"
    assert "ok      git:site#:_news: the branch exists" in result.out
    assert "PROBLEM git:nowhere: nowhere is not a repository" in result.out
    assert not (terminal.folder / "var").exists()


def test_check_shows_the_error_of_the_last_attempt(
    terminal: Terminal, repository: Repository
) -> None:
    """It does so even if the source can be reached again."""
    elsewhere = repository.folder.rename(terminal.folder / "moved")
    terminal.run("load")
    elsewhere.rename(repository.folder)
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert "git:site#:_news: the branch exists" in result.out
    assert "WARNING git:site#:_news: could not be read at " in result.out


async def test_a_hanging_repository_delays_no_other_source(
    terminal: Terminal, repository: Repository
) -> None:
    """The other source is stored while this one still hangs."""
    assert repository.folder.is_dir()
    terminal.write(
        "storywire.yaml", "sources:\n  - git: ssh://news.example/x\n  - folder: articles\n"
    )
    script = terminal.write(
        "ssh.sh",
        "#!/bin/sh\nfor _ in $(seq 600); do test -e go && exit 255; sleep 0.05; done\nexit 255\n",
    )
    script.chmod(0o755)
    ssh = {"GIT_SSH_COMMAND": str(script), "GIT_SSH_VARIANT": "ssh"}
    async with terminal.start("load", **ssh) as running, asyncio.timeout(60):
        while row(await asyncio.to_thread(look, terminal), "folder:articles")[1] != "ok":
            pass
        assert running.process.returncode is None
        terminal.write("go", "")
        assert await running.process.wait() == 1
    assert "ssh://news.example/x can't be fetched" in running.err


async def test_sources_shows_merged_entries_and_changing_ids(terminal: Terminal) -> None:
    """An operator sees why a feed has fewer stories than entries."""
    async with serve_web() as server:
        for reading in range(3):
            entries = [item(1, guid=f"{reading}"), item(1, guid=f"{reading}-b"), item(2, guid=None)]
            address = server.at("/feed", rss(*entries))
            terminal.write(
                "storywire.yaml", f"sources:\n  - feed: {address}\n    allow_private: true\n"
            )
            loaded = await asyncio.to_thread(terminal.run, "load")
            assert loaded.out.endswith("rejected, 1 merged\n")
    shown = " ".join(look(terminal, width=200).out.split())
    assert "ids change at every reading; entries are recognised by title and date" in shown
    assert "1 entry is listed twice and merged: “Story 1”" in shown
