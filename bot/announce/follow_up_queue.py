"""The queue of follow-ups: claims and settles them, each in one transaction.

`bot.announce.follow_ups` decides; this module reads what it needs and writes what it returns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.announce import follow_ups as rules
from bot.announce.poster_port import FollowUpOutcome, Unavailable
from storage.errors import DamagedRowError
from storage.posts import ClaimedPost, FollowUp, FollowUpAction
from storage.protocols import OutboxStore
from storage.protocols.transaction import Transaction
from storage.reasons import Cause


@dataclass(frozen=True, slots=True)
class ClaimedFollowUp:
    """A follow-up to carry out, with its message; `before` is what it was before the claim."""

    follow_up: FollowUp
    before: FollowUp
    message: ClaimedPost


class FollowUpQueue:
    """Changes follow-ups in the store. Every method may raise the store's errors."""

    def __init__(self, store: OutboxStore) -> None:
        self._store = store

    async def claim(
        self,
        now: datetime,
        limit: int,
        busy_channels: Sequence[int],
        age: Callable[[datetime], timedelta],
    ) -> Sequence[ClaimedFollowUp]:
        """Claim follow-ups, at most one per channel; `age` as in `follow_ups.choose`."""
        channels = await self._store.due_follow_ups(now, limit, busy_channels)
        if not channels:
            return ()

        async def work(transaction: Transaction) -> Sequence[ClaimedFollowUp]:
            claimed: dict[int, ClaimedFollowUp] = {}
            for channel_id, action in channels:
                if channel_id in claimed:
                    continue
                found = await _claim_in(transaction, channel_id, action, now, age)
                if found is not None:
                    claimed[channel_id] = found
            return list(claimed.values())

        return await self._store.transact(work)

    async def settle(
        self,
        claimed: ClaimedFollowUp,
        outcome: FollowUpOutcome,
        now: datetime,
        wait: Callable[[Unavailable, int], timedelta],
    ) -> FollowUp:
        """Record the outcome of a follow-up; returns its new state."""
        settled = rules.settle_follow_up(claimed.follow_up, claimed.before, outcome, now, wait)

        async def work(transaction: Transaction) -> None:
            await transaction.update_follow_ups([settled], now)

        await self._store.transact(work)
        return settled


async def _claim_in(
    transaction: Transaction,
    channel_id: int,
    action: FollowUpAction,
    now: datetime,
    age: Callable[[datetime], timedelta],
) -> ClaimedFollowUp | None:
    """Claim the next follow-up of a channel, if one may be carried out now."""
    waiting = await transaction.waiting_follow_ups(channel_id, action)
    tried = await transaction.tried_follow_ups(channel_id, action, now - rules.PERIOD)
    subscriptions = await transaction.subscription_states(each.subscription_id for each in waiting)
    choice = rules.choose(waiting, tried, subscriptions, age, now)
    await transaction.update_follow_ups(choice.changed, now)
    if choice.next is None:
        return None
    try:
        message = await transaction.get_message(choice.next.post_id)
    except DamagedRowError:
        damaged = rules.skip_follow_up(choice.next, Cause.MESSAGE_DAMAGED)
        await transaction.update_follow_ups([damaged], now)
        return None
    claimed = rules.claim_follow_up(choice.next, now)
    await transaction.update_follow_ups([claimed], now)
    return ClaimedFollowUp(claimed, choice.next, message)
