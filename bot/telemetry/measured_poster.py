"""Measures how long Discord takes for messages."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from bot.announce import poster_port as port
from bot.announce.log_names import Place
from bot.clock import Clock
from storage.posts import ClaimedPost, FollowUpAction, Post
from storage.reasons import Reason

OutcomeT = TypeVar("OutcomeT", bound=port.EditOutcome)


class MeasuredPoster:
    """A `Poster` that reports the name of each outcome and its time in seconds to `observe`.

    Outcomes that were known without a request are left out.
    """

    def __init__(
        self, poster: port.Poster, clock: Clock, observe: Callable[[str, float], None]
    ) -> None:
        self._poster = poster
        self._clock = clock
        self._observe = observe

    async def send(self, claimed: ClaimedPost) -> port.Outcome:
        """See `Poster`."""
        started = self._clock.monotonic()
        return self._observed(await self._poster.send(claimed), started)

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> port.EditOutcome:
        """See `Poster`."""
        started = self._clock.monotonic()
        return self._observed(await self._poster.edit(claimed, delete=delete), started)

    async def follow_up(self, claimed: ClaimedPost, action: FollowUpAction) -> port.FollowUpOutcome:
        """See `Poster`."""
        return await self._poster.follow_up(claimed, action)

    def place(self, post: Post) -> Place:
        """See `Poster`."""
        return self._poster.place(post)

    def keeps_nonces(self, post: Post) -> bool:
        """See `Poster`."""
        return self._poster.keeps_nonces(post)

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """See `Poster`."""
        await self._poster.report_closed(post, reason)

    async def find(self, post: Post, since: datetime) -> port.SearchResult:
        """See `Poster`."""
        return await self._poster.find(post, since)

    def _observed(self, outcome: OutcomeT, started: float) -> OutcomeT:
        if outcome.request_made:
            self._observe(_name(outcome), self._clock.monotonic() - started)
        return outcome


def _name(outcome: port.EditOutcome) -> str:
    """The name of an outcome in metrics."""
    match outcome:
        case port.Accepted():
            return "accepted"
        case port.ChannelClosed():
            return "channel_closed"
        case port.ChannelGone():
            return "channel_gone"
        case port.MessageGone():
            return "message_gone"
        case port.Postponed():
            return "postponed"
        case port.Refused():
            return "refused"
        case port.Unavailable():
            return "unavailable"
