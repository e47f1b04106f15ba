"""The bot's place in a server: left and back, channels deleted, permissions lost and given."""

import asyncio
from datetime import timedelta

import discord
import pytest

from bot.announce.subscription_lifecycle import remove_subscription, restore_subscription
from bot.discordapp.membership import PAUSE_CHECK_INTERVAL, RETENTION, Membership
from bot.sandbox.model import payloads
from storage.errors import NotFoundError
from storage.models import NewSubscription, PausedBy, SubscriptionSpec
from storage.open import open_store
from storage.protocols import Store
from storage.reasons import Cause, PermissionsMissing
from tests.support.clock import START, FakeClock
from tests.support.database import path_of, query
from tests.support.desk import Desk
from tests.support.outbox import add_subscription

GUILD = 10
# How many tasks of a `Membership` sleep when there is nothing to do.
TASKS = 2


def kick(desk: Desk) -> None:
    """Throw the bot out of its server."""
    world = desk.sandbox.world
    world.remove_member(guild_of(desk), world.bot.id)


def invite(desk: Desk) -> None:
    """Let the bot in again, as GUILD_CREATE tells it."""
    world, guild = desk.sandbox.world, desk.sandbox.world.guild(guild_of(desk))
    own = [role.id for role in guild.roles.values() if role.managed]
    world.add_member(guild.id, world.bot.id, own)
    world.emit("GUILD_CREATE", lambda: payloads.guild(world, guild, all_members=True), guild.id)


def guild_of(desk: Desk) -> int:
    """The sandbox's server."""
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    return guild_id


async def left(desk: Desk) -> int:
    """How many subscriptions stand as left."""
    async with open_store(desk.database) as store:
        return await store.rejoin_guild(guild_of(desk))


async def test_a_server_that_kicks_and_invites_again_finds_everything_as_it_was(
    desk: Desk,
) -> None:
    """Rules and waiting stories; nothing is told twice."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"min_quality": 42})
        desk.write("one")
        await desk.told(1)
        kick(desk)
        desk.write("two", quality=50)
        await settled(desk, "left_at IS NOT NULL")
        invite(desk)
        assert await desk.told(2) == ["Story one", "Story two"]
        assert "quality 42+" in (await desk.ask("subscriptions list")).content


async def test_a_server_left_while_the_bot_was_away_is_found_out(desk: Desk) -> None:
    """Nobody told; the servers that there are tell it."""
    async with desk.bot():
        await desk.subscribe()
    kick(desk)
    async with desk.bot():
        await settled(desk, "left_at IS NOT NULL")
    assert await left(desk) == 1


async def test_a_deleted_channel_takes_its_subscriptions_with_it(desk: Desk) -> None:
    """Another channel's stay."""
    async with desk.bot():
        await desk.subscribe()
        await desk.subscribe("ai")
        desk.sandbox.faults.delete_channel(desk.channel().id)
        while len((await desk.ask("subscriptions list", channel="ai")).content.splitlines()) > 1:
            pass
        desk.write("one")
        assert await desk.told(1, "ai") == ["Story one"]


async def test_a_channel_deleted_while_the_bot_was_away_is_found_out(desk: Desk) -> None:
    """By the first story that can't be posted there."""
    async with desk.bot():
        await desk.subscribe()
    guild_id = guild_of(desk)
    desk.sandbox.faults.delete_channel(desk.channel().id)
    async with desk.bot():
        desk.write("one")
        await settled(desk, "0 = (SELECT count(*) FROM subscriptions)", "settings")
    async with open_store(desk.database) as store:
        assert list(await store.list_subscriptions(guild_id)) == []


async def test_a_paused_channel_deleted_while_the_bot_was_away_is_found_out(desk: Desk) -> None:
    """Nobody would give back a permission there; what waits for it would wait for ever."""
    async with desk.bot():
        await desk.subscribe()
    async with open_store(desk.database) as store:
        await store.pause_channel(
            desk.channel().id, PausedBy.BOT, PermissionsMissing(("Embed Links",))
        )
    desk.sandbox.faults.delete_channel(desk.channel().id)
    async with desk.bot():
        desk.write("one")
        await settled(desk, "0 = (SELECT count(*) FROM subscriptions)", "settings")


