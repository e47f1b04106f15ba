"""Changing, pausing, removing and restoring subscriptions."""

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
from storage.reasons import Cause, ConnectionLost, MessageRefused, PermissionsMissing, TooOld
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    DAILY,
    GUILD,
    HOUR,
    OTHER_CHANNEL,
    SECOND,
    claim,
    load,
    plan,
    plan_revisions,
    post_of,
    statuses_of,
    subscribe,
)

WEEK = timedelta(days=7)


def changed(
    subscription: Subscription, *, channel: int = CHANNEL, rules: Rules | None = None
) -> SubscriptionSpec:
    """The settings of a subscription with other rules, or another channel."""
    spec = subscription.spec
    return replace(spec, channel_id=channel, rules=rules or spec.rules)


async def change(
    store: Store,
    subscription: Subscription,
    to: SubscriptionSpec,
    *,
    due_at: timedelta = timedelta(),
) -> Subscription:
    """Change the subscription."""
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
async def test_another_servers_subscription_is_not_found(store: Store, guild: int) -> None:
    """Every operation raises `NotFoundError`."""
    made = await subscribe(store)
    to, elsewhere = changed(made), replace(made, guild_id=guild)
    for asked in (
        store.get_subscription(guild, made.id),
        change_subscription(store, elsewhere, to, max_age=None, due_at=START, now=START),
        pause_subscription(store, guild, made.id, START),
        resume_subscription(store, elsewhere, START, max_age=None),
        remove_subscription(store, guild, made.id, START),
        restore_subscription(store, guild, made.id, START),
        store.subscription_activity(guild, made.id, START),
    ):
        with pytest.raises(NotFoundError):
            await asked
    assert await only(store) == made


async def test_posts_that_no_longer_meet_the_rules_are_skipped(waiting: Store) -> None:
    """The other posts go on waiting."""
    before = await only(waiting)
    await load(waiting, make_article(2, quality=95))
    to = changed(before, rules=Rules(min_quality=90))
    after = await change(waiting, before, to, due_at=HOUR)
    assert after.spec.rules.min_quality == 90
    assert await statuses_of(waiting, 1, 2) == [PostStatus.SKIPPED, PostStatus.PLANNED]
    assert (await post_of(waiting, 1)).reason == Cause.RULES_CHANGED
    assert await waiting.next_due_at(START) == START + HOUR


async def test_a_move_skips_waiting_posts(waiting: Store) -> None:
    """A post that may have been sent in the old channel is settled there."""
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


async def test_a_send_that_fails_after_a_move_is_not_retried(waiting: Store) -> None:
    """No subscription posts in the old channel any more."""
    claimed = await claim(waiting)
    before = await only(waiting)
    await change(waiting, before, changed(before, channel=OTHER_CHANNEL))
    await Outbox(waiting).settle(claimed.post.id, RetryAt(START, Cause.CONNECTION_FAILED), START)
    assert await statuses_of(waiting, 1, 2) == [PostStatus.SKIPPED] * 2


async def test_stories_that_meet_changed_rules_are_not_news(waiting: Store) -> None:
    """A change is like a creation, and the planner finds the subscription by its new topics."""
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
    """The planner read its snapshot before the change."""
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


