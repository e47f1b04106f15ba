"""`storywire sources`, and what `load` and `check` say of repositories."""

import asyncio

import pytest

from tests.cli.support import Result, Terminal, settings
from tests.cli.test_load import counts
from tests.ingest.git_support import Repository
from tests.support.articles import make_news_markdown

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
    """The words of a source's line."""
    lines = map(str.split, result.out.splitlines())
    return next((words for words in lines if words[:1] == [name]), [name, "is not shown"])


def test_sources_tell_how_they_do(terminal: Terminal, repository: Repository) -> None:
    """Before the first load, after it, and with one that fails; nothing is made by looking."""
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
def test_a_terminal_of_any_width_shows_all_of_it(
    terminal: Terminal, repository: Repository, width: int
) -> None:
    """Lines are folded, not cut."""
    repository.write("_news/bad.md", b"nothing")
    repository.commit()
    terminal.run("load")
    result = look(terminal, width=width)
    assert max(map(len, result.out.splitlines())) <= width
    text = "".join(result.out.split())
    assert "…" not in text
    assert "hasnofrontmatter;thefirstlinemustbe---" in text
    assert "git:site#:_news/bad.md" in text


def test_what_is_not_read_on_a_terminal_is_not_folded(terminal: Terminal) -> None:
    """Addresses stay in one piece for whoever searches them."""
    deep = "/".join(["quite"] * 15)
    terminal.write("storywire.yaml", settings([deep]))
    terminal.write(f"{deep}/bad.md", "nothing")
    terminal.run("load")
    words = f"folder:{deep}/bad.md line 1: has no front matter; the first line must be ---"
    assert words in " ".join(terminal.run("sources").out.split())


def test_a_web_source_that_fails_says_when_it_is_asked_again(terminal: Terminal) -> None:
    """At the latest: within an hour, or at its usual time if that is longer."""
    terminal.write(
        "storywire.yaml",
        "sources:\n  - feed: http://127.0.0.1:9/a\n    allow_private: true\n"
        "  - feed: http://127.0.0.1:9/b\n    allow_private: true\n    every: 36h\n",
    )
    terminal.run("load")
    result = look(terminal)
    assert row(result, "feed:http://127.0.0.1:9/a")[-3:] == ["within", "1", "h"]
    assert row(result, "feed:http://127.0.0.1:9/b")[-3:] == ["within", "36", "h"]


def test_many_rejections_are_shown_when_asked_for(terminal: Terminal) -> None:
    """Few always."""
    terminal.write("storywire.yaml", settings(["articles"]))
    for number in range(11):
        terminal.write(f"articles/{number:02}.md", "nothing")
    terminal.run("load")
    assert "11 documents are rejected; list them with --rejections" in look(terminal).out
    assert "10.md" not in look(terminal).out
    assert "10.md" in look(terminal, "--rejections").out


def test_sources_without_any_say_how_to_name_one(terminal: Terminal) -> None:
    """The same line as everywhere."""
    lines = {terminal.run(command).complaint for command in ("sources", "load")}
    assert lines == {
        "no source configured; add one under `sources:` in storywire.yaml, for example"
        " `- folder: articles` (docs/settings.md)"
    }


def test_check_asks_a_repository_and_makes_nothing(
    terminal: Terminal, repository: Repository
) -> None:
    """The one that is there, and the one that is not."""
    assert repository.folder.is_dir()
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "1 problem to fix before `storywire run`"
    assert "ok      git:site#:_news: the branch exists" in result.out
    assert "PROBLEM git:nowhere: nowhere is not a repository" in result.out
    assert not (terminal.folder / "var").exists()


def test_check_tells_what_failed_the_last_time(terminal: Terminal, repository: Repository) -> None:
    """Also when it can be had just now: somebody should know."""
    elsewhere = repository.folder.rename(terminal.folder / "moved")
    terminal.run("load")
    elsewhere.rename(repository.folder)
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert "git:site#:_news: the branch exists" in result.out
    assert "; could not be read at " in result.out


async def test_a_hanging_repository_delays_no_other(
    terminal: Terminal, repository: Repository
) -> None:
    """What can be read is stored at once, while the other still hangs."""
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
    async with terminal.start("load", **ssh) as running, asyncio.timeout(30):
        while row(await asyncio.to_thread(look, terminal), "folder:articles")[1] != "ok":
            pass
        assert running.process.returncode is None
        terminal.write("go", "")
        assert await running.process.wait() == 1
    assert "ssh://news.example/x can't be had" in running.err
