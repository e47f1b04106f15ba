"""Who sees the answers to lookups that find nothing, and refusals."""

from typing import Any

import pytest

from bot.discordapp import client
from tests.support.desk import Desk

NOTHING: list[tuple[str, dict[str, Any]]] = [
    ("news latest", {"topic": "Nowhere"}),
    ("news latest", {"min_quality": 900}),
    ("news top", {"topic": "Nowhere"}),
    ("news trending", {"topic": "Nowhere"}),
    ("news topic", {"topic": "Nowhere"}),
    ("news search", {"query": "nowhere to be found"}),
    ("news search", {"query": "-nowhere"}),
    ("news story", {"story": "nowhere to be found"}),
    ("news topics", {}),
]
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("subscriptions add", {"at": "25:00"}),
    ("subscriptions edit", {"subscription": "7"}),
    ("subscriptions pause", {"subscription": "7"}),
    ("subscriptions remove", {"subscription": "x"}),
    ("subscriptions why", {"story": "nowhere to be found"}),
]


@pytest.mark.parametrize("defer_after", [0.0, 60.0])
async def test_nothing_found_and_refusals_are_private(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, defer_after: float
) -> None:
    """Also if the answer was deferred, which everybody sees while it is awaited."""
    monkeypatch.setattr(client, "DEFER_AFTER", defer_after)
    ada, channel_id, world = desk.sandbox.person("Ada"), desk.channel().id, desk.sandbox.world
    async with desk.bot():
        for count, (path, options) in enumerate(NOTHING + REFUSED, start=1):
            await ada.command(channel_id, path, options)
            log = world.ephemeral_log(channel_id, ada.user_id)
            await desk.sandbox.wait_until(
                lambda: sum(bool(each.content) for each in log.all()) >= count  # noqa: B023 - awaited here
            )
            assert world.log(channel_id).all() == [], path
