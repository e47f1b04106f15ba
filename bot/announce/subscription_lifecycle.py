"""Create, change, pause, resume and remove subscriptions, with the effects on their posts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Protocol

from bot.announce.outbox import log_planned, plan_posts, reconsider_stories, revive
from bot.announce.policy import left_to, meets_rules, select_wanted, takers_of
from bot.announce.post_states import set_replaceable, skip_post
from bot.announce.recognition import recognise_rest
from storage.errors import NotFoundError
from storage.models import NewSubscription, PausedBy, Story, Subscription, SubscriptionSpec
from storage.posts import NewPost, Post, PostStatus
from storage.protocols import OutboxStore, SubscriptionStore
from storage.protocols.transaction import Transaction
from storage.reasons import BestSoFar, Cause, Reason, TooOld


class LifecycleStore(SubscriptionStore, OutboxStore, Protocol):
    """What the lifecycle of subscriptions needs of the store."""


@dataclass(frozen=True, slots=True)
class Before:
    """A subscription before a pause or a change, to undo that.

    `waiting` are the stories that waited for it, `revision` is the planner's position.
    """

    subscription_id: int
    spec: SubscriptionSpec
    fresh_after: datetime | None
    at: datetime
    revision: int
    waiting: tuple[int, ...]


async def remember(store: LifecycleStore, subscription: Subscription, now: datetime) -> Before:
    """What is needed to undo a pause or a change that is made next."""

    async def work(transaction: Transaction) -> int:
        return (await transaction.planner_cursor()).revision

    revision, spec = await store.transact(work), subscription.spec
    snapshot = await store.subscription_snapshot(
        spec.rules, spec.channel_id, subscription.fresh_after, 0, subscription_id=subscription.id
    )
    waiting = tuple(story.id for story in snapshot.waiting)
    return Before(subscription.id, spec, subscription.fresh_after, now, revision, waiting)


async def subscribe(
    store: LifecycleStore,
    new: NewSubscription,
    *,
    catch_up: int,
    max_age: timedelta | None,
    make_nonce: Callable[[], str],
    retention: timedelta | None = None,
) -> tuple[Subscription, int]:
    """Create a subscription; return it and the number of stories planned for its catch-up.

    The `catch_up` best stories that it wants are planned whatever their age, the oldest
    first; a subscription with a digest gets them as one message. All other stories that meet the
    rules now are not news to it. Those older than `retention` are left out: what the channel got of
    them may be forgotten.
    """
    now, rules, channel_id = new.created_at, new.spec.rules, new.spec.channel_id
    fresh_after = _fresh_after(now, max_age)
    snapshot = await store.subscription_snapshot(rules, channel_id, fresh_after, catch_up)
    best = await _choose_catch_up(store, new, snapshot.best, catch_up, retention)
    seen = [story.id for story in snapshot.fresh if meets_rules(story, rules)]

    async def work(transaction: Transaction) -> tuple[Subscription, Mapping[int, int]]:
        subscription_id = await transaction.insert_subscription(
            new.guild_id, new.created_by, now, new.spec, fresh_after
        )
        await transaction.set_seen(subscription_id, seen)
        await transaction.rewind_cursor(snapshot.revision)
        posts = [
            NewPost(
                story.id,
                subscription_id,
                new.guild_id,
                channel_id,
                make_nonce(),
                now,
                catch_up=True,
                reason=BestSoFar(len(best)),
            )
            for story in best
        ]
        planned = await plan_posts(transaction, posts, now)
        await recognise_rest(transaction, posts, now)
        return await transaction.get_subscription(new.guild_id, subscription_id), planned

    subscription, planned = await store.transact(work)
    log_planned(planned)
    return subscription, len(best)


async def find_catch_up(
    store: LifecycleStore, new: NewSubscription, *, catch_up: int, retention: timedelta | None
) -> Sequence[Story]:
    """The stories that `subscribe` would plan for the catch-up, the oldest first."""
    now, spec = new.created_at, new.spec
    snapshot = await store.subscription_snapshot(spec.rules, spec.channel_id, now, catch_up)
    return await _choose_catch_up(store, new, snapshot.best, catch_up, retention)


async def _choose_catch_up(
    store: LifecycleStore,
    new: NewSubscription,
    best: Sequence[Story],
    catch_up: int,
    retention: timedelta | None,
) -> list[Story]:
    server = takers_of(await store.list_subscriptions(new.guild_id), new.spec)
    chosen = [
        story
        for story in select_wanted(best, new.spec, server)
        if retention is None or new.created_at - story.dated_at < retention
    ][:catch_up]
    return sorted(chosen, key=lambda story: story.dated_at)


async def change_subscription(
    store: LifecycleStore,
    subscription: Subscription,
    spec: SubscriptionSpec,
    *,
    max_age: timedelta | None,
    due_at: datetime,
    now: datetime,
    undo: Before | None = None,
) -> Subscription:
    """Change a subscription. Stories that meet the new rules now are not news to it.

    Its waiting posts are rescheduled to `due_at` if they meet the new rules, the channel stays
    the same, and no channel of `not_in` has the story; otherwise they are skipped. With `undo`,
    this undoes a change to the `spec` before it: what waited then and what has arrived since are
    planned. Raises `NotFoundError`.
    """
    guild_id, subscription_id = subscription.guild_id, subscription.id
    fresh_after = _fresh_after(now, max_age) if undo is None else undo.fresh_after
    snapshot = await store.subscription_snapshot(
        spec.rules, spec.channel_id, fresh_after, 0, subscription_id=subscription_id
    )
    stays = spec.channel_id == subscription.spec.channel_id
    meeting = {story.id for story in snapshot.waiting if stays and meets_rules(story, spec.rules)}
    fresh = [
        story.id
        for story in snapshot.fresh
        if meets_rules(story, spec.rules)
        and (undo is None or (story.id not in undo.waiting and story.first_seen_at < undo.at))
    ]

    async def work(transaction: Transaction) -> Subscription:
        before = await transaction.get_subscription(guild_id, subscription_id)
        elsewhere = await transaction.find_posts(product(meeting, left_to(spec)))
        kept = meeting - {post.story_id for post in elsewhere if not post.replaceable}
        dropped = {story.id for story in snapshot.waiting} - kept
        if before.spec.channel_id != spec.channel_id:
            await _skip_waiting(
                transaction, [subscription_id], lambda _: Cause.SUBSCRIPTION_MOVED, now
            )
        else:
            reasons = dict.fromkeys(dropped, Cause.RULES_CHANGED)
            await _skip_waiting(transaction, [subscription_id], reasons.get, now)
        await transaction.reschedule_posts(subscription_id, due_at)
        await transaction.update_subscription(subscription_id, spec, fresh_after)
        await transaction.set_seen(subscription_id, [each for each in fresh if each not in kept])
        await transaction.rewind_cursor(snapshot.revision if undo is None else undo.revision)
        if undo is not None:
            waited = await transaction.find_posts(product(undo.waiting, [spec.channel_id]))
            await reconsider_stories(transaction, waited)
        return await transaction.get_subscription(guild_id, subscription_id)

    return await store.transact(work)


async def pause_subscription(
    store: LifecycleStore, guild_id: int, subscription_id: int, now: datetime
) -> Subscription:
    """Pause a subscription for an admin: nothing is planned for it. Raises `NotFoundError`.

    Its waiting posts are kept, but the channel's other subscriptions may take them over.
    """

    async def work(transaction: Transaction) -> Subscription:
        await transaction.get_subscription(guild_id, subscription_id)
        await transaction.set_pause(subscription_id, Cause.PAUSED_BY_ADMIN)
        await _release_waiting(transaction, subscription_id, now)
        return await transaction.get_subscription(guild_id, subscription_id)

    return await store.transact(work)


async def resume_subscription(
    store: LifecycleStore,
    subscription: Subscription,
    now: datetime,
    *,
    max_age: timedelta | None,
    undo: Before | None = None,
) -> Subscription:
    """End a pause; waiting posts are sent unless they are too old. Raises `NotFoundError`.

    Stories that arrived during a pause by an admin are not news. With `undo`, the pause is undone,
    and they are planned.
    """
    guild_id, subscription_id = subscription.guild_id, subscription.id
    rules, channel_id = subscription.spec.rules, subscription.spec.channel_id
    snapshot = await store.subscription_snapshot(
        rules, channel_id, subscription.fresh_after, 0, subscription_id=subscription_id
    )
    waiting = {story.id for story in snapshot.waiting}
    seen = [
        story.id
        for story in snapshot.fresh
        if story.id not in waiting and meets_rules(story, rules)
    ]

    async def work(transaction: Transaction) -> Subscription:
        before = await transaction.get_subscription(guild_id, subscription_id)
        await transaction.set_pause(subscription_id, None)
        if before.paused_by is PausedBy.ADMIN:
            await _set_replaceable(transaction, subscription_id, now)
            await _skip_overdue(transaction, subscription_id, now, max_age)
            if undo is None:
                await transaction.set_seen(subscription_id, seen)
            await transaction.rewind_cursor(snapshot.revision if undo is None else undo.revision)
        return await transaction.get_subscription(guild_id, subscription_id)

    return await store.transact(work)


async def remove_subscription(
    store: LifecycleStore, guild_id: int, subscription_id: int, now: datetime
) -> Subscription:
    """Remove a subscription so that it can be restored; return it. Raises `NotFoundError`.

    Its waiting posts are kept, but the channel's other subscriptions may take them over.
    """

    async def work(transaction: Transaction) -> Subscription:
        subscription = await transaction.get_subscription(guild_id, subscription_id)
        await transaction.set_removed(subscription_id, now)
        await _release_waiting(transaction, subscription_id, now)
        return subscription

    return await store.transact(work)


async def remove_damaged(
    store: LifecycleStore, guild_id: int, subscription_id: int, now: datetime
) -> None:
    """Delete a damaged subscription permanently, and skip its waiting posts.

    Raises `NotFoundError` if the server has no such damaged subscription.
    """
    damaged = await store.damaged_subscriptions(guild_id)
    if all(each.id != subscription_id for each in damaged):
        raise NotFoundError(f"there is no damaged subscription {subscription_id} here")

    async def work(transaction: Transaction) -> None:
        await transaction.set_removed(subscription_id, now)
        await _skip_waiting(
            transaction, [subscription_id], lambda _: Cause.SUBSCRIPTION_REMOVED, now
        )
        await transaction.delete_subscriptions([subscription_id])

    await store.transact(work)


async def restore_subscription(
    store: LifecycleStore, guild_id: int, subscription_id: int, now: datetime
) -> Subscription:
    """Undo a removal; stories that arrived since are planned now. Raises `NotFoundError`."""

    async def work(transaction: Transaction) -> Subscription:
        await transaction.get_subscription(guild_id, subscription_id, removed=True)
        revision = await transaction.set_removed(subscription_id, None)
        await _set_replaceable(transaction, subscription_id, now)
        await transaction.rewind_cursor(revision)
        return await transaction.get_subscription(guild_id, subscription_id)

    return await store.transact(work)


async def delete_subscriptions(
    store: LifecycleStore,
    now: datetime,
    *,
    channel_id: int | None = None,
    removed_by: datetime | None = None,
    left_before: datetime | None = None,
) -> int:
    """Delete subscriptions permanently and skip their waiting posts; return their number.

    Exactly one condition is given: their channel, removed up to `removed_by`, or of servers that
    the bot left before `left_before`.
    """

    async def work(transaction: Transaction) -> int:
        found = await transaction.find_subscriptions(
            channel_id=channel_id, removed_by=removed_by, left_before=left_before
        )
        # Marked as removed first, so that no folded post is planned again for one of them.
        for subscription_id in found:
            await transaction.set_removed(subscription_id, now)
        await _skip_waiting(transaction, found, lambda _: Cause.SUBSCRIPTION_REMOVED, now)
        await transaction.delete_subscriptions(found)
        return len(found)

    return await store.transact(work)


async def _skip_waiting(
    transaction: Transaction,
    subscription_ids: Collection[int],
    reason_for: Callable[[int], Reason | None],
    now: datetime,
) -> None:
    """Skip subscriptions' waiting posts and their posts folded into these.

    `reason_for` returns the reason to skip a story (by id), or None to keep it.
    The planner decides about these stories again, as other subscriptions of the channel may match.
    Posts of other subscriptions that are folded into them are planned again.
    """
    waiting = [
        (post, reason)
        for post in await transaction.waiting_posts(subscription_ids)
        if (reason := reason_for(post.story_id)) is not None
    ]
    if not waiting:
        return
    posts = [post for post, _ in waiting]
    await transaction.update_posts([skip_post(*each, now) for each in waiting], now)
    await reconsider_stories(transaction, posts)
    own, others = list[Post](), list[Post]()
    for post in await transaction.posts_led_by(post.id for post in posts):
        if post.status is not PostStatus.FOLDED:
            continue
        reason = reason_for(post.story_id) if post.subscription_id in subscription_ids else None
        if reason is None:
            others.append(post)
        else:
            own.append(skip_post(post, reason, now))
    await transaction.update_posts(own, now)
    await revive(transaction, (), now, folded=others)


async def _skip_overdue(
    transaction: Transaction, subscription_id: int, now: datetime, max_age: timedelta | None
) -> None:
    """Skip waiting posts that became due longer ago than the maximum age of news.

    The sender checks the age of single stories, but not that of digests.
    """
    if max_age is None:
        return
    overdue = [
        post.story_id
        for post in await transaction.waiting_posts([subscription_id])
        if not post.catch_up and now - post.due_at > max_age
    ]
    stories = await transaction.story_facts(overdue)
    reasons = {
        story_id: TooOld(now - story.dated_at, max_age) for story_id, story in stories.items()
    }
    await _skip_waiting(transaction, [subscription_id], reasons.get, now)


async def _release_waiting(transaction: Transaction, subscription_id: int, now: datetime) -> None:
    """Let other subscriptions of the channel take over a subscription's waiting posts.

    Posts of other subscriptions that are folded into them are planned again.
    """
    waiting = await _set_replaceable(transaction, subscription_id, now)
    await reconsider_stories(transaction, waiting)
    await revive(
        transaction, [post.id for post in waiting], now, except_subscription=subscription_id
    )


async def _set_replaceable(
    transaction: Transaction, subscription_id: int, now: datetime
) -> Sequence[Post]:
    """Set for a subscription's waiting posts whether the planner may replace them; return them."""
    waiting = await transaction.waiting_posts([subscription_id])
    states = await transaction.subscription_states([subscription_id])
    state = states.get(subscription_id)
    await transaction.update_posts([set_replaceable(post, state) for post in waiting], now)
    return waiting


def _fresh_after(now: datetime, max_age: timedelta | None) -> datetime | None:
    return None if max_age is None else now - max_age
