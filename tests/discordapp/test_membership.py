"""Changes in servers: the bot is removed or invited, channels are deleted, permissions change."""

import asyncio
from datetime import timedelta

import discord
import pytest

from bot.announce.log_names import Place
from bot.announce.subscription_lifecycle import remove_subscription, restore_subscription
from bot.discordapp.membership import PAUSE_CHECK_INTERVAL, RETENTION, Membership
from bot.sandbox.model import payloads
from storage.errors import NotFoundError
from storage.models import NewSubscription, PausedBy, SubscriptionSpec
from storage.open import open_store
from storage.protocols import Store
from storage.reasons import Cause, PermissionsMissing
from tests.discordapp.connected import until
from tests.support.clock import START, FakeClock
from tests.support.database import path_of, query
from tests.support.desk import Desk
from tests.support.outbox import add_subscription

GUILD = 10
# How many tasks of a `Membership` sleep when there is nothing to do.
TASKS = 2


class Answers:
    """A directory with prepared answers; `asked` are the ids that it was asked for."""

    def __init__(self, *answers: bool | None) -> None:
        self._answers = list(answers)
        self.asked: list[int] = []

    async def guild_is_gone(self, guild_id: int) -> bool | None:
        """The next answer, or that it is gone."""
        self.asked.append(guild_id)
        return self._answers.pop(0) if self._answers else True

    channel_is_gone = guild_is_gone


ALL_GONE = Answers()


def kick(desk: Desk) -> None:
    """Kick the bot from its server."""
    world = desk.sandbox.world
    world.remove_member(guild_of(desk), world.bot.id)


def invite(desk: Desk) -> None:
    """Invite the bot again, which sends GUILD_CREATE."""
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
    """The number of subscriptions of servers that the bot left."""
    async with open_store(desk.database) as store:
        return await store.rejoin_guild(guild_of(desk))


async def test_a_kick_and_a_new_invitation_change_nothing(
    desk: Desk,
) -> None:
    """Rules and waiting stories are kept, and nothing is posted twice."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"min_quality": 42})
        desk.write("one")
        await desk.wait_for_stories(1)
        kick(desk)
        desk.write("two", quality=50)
        await settled(desk, "left_at IS NOT NULL")
        invite(desk)
        assert await desk.wait_for_stories(2) == ["Story one", "Story two"]
        assert "quality 42+" in (await desk.ask("subscriptions list")).content


async def test_a_server_left_while_offline_is_detected(desk: Desk) -> None:
    """There is no event; the server is missing when the gateway connects."""
    async with desk.bot():
        await desk.subscribe()
    kick(desk)
    async with desk.bot():
        await settled(desk, "left_at IS NOT NULL")
    assert await left(desk) == 1


async def test_a_deleted_channel_loses_its_subscriptions(desk: Desk) -> None:
    """The subscriptions of another channel are kept."""
    async with desk.bot():
        await desk.subscribe()
        await desk.subscribe("ai")
        desk.sandbox.faults.delete_channel(desk.channel().id)
        while len((await desk.ask("subscriptions list", channel="ai")).content.splitlines()) > 1:
            pass
        desk.write("one")
        assert await desk.wait_for_stories(1, "ai") == ["Story one"]


async def test_a_channel_deleted_while_offline_is_detected(desk: Desk) -> None:
    """The first story that can't be posted there reveals it."""
    async with desk.bot():
        await desk.subscribe()
    guild_id = guild_of(desk)
    desk.sandbox.faults.delete_channel(desk.channel().id)
    async with desk.bot():
        desk.write("one")
        await settled(desk, "0 = (SELECT count(*) FROM subscriptions)", "settings")
    async with open_store(desk.database) as store:
        assert list(await store.list_subscriptions(guild_id)) == []


async def test_a_paused_channel_deleted_while_offline_is_detected(desk: Desk) -> None:
    """No permission event would ever end the pause."""
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
    """Wait until the bot's database has this state."""
    async with open_store(desk.database) as store:
        await noted(store, condition, table)


async def noted(store: Store, condition: str, table: str = "subscriptions") -> None:
    """Wait until the store has this state."""
    async with asyncio.timeout(60):
        found = 0
        while not found:
            question = f"SELECT 1 FROM {table} WHERE {condition}"  # noqa: S608 - the tests' own words
            found = len(await asyncio.to_thread(query, path_of(store), question))


async def test_a_left_servers_subscriptions_expire(store: Store, clock: FakeClock) -> None:
    """They are kept for seven days, to the hour."""
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(20))
    await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    membership.guild_left(GUILD)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run(ALL_GONE))
        await noted(store, "left_at IS NOT NULL")
        await advance(clock, RETENTION - timedelta(hours=1))
        assert len(await store.list_subscriptions(GUILD)) == 1
        await advance(clock, timedelta(hours=3))
        assert len(await store.list_subscriptions(GUILD)) == 0
        running.cancel()


