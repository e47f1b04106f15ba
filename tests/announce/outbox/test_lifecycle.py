"""Subscriptions that are changed, paused, removed and brought back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import (
    change_subscription,
    delete_subscriptions,
    pause_subscription,
    remove_subscription,
    restore_subscription,
    resume_subscription,
)
from storage.errors import NotFoundError
from storage.models import (
    PausedBy,
    Rules,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import Failed, PostStatus, RetryAt, Skipped
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, MessageRefused, PermissionsMissing
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    GUILD,
    HOUR,
    OTHER_CHANNEL,
    SECOND,
    claim,
    load,
    plan,
    plan_revisions,
    post_of,
    standing,
    subscribe,
)

WEEK = timedelta(days=7)


def changed(
    subscription: Subscription, *, channel: int = CHANNEL, rules: Rules | None = None
) -> SubscriptionSpec:
    """The subscription with other rules, or in another channel."""
    spec = subscription.spec
    return replace(spec, channel_id=channel, rules=rules or spec.rules)


async def change(
    store: Store,
    subscription: Subscription,
    to: SubscriptionSpec,
    *,
    due_at: timedelta = timedelta(),
) -> Subscription:
    """Change it, with a view of all that there is."""
    return await change_subscription(
        store, subscription, to, max_age=None, due_at=START + due_at, now=START
    )


@pytest.fixture
async def waiting(store: Store) -> Store:
    """A store whose only subscription waits for stories 1 and 2."""
    subscription = await subscribe(store)
    await load(store, *map(make_article, (1, 2, 3)))
    await plan(store, (1, subscription, ()), (2, subscription, ()))
    return store


async def only(store: Store) -> Subscription:
    """The only subscription."""
    (subscription,) = await store.list_subscriptions(GUILD)
    return subscription


@pytest.mark.parametrize("guild", [GUILD + 1, 0])
async def test_another_servers_subscription_is_not_there(store: Store, guild: int) -> None:
    """Whatever is asked of it."""
    made = await subscribe(store)
    to, elsewhere = changed(made), replace(made, guild_id=guild)
    for asked in (
        store.get_subscription(guild, made.id),
        change_subscription(store, elsewhere, to, max_age=None, due_at=START, now=START),
        pause_subscription(store, guild, made.id, START),
        resume_subscription(store, elsewhere, START),
        remove_subscription(store, guild, made.id, START),
        restore_subscription(store, guild, made.id, START),
        store.subscription_activity(guild, made.id, START),
    ):
        with pytest.raises(NotFoundError):
            await asked
    assert await only(store) == made


async def test_what_no_longer_meets_the_rules_is_skipped(waiting: Store) -> None:
    """The rest waits until it may go out."""
    before = await only(waiting)
    await load(waiting, make_article(2, quality=95))
    to = changed(before, rules=Rules(min_quality=90))
    after = await change(waiting, before, to, due_at=HOUR)
    assert after.spec.rules.min_quality == 90
    assert await standing(waiting, 1, 2) == [PostStatus.SKIPPED, PostStatus.PLANNED]
    assert (await post_of(waiting, 1)).reason == Cause.RULES_CHANGED
    assert await waiting.next_due_at(START) == START + HOUR


async def test_in_another_channel_nothing_waits_any_more(waiting: Store) -> None:
    """What may be out in the old one is settled there."""
    claimed = await claim(waiting)
    await Outbox(waiting).settle(
        claimed.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    before = await only(waiting)
    after = await change(waiting, before, changed(before, channel=OTHER_CHANNEL))
    assert after.spec.channel_id == OTHER_CHANNEL
    assert (await post_of(waiting, 2)).reason == Cause.SUBSCRIPTION_MOVED
    again = await claim(waiting)
    assert (again.post.channel_id, again.subscription) == (CHANNEL, None)


async def test_a_send_that_fails_after_the_move_is_not_tried_again(waiting: Store) -> None:
    """The old channel wants nothing any more."""
    claimed = await claim(waiting)
    before = await only(waiting)
    await change(waiting, before, changed(before, channel=OTHER_CHANNEL))
    await Outbox(waiting).settle(claimed.post.id, RetryAt(START, Cause.CONNECTION_FAILED), START)
    assert await standing(waiting, 1, 2) == [PostStatus.SKIPPED] * 2


async def test_what_met_the_rules_at_a_change_is_no_news(waiting: Store) -> None:
    """As when it is made; and the planner finds it by its new topics."""
    before = await only(waiting)
    await load(waiting, make_article(3, topics=("Golf",)))
    await change(waiting, before, changed(before, rules=Rules(topics=("Golf",))))
    assert await waiting.seen_by(GUILD, 3) == {before.id}
    await load(waiting, make_article(4, topics=("golf",)), make_article(3, heat=3))
    view = await waiting.planner_snapshot(9)
    assert ([each.id for each in view.subscriptions], view.seen) == (
        [before.id],
        frozenset({(before.id, 3)}),
    )


async def test_a_plan_made_on_the_old_rules_is_not_written(waiting: Store) -> None:
    """The planner looked before the change."""
    await load(waiting, make_article(4))
    view = await waiting.planner_snapshot(9)
    before = await only(waiting)
    await change(waiting, before, changed(before, rules=Rules(min_quality=1)))
    written = await plan_revisions(
        waiting,
        view.cursor,
        9,
        [],
        START,
        edit_since=START,
        subscriptions_version=view.subscriptions_version,
    )
    assert (written, (await waiting.planner_snapshot(9)).cursor) == (0, view.cursor)


async def test_a_pause_by_hand_lets_nothing_out_and_nothing_in(waiting: Store) -> None:
    """On resuming, what waited and what came is no news."""
    subscription = await only(waiting)
    paused = await pause_subscription(waiting, GUILD, subscription.id, START)
    assert (paused.paused_by, paused.paused_reason) == (PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    assert list(await Outbox(waiting).claim(START, 9, [])) == []
    assert await waiting.resume_channel(CHANNEL, PausedBy.BOT) == 0
    await load(waiting, make_article(4))
    assert (await waiting.planner_snapshot(9)).subscriptions == ()
    resumed = await resume_subscription(waiting, subscription, START)
    assert (resumed.paused_by, resumed.paused_reason) == (None, None)
    assert await standing(waiting, 1, 2) == [PostStatus.SKIPPED] * 2
    assert (await post_of(waiting, 1)).reason == Cause.WAITED_DURING_PAUSE
    assert await waiting.seen_by(GUILD, 4) == {subscription.id}


async def test_a_pause_of_the_bots_own_holds_stories_also_when_it_is_ended_by_hand(
    waiting: Store,
) -> None:
    """Nobody chose it."""
    subscription = await only(waiting)
    await waiting.pause_channel(CHANNEL, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    await resume_subscription(waiting, subscription, START)
    assert (await claim(waiting)).story.id == 1


async def test_a_removed_subscription_is_nowhere(waiting: Store) -> None:
    """Nothing is listed, planned or sent; an hour later it is gone for good."""
    subscription = await only(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    assert list(await waiting.list_subscriptions(GUILD)) == []
    with pytest.raises(NotFoundError):
        await waiting.get_subscription(GUILD, subscription.id)
    assert list(await Outbox(waiting).claim(START, 9, [])) == []
    assert await waiting.next_due_at(START - HOUR) is None
    await load(waiting, make_article(4))
    assert (await waiting.planner_snapshot(9)).subscriptions == ()
    assert await delete_subscriptions(waiting, START, removed_by=START - SECOND) == 0
    assert await delete_subscriptions(waiting, START + HOUR, removed_by=START) == 1
    assert await standing(waiting, 1, 2) == [PostStatus.SKIPPED] * 2
    with pytest.raises(NotFoundError):
        await restore_subscription(waiting, GUILD, subscription.id, START)


async def test_a_removal_can_be_undone(waiting: Store) -> None:
    """What waited waits again, and what came meanwhile is looked at."""
    subscription = await only(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    await load(waiting, make_article(4))
    await plan(waiting)
    assert (await waiting.planner_snapshot(9)).stories == ()
    assert await restore_subscription(waiting, GUILD, subscription.id, START) == subscription
    view = await waiting.planner_snapshot(9)
    assert 4 in {story.id for story in view.stories}
    assert [each.id for each in view.subscriptions] == [subscription.id]
    assert (await claim(waiting)).story.id == 1


async def test_a_plan_made_before_the_undoing_is_not_written(waiting: Store) -> None:
    """The planner looked while it was removed."""
    subscription = await only(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    await load(waiting, make_article(4))
    view = await waiting.planner_snapshot(9)
    await restore_subscription(waiting, GUILD, subscription.id, START)
    written = await plan_revisions(
        waiting,
        view.cursor,
        view.stories[-1].revision,
        [],
        START,
        edit_since=START,
        subscriptions_version=view.subscriptions_version,
    )
    assert written == 0
    assert 4 in {story.id for story in (await waiting.planner_snapshot(9)).stories}


async def test_what_waits_for_a_removed_one_blocks_no_other(waiting: Store) -> None:
    """Another subscription of the channel takes it over; undoing does not take it back."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    view = await waiting.planner_snapshot(9)
    assert {story.id for story in view.stories} >= {1, 2}
    assert view.posted == frozenset()
    assert await plan(waiting, (1, other, ())) == 1
    assert (await claim(waiting)).subscription == other
    await restore_subscription(waiting, GUILD, subscription.id, START)
    assert (await post_of(waiting, 1)).subscription_id == other.id


