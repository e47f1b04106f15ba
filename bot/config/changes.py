"""What differs between the settings in force and those read again. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from bot.config.settings import Settings

# The sections that take effect while the bot runs. All others need a restart.
RELOADABLE = frozenset({"sources", "topics", "announce", "subscriptions", "retention"})


@dataclass(frozen=True, slots=True)
class SettingsChanges:
    """The changed settings by their keys, such as `announce.pace`, and sources by their names.

    `applied` take effect at once, `needs_restart` only when the bot is started again. `altered`
    sources have other settings than before; `reordered`: the order of the others has changed.
    """

    applied: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reordered: bool = False

    @property
    def sources_changed(self) -> bool:
        """Whether the list of sources has changed in any way."""
        return bool(self.added or self.altered or self.removed or self.reordered)


def find_changes(old: Settings, new: Settings) -> SettingsChanges:
    """Compare the settings in force with others."""
    before = {source.name: source for source in old.sources}
    after = {source.name: source for source in new.sources}
    kept = [name for name in after if name in before]
    keys = tuple(_changed_keys(old, new))
    return SettingsChanges(
        tuple(key for key in keys if _section(key) in RELOADABLE),
        tuple(key for key in keys if _section(key) not in RELOADABLE),
        tuple(name for name in after if name not in before),
        tuple(name for name in kept if after[name] != before[name]),
        tuple(name for name in before if name not in after),
        kept != [name for name in before if name in after],
    )


def settings_in_force(old: Settings, new: Settings) -> Settings:
    """The new settings, with the old values of those that need a restart."""
    fixed = set(type(old).model_fields) - RELOADABLE
    return new.model_copy(update={name: getattr(old, name) for name in fixed})


def _changed_keys(old: BaseModel, new: BaseModel, above: str = "") -> Iterator[str]:
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name == "sources" and not above:
            continue
        if isinstance(before, BaseModel) and isinstance(after, BaseModel):
            yield from _changed_keys(before, after, f"{above}{name}.")
        elif before != after:
            yield f"{above}{name}"


def _section(key: str) -> str:
    return key.partition(".")[0]
