"""`storywire check`: the line for each part, and the exit status."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.checks.backups import judge_backups
from bot.cli.checks.database import judge_disk, judge_rows
from bot.cli.checks.results import Level
from bot.config.settings import BackupSettings
from bot.discordapp.commands_problem import (
    STORED_AS,
    CommandsProblem,
    Obstacle,
    encode_problem,
)
from storage.open import open_store
from storage.protocols import Contents
from tests.cli.support import Terminal, settings
from tests.cli.test_load import counts
from tests.support.articles import make_news_markdown
from tests.support.clock import START
from tests.support.database import damage, execute


def results(out: str) -> list[str]:
    """The lines that begin a result."""
    return [line for line in out.splitlines() if not line.startswith(" ")]


def test_check_reports_each_part_that_is_ok(terminal: Terminal) -> None:
    """It ends with status 0, prints a line for each part, and creates nothing."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert (0, "") == (result.status, result.err)
    first, *others, disk = results(result.out)
    assert first == "ok      settings: storywire.yaml is valid"
    assert disk.startswith("ok      disk: ")
    assert others == [
        "ok      token: set; `storywire check --online` asks Discord whether it is valid",
        "ok      folder:articles: 1 document; not read yet",
        "ok      database: var/storywire.db does not exist yet; `storywire run` creates it",
    ]
    assert not (terminal.folder / "var").exists()


def test_check_reports_all_problems_with_remedies(terminal: Terminal) -> None:
    """All problems are reported at once, and the status is 1."""
    terminal.write("storywire.yaml", settings(["nowhere"], "database: notes.txt"))
    terminal.write("notes.txt", "This is no database. " * 100)
    result = terminal.run("check")
    assert result.complaint == "3 problems to fix before `storywire run`"
    good, token, source, database = results(result.out)
    assert good.startswith("ok      settings")
    assert token.startswith("PROBLEM token: no Discord token; set DISCORD_TOKEN")
    assert source.startswith("PROBLEM folder:nowhere: folder nowhere does not exist; create it")
    assert database.startswith("PROBLEM database: notes.txt: the file is not an SQLite database")


def test_check_without_settings_asks_for_a_source(terminal: Terminal) -> None:
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "1 problem to fix before `storywire run`"
    assert "PROBLEM sources: none; add one under `sources:`" in result.out


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("notes.txt/a.db", "notes.txt: Not a directory); make it writable, or set"),
        ("/proc/nope/a.db", "no files can be created in /proc/nope (/proc: "),
        ("articles", "articles is a folder; use a file in it, such as articles/storywire.db"),
        ("a" * 300, "File name too long"),
    ],
)
def test_check_reports_a_database_that_cannot_be_created(
    terminal: Terminal, database: str, words: str
) -> None:
    """What `run` would fail at is a problem, and checking it leaves nothing behind."""
    if database.startswith("/proc") and not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    terminal.write("storywire.yaml", settings(["articles"], f"database: {database}"))
    terminal.write("notes.txt", "")
    terminal.write("articles/one.md", make_news_markdown("one"))
    before = sorted(terminal.folder.rglob("*"))
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "1 problem to fix before `storywire run`"
    last = results(result.out)[-1]
    assert last.startswith("PROBLEM database: ")
    assert words in last
    assert before == sorted(terminal.folder.rglob("*"))


def test_check_reports_clones_that_cannot_be_stored(terminal: Terminal) -> None:
    """A file is in the place of their folder. The missing repository is the other problem."""
    terminal.write("storywire.yaml", "sources:\n  - git: site\n    allow_local: true\n")
    terminal.write("var/git", "")
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "2 problems to fix before `storywire run`"
    assert "PROBLEM clones of repositories: no files can be created in var/git" in result.out


def test_check_shows_rejections_and_empty_folders(terminal: Terminal) -> None:
    """It shows how many documents were rejected, and that no file in a folder matches."""
    terminal.write("storywire.yaml", settings(["articles", "pages"]))
    terminal.write("articles/one.md", "nothing")
    terminal.write("articles/two.md", "nothing")
    terminal.write("pages/page.html", "nothing")
    terminal.run("load")
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert results(result.out)[2:5] == [
        "ok      folder:articles: 2 documents",
        "WARNING folder:articles: when last read, 2 of 2 documents were rejected"
        " (`storywire sources` lists them)",
        "WARNING folder:pages: 0 documents; no file in it matches *.md, *.markdown, *.mdx"
        " (`include`)",
    ]


