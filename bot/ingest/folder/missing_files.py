"""Decides when a file that has vanished is gone, and not only being replaced."""

from collections.abc import Collection, Sequence

from bot.clock import Clock

# Programs that rewrite a folder remove files and write them again. Withdrawing a story in between
# would strike through or even delete its message in every channel.
QUIET_SECONDS = 10.0
# A file that is missing this long is gone, even if others still change.
MAX_MISSING_SECONDS = 120.0


class MissingFiles:
    """The files that have vanished but may come back.

    They are gone when the set of missing files has not changed for `QUIET_SECONDS`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._missing_since: dict[str, float] = {}
        self._changed_at = 0.0

    def update(self, missing: Sequence[str]) -> tuple[str, ...]:
        """Take the files that are missing now, and return those of them that are gone."""
        now = self._clock.monotonic()
        if self._missing_since.keys() != set(missing):
            self._changed_at = now
        self._missing_since = {key: self._missing_since.get(key, now) for key in missing}
        gone = tuple(key for key in missing if self._is_over(self._missing_since[key]))
        for key in gone:
            del self._missing_since[key]
        return gone

    @property
    def awaited(self) -> Collection[str]:
        """The files that were missing at the last update and may still come back."""
        return self._missing_since.keys()

    def are_due(self) -> bool:
        """Whether an update now would find that a file is gone."""
        return bool(self._missing_since) and self._is_over(min(self._missing_since.values()))

    def _is_over(self, missing_since: float) -> bool:
        now = self._clock.monotonic()
        return now - self._changed_at >= QUIET_SECONDS or now - missing_since >= MAX_MISSING_SECONDS
