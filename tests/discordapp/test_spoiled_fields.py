"""Any field of an interaction may be missing, or have another type."""

import logging
from collections.abc import Callable
from itertools import cycle

import pytest

from bot.sandbox.model.entities import Json
from tests.discordapp.forged import kinds
from tests.fuzz_discord.fields import CHANGES, Place, places, spoil
from tests.support.desk import Desk

# Frames that are nested too deeply end the session, and interactions of the meantime are lost.
_CHANGES = [change for change in CHANGES if change != "deep"]


@pytest.mark.parametrize("kind", ["command", "file", "completion", "select", "form"])
async def test_any_field_of_an_interaction_may_be_spoiled(
    desk: Desk, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Every field once, each in another way; `make fuzz-discord` tries all ways."""
    caplog.set_level(logging.INFO)
    frames: list[Json] = []
    faults = desk.sandbox.faults

    def record(_name: str, frame: Json) -> Json:
        frames.append(frame)
        return frame

    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        start = (await kinds(desk, editor))[kind]
        faults.spoil(record, "INTERACTION_CREATE")
        await (await start()).answered()
        spoiled = [each for each in places(frames[0]) if each[:1] == ("d",)]
        for place, change in zip(spoiled, cycle(_CHANGES), strict=False):
            faults.spoil(_spoiling(place, change), "INTERACTION_CREATE")
            await start()
        assert (await desk.ask("news topics")).content
        assert (await desk.ask("subscriptions list")).content
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []
    assert [each.message for each in caplog.records if "\n" in each.message] == []


def _spoiling(place: Place, change: str) -> Callable[[str, Json], object]:
    # Ids that are keys differ from one interaction to the next.
    return lambda _, frame: spoil(frame, place, change) if place in places(frame) else frame
