"""Servers that the bot left, and channels that are gone."""

from __future__ import annotations

from datetime import timedelta

from storage.models import NewSubscription, PausedBy, PausedChannel, SubscriptionSpec
from storage.posts import PostStatus, RetryAt
from storage.protocols import GuildStore, Store
from storage.reasons import (
    ConnectionLost,
    EmbedRemoved,
    PausedByAdmin,
    PermissionsMissing,
    SubscriptionRemoved,
)
from tests.storage.contract.promises import promises
from tests.storage.editorial import subscribe
from tests.storage.test_outbox import CHANNEL, GUILD, OTHER_CHANNEL, new_post
from tests.support.articles import make_article, tell
from tests.support.clock import START

DAY = timedelta(days=1)


async def plan(store: Store, *channels: int) -> None:
    """A story that waits in these channels."""
    await store.save_documents("s", tell(make_article(1)), START)
    posts = [new_post(1, await subscribe(store, channel)) for channel in channels]
    await store.plan_posts(0, 1, posts, START, edit_since=START)


@promises(GuildStore.leave_guild, GuildStore.rejoin_guild)
async def test_a_server_that_was_left_gets_nothing_until_it_is_joined_again(
    store: Store,
) -> None:
    """Its subscriptions and posts are as they were."""
    await plan(store, CHANNEL, OTHER_CHANNEL)
    assert await store.leave_guild(GUILD, START) == 2
    assert list(await store.claim_posts(START, 9, [])) == []
    assert await store.next_due_at(START - DAY) is None
    assert len(await store.list_subscriptions(GUILD)) == 2
    assert await store.rejoin_guild(GUILD) == 2
    assert len(await store.claim_posts(START, 9, [])) == 2


@promises(GuildStore.leave_guild, GuildStore.remove_left)
async def test_leaving_twice_counts_from_the_first_time(store: Store) -> None:
    """A restart finds the server gone again; the grace does not begin anew."""
    await plan(store, CHANNEL)
    await store.leave_guild(GUILD, START)
    assert await store.leave_guild(GUILD, START + DAY) == 0
    assert await store.remove_left(START + timedelta(seconds=1), START + DAY) == 1


@promises(GuildStore.leave_guild, GuildStore.rejoin_guild)
async def test_another_server_is_not_touched(store: Store) -> None:
    """Neither by leaving nor by joining."""
    await plan(store, CHANNEL)
    assert await store.leave_guild(GUILD + 1, START) == 0
    assert await store.rejoin_guild(GUILD) == 0
    assert len(await store.claim_posts(START, 9, [])) == 1


@promises(GuildStore.leave_guild, GuildStore.remove_left)
async def test_after_the_grace_subscriptions_go_and_their_posts_are_skipped(
    store: Store,
) -> None:
    """Those that were left before a time, and no other."""
    await plan(store, CHANNEL)
    await store.leave_guild(GUILD, START)
    assert await store.remove_left(START, START + DAY) == 0
    assert await store.remove_left(START + DAY, START + 2 * DAY) == 1
    post = await store.get_post(1)
    assert (post.status, post.reason) == (PostStatus.SKIPPED, SubscriptionRemoved())


