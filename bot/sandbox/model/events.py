"""What the world tells: events for the gateway and the page, changes for the saved state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bot.sandbox.model.entities import Channel, Guild, Json, Message, User

Saved = User | Guild | Channel | Message | list[Json] | Json


class Event(NamedTuple):
    """Something happened, named as the gateway names it.

    `build` makes the gateway's payload when somebody wants it; `message` is set for messages and
    `member_id` for members.
    """

    name: str
    build: Callable[[], Json]
    guild_id: int | None = None
    message: Message | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the saved state to write (or, if it is None, to delete)."""

    kind: str
    key: int
    value: Saved | None
