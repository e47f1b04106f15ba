"""Servers that the bot leaves and joins again, and paused channels."""

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
async def test_a_left_server_gets_nothing_until_rejoined(store: Store) -> None:
    """Its posts are held, another server's are not, and leaving twice changes nothing."""
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
async def test_a_paused_channel_gets_nothing_until_resumed(store: Store) -> None:
    """Other channels are not affected, and the reason is stored meanwhile."""
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
    """Create a subscription in a server."""
    new = NewSubscription(guild, 1, START, SubscriptionSpec(channel))
    return (await add_subscription(store, new)).id


@promises(GuildStore.subscribed_guilds)
async def test_left_servers_are_not_subscribed(store: Store) -> None:
    """Neither are those whose subscriptions were all removed, until the server is joined again."""
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
    """Each channel is listed once, whatever its number of subscriptions."""
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
async def test_only_active_pauses_are_listed(store: Store) -> None:
    """The list depends on who paused them, and leaves out removed subscriptions."""
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
