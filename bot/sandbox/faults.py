"""Making the sandbox fail on demand: one interface for tests and for the page."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.sandbox.clock import MovableClock
from bot.sandbox.gateway.connections import Gateway
from bot.sandbox.model.entities import OverwriteType
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import World
from bot.sandbox.rest.request_faults import Fault, Reset, Status
from bot.sandbox.spoiling import Spoiler


@dataclass(slots=True, eq=False)
class _PlannedFault:
    fault: Fault
    routes: frozenset[str] | None
    remaining: int | None

    def matches(self, route: str) -> bool:
        return self.routes is None or route in self.routes


class Faults:
    """Faults of requests, of the gateway, of the whole service, and changes of the world.

    Requests are named by method and path of Discord's description, such as
    `POST /channels/{channel_id}/messages`; None means any.
    """

    def __init__(
        self, world: World, clock: MovableClock, gateway: Gateway, spoiler: Spoiler
    ) -> None:
        self.spoil = spoiler.plan
        """Change frames and responses before they are sent; see `Spoiler.plan`."""
        self.spoil_responses = spoiler.plan_responses
        """Change whole responses before they are sent; see `Spoiler.plan_responses`."""
        self._spoiler = spoiler
        self._world = world
        self._clock = clock
        self._gateway = gateway
        self._planned: list[_PlannedFault] = []
        self._outage_fault: Status | Reset | None = None
        self._outage_until: datetime | None = None

    # Requests

    def plan(
        self, fault: Fault, *, route: str | Iterable[str] | None = None, times: int | None = 1
    ) -> Callable[[], None]:
        """Apply a fault to the next requests of one or more routes; `times=None`: until `clear`.

        Returns a function that cancels the uses that are left.
        """
        routes = None if route is None else frozenset([route] if isinstance(route, str) else route)
        planned = _PlannedFault(fault, routes, times)
        self._planned.append(planned)

        def cancel() -> None:
            if planned in self._planned:
                self._planned.remove(planned)

        return cancel

    def clear(self) -> None:
        """Cancel all planned faults and changes, and end an outage."""
        self._planned.clear()
        self._spoiler.clear()
        self.end_outage()

    def next_for(self, route: str) -> Fault | None:
        """The fault that applies to a request of this route, which counts as one use of it."""
        if self.has_outage:
            return self._outage_fault
        for planned in self._planned:
            if planned.matches(route):
                if planned.remaining is not None:
                    planned.remaining -= 1
                    if planned.remaining == 0:
                        self._planned.remove(planned)
                return planned.fault
        return None

    # The whole service

    @property
    def has_outage(self) -> bool:
        """Whether there is an outage."""
        if self._outage_until is not None and self._clock() >= self._outage_until:
            self.end_outage()
        return self._outage_fault is not None

    def begin_outage(
        self, duration: timedelta | None = None, fault: Status | Reset | None = None
    ) -> None:
        """Fail every request (by default with 503) and break every gateway connection.

        It lasts for a span of the sandbox's time, or with None until `end_outage`.
        """
        self._outage_fault = fault or Status(HTTPStatus.SERVICE_UNAVAILABLE)
        self._outage_until = None if duration is None else self._clock() + duration
        self.drop_gateway()

    def end_outage(self) -> None:
        """End an outage, if there is one."""
        self._outage_fault = self._outage_until = None

    @asynccontextmanager
    async def outage(self, fault: Status | Reset | None = None) -> AsyncIterator[None]:
        """An outage while the block lasts."""
        self.begin_outage(fault=fault)
        try:
            yield
        finally:
            self.end_outage()

    # The gateway

    def drop_gateway(self) -> None:
        """Break every gateway connection; the sessions can be resumed."""
        for connection in tuple(self._gateway.connections):
            connection.drop()

    async def close_gateway(self, code: int) -> None:
        """Close every gateway connection with a code."""
        for connection in tuple(self._gateway.connections):
            await connection.close(code)

    def ask_to_reconnect(self) -> None:
        """Send op 7: reconnect and resume."""
        for connection in tuple(self._gateway.connections):
            connection.reconnect()

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Send op 9; unless it is resumable, the sessions end."""
        for connection in tuple(self._gateway.connections):
            connection.invalidate(resumable=resumable)

    def lose_sessions(self) -> None:
        """Break every gateway connection and end the sessions, so that a resume is refused."""
        self.drop_gateway()
        self._gateway.sessions.by_id.clear()

    # The world

    def revoke(self, channel_id: int, *denied: Permission) -> None:
        """Deny the bot permissions in a channel."""
        channel = self._world.channel(channel_id)
        overwrite = channel.overwrites.get(self._world.bot.id)
        self._set_denied(channel_id, (overwrite.deny if overwrite else 0) | _bits(denied))

    def grant(self, channel_id: int, *granted: Permission) -> None:
        """Take back what `revoke` denied."""
        channel = self._world.channel(channel_id)
        overwrite = channel.overwrites.get(self._world.bot.id)
        self._set_denied(channel_id, (overwrite.deny if overwrite else 0) & ~_bits(granted))

    def _set_denied(self, channel_id: int, deny: int) -> None:
        self._world.set_overwrite(channel_id, self._world.bot.id, OverwriteType.MEMBER, deny=deny)

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel."""
        self._world.delete_channel(channel_id)

    def move_clock(self, by: timedelta) -> None:
        """Move the sandbox's clock; threads that were inactive for long enough are archived."""
        self._clock.move(by)
        self._world.archive_inactive_threads()


def _bits(permissions: tuple[Permission, ...]) -> int:
    bits = 0
    for permission in permissions:
        bits |= permission
    return bits
