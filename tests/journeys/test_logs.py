"""The log names a story by the same words at each step, and channels and servers by their names."""

import logging
import re
from pathlib import Path

import pytest

from tests.support.desk import Desk

DOCS = Path(__file__).parents[2] / "docs/logs.md"
STEPS = ("bot.announce.outbox", "bot.announce.planner", "bot.announce.sender")


def without_numbers(line: str) -> str:
    """A line of the log without what differs between runs."""
    return re.sub(r"story \d+", "story N", re.sub(r"\d{15,}", "ID", line))


async def test_a_story_has_one_name_in_all_steps(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The example in docs/logs.md is what the bot logs."""
    caplog.set_level(logging.INFO)
    (server,) = desk.sandbox.world.guilds.values()
    server.name = "Gazette"
    async with desk.bot():
        await desk.subscribe()
        desk.write("one")
        await desk.wait_for_stories(1)
        desk.write("one", title="New title")
        await desk.sandbox.wait_until(lambda: desk.titles() == ["New title"])
        article = desk.folder / "one.md"
        draft = article.read_text(encoding="utf-8").replace("---", "---\ndraft: true", 1)
        article.write_text(draft, encoding="utf-8")
        await desk.sandbox.wait_until(lambda: "~~" in str(desk.posts()[0].embeds))
    records = [each for each in caplog.records if each.name in STEPS]
    lines = [f"{each.levelname} {each.name}: {each.getMessage()}" for each in records]
    example = DOCS.read_text(encoding="utf-8").partition("## The steps of a story")[2]
    shown = [line[24:] for line in example.split("```")[1].splitlines() if line]
    assert [without_numbers(line) for line in lines] == [without_numbers(line) for line in shown]
    posted = vars(records[1])
    expected = {
        "stories": [1],
        "channel": str(desk.channel().id),
        "channel_name": "news",
        "server": str(server.id),
        "server_name": "Gazette",
    }
    assert {name: posted[name] for name in expected} == expected
