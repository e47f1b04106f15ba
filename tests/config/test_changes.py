"""Settings that are read again while the bot runs."""

from pathlib import Path

from bot.config.changes import SettingsChanges, find_changes, settings_in_force
from bot.config.settings import AnnounceSettings, DiscordSettings, Settings
from bot.config.sources import FolderSettings
from bot.discordapp.messages.owner import describe_reload

A, B, C = (FolderSettings(folder=Path(name)) for name in "abc")


def test_equal_settings_have_no_changes() -> None:
    """That is said, too."""
    changes = find_changes(Settings(sources=(A,)), Settings(sources=(A,)))
    assert (changes, changes.sources_changed) == (SettingsChanges(), False)
    assert describe_reload(changes) == ["Nothing has changed."]


def test_what_needs_a_restart_is_named() -> None:
    """It stays as it was, and the rest is in force. A secret is not shown."""
    old = Settings(sources=(A,))
    new = Settings(
        database=Path("other.db"),
        sources=(A,),
        announce=AnnounceSettings(pace=5),
        discord=DiscordSettings(token="secret"),
    )
    changes = find_changes(old, new)
    assert describe_reload(changes) == [
        "Now in force: announce.pace.",
        "Only after a restart: database, discord.token.",
    ]
    in_force = settings_in_force(old, new)
    assert (in_force.database, in_force.announce.pace) == (old.database, 5)


def test_sources_are_compared_by_their_names() -> None:
    """A source with other settings is changed, not removed and added."""
    rated = FolderSettings(folder=Path("a"), quality=90)
    changes = find_changes(Settings(sources=(A, B)), Settings(sources=(C, rated)))
    assert describe_reload(changes) == [
        "New sources: folder:c.",
        "Changed sources: folder:a.",
        "Removed sources: folder:b.",
    ]
    assert find_changes(Settings(sources=(A, B)), Settings(sources=(B, A))).reordered
