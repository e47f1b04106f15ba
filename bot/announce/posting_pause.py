"""Pauses of all posting, by an operator: a value that is stored. Pure.

`storywire pause` and the owner commands write it; the sender reads it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

STORED_AS = "posting_pauses"
"""The name under which the pauses are stored."""

# Older pauses are forgotten. Who pauses more often than that does not wait for long each time.
_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Pause:
    """A time without posting, in UTC; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses so far, the latest last."""

    known: tuple[Pause, ...] = ()

    @property
    def paused_since(self) -> datetime | None:
        """Since when nothing is posted; None while posts are sent."""
        return self.known[-1].since if self.known and self.known[-1].until is None else None

    def begin(self, now: datetime) -> "Pauses":
        """Pause posting, if it isn't paused."""
        if self.paused_since is not None:
            return self
        return Pauses((*self.known, Pause(now))[-_REMEMBERED:])

    def end(self, now: datetime) -> "Pauses":
        """Go on posting, if it is paused."""
        if self.paused_since is None:
            return self
        return Pauses((*self.known[:-1], replace(self.known[-1], until=now)))

    def time_paused(self, since: datetime, now: datetime) -> timedelta:
        """How long posting was paused between two times.

        This time does not make a waiting story too old, so that a pause loses none.
        """
        return sum(self._overlaps(since, now), timedelta())

    def _overlaps(self, since: datetime, now: datetime) -> Iterable[timedelta]:
        for pause in self.known:
            end = now if pause.until is None else min(pause.until, now)
            yield max(end - max(pause.since, since), timedelta())


NO_PAUSES = Pauses()
_PAUSES = TypeAdapter(Pauses)


def encode_pauses(pauses: Pauses) -> str:
    """Encode pauses for the store."""
    return _PAUSES.dump_json(pauses).decode()


def decode_pauses(text: str | None) -> Pauses:
    """Decode what `encode_pauses` wrote; no pauses for anything else."""
    try:
        return _PAUSES.validate_json(text) if text else NO_PAUSES
    except ValueError:
        return NO_PAUSES
