"""Sources that can't be read when the bot starts."""

import asyncio
import os
from pathlib import Path

from bot.config.sources import FolderSettings
from tests.support.desk import Desk


async def test_an_unavailable_source_delays_nothing(desk: Desk, tmp_path: Path) -> None:
    """The bot starts without it.

    Stories of removed sources are kept, as it may have them under a new name.
    """
    desk.write("one")
    async with desk.bot():
        await desk.subscribe()
        assert await desk.wait_for_stories(1) == ["Story one"]
    there, away = tmp_path / "there", tmp_path / "away"
    there.mkdir()
    sources = FolderSettings(folder=there), FolderSettings(folder=away)
    async with desk.bot(desk.settings().model_copy(update={"sources": sources})):
        found = await desk.ask("news latest")
        assert "Story one" in found.embeds[0]["description"]
        away.mkdir()
        await desk.sandbox.wait_until(lambda: desk.posts()[0].embeds[0]["title"] != "Story one")
        assert (await desk.ask("news latest")).embeds == []


async def test_an_unused_clone_is_deleted(desk: Desk) -> None:
    """It is deleted when all sources were read; the clones of current sources are kept."""
    clones = desk.settings().clones
    old, fresh = clones / ("0" * 16), clones / ("1" * 16)
    for clone in (old, fresh):
        clone.mkdir(parents=True)
    os.utime(old, (0, 0))
    async with desk.bot():
        async with asyncio.timeout(60):
            while old.exists():  # noqa: ASYNC110 - a real thread deletes files
                await asyncio.sleep(0.01)
    assert fresh.exists()