def test_check_shows_an_interrupted_upgrade(terminal: Terminal) -> None:
    """The next command that uses the database continues it."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    terminal.run("load")
    database = terminal.folder / "var/storywire.db"
    execute(
        database,
        "UPDATE upgrade_steps SET edition = 0 WHERE name = 'lookups'",
    )
    result = terminal.run("check", "--deep", DISCORD_TOKEN="made-up")
    assert result.status == 0
    assert results(result.out)[-2] == (
        "WARNING database: var/storywire.db is not upgraded completely (0 %); `storywire run`"
        " continues that"
    )
    terminal.run("load")
    assert "contains 1 story" in terminal.run("check", DISCORD_TOKEN="made-up").out


def test_check_lists_damaged_rows(terminal: Terminal) -> None:
    """Each with its id and what is wrong; `--deep` finds what can be decoded, too."""
    terminal.write("storywire.yaml", settings(["articles"]))
    for name in ("one", "two"):
        terminal.write(f"articles/{name}.md", make_news_markdown(name))
    terminal.run("load")
    database = terminal.folder / "var/storywire.db"
    damage(database, "documents", "content", "pack('{}')", "id = 1")
    damage(database, "articles", "quality", "81", "id = 2")
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.status == 1
    assert result.out.splitlines()[-3:-1] == [
        "PROBLEM damage: 1 row or part of the database is damaged and set aside; everything else"
        " works (storywire docs database)",
        "        documents 1: content can't be decoded (title: Field required)",
    ]
    deep = terminal.run("check", "--deep", DISCORD_TOKEN="made-up")
    assert "        articles 2: quality does not match its document" in deep.out.splitlines()
    assert terminal.run("load").out == counts(changed=1, unchanged=1)
    assert "documents 1" not in terminal.run("check", DISCORD_TOKEN="made-up").out


@pytest.mark.parametrize("command", ["check", "sources"])
def test_stories_of_a_removed_source_are_reported(terminal: Terminal, command: str) -> None:
    """They are reported before `run` withdraws them; rejections of the source no longer count."""
    terminal.write("storywire.yaml", settings(["articles", "pages"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    terminal.write("pages/two.md", make_news_markdown("two"))
    terminal.write("pages/bad.md", "nothing")
    terminal.run("load")
    words = "1 story is only in sources that are no longer in the settings; `storywire run`"
    assert words not in terminal.run(command).out
    terminal.write("storywire.yaml", settings(["articles"]))
    out = terminal.run(command).out
    assert words in out
    assert "bad.md" not in out
    assert "is rejected" not in out


def test_the_error_for_a_full_disk_names_the_remedy() -> None:
    result = judge_disk(Path("var/storywire.db"), 2**20, 12 * 2**20)
    assert result.level is Level.PROBLEM
    assert result.text == (
        "only 12 MB are free on the disk of var/storywire.db; free some space, or the bot will have"
        " to stop posting"
    )


def test_little_space_for_a_copy_is_a_warning() -> None:
    result = judge_disk(Path("var/storywire.db"), 4 * 10**9, 3 * 10**9)
    assert result.level is Level.WARNING
    assert "less than a copy of it takes (4.0 GB)" in result.text


@pytest.mark.parametrize(
    ("hours", "level", "words"),
    [
        (None, Level.OK, "none in backups yet; the running bot makes them"),
        (47, Level.OK, "the last one in backups is of Nov 21 13:00 UTC"),
        (49, Level.WARNING, "but there should be one every 1d; see the log"),
    ],
)
def test_missing_backups_are_noticed(hours: int | None, level: Level, words: str) -> None:
    """One may fail, as the bot tries again."""
    last = None if hours is None else START - timedelta(hours=hours)
    result = judge_backups(BackupSettings(), Path("backups"), last, START)
    assert result.level is level
    assert words in result.text


def test_subscriptions_that_the_bot_paused_are_counted() -> None:
    contents = Contents(0, 3, paused=2, uncertain=0, failed=0, orphaned=0)
    (result,) = judge_rows(contents, has_sources=True)
    assert result.level is Level.WARNING
    assert result.text.startswith("2 subscriptions are paused, because the bot can't post")


def test_a_missing_row_is_found(terminal: Terminal) -> None:
    """Without `--deep`, too: a post would belong to no subscription."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    terminal.run("load")
    execute(
        terminal.folder / "var/storywire.db", "INSERT INTO subscription_topics VALUES ('', 1, 7)"
    )
    found = terminal.run("check", DISCORD_TOKEN="made-up").out
    assert "        subscription_topics: refers to a row of subscriptions that does not" in found