@pytest.mark.parametrize("how", ["removed", "changed", "resumed"])
async def test_what_a_subscription_gives_up_is_looked_at_again(waiting: Store, how: str) -> None:
    """Another one of the channel may want it; the planner had passed it."""
    subscription = await only(waiting)
    await subscribe(waiting)
    await plan(waiting)
    assert (await waiting.planner_snapshot(9)).stories == ()
    if how == "removed":
        await remove_subscription(waiting, GUILD, subscription.id, START)
    elif how == "changed":
        without_one = Rules(without_words=("1",))
        await change(waiting, subscription, changed(subscription, rules=without_one))
    else:
        await pause_subscription(waiting, GUILD, subscription.id, START)
        await resume_subscription(waiting, subscription, START)
    view = await waiting.planner_snapshot(9)
    assert 1 in {story.id for story in view.stories}
    assert (1, CHANNEL) not in view.posted


async def test_a_story_does_not_join_what_nobody_wants(waiting: Store) -> None:
    """It would not be told before the removal is final."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    await plan(waiting, (3, other, (1,)))
    assert (await claim(waiting)).story.id == 3


async def test_what_waits_for_a_paused_one_blocks_no_other(waiting: Store) -> None:
    """Resuming would skip it, so another one of the channel takes it over, or tells its kin."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await plan(waiting)
    await pause_subscription(waiting, GUILD, subscription.id, START)
    view = await waiting.planner_snapshot(9)
    assert {story.id for story in view.stories} >= {1, 2}
    assert view.posted == frozenset()
    await plan(waiting, (1, other, ()), (3, other, (2,)))
    assert await standing(waiting, 3) == [PostStatus.PLANNED]
    assert (await claim(waiting)).subscription == other