async def settled(desk: Desk, condition: str, table: str = "subscriptions") -> None:
    """Wait until the bot's database says so."""
    async with open_store(desk.database) as store:
        await noted(store, condition, table)


async def noted(store: Store, condition: str, table: str = "subscriptions") -> None:
    """Wait until the store says so."""
    async with asyncio.timeout(10):
        found = 0
        while not found:
            question = f"SELECT 1 FROM {table} WHERE {condition}"  # noqa: S608 - the tests' own words
            found = len(await asyncio.to_thread(query, path_of(store), question))


async def test_after_the_grace_a_servers_subscriptions_are_removed(
    store: Store, clock: FakeClock
) -> None:
    """Seven days to the hour; until then they are kept."""
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(20))
    await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    membership.guild_left(GUILD)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run())
        await noted(store, "left_at IS NOT NULL")
        await advance(clock, RETENTION - timedelta(hours=1))
        assert len(await store.list_subscriptions(GUILD)) == 1
        await advance(clock, timedelta(hours=3))
        assert len(await store.list_subscriptions(GUILD)) == 0
        running.cancel()


async def test_what_is_still_there_on_the_gateway_is_not_left(
    store: Store, clock: FakeClock
) -> None:
    """Only servers that are gone are marked; the mark of an earlier leaving stays as it was."""
    for guild in (GUILD, GUILD + 1):
        for channel in (guild * 2, guild * 200):
            new = NewSubscription(guild, 1, START, SubscriptionSpec(channel))
            await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    membership.connected(frozenset({GUILD + 1}))
    membership.channel_deleted(2000)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run())
        await noted(store, "2000 NOT IN (SELECT channel_id FROM subscriptions)")
        running.cancel()
    assert [await store.rejoin_guild(GUILD), await store.rejoin_guild(GUILD + 1)] == [1, 0]


async def test_many_paused_channels_are_looked_at_in_turns(
    store: Store, clock: FakeClock, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those at the front, which stay paused, don't keep the others from being looked at."""
    monkeypatch.setattr("bot.discordapp.membership.PAUSES_PER_CHECK", 3)
    (guild,) = client.guilds
    # Of a server that has not come, and channels that the server doesn't have any more.
    for number, guild_id in enumerate([GUILD] * 4 + [guild.id] * 4, 1):
        new = NewSubscription(guild_id, 1, START, SubscriptionSpec(number))
        await add_subscription(store, new, revision=0, seen=[], catch_up=[])
        await store.pause_channel(number, PausedBy.BOT, Cause.EMBED_REMOVED)
    membership = Membership(store, clock, asyncio.Event())
    membership.permissions_changed(guild)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run())
        paused = []
        for _ in range(4):
            await clock.wait_for_sleepers(TASKS)
            await clock.advance(PAUSE_CHECK_INTERVAL)
            await clock.wait_for_sleepers(TASKS)
            paused.append(len(await store.paused_channels(PausedBy.BOT, 9)))
        running.cancel()
    assert paused == [8, 6, 4, 4]


async def test_a_removal_can_be_undone_for_an_hour(store: Store, clock: FakeClock) -> None:
    """Then it is cleaned away."""
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(GUILD * 2))
    subscription = await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run())
        await clock.wait_for_sleepers(TASKS)
        await remove_subscription(store, GUILD, subscription.id, clock.now())
        await clock.advance(timedelta(minutes=59))
        await restore_subscription(store, GUILD, subscription.id, clock.now())
        await remove_subscription(store, GUILD, subscription.id, clock.now())
        await advance(clock, timedelta(hours=3))
        with pytest.raises(NotFoundError):
            await restore_subscription(store, GUILD, subscription.id, clock.now())
        running.cancel()


async def advance(clock: FakeClock, time: timedelta) -> None:
    """Move the clock by the hour, and let happen what is due."""
    for _ in range(int(time / timedelta(hours=1))):
        await clock.advance(timedelta(hours=1))
        await clock.wait_for_sleepers(TASKS)
