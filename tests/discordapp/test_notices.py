"""A channel that can't be posted in: the server's admins are told once, inside Discord."""

from typing import Any

import discord
import pytest

from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.notices import forget_notice
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, Sandbox, Status
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Message
from storage.models import NewSubscription, PausedBy, SubscriptionSpec
from storage.open import open_store
from storage.posts import Post
from storage.protocols import Store
from storage.reasons import AccessRefused, Cause, PermissionsMissing, Reason
from tests.discordapp.support import claim, make_post, make_poster
from tests.support.clock import START, FakeClock
from tests.support.desk import Desk
from tests.support.outbox import add_subscription

SEND = Permission.SEND_MESSAGES


def notices(desk: Desk, channel_id: int) -> list[Message]:
    """What the bot said there that is no story."""
    return [
        message
        for message in desk.sandbox.world.log(channel_id).all()
        if message.content.startswith("I can't post in")
    ]


async def close_and_tell(desk: Desk) -> None:
    """Subscribe #news and #ai, take the permission to post in #news, let two stories come."""
    await desk.subscribe()
    await desk.subscribe("ai")
    desk.sandbox.faults.revoke(desk.channel().id, SEND)
    desk.write("one")
    await desk.told(1, "ai")
    while "Paused" not in (await desk.ask("subscriptions list")).content:
        pass
    desk.write("two")
    await desk.told(2, "ai")


async def test_the_admin_who_subscribed_is_told_what_to_grant(desk: Desk) -> None:
    """The server has no system channel; it is one message, however many stories wait."""
    ada = desk.sandbox.world.find_user("Ada")
    direct = desk.sandbox.world.direct_channel(ada.id).id
    async with desk.bot():
        await close_and_tell(desk)
        await desk.sandbox.wait_for_message(direct)
    (told,) = notices(desk, direct)
    assert told.content == (
        f"I can't post in <#{desk.channel().id}> on **Storywire Sandbox**. Please grant me"
        " **Send Messages, Embed Links** in that channel. Stories wait and are posted automatically"
        " once I can post there again."
    )
    assert told.mentions == []


async def test_the_system_channel_goes_before_the_admin(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who may mend it reads it there."""
    general = desk.channel("general").id
    have_system_channel(monkeypatch, general)
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await close_and_tell(desk)
        await desk.sandbox.wait_for_message(general)
    assert len(notices(desk, general)) == 1
    assert notices(desk, direct) == []


async def test_a_system_channel_that_is_closed_too_is_passed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the admin is told."""
    have_system_channel(monkeypatch, desk.channel("read-only").id)
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await close_and_tell(desk)
        await desk.sandbox.wait_for_message(direct)
    assert len(notices(desk, direct)) == 1


async def test_where_nobody_can_be_told_the_list_says_it(desk: Desk) -> None:
    """The admin takes no messages from servers; nothing else suffers."""
    desk.sandbox.faults.plan(Status(403), route="POST /users/@me/channels", times=None)
    async with desk.bot():
        await close_and_tell(desk)
        listed = await desk.ask("subscriptions list")
    assert "Paused" in listed.content
    assert "Send Messages" in listed.content


async def test_a_permission_that_was_lost_while_the_bot_was_away_is_told(desk: Desk) -> None:
    """A story is refused before the servers have come; the admin hears of it all the same."""
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
    """A post for #news, where Ada has subscribed."""
    post, ada = make_post(sandbox), sandbox.world.find_user("Ada").id
    new = NewSubscription(post.guild_id, ada, START, SubscriptionSpec(post.channel_id))
    await add_subscription(store, new, revision=revision, seen=[], catch_up=[])
    return post


def told_ada(sandbox: Sandbox) -> list[str]:
    """What the bot told Ada in private."""
    direct = sandbox.world.direct_channel(sandbox.world.find_user("Ada").id)
    return [message.content for message in sandbox.world.log(direct.id).all()]


def restarted(client: discord.Client, store: Store, clock: FakeClock) -> DiscordPoster:
    """A poster that remembers nothing but what was written down."""
    return make_poster(client, TracedRequests(), clock, store)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (REFUSED, "Discord denied access: Missing Access"),
        (Cause.EMBED_REMOVED, "missing permission: Embed Links"),
    ],
    ids=str,
)
async def test_a_refusal_that_nobody_can_explain_is_told_once(
    refusal: Reason,
    words: str,
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    store: Store,
    clock: FakeClock,
) -> None:
    """Nothing seems to be missing, so it is tried again and again; nobody wants to hear of each.

    Not even after a restart.
    """
    post = await subscribed(sandbox, store)
    for _ in range(3):
        await poster.report_closed(post, refusal)
    await forget_notice(store, post.channel_id)  # as when its pause ends, to try again
    await restarted(client, store, clock).report_closed(post, refusal)
    (told,) = told_ada(sandbox)
    assert f"({words}). Stories" in told


async def test_a_channel_that_took_a_message_again_is_told_of_anew(
    sandbox: Sandbox, poster: DiscordPoster, store: Store
) -> None:
    """The next refusal is another one, and so is one that a new subscription meets."""
    post = await subscribed(sandbox, store)
    await poster.report_closed(post, REFUSED)
    await poster.send(claim(post))
    await poster.report_closed(post, REFUSED)
    assert len(told_ada(sandbox)) == 2
    await subscribed(sandbox, store)
    await poster.report_closed(post, REFUSED)
    assert len(told_ada(sandbox)) == 3


async def test_a_missing_permission_is_told_once_for_each_time_that_it_goes(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, store: Store
) -> None:
    """When it was back in between, and the pause ended, it is news."""
    post = await subscribed(sandbox, store)
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    for _ in range(2):
        await poster.report_closed(post, PermissionsMissing(("Send Messages",)))
    assert len(told_ada(sandbox)) == 1
    await forget_notice(store, post.channel_id)
    await poster.report_closed(post, PermissionsMissing(("Send Messages",)))
    assert len(told_ada(sandbox)) == 2


async def test_a_pause_that_a_crash_left_untold_is_told_at_the_next_start(
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    store: Store,
    clock: FakeClock,
) -> None:
    """Once; and not where nothing is missing any more, for that pause ends by itself."""
    post = await subscribed(sandbox, store)
    await store.pause_channel(post.channel_id, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    await poster.send_pending_notices()
    assert told_ada(sandbox) == []
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    for _ in range(2):
        await restarted(client, store, clock).send_pending_notices()
    (told,) = told_ada(sandbox)
    assert "**Send Messages, Embed Links**" in told


async def test_a_pause_by_an_admin_is_no_news(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, store: Store
) -> None:
    """Whoever paused it knows."""
    post = await subscribed(sandbox, store)
    await store.pause_channel(post.channel_id, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    sandbox.faults.revoke(post.channel_id, SEND)
    await client.wait_for("guild_channel_update")
    await poster.send_pending_notices()
    assert told_ada(sandbox) == []


async def test_the_whole_bot_tells_at_its_start_what_it_did_not_come_to_tell(desk: Desk) -> None:
    """It was killed between pausing the channel and saying so."""
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
    """Let the sandbox's server say that it has a system channel."""
    properties = payloads.guild_properties

    def with_channel(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as the original
        return properties(*arguments) | {"system_channel_id": str(channel_id)}

    monkeypatch.setattr(payloads, "guild_properties", with_channel)
