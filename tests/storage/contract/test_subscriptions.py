"""Queries about subscriptions."""

from datetime import time, timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import remove_subscription
from storage.errors import NotFoundError
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Fact,
    Kind,
    Mention,
    QuietHours,
    Rules,
    Style,
    SubscriptionActivity,
)
from storage.posts import Failed, Sent, Settlement, Skipped, Uncertain
from storage.protocols import Store, SubscriptionStore
from storage.reasons import Cause, MessageReduced, MessageRefused, Part, TooOld
from tests.storage.contract.promises import promises
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    DAY,
    GUILD,
    HOUR,
    OTHER_CHANNEL,
    SECOND,
    claim,
    load,
    plan,
    subscribe,
)

EVERYTHING = Rules(
    topics=("AI", "Größe"),
    min_quality=70,
    without_topics=("Golf",),
    providers=("The Example",),
    min_heat=3,
    kinds=(Kind.VIDEO,),
    words=("rocket",),
    without_words=("lottery",),
)
DELIVERY = DeliveryOptions(
    timezone="Asia/Kathmandu",
    digest=Digest(DigestDays.WEEKLY, time(7, 30), weekday=4, best=5),
    quiet=QuietHours(time(22), time(6, 30)),
    mention=Mention(77, 90),
    second_mention=Mention(78, 95),
    silent=True,
    fold=False,
    style=Style(0x1F8B4C, "For the club", (Fact.TIME,)),
)

REDUCED = MessageReduced((Part.PICTURE,), "Not a well formed URL.")
WEEK = 7 * DAY


@promises(SubscriptionStore.get_subscription)
async def test_a_subscription_comes_back_as_it_was_saved(store: Store) -> None:
    """Every rule and option is stored."""
    made = await subscribe(store, rules=EVERYTHING, delivery=DELIVERY)
    assert (made.spec.rules, made.spec.delivery) == (EVERYTHING, DELIVERY)
    assert await store.get_subscription(GUILD, made.id) == made


@promises(SubscriptionStore.get_subscription, SubscriptionStore.subscription_activity)
async def test_another_servers_subscription_is_not_found(store: Store) -> None:
    """A removed one is not found either."""
    made = await subscribe(store)
    for asked in (
        store.get_subscription(GUILD + 1, made.id),
        store.subscription_activity(GUILD + 1, made.id, START),
    ):
        with pytest.raises(NotFoundError):
            await asked
    await remove_subscription(store, GUILD, made.id, START)
    with pytest.raises(NotFoundError):
        await store.get_subscription(GUILD, made.id)


@promises(SubscriptionStore.list_subscriptions)
async def test_subscriptions_are_listed_oldest_first(store: Store) -> None:
    """The list is that of a server or of one of its channels."""
    first, second = await subscribe(store), await subscribe(store, OTHER_CHANNEL)
    assert list(await store.list_subscriptions(GUILD)) == [first, second]
    assert list(await store.list_subscriptions(GUILD, OTHER_CHANNEL)) == [second]
    assert list(await store.list_subscriptions(GUILD + 1)) == []


@promises(SubscriptionStore.seen_by)
async def test_seen_stories_are_known_to_their_server_only(store: Store) -> None:
    """Ids of subscriptions are returned."""
    await load(store, make_article(1))
    made = await subscribe(store, seen=[1])
    assert await store.seen_by(GUILD, 1) == {made.id}
    assert await store.seen_by(GUILD + 1, 1) == frozenset()


@promises(SubscriptionStore.subscription_snapshot)
async def test_the_snapshot_contains_waiting_stories(store: Store) -> None:
    """They are those of one subscription; a new one has none."""
    subscription = await subscribe(store)
    await load(store, *map(make_article, (1, 2, 3)))
    await plan(store, (1, subscription, ()), (2, subscription, ()))
    snapshot = await store.subscription_snapshot(
        Rules(min_quality=200), CHANNEL, None, 0, subscription_id=subscription.id
    )
    assert [story.id for story in snapshot.waiting] == [1, 2]
    assert (await store.subscription_snapshot(Rules(), CHANNEL, None, 0)).waiting == ()


@promises(SubscriptionStore.subscription_activity)
async def test_activity_counts_posts_by_result(store: Store) -> None:
    """It counts since a time, with the reasons; waiting posts are counted as of now."""
    subscription = await subscribe(store)
    await load(store, *map(make_article, range(1, 10)))
    ends: list[Settlement] = [
        Sent(1),
        Sent(2, reduced=REDUCED),
        Failed(MessageRefused("x")),
        Uncertain(Cause.HISTORY_FORBIDDEN),
        Skipped(TooOld(timedelta(days=8), WEEK)),
        Skipped(TooOld(timedelta(days=9), WEEK)),
        Skipped(Cause.STORY_WITHDRAWN),
    ]
    await plan(store, *((n, subscription, ()) for n in range(1, 9)))
    for second, end in enumerate(ends):
        claimed = await claim(store)
        await Outbox(store).settle(claimed.post.id, end, START + second * SECOND)
    await plan(store, (9, subscription, (1,)))
    activity = await store.subscription_activity(GUILD, subscription.id, START)
    assert activity == SubscriptionActivity(
        posted=2,
        folded=1,
        waiting=1,
        failed=1,
        uncertain=1,
        skipped=((TooOld(timedelta(days=9), WEEK), 2), (Cause.STORY_WITHDRAWN, 1)),
        next_at=START,
        failures=((MessageRefused("x"), 1),),
        reduced=((REDUCED, 1),),
    )
    later = await store.subscription_activity(GUILD, subscription.id, START + HOUR)
    assert (later.posted, later.skipped, later.waiting) == (0, (), 1)