@pytest.mark.parametrize("how", ["removed", "paused"])
async def test_what_joined_a_story_that_nobody_waits_for_any_more_is_told(
    waiting: Store, how: str
) -> None:
    """If another subscription wanted it; what the same one wanted stays where it is."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await load(waiting, make_article(4))
    await plan(waiting, (3, other, (1,)), (4, subscription, (1,)))
    if how == "removed":
        await remove_subscription(waiting, GUILD, subscription.id, START)
    else:
        await pause_subscription(waiting, GUILD, subscription.id, START)
    assert await standing(waiting, 3, 4) == [PostStatus.PLANNED, PostStatus.FOLDED]
    assert (await claim(waiting)).story.id == 3


async def test_new_rules_are_asked_of_what_joined_a_waiting_story(waiting: Store) -> None:
    """It would be told by itself when that one is dropped."""
    subscription = await only(waiting)
    await plan(waiting, (3, subscription, (1,)))
    to = changed(subscription, rules=Rules(topics=("Golf",)))
    await change_subscription(
        waiting, subscription, to, max_age=None, due_at=START + HOUR, now=START
    )
    assert await standing(waiting, 1, 2, 3) == [PostStatus.SKIPPED] * 3


async def test_what_joined_a_dropped_story_has_the_new_time(waiting: Store) -> None:
    """Like all that goes on waiting."""
    subscription = await only(waiting)
    await plan(waiting, (3, subscription, (1,)), due_at=START + 9 * HOUR)
    await change(waiting, subscription, changed(subscription), due_at=HOUR)
    await Outbox(waiting).settle(
        (await claim(waiting, START + HOUR)).post.id, Failed(MessageRefused("no")), START
    )
    assert (await post_of(waiting, 3)).due_at == START + HOUR


@pytest.mark.parametrize("how", ["moved", "paused", "removed", "expired"])
async def test_what_fails_when_it_is_no_longer_wanted_is_looked_at_again(
    store: Store, how: str
) -> None:
    """While it was being sent it blocked the channel's other subscriptions."""
    subscription, _ = await subscribe(store), await subscribe(store)
    await load(store, make_article(1))
    await plan(store, (1, subscription, ()))
    claimed = await claim(store)
    if how == "moved":
        await change(store, subscription, changed(subscription, channel=OTHER_CHANNEL))
    elif how == "paused":
        await pause_subscription(store, GUILD, subscription.id, START)
    else:
        await remove_subscription(store, GUILD, subscription.id, START)
        if how == "expired":
            await delete_subscriptions(store, START, removed_by=START)
    await plan(store)
    await Outbox(store).settle(claimed.post.id, RetryAt(START, Cause.CONNECTION_FAILED), START)
    view = await store.planner_snapshot(9)
    assert [story.id for story in view.stories] == [1]
    assert view.posted == frozenset()