def test_check_says_that_commands_are_not_registered(terminal: Terminal) -> None:
    """The last run recorded why, and when the bot tries again; the bot can run nevertheless."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    (terminal.folder / "var").mkdir()
    problem = CommandsProblem(
        Obstacle.REJECTED, "400: bad\x1bname", START, START + timedelta(hours=6)
    )
    asyncio.run(_store_value(terminal.folder / "var/storywire.db", encode_problem(problem)))
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.status == 0
    assert results(result.out)[-2] == (
        "WARNING commands: not registered with Discord since Nov 23 12:00 UTC: Discord"
        " rejected them (400: bad name); posting goes on and earlier commands keep working; the bot"
        " tries again at Nov 23 18:00 UTC"
    )


async def _store_value(database: Path, value: str) -> None:
    async with open_store(database) as store:
        await store.set_value(STORED_AS, value)


def test_a_database_that_others_can_read_is_mentioned(terminal: Terminal) -> None:
    """It is not a problem, because the next start changes it."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    assert terminal.run("load").status == 0
    (terminal.folder / "var/storywire.db").chmod(0o644)
    found = terminal.run("check", DISCORD_TOKEN="made-up")
    assert (
        "WARNING database: other users of this machine can read it; the next `storywire run`"
        in found.out
    )
    assert found.status == 0
    assert terminal.run("load").status == 0
    assert "other users" not in terminal.run("check", DISCORD_TOKEN="made-up").out


def test_check_reports_a_damaged_schema(terminal: Terminal) -> None:
    """SQLite's own message quotes bytes that are not text; there is one line, and no traceback."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    terminal.run("load")
    database = terminal.folder / "var/storywire.db"
    content = database.read_bytes()
    assert content.count(b"CREATE TABLE addresses") == 1
    database.write_bytes(content.replace(b"CREATE TABLE addresses", b"CREATE TAB\xd2E addresses"))
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.complaint == "1 problem to fix before `storywire run`"
    assert "the file is damaged; restore a backup" in result.out


def test_check_lists_settings_with_their_origins(terminal: Terminal) -> None:
    """Secrets are left out."""
    terminal.write("storywire.yaml", settings(["articles"], "announce:", "  max_age: 24h"))
    variables = {
        "STORYWIRE_ANNOUNCE__PACE": "2",
        "STORYWIRE_SUBSCRIPTIONS": '{"max_channels": 3}',
        "DISCORD_TOKEN": "made-up",
    }
    lines = [line.split(maxsplit=1) for line in terminal.run("check", **variables).out.splitlines()]
    shown = {words[0]: words[1] for words in lines if len(words) > 1}
    assert shown["database"] == "var/storywire.db (default)"
    assert shown["sources"] == "1 listed (storywire.yaml, line 1)"
    assert shown["announce.max_age"] == "1d (storywire.yaml, line 5)"
    assert shown["announce.min_quality"] == "70 (default)"
    assert shown["announce.pace"] == "2 (STORYWIRE_ANNOUNCE__PACE)"
    assert shown["subscriptions.max_channels"] == "3 (STORYWIRE_SUBSCRIPTIONS)"
    assert shown["subscriptions.max_per_server"] == "50 (default)"
    assert shown["discord.token"] == "set (DISCORD_TOKEN)"


def test_json_has_all_results(terminal: Terminal) -> None:
    """Invalid settings are results, too; the exit status is the same as without."""
    terminal.write("storywire.yaml", settings(["articles"]))
    result = terminal.run("check", "--json", DISCORD_TOKEN="made-up")
    content = json.loads(result.out)
    assert (1, 1) == (result.status, content["version"])
    levels = {each["code"]: each["level"] for each in content["results"]}
    assert {"settings": "ok", "token": "ok", "source": "problem"}.items() <= levels.items()
    facts = content["results"][0]["facts"]["settings"]
    assert {"key": "announce.pace", "value": "45", "origin": "default", "place": ""} in facts
    terminal.write("storywire.yaml", "pace: 3\nquality: 2\n")
    invalid = terminal.run("check", "--json")
    assert invalid.complaint == "2 problems to fix before `storywire run`"
    assert ["settings"] * 2 == [each["code"] for each in json.loads(invalid.out)["results"]]


def test_results_fit_into_a_terminal(terminal: Terminal) -> None:
    """Lines are continued below their text; addresses are not broken."""
    terminal.write("storywire.yaml", settings(["articles", "x" * 90]))
    out = terminal.run("check", COLUMNS="80").out
    assert max(len(line) for line in out.splitlines() if "xxx" not in line) <= 80
    assert "x" * 90 in out
    assert (
        "PROBLEM token: no Discord token; set DISCORD_TOKEN to the bot's token, or\n        " in out
    )
