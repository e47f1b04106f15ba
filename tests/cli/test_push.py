"""What the commands say about pushed articles."""

import asyncio

from storage.open import open_store
from tests.cli.support import Terminal
from tests.cli.test_load import counts
from tests.cli.test_sources import look, row
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

SETTINGS = "push: {port: 0, token_file: push-token}\n"


def test_check_says_where_articles_are_sent(terminal: Terminal) -> None:
    terminal.write("storywire.yaml", SETTINGS)
    terminal.write("push-token", "c4nary-of-this-test")
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.status == 0
    assert "\nok      push: articles with the token, at port 0 of 127.0.0.1\n" in result.out


def test_check_reports_an_unusable_token(terminal: Terminal) -> None:
    terminal.write("storywire.yaml", SETTINGS)
    terminal.write("push-token", "short")
    result = terminal.run("check", DISCORD_TOKEN="made-up")
    assert result.status == 1
    assert "PROBLEM push: push.token_file: the file must contain one line of 16 to" in result.out


def test_load_keeps_what_was_pushed(terminal: Terminal) -> None:
    """It counts it as unchanged, and `storywire sources` lists it."""

    async def push() -> None:
        async with open_store(terminal.folder / "var" / "storywire.db") as store:
            await store.save_documents("push", make_documents(make_article()), START)
            await store.record_run("push", START, None)

    terminal.write("storywire.yaml", SETTINGS)
    (terminal.folder / "var").mkdir()
    asyncio.run(push())
    loaded = terminal.run("load")
    assert (loaded.status, loaded.out) == (0, counts(unchanged=1))
    assert row(look(terminal), "push")[1:4] == ["ok", "1", "0"]
    assert row(look(terminal), "push")[-2:] == ["when", "pushed"]