@promises(GuildStore.remove_channel)
async def test_a_channel_that_is_gone_takes_all_its_subscriptions(store: Store) -> None:
    """What may be out already is left to the sender; another channel's stay."""
    await store.save_documents("s", tell(make_article(1), make_article(2)), START)
    first, other = await subscribe(store), await subscribe(store, OTHER_CHANNEL)
    await subscribe(store)
    posts = [new_post(1, first), new_post(2, first), new_post(1, other)]
    await store.plan_posts(0, 2, posts, START, edit_since=START)
    (unknown,) = await store.claim_posts(START, 1, [OTHER_CHANNEL])
    await store.settle_post(
        unknown.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    assert await store.remove_channel(CHANNEL, START) == 2
    assert [other.id] == [each.id for each in await store.list_subscriptions(GUILD)]
    statuses = [(await store.get_post(number)).status for number in (1, 2, 3)]
    assert [PostStatus.RETRY, PostStatus.SKIPPED, PostStatus.PLANNED] == statuses
    assert await store.remove_channel(CHANNEL, START) == 0


@promises(GuildStore.pause_channel, GuildStore.resume_channel)
async def test_a_paused_channels_posts_wait_for_its_end(store: Store) -> None:
    """Pausing twice keeps the first reason; each pause is ended by whom it was made."""
    await plan(store, CHANNEL, OTHER_CHANNEL)
    missing = PermissionsMissing(("Send Messages",))
    assert await store.pause_channel(CHANNEL, PausedBy.BOT, missing) == 1
    assert await store.pause_channel(CHANNEL, PausedBy.BOT, EmbedRemoved()) == 0
    paused, running = await store.list_subscriptions(GUILD)
    assert (paused.paused_by, paused.paused_reason) == (PausedBy.BOT, missing)
    assert running.paused_by is None
    claimed = await store.claim_posts(START, 9, [])
    assert [each.post.channel_id for each in claimed] == [OTHER_CHANNEL]
    assert await store.resume_channel(CHANNEL, PausedBy.ADMIN) == 0
    assert await store.resume_channel(CHANNEL, PausedBy.BOT) == 1
    assert await store.resume_channel(CHANNEL, PausedBy.BOT) == 0
    claimed = await store.claim_posts(START, 9, [])
    assert [each.post.channel_id for each in claimed] == [CHANNEL]


async def subscribe_in(store: Store, guild: int, channel: int) -> int:
    """A subscription in any server."""
    new = NewSubscription(guild, 1, START, SubscriptionSpec(channel))
    return (await store.add_subscription(new, revision=0, seen=(), catch_up=())).id


@promises(GuildStore.subscribed_guilds)
async def test_servers_that_were_left_count_as_subscribed_no_longer(store: Store) -> None:
    """Nor do those whose subscriptions were all removed; one that is joined again does."""
    assert await store.subscribed_guilds() == frozenset()
    for channel in (CHANNEL, OTHER_CHANNEL):
        await subscribe_in(store, GUILD, channel)
    await subscribe_in(store, GUILD + 1, 30)
    removed = await subscribe_in(store, GUILD + 2, 40)
    await store.leave_guild(GUILD + 1, START)
    await store.remove_subscription(GUILD + 2, removed, START)
    assert await store.subscribed_guilds() == {GUILD}
    await store.rejoin_guild(GUILD + 1)
    assert await store.subscribed_guilds() == {GUILD, GUILD + 1}


@promises(GuildStore.paused_channels)
async def test_paused_channels_come_in_pages(store: Store) -> None:
    """Each once, however many subscriptions it has, of all servers or of one."""
    for channel in (24, 21, 22, 23):
        for _ in range(2):
            await subscribe_in(store, GUILD + channel % 2, channel)
        await store.pause_channel(channel, PausedBy.BOT, EmbedRemoved())
    first = await store.paused_channels(PausedBy.BOT, 3)
    assert [each.channel_id for each in first] == [21, 22, 23]
    assert first[0] == PausedChannel(GUILD + 1, 21)
    rest = await store.paused_channels(PausedBy.BOT, 3, after=23)
    assert [each.channel_id for each in rest] == [24]
    assert list(await store.paused_channels(PausedBy.BOT, 3, after=24)) == []
    here = await store.paused_channels(PausedBy.BOT, 3, guild_id=GUILD)
    assert [each.channel_id for each in here] == [22, 24]
    later = await store.paused_channels(PausedBy.BOT, 1, guild_id=GUILD, after=22)
    assert [each.channel_id for each in later] == [24]


@promises(GuildStore.paused_channels)
async def test_only_pauses_that_stand_are_listed(store: Store) -> None:
    """By whom they were made; not those of removed subscriptions."""
    ids = [await subscribe_in(store, GUILD, channel) for channel in (20, 21, 22, 23)]
    await store.pause_channel(21, PausedBy.ADMIN, PausedByAdmin())
    for channel in (20, 22, 23):
        await store.pause_channel(channel, PausedBy.BOT, EmbedRemoved())
    await store.resume_channel(22, PausedBy.BOT)
    await store.remove_subscription(GUILD, ids[3], START)
    by_bot = await store.paused_channels(PausedBy.BOT, 9)
    by_admin = await store.paused_channels(PausedBy.ADMIN, 9)
    assert [each.channel_id for each in by_bot] == [20]
    assert [each.channel_id for each in by_admin] == [21]
