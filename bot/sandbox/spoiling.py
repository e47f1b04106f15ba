"""Spoiling what the bot receives: frames of the gateway and responses of the REST API.

Clients must survive fields that are missing, null or of another type. Discord's own description
does not rule them out, and its servers have sent them.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web
from pydantic_core import to_json

from bot.sandbox.model.entities import Json

# From a frame (`{"op", "t", "s", "d"}`) or the JSON of a response to what is sent instead of it;
# bytes are sent as they are. The first parameter is the name.
Change: TypeAlias = Callable[[str, Json], object]
# Changes a whole response in place: its status, headers and body. The first parameters are the
# name of its route, and the path of its request.
ResponseChange: TypeAlias = Callable[[str, str, web.Response], None]


@dataclass(slots=True, eq=False)
class _PlannedChange:
    change: Change
    name: str | None
    remaining: int | None


class Spoiler:
    """Changes what is sent just before it is sent. The sandbox itself keeps the correct values.

    Frames are named by their event (`GUILD_CREATE`) or opcode (`HELLO`), responses by method and
    path of Discord's description (`GET /channels/{channel_id}/messages`).
    """

    def __init__(self) -> None:
        self._planned: list[_PlannedChange] = []
        self._response_changes: list[ResponseChange] = []

    @property
    def active(self) -> bool:
        """Whether any change is planned."""
        return bool(self._planned)

    def plan(
        self, change: Change, name: str | None = None, times: int | None = 1
    ) -> Callable[[], None]:
        """Apply a change to what is sent under a name (None: to everything).

        With `times=None` it applies until `clear`. Returns a function that cancels the uses that
        are left.
        """
        planned = _PlannedChange(change, name, times)
        self._planned.append(planned)

        def cancel() -> None:
            if planned in self._planned:
                self._planned.remove(planned)

        return cancel

    def plan_responses(self, change: ResponseChange) -> None:
        """Call a change with every response of the REST API until `clear`."""
        self._response_changes.append(change)

    def clear(self) -> None:
        """Cancel all planned changes."""
        self._planned.clear()
        self._response_changes.clear()

    def apply(self, name: str, value: Json) -> bytes:
        """Return what to send instead of a value; the first change that matches is applied."""
        for planned in self._planned:
            if planned.name in {None, name}:
                if planned.remaining is not None:
                    planned.remaining -= 1
                    if planned.remaining == 0:
                        self._planned.remove(planned)
                changed = planned.change(name, deepcopy(value))
                return changed if isinstance(changed, bytes) else to_json(changed)
        return to_json(value)

    def apply_to_response(self, name: str, path: str, response: web.Response) -> None:
        """Change a response just before it is sent."""
        for change in self._response_changes:
            change(name, path, response)
