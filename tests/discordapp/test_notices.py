"""If the bot can't post in a channel, the server's admins are notified once, in Discord."""

import asyncio
from typing import Any

import discord
import pytest

from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.notices import forget_notice
from bot.discordapp.permissions import missing_permissions
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, Reset, Sandbox, Status
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Message
from storage.models import NewSubscription, PausedBy, SubscriptionSpec
from storage.open import open_store
from storage.posts import Post
from storage.protocols import Store
from storage.reasons import AccessRefused, Cause, PermissionsMissing, Reason
from tests.discordapp.support import claim, make_notices, make_post, make_poster
from tests.support.clock import START, FakeClock
from tests.support.desk import Desk
from tests.support.outbox import add_subscription

SEND = Permission.SEND_MESSAGES


def notices(desk: Desk, channel_id: int) -> list[Message]:
    """The bot's notices in a channel."""
    return [
        message
        for message in desk.sandbox.world.log(channel_id).all()
        if message.content.startswith("I can't post in")
    ]


async def close_channel_with_stories(desk: Desk) -> None:
    """Subscribe #news and #ai, revoke the permission to post in #news, and write two stories."""
    await desk.subscribe()
    await desk.subscribe("ai")
    desk.sandbox.faults.revoke(desk.channel().id, SEND)
    desk.write("one")
    await desk.wait_for_stories(1, "ai")
    while "Paused" not in (await desk.ask("subscriptions list")).content:
        pass
    desk.write("two")
    await desk.wait_for_stories(2, "ai")


async def test_the_subscribing_admin_is_notified_of_permissions(desk: Desk) -> None:
    """The server has no system channel. One message is sent, however many stories wait."""
    ada = desk.sandbox.world.find_user("Ada")
    direct = desk.sandbox.world.direct_channel(ada.id).id
    async with desk.bot():
        await close_channel_with_stories(desk)
        await desk.sandbox.wait_for_message(direct)
    (notice,) = notices(desk, direct)
    assert notice.content == (
        f"I can't post in <#{desk.channel().id}> on **Storywire Sandbox**. Please grant me"
        " **Send Messages** in that channel. Stories wait and are posted automatically"
        " once I can post there again."
    )
    assert notice.mentions == []


async def test_the_system_channel_is_preferred_to_the_admin(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everyone who can grant the permission reads the notice there."""
    general = desk.channel("general").id
    have_system_channel(monkeypatch, general)
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await close_channel_with_stories(desk)
        await desk.sandbox.wait_for_message(general)
    assert len(notices(desk, general)) == 1
    assert notices(desk, direct) == []


async def test_a_closed_system_channel_is_skipped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The admin is notified instead."""
    have_system_channel(monkeypatch, desk.channel("read-only").id)
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await close_channel_with_stories(desk)
        await desk.sandbox.wait_for_message(direct)
    assert len(notices(desk, direct)) == 1


async def test_a_pause_without_a_notice_is_shown_in_the_list(desk: Desk) -> None:
    """The admin accepts no messages from servers; nothing else is affected."""
    desk.sandbox.faults.plan(Status(403), route="POST /users/@me/channels", times=None)
    async with desk.bot():
        await close_channel_with_stories(desk)
        listed = await desk.ask("subscriptions list")
    assert "Paused" in listed.content
    assert "Send Messages" in listed.content


async def test_a_permission_lost_while_offline_is_reported(desk: Desk) -> None:
    """A story is refused before the servers are loaded; the admin is notified nevertheless."""
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await desk.subscribe()
    desk.sandbox.faults.revoke(desk.channel().id, SEND)
    desk.write("one")
    async with desk.bot():
        await desk.sandbox.wait_for_message(direct)
    assert len(notices(desk, direct)) == 1


REFUSED = AccessRefused("Missing Access")


async def subscribed(sandbox: Sandbox, store: Store, revision: int = 0) -> Post:
    """A post for #news, which Ada has subscribed."""
    post, ada = make_post(sandbox), sandbox.world.find_user("Ada").id
    new = NewSubscription(post.guild_id, ada, START, SubscriptionSpec(post.channel_id))
    await add_subscription(store, new, revision=revision, seen=[], catch_up=[])
    return post


def direct_messages(sandbox: Sandbox) -> list[str]:
    """The bot's direct messages to Ada."""
    direct = sandbox.world.direct_channel(sandbox.world.find_user("Ada").id)
    return [message.content for message in sandbox.world.log(direct.id).all()]


def restarted(client: discord.Client, store: Store, clock: FakeClock) -> DiscordPoster:
    """A new poster, which knows only what is stored."""
    return make_poster(client, TracedRequests(), clock, store)


async def test_a_malformed_system_channel_is_skipped(
    sandbox: Sandbox, store: Store, client: discord.Client, poster: DiscordPoster
) -> None:
    """An event gave the server a list as the id of its system channel."""
    post = await subscribed(sandbox, store)
    guild = client.get_guild(post.guild_id)
    assert guild is not None
    guild._system_channel_id = []  # type: ignore[assignment]  # noqa: SLF001 - as discord.py stores it
    await poster.report_closed(post, REFUSED)
    direct = sandbox.world.direct_channel(sandbox.world.find_user("Ada").id).id
    assert len(sandbox.world.log(direct)) == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (REFUSED, "Discord denied access: Missing Access"),
        (Cause.EMBED_REMOVED, "missing permission: Embed Links"),
    ],
    ids=str,
)
async def test_an_unexplained_refusal_is_reported_once(
    refusal: Reason,
    words: str,
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    store: Store,
    clock: FakeClock,
) -> None:
    """No permission seems to be missing, so the bot retries.

    Only the first refusal is reported, even after a restart.
    """
    post = await subscribed(sandbox, store)
    for _ in range(3):
        await poster.report_closed(post, refusal)
    await forget_notice(store, post.channel_id)  # as when its pause ends, to try again
    await restarted(client, store, clock).report_closed(post, refusal)
    (text,) = direct_messages(sandbox)
    assert f"({words}). Stories" in text


