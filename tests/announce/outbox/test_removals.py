"""Servers that the bot left, and deleted channels."""

from datetime import timedelta

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import delete_subscriptions
from storage.posts import PostStatus, RetryAt
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost
from tests.announce.outbox.test_claims import CHANNEL, GUILD, OTHER_CHANNEL, add, new_post
from tests.support.articles import make_article, make_documents
from tests.support.clock import START
from tests.support.outbox import plan_revisions

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


async def plan(store: Store, *channels: int) -> None:
    """Plan a story that waits for these channels."""
    await store.save_documents("s", make_documents(make_article(1)), START)
    posts = [new_post(1, await add(store, channel)) for channel in channels]
    await plan_revisions(store, 0, 1, posts, START, edit_since=START)


async def test_a_left_server_gets_nothing_until_rejoined(
    store: Store,
) -> None:
    """Its subscriptions and posts are kept."""
    await plan(store, CHANNEL, OTHER_CHANNEL)
    assert await store.leave_guild(GUILD, START) == 2
    assert list(await Outbox(store).claim(START, 9, [])) == []
    assert await store.next_due_at(START - DAY) is None
    assert len(await store.list_subscriptions(GUILD)) == 2
    assert await store.rejoin_guild(GUILD) == 2
    assert len(await Outbox(store).claim(START, 9, [])) == 2


async def test_leaving_twice_counts_from_the_first_time(store: Store) -> None:
    """A restart finds the server gone again, but the grace period does not start again."""
    await plan(store, CHANNEL)
    await store.leave_guild(GUILD, START)
    assert await store.leave_guild(GUILD, START + DAY) == 0
    assert (
        await delete_subscriptions(store, START + DAY, left_before=START + timedelta(seconds=1))
        == 1
    )


async def test_other_servers_are_not_affected(store: Store) -> None:
    await plan(store, CHANNEL)
    assert await store.leave_guild(GUILD + 1, START) == 0
    assert await store.rejoin_guild(GUILD) == 0
    assert len(await Outbox(store).claim(START, 9, [])) == 1


async def test_after_the_grace_period_subscriptions_are_deleted(
    store: Store,
) -> None:
    """Only those of servers left before the given time are deleted, and their posts skipped."""
    await plan(store, CHANNEL)
    await store.leave_guild(GUILD, START)
    assert await delete_subscriptions(store, START + DAY, left_before=START) == 0
    assert await delete_subscriptions(store, START + 2 * DAY, left_before=START + DAY) == 1
    post = await store.get_post(1)
    assert (post.status, post.reason) == (PostStatus.SKIPPED, Cause.SUBSCRIPTION_REMOVED)


async def test_a_deleted_channel_deletes_its_subscriptions(store: Store) -> None:
    """Posts that may have been sent are left to the sender; other channels are not affected."""
    await store.save_documents("s", make_documents(make_article(1), make_article(2)), START)
    first, other = await add(store), await add(store, OTHER_CHANNEL)
    await add(store)
    posts = [new_post(1, first), new_post(2, first), new_post(1, other)]
    await plan_revisions(store, 0, 2, posts, START, edit_since=START)
    (unknown,) = await Outbox(store).claim(START, 1, [OTHER_CHANNEL])
    await Outbox(store).settle(
        unknown.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    assert await delete_subscriptions(store, START, channel_id=CHANNEL) == 2
    assert [other.id] == [each.id for each in await store.list_subscriptions(GUILD)]
    statuses = [(await store.get_post(number)).status for number in (1, 2, 3)]
    assert [PostStatus.RETRY, PostStatus.SKIPPED, PostStatus.PLANNED] == statuses
    assert await delete_subscriptions(store, START, channel_id=CHANNEL) == 0
