"""The hourly cap in the outbox: the posts that count, and for how long."""

from datetime import timedelta

import pytest

from bot.announce.outbox import Outbox
from storage.models import NewSubscription, SubscriptionSpec
from storage.posts import Failed, RetryAt, Sent, Settlement, Skipped, Uncertain
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, MessageRefused, TooOld
from tests.announce.outbox.test_claims import CHANNEL, GUILD, new_post
from tests.support.articles import make_article, make_documents
from tests.support.clock import START
from tests.support.outbox import add_subscription, plan_revisions

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LATER = START + timedelta(minutes=30)


@pytest.fixture
async def capped(store: Store) -> Store:
    """A store with two stories for a subscription with a cap of one per hour."""
    await store.save_documents(
        "s", make_documents(make_article(1, quality=99), make_article(2)), START
    )
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(CHANNEL, max_per_hour=1))
    subscription = await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    posts = [new_post(story, subscription) for story in (1, 2)]
    await plan_revisions(store, 0, 2, posts, START, edit_since=START)
    return store


@pytest.mark.parametrize(
    "settlement",
    [
        Sent(1),
        Uncertain(Cause.HISTORY_FORBIDDEN),
        RetryAt(START + HOUR, ConnectionLost("reset"), unknown=True),
        None,
    ],
    ids=["sent", "uncertain", "unknown", "claimed"],
)
async def test_posts_that_are_or_may_be_sent_count(
    capped: Store, settlement: Settlement | None
) -> None:
    """The next one waits."""
    (claimed,) = await Outbox(capped).claim(START, 9, [])
    if settlement is not None:
        await Outbox(capped).settle(claimed.post.id, settlement, START)
    assert list(await Outbox(capped).claim(LATER, 9, [])) == []


@pytest.mark.parametrize(
    "settlement",
    [
        Skipped(TooOld(timedelta(days=8), timedelta(days=7))),
        Failed(MessageRefused("refused")),
        RetryAt(START + HOUR, Cause.CONNECTION_FAILED),
    ],
    ids=["skipped", "failed", "outage"],
)
async def test_unsent_posts_do_not_count(capped: Store, settlement: Settlement) -> None:
    """The next one is sent at once."""
    (claimed,) = await Outbox(capped).claim(START, 9, [])
    await Outbox(capped).settle(claimed.post.id, settlement, START)
    assert [2] == [each.story.id for each in await Outbox(capped).claim(LATER, 9, [])]


async def test_a_post_counts_for_exactly_an_hour(capped: Store) -> None:
    """The hour starts when it is known to be sent."""
    (claimed,) = await Outbox(capped).claim(START, 9, [])
    await Outbox(capped).settle(claimed.post.id, Sent(1), START)
    assert list(await Outbox(capped).claim(START + HOUR - SECOND, 9, [])) == []
    assert len(await Outbox(capped).claim(START + HOUR, 9, [])) == 1


async def test_a_full_cap_holds_no_post_that_may_be_sent(capped: Store) -> None:
    """It is not a new message."""
    (claimed,) = await Outbox(capped).claim(START, 9, [])
    await Outbox(capped).settle(
        claimed.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    assert [1] == [each.story.id for each in await Outbox(capped).claim(START, 9, [])]