async def test_only_missing_servers_are_marked_as_left(store: Store, clock: FakeClock) -> None:
    """A server that was left earlier keeps its earlier time."""
    for guild in (GUILD, GUILD + 1):
        for channel in (guild * 2, guild * 200):
            new = NewSubscription(guild, 1, START, SubscriptionSpec(channel))
            await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    membership.connected(frozenset({GUILD + 1}))
    membership.channel_deleted(Place(2000))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run(ALL_GONE))
        await noted(store, "left_at IS NOT NULL")
        await noted(store, "2000 NOT IN (SELECT channel_id FROM subscriptions)")
        running.cancel()
    assert [await store.rejoin_guild(GUILD), await store.rejoin_guild(GUILD + 1)] == [1, 0]


async def test_a_report_that_is_not_true_changes_nothing(store: Store, clock: FakeClock) -> None:
    """Nor does one that can't be checked, until it can be."""
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(20))
    await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    answers = Answers(False, None, None, False)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run(answers))
        await clock.wait_for_sleepers(TASKS)
        membership.channel_deleted(Place(20))
        membership.guild_left(GUILD)
        for wait in (5, 10):
            await clock.wait_for_sleepers(TASKS + 1)
            await clock.advance(wait)
        await until(lambda: len(answers.asked) == 4)
        await clock.wait_for_sleepers(TASKS)
        assert len(await store.list_subscriptions(GUILD)) == 1
        assert await store.rejoin_guild(GUILD) == 0
        membership.channel_deleted(Place(20))
        await noted(store, "0 = (SELECT count(*) FROM subscriptions)", "settings")
        running.cancel()


@pytest.mark.parametrize("fault", ["GUILD_DELETE", "CHANNEL_DELETE", "THREAD_DELETE"])
async def test_wrong_events_delete_nothing(
    desk: Desk, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The channel is there, so posting goes on, and a new session brings the cache up to date."""
    for name in ("_FIRST_WAIT", "_FIRST_SERVER_WAIT", "_RENEWAL_WAIT"):
        monkeypatch.setattr(f"bot.discordapp.gateway.{name}", timedelta(milliseconds=1))
    sandbox = desk.sandbox
    news = desk.channel()
    async with desk.bot():
        thread = sandbox.world.add_thread(news.id, "A thread")
        await desk.subscribe()
        gone = {"id": str(guild_of(desk))} if fault == "GUILD_DELETE" else None
        about = thread if fault == "THREAD_DELETE" else news
        payload = gone or payloads.channel(sandbox.world, about)
        sandbox.world.emit(fault, lambda: payload, guild_of(desk))
        await sandbox.wait_until(lambda: sandbox.gateway.identifies == 2)
        desk.write("one")
        assert await desk.wait_for_stories(1) == ["Story one"]
        assert "1" in (await desk.ask("subscriptions list")).content
    assert await left(desk) == 0


async def test_a_ready_without_servers_leaves_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord is asked about the servers, and a new session brings them."""
    for name in ("_FIRST_WAIT", "_FIRST_SERVER_WAIT"):
        monkeypatch.setattr(f"bot.discordapp.gateway.{name}", timedelta(milliseconds=1))
    async with desk.bot():
        await desk.subscribe()
    desk.sandbox.faults.spoil(lambda _, frame: {**frame, "d": None}, "READY")
    desk.sandbox.faults.spoil(lambda _, frame: {**frame, "d": None}, "GUILD_CREATE")
    async with desk.bot():
        await desk.sandbox.wait_until(lambda: desk.sandbox.gateway.identifies == 3)
        desk.write("one")
        assert await desk.wait_for_stories(1) == ["Story one"]
    assert await left(desk) == 0


async def test_many_paused_channels_are_checked_in_turns(
    store: Store, clock: FakeClock, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Channels that stay paused don't prevent the check of the others."""
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
        running = group.create_task(membership.run(ALL_GONE))
        paused = []
        for _ in range(4):
            await clock.wait_for_sleepers(TASKS)
            await clock.advance(PAUSE_CHECK_INTERVAL)
            await clock.wait_for_sleepers(TASKS)
            paused.append(len(await store.paused_channels(PausedBy.BOT, 9)))
        running.cancel()
    assert paused == [8, 6, 4, 4]


async def test_a_removal_can_be_undone_for_an_hour(store: Store, clock: FakeClock) -> None:
    """After that the subscription is deleted."""
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(GUILD * 2))
    subscription = await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    membership = Membership(store, clock, asyncio.Event())
    async with asyncio.TaskGroup() as group:
        running = group.create_task(membership.run(ALL_GONE))
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
    """Advance the clock hour by hour, and let due tasks run."""
    for _ in range(int(time / timedelta(hours=1))):
        await clock.advance(timedelta(hours=1))
        await clock.wait_for_sleepers(TASKS)
