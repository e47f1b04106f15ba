"""Putting sample stories into a folder, one at a time."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.sandbox.samples.stories import sample_story


class StoryDropper:
    """Writes the next sample story, which follows from the number of files in the folder."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._writing = asyncio.Lock()

    async def drop(self) -> str:
        """Write a story; returns a sentence that names its file."""
        async with self._writing:
            return await asyncio.to_thread(self._write)

    def _write(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self._folder.glob("*.md")))
        name, content = sample_story(number, self._now())
        # Written under another name and then renamed, so that readers never see a partial file.
        partial = self._folder / f".{name}.part"
        partial.write_text(content, encoding="utf-8")
        partial.replace(self._folder / name)
        return f"Dropped a story: {name}"
