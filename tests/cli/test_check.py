"""`storywire check`: every part in words."""

from __future__ import annotations

from pathlib import Path

from bot.cli.check import low_disk
from tests.cli.support import Terminal, settings
from tests.cli.test_load import article


def test_check_says_what_is_good(terminal: Terminal) -> None:
    """Status 0, a line for each part, nothing made."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", article("one"))
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert (0, "") == (result.status, result.err)
    assert result.out.splitlines() == [
        "ok      settings",
        "ok      token: there is one (it is not tried here)",
        "ok      folder:articles: 1 documents",
        "ok      database: var/storywire.db is not there yet; it will be made",
    ]
    assert not (terminal.folder / "var").exists()


def test_check_finds_everything_that_needs_mending(terminal: Terminal) -> None:
    """All problems at once, each with its mend; status 1."""
    terminal.write("storywire.yaml", settings(["nowhere"], "database: notes.txt"))
    terminal.write("notes.txt", "This is no database. " * 100)
    result = terminal.run("check")
    assert result.complaint == "3 problems to mend before `storywire run`"
    good, token, source, database = result.out.splitlines()
    assert good == "ok      settings"
    assert token.startswith("PROBLEM token: no Discord token; set DISCORD_TOKEN")
    assert source.startswith("PROBLEM folder:nowhere: folder nowhere does not exist; make it")
    assert database.startswith("PROBLEM database: notes.txt: the file is no SQLite database")


def test_check_without_settings_asks_for_a_source(terminal: Terminal) -> None:
    """A first look in an empty folder."""
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "1 problem to mend before `storywire run`"
    assert "PROBLEM sources: none; name one under `sources:`" in result.out


def test_a_disk_that_is_nearly_full_is_told_in_words() -> None:
    """Before the bot has to stop."""
    words = str(low_disk(Path("var/storywire.db"), 12 * 2**20))
    assert words == (
        "only 12 MB are free where var/storywire.db lies; free some space before the bot has to"
        " stop posting"
    )
