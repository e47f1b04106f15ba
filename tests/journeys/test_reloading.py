"""Settings that are read again while the bot runs take effect."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Reloading
from bot.config.settings import Settings
from bot.config.sources import FolderSettings
from bot.errors import SettingsError
from tests.support.clock import LONGEST_WAIT
from tests.support.desk import Desk


class SettingsFile:
    """Settings that a test changes."""

    def __init__(self, settings: Settings) -> None:
        self.content: Settings | SettingsError = settings

    def read(self, _: Settings) -> Settings:
        """The settings, or what is wrong with them."""
        if isinstance(self.content, SettingsError):
            raise self.content
        return self.content


async def logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until the log contains a text."""
    async with asyncio.timeout(LONGEST_WAIT):
        while text not in caplog.text:  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(0.01)


async def test_a_new_source_is_read_without_a_restart(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Settings with an error change nothing, and one line says what it is."""
    caplog.set_level(logging.INFO)
    more = tmp_path / "more"
    more.mkdir()
    before = desk.settings()
    file = SettingsFile(before)
    reloading = Reloading(file.read)
    async with desk.bot(reloading=reloading):
        await desk.subscribe()
        file.content = SettingsError("storywire.yaml:3: not a number\nstorywire.yaml:5: unknown")
        reloading.wanted.set()
        await logged(caplog, "the settings stay as they were: storywire.yaml:3: not a number; ")
        sources = (*before.sources, FolderSettings(folder=more))
        file.content = before.model_copy(update={"sources": sources, "database": Path("other.db")})
        reloading.wanted.set()
        await logged(caplog, f"New sources: folder:{more}. Only after a restart: database.")
        replace(desk, folder=more).write("one", title="From more")
        assert await desk.wait_for_stories(1) == ["From more"]
        file.content = before
        reloading.wanted.set()
        await logged(caplog, "Withdrew 1 documents")
