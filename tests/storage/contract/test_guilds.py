"""Servers that the bot leaves and joins again, and channels that are closed to it."""

from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import NewSubscription, PausedBy, PausedChannel, SubscriptionSpec
from storage.protocols import GuildStore, Store
from storage.reasons import AccessRefused, Cause
from tests.storage.contract.promises import promises
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    GUILD,
    OTHER_CHANNEL,
    add_subscription,
    load,
    plan,
    subscribe,
)


@promises(GuildStore.leave_guild, GuildStore.rejoin_guild)
async def test_a_server_that_was_left_gets_nothing_until_joined_again(store: Store) -> None:
    """Its posts are held; another server's are not, and leaving twice changes nothing."""
    await load(store, make_article(1))
    await plan(store, (1, await subscribe(store), ()))
    assert await store.leave_guild(GUILD + 1, START) == 0
    assert await store.has_due_posts(START, [])
    assert await store.leave_guild(GUILD, START) == 1
    assert await store.leave_guild(GUILD, START) == 0
    assert not await store.has_due_posts(START, [])
    assert await store.rejoin_guild(GUILD) == 1
    assert await store.has_due_posts(START, [])


@promises(GuildStore.pause_channel, GuildStore.resume_channel)
async def test_a_closed_channel_gets_nothing_until_it_is_open_again(store: Store) -> None:
    """Other channels go on; the reason is kept meanwhile."""
    one, other = await subscribe(store), await subscribe(store, OTHER_CHANNEL)
    reason = AccessRefused("Missing Access")
    assert await store.pause_channel(CHANNEL, PausedBy.BOT, reason) == 1
    assert await store.pause_channel(CHANNEL, PausedBy.BOT, reason) == 0
    paused = await store.get_subscription(GUILD, one.id)
    assert (paused.paused_by, paused.paused_reason) == (PausedBy.BOT, reason)
    assert await store.get_subscription(GUILD, other.id) == other
    assert await store.resume_channel(CHANNEL, PausedBy.ADMIN) == 0
    assert await store.resume_channel(CHANNEL, PausedBy.BOT) == 1
    assert await store.get_subscription(GUILD, one.id) == one


async def subscribe_in(store: Store, guild: int, channel: int) -> int:
    """A subscription in any server."""
    new = NewSubscription(guild, 1, START, SubscriptionSpec(channel))
    return (await add_subscription(store, new)).id


@promises(GuildStore.subscribed_guilds)
async def test_servers_that_were_left_count_as_subscribed_no_longer(store: Store) -> None:
    """Nor do those whose subscriptions were all removed; one that is joined again does."""
    assert await store.subscribed_guilds() == frozenset()
    for channel in (CHANNEL, OTHER_CHANNEL):
        await subscribe_in(store, GUILD, channel)
    await subscribe_in(store, GUILD + 1, 30)
    removed = await subscribe_in(store, GUILD + 2, 40)
    await store.leave_guild(GUILD + 1, START)
    await remove_subscription(store, GUILD + 2, removed, START)
    assert await store.subscribed_guilds() == {GUILD}
    await store.rejoin_guild(GUILD + 1)
    assert await store.subscribed_guilds() == {GUILD, GUILD + 1}


@promises(GuildStore.paused_channels)
async def test_paused_channels_come_in_pages(store: Store) -> None:
    """Each once, however many subscriptions it has, of all servers or of one."""
    for channel in (24, 21, 22, 23):
        for _ in range(2):
            await subscribe_in(store, GUILD + channel % 2, channel)
        await store.pause_channel(channel, PausedBy.BOT, Cause.EMBED_REMOVED)
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
    await store.pause_channel(21, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    for channel in (20, 22, 23):
        await store.pause_channel(channel, PausedBy.BOT, Cause.EMBED_REMOVED)
    await store.resume_channel(22, PausedBy.BOT)
    await remove_subscription(store, GUILD, ids[3], START)
    by_bot = await store.paused_channels(PausedBy.BOT, 9)
    by_admin = await store.paused_channels(PausedBy.ADMIN, 9)
    assert [each.channel_id for each in by_bot] == [20]
    assert [each.channel_id for each in by_admin] == [21]
