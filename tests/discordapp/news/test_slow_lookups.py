"""An answer that takes long is deferred, and follows, whatever it is."""

import asyncio

import pytest

from bot.discordapp import interactions
from bot.discordapp.messages.errors import TOO_SLOW
from bot.sandbox import Interaction, Reset, Sandbox, Status
from bot.sandbox.interactions.interaction import ResponseType
from bot.sandbox.model.entities import Message
from storage.errors import StoreBusyError
from tests.discordapp.news.support import (
    EPHEMERAL,
    Archive,
    Reader,
    body,
    footer,
    make_aged_article,
    private_text,
)
from tests.support.clock import FakeClock

LOADING = 1 << 7
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"


@pytest.fixture
async def _stories(archive: Archive) -> None:
    """Two pages of stories."""
    await archive.load(*[make_aged_article(hours) for hours in range(12)])


async def defer(asked: Interaction, clock: FakeClock, *, interactions: int = 1) -> None:
    """Let time pass until the answer of the last of so many interactions is deferred."""
    await clock.wait_for_sleeps(interactions)
    await clock.advance(2)
    await asked.answered()


async def follow_up(sandbox: Sandbox, asked: Interaction) -> Message:
    """Wait for a message beside the deferred one."""
    await sandbox.wait_until(lambda: asked.follow_ups)
    (message,) = asked.follow_ups
    return message


@pytest.mark.usefixtures("_stories")
async def test_a_slow_answer_replaces_the_deferred_one(
    archive: Archive, ada: Reader, bot_clock: FakeClock
) -> None:
    """Everybody sees that the bot is thinking, and then the answer."""
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("latest")
    await defer(asked, bot_clock)
    (thinking,) = ada.messages()
    assert asked.response_type is ResponseType.DEFERRED_MESSAGE
    assert thinking.flags & LOADING
    assert not thinking.flags & EPHEMERAL
    archive.busy.set()
    answer = await asked.settled()
    assert "Story 0" in body(answer)
    assert answer.components
    assert [each.id for each in ada.messages()] == [thinking.id]


@pytest.mark.usefixtures("_stories")
async def test_a_slow_private_answer_stays_private(
    archive: Archive, ada: Reader, bot_clock: FakeClock
) -> None:
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("latest", {"private": True})
    await defer(asked, bot_clock)
    (thinking,) = ada.messages()
    assert thinking.flags & EPHEMERAL
    archive.busy.set()
    answer = await asked.settled()
    assert answer.flags & EPHEMERAL
    assert "Story 0" in body(answer)


@pytest.mark.usefixtures("_stories")
async def test_a_late_refusal_is_private(
    archive: Archive, ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    """Discord can't hide a deferred message, so it is removed."""
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("story", {"story": "unicorn"})
    await defer(asked, bot_clock)
    archive.busy.set()
    answer = await follow_up(sandbox, asked)
    assert "unicorn" in private_text(answer)
    assert [each.id for each in ada.messages()] == [answer.id]


@pytest.mark.usefixtures("_stories")
async def test_a_late_error_is_private(
    archive: Archive, ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    archive.busy = asyncio.Event()
    archive.error = StoreBusyError("it took too long")
    asked = await ada.start_asking("latest")
    await defer(asked, bot_clock)
    archive.busy_ends_with_error = True
    archive.busy.set()
    answer = await follow_up(sandbox, asked)
    assert private_text(answer) == TOO_SLOW
    assert [each.id for each in ada.messages()] == [answer.id]


@pytest.mark.usefixtures("_stories")
async def test_a_slow_page_changes_its_message(
    archive: Archive, ada: Reader, bot_clock: FakeClock
) -> None:
    """A member sees the page as it was until the next one is ready."""
    first = await ada.ask("latest")
    before = body(first)
    archive.busy = asyncio.Event()
    pressed = await ada.start_pressing(first, "Next")
    await defer(pressed, bot_clock, interactions=2)
    assert pressed.response_type is ResponseType.DEFERRED_UPDATE
    assert body(first) == before
    archive.busy.set()
    changed = await pressed.settled()
    assert changed.id == first.id
    assert "page 2" in footer(changed)
    assert len(ada.messages()) == 1


@pytest.mark.usefixtures("_stories")
async def test_a_slow_page_of_somebody_else_is_a_private_copy(
    archive: Archive, ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    first, max_ = await ada.ask("latest"), Reader(sandbox, "Max")
    archive.busy = asyncio.Event()
    pressed = await max_.start_pressing(first, "Next")
    await defer(pressed, bot_clock, interactions=2)
    archive.busy.set()
    copy = await follow_up(sandbox, pressed)
    assert copy.flags & EPHEMERAL
    assert "page 2" in footer(copy)
    assert "page 1" in footer(first)


@pytest.mark.usefixtures("_stories")
async def test_a_quick_answer_is_not_deferred(
    ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    answer = await ada.ask("latest")
    await bot_clock.advance(5)
    assert "Story 0" in body(await ada.ask("latest"))
    assert "Story 0" in body(answer)
    callbacks = [each for each in sandbox.requests if each.route == CALLBACK]
    assert len(callbacks) == 2


@pytest.mark.usefixtures("_stories")
async def test_an_answer_survives_a_lost_deferral(
    archive: Archive, ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    """Discord has it, but its confirmation was lost: the answer goes where it belongs."""
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("latest")
    sandbox.faults.plan(Reset(after_commit=True), route=CALLBACK)
    await defer(asked, bot_clock)
    archive.busy.set()
    assert "Story 0" in body(await asked.settled())
    assert len(ada.messages()) == 1


@pytest.mark.usefixtures("_stories")
async def test_an_answer_follows_when_it_could_not_be_deferred(
    archive: Archive, ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    """It may still be in time."""
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("latest")
    sandbox.faults.plan(Status(404), route=CALLBACK)
    await bot_clock.wait_for_sleeps(1)
    await bot_clock.advance(2)
    await sandbox.wait_for_request(lambda each: each.route == CALLBACK)
    archive.busy.set()
    assert "Story 0" in body(await asked.settled())


@pytest.mark.usefixtures("_stories")
async def test_an_answer_is_sent_anew_if_its_place_is_gone(
    archive: Archive, ada: Reader, sandbox: Sandbox, bot_clock: FakeClock
) -> None:
    """A moderator may delete the message that shows that the bot is thinking."""
    archive.busy = asyncio.Event()
    asked = await ada.start_asking("latest")
    await defer(asked, bot_clock)
    (thinking,) = ada.messages()
    sandbox.world.delete_message(thinking)
    archive.busy.set()
    assert "Story 0" in body(await follow_up(sandbox, asked))


@pytest.mark.usefixtures("_stories")
async def test_slow_choices_are_given_up(
    archive: Archive, ada: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord can't wait for them; the next keystroke asks again."""
    monkeypatch.setattr(interactions, "COMPLETE_WITHIN", 0.0)
    archive.busy = asyncio.Event()
    assert await ada.offered("story", "story", "") == {}
    monkeypatch.setattr(interactions, "COMPLETE_WITHIN", 60.0)
    archive.busy.set()
    assert len(await ada.offered("story", "story", "")) == 12
