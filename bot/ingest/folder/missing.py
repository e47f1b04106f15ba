"""When a file that has vanished is believed to be gone."""

from collections.abc import Collection, Sequence

from bot.clock import Clock

# Seconds. Whoever writes a folder anew takes away and brings back for a while; a story that is
# withdrawn for that time would be struck through, or even deleted, in every channel.
QUIET = 10.0
# Seconds after which a file is given up even though others still come and go.
LONGEST = 120.0


class MissingFiles:
    """The files that have vanished but may come back.

    All are given up when for `QUIET` seconds none has vanished and none has come back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}
        self._moved_at = 0.0

    def give_up(self, missing: Sequence[str]) -> tuple[str, ...]:
        """Those of all that are missing now which are gone for good."""
        now = self._clock.monotonic()
        if self._since.keys() != set(missing):
            self._moved_at = now
        self._since = {key: self._since.get(key, now) for key in missing}
        gone = tuple(key for key in missing if self._is_over(self._since[key]))
        for key in gone:
            del self._since[key]
        return gone

    @property
    def awaited(self) -> Collection[str]:
        """Those that were missing at the last look and were not given up."""
        return self._since.keys()

    def are_due(self) -> bool:
        """Whether it is time to look again, and to give up what is still missing."""
        return bool(self._since) and self._is_over(min(self._since.values()))

    def _is_over(self, since: float) -> bool:
        now = self._clock.monotonic()
        return now - self._moved_at >= QUIET or now - since >= LONGEST
