"""Answers of the owner commands, with markdown, and the log's lines about the same."""

from collections.abc import Iterator, Sequence

from bot.config.changes import SettingsChanges


def describe_reload(changes: SettingsChanges) -> Sequence[str]:
    """What became of the settings that were read again, a sentence each."""
    return list(_reload_sentences(changes)) or ["Nothing has changed."]


def _reload_sentences(changes: SettingsChanges) -> Iterator[str]:
    if changes.applied:
        yield f"Now in force: {', '.join(changes.applied)}."
    if changes.added:
        yield f"New sources: {', '.join(changes.added)}."
    if changes.altered:
        yield f"Changed sources: {', '.join(changes.altered)}."
    if changes.removed:
        yield f"Removed sources: {', '.join(changes.removed)}."
    if changes.reordered:
        yield "The sources have another order."
    if changes.needs_restart:
        yield f"Only after a restart: {', '.join(changes.needs_restart)}."
