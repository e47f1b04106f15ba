"""A channel that can't be posted in: the server's admins are told once, inside Discord."""

from __future__ import annotations

from typing import Any

import pytest

from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, Sandbox, Status, wire
from bot.sandbox.models import Message
from storage.models import NewSubscription, Rules
from storage.sqlite import SqliteStore
from tests.discordapp.support import make_post
from tests.support.clock import START
from tests.support.desk import Desk

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
    await desk.ask("subscriptions add")
    await desk.ask("subscriptions add", channel="ai")
    desk.sandbox.faults.revoke(desk.channel().id, SEND)
    desk.write("one")
    await desk.told(1, "ai")
    while "paused" not in (await desk.ask("subscriptions list")).content:
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
        f"I can't post in <#{desk.channel().id}> of **Storywire Sandbox**. Please grant me"
        " **Send Messages, Embed Links** there; the stories wait until I can, and then come by"
        " themselves."
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
    assert "paused" in listed.content
    assert "Send Messages" in listed.content


async def test_a_permission_that_was_lost_while_the_bot_was_away_is_told(desk: Desk) -> None:
    """A story is refused before the servers have come; the admin hears of it all the same."""
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await desk.ask("subscriptions add")
    desk.sandbox.faults.revoke(desk.channel().id, SEND)
    desk.write("one")
    async with desk.bot():
        await desk.sandbox.wait_for_message(direct)
    assert len(notices(desk, direct)) == 1


async def test_a_refusal_that_nobody_can_explain_is_told_once(
    sandbox: Sandbox, poster: DiscordPoster, store: SqliteStore
) -> None:
    """Nothing seems to be missing, so it is tried again and again; nobody wants to hear of each."""
    post, ada = make_post(sandbox), sandbox.world.find_user("Ada").id
    new = NewSubscription(post.guild_id, post.channel_id, ada, START, Rules())
    await store.add_subscription(new, revision=0, seen=[], catch_up=[])
    for _ in range(3):
        await poster.report_closed(post, "Discord refuses it: Missing Access")
    direct = sandbox.world.log(sandbox.world.direct_channel(ada).id).all()
    assert ["(Discord refuses it: Missing Access); the" in each.content for each in direct] == [
        True
    ]


def have_system_channel(monkeypatch: pytest.MonkeyPatch, channel_id: int) -> None:
    """Let the sandbox's server say that it has a system channel."""
    properties = wire.guild_properties

    def with_channel(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as the original
        return properties(*arguments) | {"system_channel_id": str(channel_id)}

    monkeypatch.setattr(wire, "guild_properties", with_channel)
