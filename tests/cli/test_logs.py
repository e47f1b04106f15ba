"""What the program logs: lines of text or JSON, levels, and the lines of a start."""

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from bot.cli.logs import FORMATS, LEVELS, print_warnings, set_up_logging
from tests.cli.support import Terminal, settings
from tests.support.articles import make_news_markdown
from tests.support.log_check import LEVELS as LOGGERS
from tests.support.log_check import loggers_kept

TOKEN = "MTE5NjE4NDA3NTM0MjQ4MzA0" + ".GuHq3x" + ".dL7aVd-c4nary0f8fad5bd9cb469f"


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Start with the loggers of a new process."""
    with loggers_kept():
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.NOTSET)
        # `basicConfig` closes the handlers that it finds.
        logging.getLogger().handlers.clear()
        yield


def log_failure() -> None:
    """Log an event with fields and a traceback."""
    try:
        os.environ[TOKEN]
    except KeyError:
        logging.getLogger("bot.news").exception(
            "can't post in %s with %s",
            "News\nDesk",
            TOKEN,
            extra={"stories": [7], "server_name": TOKEN},
        )


def test_text_has_a_line_per_event(capsys: pytest.CaptureFixture[str]) -> None:
    """A name can't begin a line of its own; secrets are hidden; the traceback follows."""
    set_up_logging("text", "info")
    log_failure()
    first, *traceback, last = capsys.readouterr().err.splitlines()
    assert first.endswith(r" ERROR bot.news: can't post in News\nDesk with …")
    assert traceback[0].startswith("Traceback")
    assert last == "KeyError: '…'"


def test_json_has_an_object_per_event(capsys: pytest.CaptureFixture[str]) -> None:
    """What an event is about are fields of its own; secrets are hidden in each of them."""
    set_up_logging("json", "info")
    log_failure()
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert abs(datetime.fromisoformat(event.pop("time")) - datetime.now(UTC)).days == 0
    assert event.pop("traceback").endswith("KeyError: '…'")
    assert event == {
        "level": "error",
        "logger": "bot.news",
        "message": "can't post in News\nDesk with …",
        "stories": [7],
        "server_name": "…",
    }


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_hides_what_matters_less(capsys: pytest.CaptureFixture[str], level: str) -> None:
    """Other libraries than discord.py never log details."""
    set_up_logging("text", level)
    for name in ("bot", "discord", "aiosqlite"):
        for each in LEVELS:
            logging.getLogger(name).log(logging.getLevelNamesMapping()[each.upper()], "%s", each)
    lines = capsys.readouterr().err.splitlines()
    shown = {name: [line.split()[-1] for line in lines if name in line] for name in ("bot", "sql")}
    assert shown["bot"] == list(LEVELS[LEVELS.index(level) :])
    assert shown["sql"] == list(LEVELS[max(1, LEVELS.index(level)) :])


def test_commands_print_warnings_and_upgrades(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that don't log print them as their own messages, without secrets."""
    print_warnings()
    logging.getLogger("bot.ingest").warning("moved: %s", TOKEN)
    logging.getLogger("bot.ingest").info("read")
    logging.getLogger("storage.sqlite").info("upgrading a.db: %s", "45 of 100")
    lines = "storywire: moved: …\nstorywire: upgrading a.db: 45 of 100\n"
    assert capsys.readouterr().err == lines


@pytest.mark.parametrize("log_format", FORMATS)
async def test_a_start_names_what_runs_with_which_files(
    terminal: Terminal, log_format: str
) -> None:
    """Version, settings file and database come first; `--log-level` reaches discord.py."""
    file = terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    options = ("--port", "0", "--log-format", log_format, "--log-level", "debug")
    async with terminal.start("sandbox", *options) as program:
        await program.ready()
        ended = await program.terminate()
    assert ended.status == 0
    first, second, *others = ended.err.splitlines()
    if log_format == "json":
        first, second = (json.loads(each)["message"] for each in (first, second))
        assert {"bot.app", "discord.http"} <= {json.loads(each)["logger"] for each in others}
    assert f"Storywire {version('storywire')} on Python " in first
    database = terminal.folder / "var/sandbox/storywire.db"
    assert second.endswith(f"settings: {file}; database: {database}")