async def test_an_admins_pause_keeps_what_waits(waiting: Store) -> None:
    """Waiting posts are sent afterwards; stories that arrive during the pause are not news."""
    subscription = await only(waiting)
    paused = await pause_subscription(waiting, GUILD, subscription.id, START)
    assert (paused.paused_by, paused.paused_reason) == (PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    assert list(await Outbox(waiting).claim(START, 9, [])) == []
    assert await waiting.resume_channel(CHANNEL, PausedBy.BOT) == 0
    await load(waiting, make_article(4))
    assert (await waiting.planner_snapshot(9)).subscriptions == ()
    resumed = await resume_subscription(waiting, subscription, START, max_age=None)
    assert (resumed.paused_by, resumed.paused_reason) == (None, None)
    assert await statuses_of(waiting, 1, 2) == [PostStatus.PLANNED] * 2
    assert await waiting.seen_by(GUILD, 1) == frozenset()
    assert await waiting.seen_by(GUILD, 4) == {subscription.id}
    assert (await claim(waiting)).story.id == 1


async def test_coverage_of_a_kept_post_is_kept(waiting: Store) -> None:
    """A post that is folded into a waiting one stays folded into it."""
    subscription = await only(waiting)
    await plan(waiting, (3, subscription, (1,)))
    await pause_subscription(waiting, GUILD, subscription.id, START)
    await resume_subscription(waiting, subscription, START, max_age=None)
    assert await statuses_of(waiting, 1, 3) == [PostStatus.PLANNED, PostStatus.FOLDED]
    assert [story.id for story in (await claim(waiting)).coverage] == [3]


async def test_a_digest_missed_long_ago_is_skipped(store: Store) -> None:
    """An admin paused it; a digest that was missed recently is posted late."""
    subscription = await subscribe(store, delivery=DAILY)
    await load(store, make_article(1), make_article(2))
    await plan(store, (1, subscription, ()), due_at=START + HOUR)
    await plan(store, (2, subscription, ()), due_at=START + 2 * HOUR)
    await pause_subscription(store, GUILD, subscription.id, START)
    later = START + WEEK + 2 * HOUR
    await resume_subscription(store, subscription, later, max_age=WEEK)
    assert await statuses_of(store, 1, 2) == [PostStatus.SKIPPED, PostStatus.PLANNED]
    assert isinstance((await post_of(store, 1)).reason, TooOld)
    assert [story.id for story in (await claim(store, later)).digest] == [2]


async def test_after_a_pause_posts_are_kept_for_their_subscription(waiting: Store) -> None:
    """Only during the pause, another subscription of the channel may take them over."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await pause_subscription(waiting, GUILD, subscription.id, START)
    await plan(waiting, (1, other, ()))
    await resume_subscription(waiting, subscription, START, max_age=None)
    await plan(waiting, (2, other, ()))
    assert (await post_of(waiting, 1)).subscription_id == other.id
    assert (await post_of(waiting, 2)).subscription_id == subscription.id


async def test_a_pause_by_the_bot_only_holds_stories(
    waiting: Store,
) -> None:
    """They are sent even if an admin ends the pause, because no admin chose it."""
    subscription = await only(waiting)
    await waiting.pause_channel(CHANNEL, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    await resume_subscription(waiting, subscription, START, max_age=None)
    assert (await claim(waiting)).story.id == 1


async def test_a_removed_subscription_is_hidden(waiting: Store) -> None:
    """It is not listed, planned or sent, and is deleted an hour later."""
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
    assert await statuses_of(waiting, 1, 2) == [PostStatus.SKIPPED] * 2
    with pytest.raises(NotFoundError):
        await restore_subscription(waiting, GUILD, subscription.id, START)


async def test_a_removal_can_be_undone(waiting: Store) -> None:
    """Its posts wait again, and stories that arrived meanwhile are planned."""
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


async def test_a_plan_made_before_undoing_is_not_written(waiting: Store) -> None:
    """The planner read its snapshot while the subscription was removed."""
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


async def test_posts_of_a_removed_subscription_block_no_other(waiting: Store) -> None:
    """Another subscription of the channel takes them over, and undoing does not take them back."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    view = await waiting.planner_snapshot(9)
    assert {story.id for story in view.stories} >= {1, 2}
    assert view.posted == frozenset()
    assert await plan(waiting, (1, other, ())) == 1
    assert (await claim(waiting)).subscription == other
    await restore_subscription(waiting, GUILD, subscription.id, START)
    assert (await post_of(waiting, 1)).subscription_id == other.id


@pytest.mark.parametrize("how", ["removed", "changed", "paused"])
async def test_dropped_stories_are_decided_again(waiting: Store, how: str) -> None:
    """Another subscription of the channel may want them, but the planner had moved past them."""
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
    view = await waiting.planner_snapshot(9)
    assert 1 in {story.id for story in view.stories}
    assert (1, CHANNEL) not in view.posted


async def test_nothing_is_folded_into_unwanted_posts(waiting: Store) -> None:
    """It would not be shown before the removal is final."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await remove_subscription(waiting, GUILD, subscription.id, START)
    await plan(waiting, (3, other, (1,)))
    assert (await claim(waiting)).story.id == 3


async def test_posts_of_a_paused_subscription_block_no_other(waiting: Store) -> None:
    """Meanwhile another subscription takes them or their coverage over."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await plan(waiting)
    await pause_subscription(waiting, GUILD, subscription.id, START)
    view = await waiting.planner_snapshot(9)
    assert {story.id for story in view.stories} >= {1, 2}
    assert view.posted == frozenset()
    await plan(waiting, (1, other, ()), (3, other, (2,)))
    assert await statuses_of(waiting, 3) == [PostStatus.PLANNED]
    assert (await claim(waiting)).subscription == other


@pytest.mark.parametrize("how", ["removed", "paused"])
async def test_coverage_of_an_unwanted_post_is_posted(waiting: Store, how: str) -> None:
    """Posts of other subscriptions are planned; those of the same one stay folded."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await load(waiting, make_article(4))
    await plan(waiting, (3, other, (1,)), (4, subscription, (1,)))
    if how == "removed":
        await remove_subscription(waiting, GUILD, subscription.id, START)
    else:
        await pause_subscription(waiting, GUILD, subscription.id, START)
    assert await statuses_of(waiting, 3, 4) == [PostStatus.PLANNED, PostStatus.FOLDED]
    assert (await claim(waiting)).story.id == 3


async def test_changed_rules_apply_to_folded_posts(waiting: Store) -> None:
    """A folded post would be sent itself if its host is skipped."""
    subscription = await only(waiting)
    await plan(waiting, (3, subscription, (1,)))
    to = changed(subscription, rules=Rules(topics=("Golf",)))
    await change_subscription(
        waiting, subscription, to, max_age=None, due_at=START + HOUR, now=START
    )
    assert await statuses_of(waiting, 1, 2, 3) == [PostStatus.SKIPPED] * 3


async def test_coverage_of_a_dropped_post_has_the_new_due_time(waiting: Store) -> None:
    """It is rescheduled like all waiting posts."""
    subscription = await only(waiting)
    await plan(waiting, (3, subscription, (1,)), due_at=START + 9 * HOUR)
    await change(waiting, subscription, changed(subscription), due_at=HOUR)
    await Outbox(waiting).settle(
        (await claim(waiting, START + HOUR)).post.id, Failed(MessageRefused("no")), START
    )
    assert (await post_of(waiting, 3)).due_at == START + HOUR


@pytest.mark.parametrize("how", ["moved", "paused", "removed", "expired"])
async def test_unwanted_failed_posts_are_decided_again(store: Store, how: str) -> None:
    """While one was being sent, it blocked the channel's other subscriptions."""
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


async def test_a_post_not_found_can_be_planned_again(store: Store) -> None:
    """It was not sent again for its removed subscription, but another one may want it."""
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


async def test_pauses_do_not_hold_posts_of_removed_subscriptions(
    store: Store,
) -> None:
    """A post that may have been sent is settled although all other subscriptions are paused."""
    subscription, other = await subscribe(store), await subscribe(store)
    await load(store, make_article(1))
    await plan(store, (1, subscription, ()))
    unknown = RetryAt(START, ConnectionLost("reset"), unknown=True)
    await Outbox(store).settle((await claim(store)).post.id, unknown, START)
    await remove_subscription(store, GUILD, subscription.id, START)
    await pause_subscription(store, GUILD, other.id, START)
    assert (await claim(store)).story.id == 1


async def test_coverage_follows_its_host_into_another_message(waiting: Store) -> None:
    """Another subscription takes a paused one's post over, which is then folded itself."""
    subscription, other = await only(waiting), await subscribe(waiting)
    await load(waiting, make_article(4))
    await plan(waiting, (3, other, ()), (4, subscription, (1,)))
    await pause_subscription(waiting, GUILD, subscription.id, START)
    await plan(waiting, (1, other, (3,)))
    host = await post_of(waiting, 3)
    for story in (1, 4):
        post = await post_of(waiting, story)
        assert (post.status, post.lead_post_id) == (PostStatus.FOLDED, host.id)