async def test_a_refusal_after_a_success_is_reported_again(
    sandbox: Sandbox, poster: DiscordPoster, store: Store
) -> None:
    """So is the first refusal for a new subscription."""
    post = await subscribed(sandbox, store)
    await poster.report_closed(post, REFUSED)
    await poster.send(claim(post))
    await poster.report_closed(post, REFUSED)
    assert len(direct_messages(sandbox)) == 2
    await subscribed(sandbox, store)
    await poster.report_closed(post, REFUSED)
    assert len(direct_messages(sandbox)) == 3


async def test_each_loss_of_a_permission_is_reported_once(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, store: Store
) -> None:
    """It is reported again if it was granted in between, and the pause ended."""
    post = await subscribed(sandbox, store)
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    for _ in range(2):
        await poster.report_closed(post, PermissionsMissing(("Send Messages",)))
    assert len(direct_messages(sandbox)) == 1
    await forget_notice(store, post.channel_id)
    await poster.report_closed(post, PermissionsMissing(("Send Messages",)))
    assert len(direct_messages(sandbox)) == 2


async def test_a_pause_unreported_by_a_crash_is_reported_at_start(
    sandbox: Sandbox,
    client: discord.Client,
    store: Store,
    clock: FakeClock,
) -> None:
    """It is reported once, and only if a permission is still missing: other pauses end soon."""
    post = await subscribed(sandbox, store)
    await store.pause_channel(post.channel_id, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    await make_notices(client, clock, store).send_pending_notices()
    assert direct_messages(sandbox) == []
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    for _ in range(2):
        await make_notices(client, clock, store).send_pending_notices()
    (text,) = direct_messages(sandbox)
    assert "**Send Messages**" in text


async def test_a_pause_by_an_admin_is_not_reported(
    sandbox: Sandbox, client: discord.Client, store: Store, clock: FakeClock
) -> None:
    """The admin knows about it."""
    post = await subscribed(sandbox, store)
    await store.pause_channel(post.channel_id, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    await make_notices(client, clock, store).send_pending_notices()
    assert direct_messages(sandbox) == []


REFUSALS = [Status(403), Status(404), Status(503), Reset(after_commit=False)]


@pytest.mark.parametrize("fault", REFUSALS, ids=str)
async def test_a_notice_that_nobody_got_is_sent_again(
    sandbox: Sandbox,
    client: discord.Client,
    store: Store,
    clock: FakeClock,
    fault: Status | Reset,
) -> None:
    """The waits grow, and a restart forgets nothing. Once it has arrived, it is not repeated."""
    post = await subscribed(sandbox, store)
    await store.pause_channel(post.channel_id, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    cancel = sandbox.faults.plan(fault, route="POST /users/@me/channels", times=None)
    await make_notices(client, clock, store).send_pending_notices()
    running = asyncio.create_task(make_notices(client, clock, store).run(clock))
    for attempt in range(1, 4):
        await clock.wait_for_sleeps(attempt)
        assert direct_messages(sandbox) == []
        if attempt == 3:
            cancel()
        await clock.advance(clock.slept[-1])
    async with asyncio.timeout(60):
        while await store.get_notice(post.channel_id) is None:
            pass
    running.cancel()
    assert clock.slept == [60, 120, 240]
    await make_notices(client, clock, store).send_pending_notices()
    assert len(direct_messages(sandbox)) == 1


async def test_a_notice_is_not_repeated_once_the_permission_is_back(
    sandbox: Sandbox, client: discord.Client, store: Store, clock: FakeClock
) -> None:
    """Nobody needs it any more."""
    post = await subscribed(sandbox, store)
    await store.pause_channel(post.channel_id, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    cancel = sandbox.faults.plan(Status(403), route="POST /users/@me/channels", times=None)
    notices = make_notices(client, clock, store)
    running = asyncio.create_task(notices.run(clock))
    await clock.wait_for_sleeps(1)
    cancel()
    sandbox.faults.grant(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    await store.resume_channel(post.channel_id, PausedBy.BOT)
    await clock.advance(60)
    await store.subscribed_guilds()  # the database answers after it has answered the notices
    running.cancel()
    assert direct_messages(sandbox) == []


async def test_the_owner_is_the_last_way(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, store: Store
) -> None:
    """The admin who subscribed the channel has left; somebody else of the server can help."""
    post, nobody = make_post(sandbox), 10**18
    new = NewSubscription(post.guild_id, nobody, START, SubscriptionSpec(post.channel_id))
    await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    owner = client.guilds[0].owner_id
    assert owner is not None
    await poster.report_closed(post, REFUSED)
    log = sandbox.world.log(sandbox.world.direct_channel(owner).id)
    assert len(log.all()) == 1


@pytest.mark.parametrize(
    ("channel", "denied", "missing"),
    [
        ("news", [SEND], ["Send Messages"]),
        ("news", [Permission.EMBED_LINKS], ["Embed Links"]),
        ("news", [SEND, Permission.EMBED_LINKS], ["Send Messages", "Embed Links"]),
        ("news", [Permission.VIEW_CHANNEL], ["View Channel"]),
        ("news", [Permission.READ_MESSAGE_HISTORY], ["Read Message History"]),
    ],
)
async def test_only_permissions_that_are_missing_are_named(
    sandbox: Sandbox,
    client: discord.Client,
    channel: str,
    denied: list[Permission],
    missing: list[str],
) -> None:
    """discord.py also denies what another missing permission implies."""
    channel_id = sandbox.world.find_channel(channel).id
    sandbox.faults.revoke(channel_id, *denied)
    await client.wait_for("guild_channel_update")
    found = client.guilds[0].get_channel(channel_id)
    assert isinstance(found, discord.TextChannel)
    assert missing_permissions(found) == missing


async def test_the_bot_sends_pending_notices_at_start(desk: Desk) -> None:
    """It was killed after it had paused the channel, and before it sent the notice."""
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await desk.subscribe()
    desk.sandbox.faults.revoke(desk.channel().id, SEND)
    async with open_store(desk.database) as store:
        await store.pause_channel(
            desk.channel().id, PausedBy.BOT, PermissionsMissing(("Send Messages",))
        )
    for _ in range(2):
        async with desk.bot():
            await desk.sandbox.wait_for_message(direct)
    assert len(notices(desk, direct)) == 1


def have_system_channel(monkeypatch: pytest.MonkeyPatch, channel_id: int) -> None:
    """Make a channel the system channel of the sandbox's server."""
    properties = payloads.guild_properties

    def with_channel(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as the original
        return properties(*arguments) | {"system_channel_id": str(channel_id)}

    monkeypatch.setattr(payloads, "guild_properties", with_channel)
