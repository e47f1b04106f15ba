"""From settings to sources."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clock import Clock
from bot.config import FolderSettings
from bot.ingest.folder.source import FolderSource
from bot.ingest.source import Source


def open_sources(settings: Sequence[FolderSettings], clock: Clock) -> list[Source]:
    """The sources that the settings name, in their order."""
    return [
        FolderSource(
            each.folder,
            name=each.name,
            unpublished=each.unpublished,
            include=each.include,
            exclude=each.exclude,
            clock=clock,
        )
        for each in settings
    ]
