"""Announcement channels: publishing messages, and the limits of that."""

from collections.abc import AsyncIterator
from datetime import timedelta

import discord
import pytest

from bot.sandbox import Permission, RateOptions, Sandbox, SandboxOptions
from bot.sandbox.model.entities import Channel, ChannelType, Message, OverwriteType
from tests.sandbox.support import NewsBot, Rest, RunBot
from tests.support.sandbox import checked_sandbox

CROSSPOSTED = 1
LIMIT = 2


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose only limits are those of published messages."""
    rates = RateOptions(
        routes={},
        global_per_second=None,
        crossposts_per_hour=LIMIT,
        crossposted_edits_per_hour=LIMIT,
    )
    async with checked_sandbox(SandboxOptions(rates=rates)) as made:
        yield made


@pytest.fixture
def channel(sandbox: Sandbox) -> Channel:
    """An announcement channel."""
    guild = next(iter(sandbox.world.guilds))
    return sandbox.world.add_channel(guild, "releases", ChannelType.ANNOUNCEMENT)


async def sent_in(rest: Rest, channel: Channel) -> str:
    """The path of a new message."""
    status, body = await rest.send(channel.id, content="story")
    assert status == 200
    return f"/channels/{channel.id}/messages/{body['id']}"


async def crosspost(rest: Rest, message: str) -> tuple[int, int]:
    """The status and the code or, of a published message, the flags."""
    status, body = await rest.call("POST", f"{message}/crosspost")
    return status, body["flags"] if status == 200 else body["code"]


async def test_the_library_publishes_a_message(channel: Channel, bot: NewsBot) -> None:
    """A second time is refused and counts for nothing."""
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    assert found.is_news()
    sent = await found.send("story")
    await sent.publish()
    assert (await found.fetch_message(sent.id)).flags.crossposted
    for _ in range(LIMIT):
        with pytest.raises(discord.HTTPException) as caught:
            await sent.publish()
        assert (caught.value.status, caught.value.code) == (400, 40033)
    await (await found.send("another")).publish()


async def test_only_announcement_channels_publish(sandbox: Sandbox, rest: Rest) -> None:
    news = sandbox.world.find_channel("news")
    assert await crosspost(rest, await sent_in(rest, news)) == (400, 50024)


async def test_an_unknown_message_is_not_published(rest: Rest, channel: Channel) -> None:
    assert await crosspost(rest, f"/channels/{channel.id}/messages/5") == (404, 10008)


async def test_publishing_needs_send_messages(
    sandbox: Sandbox, rest: Rest, channel: Channel
) -> None:
    """Of others' messages also Manage Messages."""
    own = await sent_in(rest, channel)
    world = sandbox.world
    other = Message(world.snowflakes.next(), channel.id, world.find_user("Ada").id, world.clock())
    world.add_message(other)
    others = f"/channels/{channel.id}/messages/{other.id}"
    sandbox.faults.revoke(channel.id, Permission.SEND_MESSAGES)
    assert await crosspost(rest, own) == (403, 50013)
    sandbox.faults.grant(channel.id, Permission.SEND_MESSAGES)
    assert await crosspost(rest, own) == (200, CROSSPOSTED)
    assert await crosspost(rest, others) == (403, 50013)
    world.set_overwrite(
        channel.id, world.bot.id, OverwriteType.MEMBER, allow=int(Permission.MANAGE_MESSAGES)
    )
    assert await crosspost(rest, others) == (200, CROSSPOSTED)


async def test_a_channel_publishes_so_many_in_an_hour(
    sandbox: Sandbox, rest: Rest, channel: Channel
) -> None:
    """The body contains the wait; other channels have their own limit."""
    for _ in range(LIMIT):
        assert await crosspost(rest, await sent_in(rest, channel)) == (200, CROSSPOSTED)
    late = await sent_in(rest, channel)
    status, body = await rest.call("POST", f"{late}/crosspost")
    assert (status, body["code"], body["global"]) == (429, 20028, False)
    assert 3000 < body["retry_after"] <= 3600
    assert rest.headers["Retry-After"] == "1"
    assert rest.headers["X-RateLimit-Scope"] == "shared"
    assert "Via" in rest.headers
    other = sandbox.world.add_channel(channel.guild_id or 0, "other", ChannelType.ANNOUNCEMENT)
    assert await crosspost(rest, await sent_in(rest, other)) == (200, CROSSPOSTED)
    sandbox.faults.move_clock(timedelta(seconds=body["retry_after"]))
    assert await crosspost(rest, late) == (200, CROSSPOSTED)


async def test_published_messages_have_few_edits(
    sandbox: Sandbox, rest: Rest, channel: Channel
) -> None:
    """Others have as many as before, and a refused edit changes nothing."""
    published, other = await sent_in(rest, channel), await sent_in(rest, channel)
    await crosspost(rest, published)
    for number in range(LIMIT + 1):
        assert (await rest.call("PATCH", other, {"content": f"{number}"}))[0] == 200
    for number in range(LIMIT):
        status, body = await rest.call("PATCH", published, {"content": f"{number}"})
        assert (status, body["flags"]) == (200, CROSSPOSTED)
    status, body = await rest.call("PATCH", published, {"content": "late"})
    assert (status, body["code"]) == (429, 20028)
    assert body["retry_after"] > float(rest.headers["Retry-After"])
    assert (await rest.call("GET", published))[1]["content"] == "1"
    sandbox.faults.move_clock(timedelta(seconds=body["retry_after"]))
    assert (await rest.call("PATCH", published, {"content": "late"}))[0] == 200


async def test_the_library_knows_how_long_to_wait(
    sandbox: Sandbox, run_bot: RunBot, channel: Channel
) -> None:
    """With a maximum it raises instead of waiting for an hour."""
    client = NewsBot(max_ratelimit_timeout=60)
    async with run_bot(sandbox, client):
        found = client.get_partial_messageable(channel.id)
        for _ in range(LIMIT):
            await (await found.send("story")).publish()
        late = await found.send("story")
        with pytest.raises(discord.RateLimited) as caught:
            await late.publish()
    assert caught.value.retry_after > 3000