async def test_what_was_looked_for_and_is_not_out_can_be_planned_anew(store: Store) -> None:
    """It was not sent again for the subscription that was removed; another one may want it."""
    subscription, _ = await subscribe(store), await subscribe(store)
    await load(store, make_article(1))
    await plan(store, (1, subscription, ()))
    unknown = RetryAt(START, ConnectionLost("reset"), unknown=True)
    await Outbox(store).settle((await claim(store)).post.id, unknown, START)
    await remove_subscription(store, GUILD, subscription.id, START)
    await plan(store)
    skipped = Skipped(Cause.SUBSCRIPTION_REMOVED)
    await Outbox(store).settle((await claim(store)).post.id, skipped, START)
    view = await store.planner_snapshot(9)
    assert [story.id for story in view.stories] == [1]
    assert view.posted == frozenset()


async def test_what_may_be_out_is_settled_where_all_the_others_are_paused(
    store: Store,
) -> None:
    """It belongs to a subscription that is removed, and no pause is that one's."""
    subscription, other = await subscribe(store), await subscribe(store)
    await load(store, make_article(1))
    await plan(store, (1, subscription, ()))
    unknown = RetryAt(START, ConnectionLost("reset"), unknown=True)
    await Outbox(store).settle((await claim(store)).post.id, unknown, START)
    await remove_subscription(store, GUILD, subscription.id, START)
    await pause_subscription(store, GUILD, other.id, START)
    assert (await claim(store)).story.id == 1


async def test_what_joined_a_story_follows_it_into_another_message(waiting: Store) -> None:
    """A paused subscription's story is taken over by another one, and folded there itself."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await load(waiting, make_article(4))
    await plan(waiting, (3, other, ()), (4, subscription, (1,)))
    await pause_subscription(waiting, GUILD, subscription.id, START)
    await plan(waiting, (1, other, (3,)))
    host = await post_of(waiting, 3)
    for story in (1, 4):
        post = await post_of(waiting, story)
        assert (post.status, post.lead_post_id) == (PostStatus.FOLDED, host.id)
