"""`/news` works in direct messages, in groups, and in servers that the bot is not in."""

from collections.abc import Callable

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.model.entities import Json
from tests.discordapp.news.support import (
    Archive,
    Reader,
    body,
    footer,
    heading,
    make_aged_article,
    private_text,
)
from tests.discordapp.news.test_commands import LOOKUPS
from tests.discordapp.test_contexts import in_a_group, in_another_server

Context = Callable[[str, Json], Json]


def unchanged(_name: str, frame: Json) -> Json:
    """What the sandbox sends: a server, or a direct message."""
    return frame


@pytest.fixture(params=["server", "direct message", "group", "other server"])
def reader(request: pytest.FixtureRequest, sandbox: Sandbox, ada: Reader) -> Reader:
    """Ada in each context."""
    if request.param == "direct message":
        ada.channel_id = sandbox.world.direct_channel(ada.id).id
    contexts = {"group": in_a_group, "other server": in_another_server}
    context: Context = contexts.get(request.param, unchanged)
    sandbox.faults.spoil(context, "INTERACTION_CREATE", times=None)
    return ada


async def test_every_lookup_works_everywhere(archive: Archive, reader: Reader) -> None:
    """Publicly and privately; what is not found is explained."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    for path, options in LOOKUPS:
        answer = await reader.ask(path, options)
        assert heading(answer), path
        private = await reader.ask(path, {**options, "private": True})
        assert body(private) == body(answer), path
        assert private.ephemeral_for == reader.id
    for path, option in (("topic", "topic"), ("search", "query"), ("story", "story")):
        assert "unicorn" in private_text(await reader.ask(path, {option: "unicorn"}))


async def test_pages_and_completions_work_everywhere(archive: Archive, reader: Reader) -> None:
    """The buttons of public and private answers turn their pages."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    for private in (False, True):
        first = await reader.ask("latest", {"provider": "Reuters", "private": private})
        turned = await reader.press(first, "Next")
        assert footer(turned) == "12 stories · page 2/3"
        assert turned.id == first.id
    assert await reader.offered("latest", "provider", "reu") == {"Reuters · 12 stories": "Reuters"}
    assert await reader.offered("topic", "topic", "") == {"AI · 12 stories": "AI"}
    assert list((await reader.offered("story", "story", "story 3")).values()) == ["4"]
