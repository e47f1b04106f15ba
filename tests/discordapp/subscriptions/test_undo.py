"""The button that undoes a pause or a change of a subscription."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.subscription_lifecycle import Before
from bot.discordapp.subscriptions import actions
from bot.discordapp.subscriptions.actions import Undo
from bot.discordapp.subscriptions.undo import decode_undo, encode_undo
from bot.sandbox.model.entities import Message
from storage.models import SubscriptionSpec
from tests.discordapp.subscriptions.strategies import specs
from tests.discordapp.subscriptions.support import REFUSED, choose, plant, until
from tests.support.clock import START
from tests.support.desk import Desk

ONE = {"subscription": "1"}
GONE = "This can't be undone anymore"


async def test_a_pause_is_undone_as_if_it_had_not_been(desk: Desk) -> None:
    """Also after a restart. What arrived during the pause is posted."""
    async with desk.bot():
        await desk.subscribe()
        paused = await desk.ask("subscriptions pause", ONE)
        assert "You can undo this for one hour." in paused.content
        desk.write("during")
    async with desk.bot():
        undone = await desk.press(paused, "Undo")
        assert undone.content.startswith("Undone. ")
        assert undone.components == []
        assert await desk.wait_for_stories(1) == ["Story during"]
        assert "paused" not in (await desk.ask("subscriptions list")).content.lower()


async def test_a_change_is_undone_with_what_waited(desk: Desk) -> None:
    """The stories that waited for a digest wait again, and those that came since, too."""
    desk.write("old", topic="Space")
    async with desk.bot():
        await desk.ask("subscriptions add", {"mode": "daily", "catch_up": 0})
        desk.write("before", topic="Space")
        before = (await desk.ask("subscriptions list")).content
        await waits(desk, 1)
        editor = await desk.ask("subscriptions edit", ONE)
        await choose(desk, editor, "bar", "100")
        saved = await desk.press(editor, "Save")
        await waits(desk, 0)
        desk.write("since", topic="Space")
    async with desk.bot():
        assert (await desk.press(saved, "Undo")).content.startswith("Undone. ")
        await waits(desk, 2)
        assert (await desk.ask("subscriptions list")).content == before


async def waits(desk: Desk, count: int) -> None:
    """Wait until that many stories wait to be posted."""
    await until(desk, "subscriptions status", {}, f" {count} waiting")


async def test_what_somebody_changed_since_is_not_undone(desk: Desk) -> None:
    async with desk.bot():
        await desk.subscribe()
        first = await edited(desk, "80")
        second = await edited(desk, "90")
        paused = await desk.ask("subscriptions pause", ONE)
        assert GONE in (await desk.press(first, "Undo")).content
        assert "quality 90+" in (await desk.ask("subscriptions list")).content
        assert "quality 80+" in (await desk.press(second, "Undo")).content
        assert GONE in (await desk.press(paused, "Undo")).content


async def edited(desk: Desk, quality: str) -> Message:
    """Save another minimum quality, and return the confirmation."""
    editor = await desk.ask("subscriptions edit", ONE)
    await choose(desk, editor, "bar", quality)
    return await desk.press(editor, "Save")


async def test_nothing_is_undone_twice_or_too_late(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor by somebody who may not manage subscriptions."""
    async with desk.bot():
        await desk.subscribe()
        paused = await desk.ask("subscriptions pause", ONE)
        again = plant(desk, desk.channel().id, paused)
        assert REFUSED in (await desk.press(again, "Undo", "Max")).content
        assert (await desk.press(paused, "Undo")).content.startswith("Undone. ")
        late = await desk.ask("subscriptions pause", ONE)
        monkeypatch.setattr(actions, "UNDO_PERIOD", timedelta(seconds=-1))
        assert GONE in (await desk.press(late, "Undo")).content
        assert GONE in (await desk.press(again, "Undo")).content
        assert "Paused by an admin" in (await desk.ask("subscriptions list")).content


@given(
    specs,
    specs | st.none(),
    st.lists(st.integers(1, 2**63 - 1)),
    st.none() | st.just(START - timedelta(days=7)),
)
def test_what_is_undone_survives_its_json(
    spec: SubscriptionSpec,
    changed_to: SubscriptionSpec | None,
    waiting: list[int],
    fresh_after: datetime | None,
) -> None:
    before = Before(1, spec, fresh_after, START, 5, tuple(waiting))
    undo = Undo(before, changed_to)
    assert decode_undo(encode_undo(undo)) == undo


@pytest.mark.parametrize("content", ["", "{}", "null", '{"before": 1}'])
def test_what_cannot_be_read_cannot_be_undone(content: str) -> None:
    """Such as the draft of an editor."""
    assert decode_undo(content) is None
