"""Servers that the bot left, and channels that are gone."""

from __future__ import annotations

from datetime import timedelta

from storage.posts import PostStatus, RetryAt
from storage.reasons import ConnectionLost, SubscriptionRemoved
from storage.sqlite import SqliteStore
from tests.storage.test_outbox import CHANNEL, GUILD, OTHER_CHANNEL, add, new_post
from tests.support.articles import make_article, tell
from tests.support.clock import START

DAY = timedelta(days=1)


async def plan(store: SqliteStore, *channels: int) -> None:
    """A story that waits in these channels."""
    await store.save_documents("s", tell(make_article(1)), START)
    posts = [new_post(1, await add(store, channel)) for channel in channels]
    await store.plan_posts(0, 1, posts, START, edit_since=START)


async def test_a_server_that_was_left_gets_nothing_until_it_is_joined_again(
    store: SqliteStore,
) -> None:
    """Its subscriptions and posts are as they were."""
    await plan(store, CHANNEL, OTHER_CHANNEL)
    assert await store.leave_guild(GUILD, START) == 2
    assert list(await store.claim_posts(START, 9, [])) == []
    assert await store.next_due_at(START - DAY) is None
    assert len(await store.list_subscriptions(GUILD)) == 2
    assert await store.rejoin_guild(GUILD) == 2
    assert len(await store.claim_posts(START, 9, [])) == 2


async def test_leaving_twice_counts_from_the_first_time(store: SqliteStore) -> None:
    """A restart finds the server gone again; the grace does not begin anew."""
    await plan(store, CHANNEL)
    await store.leave_guild(GUILD, START)
    assert await store.leave_guild(GUILD, START + DAY) == 0
    assert await store.remove_left(START + timedelta(seconds=1), START + DAY) == 1


async def test_another_server_is_not_touched(store: SqliteStore) -> None:
    """Neither by leaving nor by joining."""
    await plan(store, CHANNEL)
    assert await store.leave_guild(GUILD + 1, START) == 0
    assert await store.rejoin_guild(GUILD) == 0
    assert len(await store.claim_posts(START, 9, [])) == 1


async def test_after_the_grace_subscriptions_go_and_their_posts_are_skipped(
    store: SqliteStore,
) -> None:
    """Those that were left before a time, and no other."""
    await plan(store, CHANNEL)
    await store.leave_guild(GUILD, START)
    assert await store.remove_left(START, START + DAY) == 0
    assert await store.remove_left(START + DAY, START + 2 * DAY) == 1
    post = await store.get_post(1)
    assert (post.status, post.reason) == (PostStatus.SKIPPED, SubscriptionRemoved())


async def test_a_channel_that_is_gone_takes_all_its_subscriptions(store: SqliteStore) -> None:
    """What may be out already is left to the sender; another channel's stay."""
    await store.save_documents("s", tell(make_article(1), make_article(2)), START)
    first, other = await add(store), await add(store, OTHER_CHANNEL)
    await add(store)
    posts = [new_post(1, first), new_post(2, first), new_post(1, other)]
    await store.plan_posts(0, 2, posts, START, edit_since=START)
    (unknown,) = await store.claim_posts(START, 1, [OTHER_CHANNEL])
    await store.settle_post(
        unknown.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    assert await store.remove_channel(CHANNEL, START) == 2
    assert [other.id] == [each.id for each in await store.list_subscriptions()]
    statuses = [(await store.get_post(number)).status for number in (1, 2, 3)]
    assert [PostStatus.RETRY, PostStatus.SKIPPED, PostStatus.PLANNED] == statuses
    assert await store.remove_channel(CHANNEL, START) == 0
