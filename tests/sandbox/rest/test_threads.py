"""Threads: archived and locked ones, and what the bot may do there."""

import discord
import pytest

from bot.sandbox import Permission, Sandbox, SandboxOptions
from bot.sandbox.model.entities import Channel, ChannelType, MessageFlag, OverwriteType
from tests.sandbox.support import NewsBot, Rest
from tests.support.sandbox import checked_sandbox

ARCHIVED = (400, {"message": "Thread is archived", "code": 50083})
FORBIDDEN = (403, {"message": "Missing Permissions", "code": 50013})
LOCKED = (400, {"message": "Thread is locked", "code": 160005})


@pytest.fixture
def thread(sandbox: Sandbox) -> Channel:
    """A thread of #news."""
    return sandbox.world.add_thread(sandbox.world.find_channel("news").id, "Science")


def moderate(sandbox: Sandbox, thread: Channel) -> None:
    """Allow the bot to manage threads."""
    assert thread.parent_id is not None
    sandbox.world.set_overwrite(
        thread.parent_id,
        sandbox.world.bot.id,
        OverwriteType.MEMBER,
        allow=int(Permission.MANAGE_THREADS),
    )


async def sent_in(rest: Rest, thread: Channel) -> str:
    """The path of a new message in a thread."""
    status, body = await rest.send(thread.id, content="story")
    assert status == 200
    return f"/channels/{thread.id}/messages/{body['id']}"


async def test_a_message_unarchives_a_thread(sandbox: Sandbox, rest: Rest, thread: Channel) -> None:
    """A message that is refused does not."""
    sandbox.world.update_thread(thread.id, archived=True)
    assert (await rest.send(thread.id))[0] == 400
    assert thread.archived
    assert (await rest.send(thread.id, content="story"))[0] == 200
    assert not thread.archived


@pytest.mark.parametrize("locked", [False, True])
async def test_archived_messages_can_not_be_changed(
    sandbox: Sandbox, rest: Rest, thread: Channel, locked: bool
) -> None:
    """Editing and deleting have the same answer."""
    path = await sent_in(rest, thread)
    sandbox.world.update_thread(thread.id, archived=True, locked=locked)
    assert await rest.call("PATCH", path, {"content": "better"}) == ARCHIVED
    assert await rest.call("DELETE", path) == ARCHIVED
    assert (await rest.call("GET", path))[1]["content"] == "story"


async def test_the_bot_unarchives_a_thread(sandbox: Sandbox, rest: Rest, thread: Channel) -> None:
    """It needs no permission except that to send there."""
    path, unarchive = f"/channels/{thread.id}", {"archived": False}
    sandbox.world.update_thread(thread.id, archived=True)
    status, body = await rest.call("PATCH", path, unarchive)
    assert (status, body["thread_metadata"]["archived"]) == (200, False)
    assert await rest.call("PATCH", path, {"archived": True}) == FORBIDDEN
    assert await rest.call("PATCH", path, {"locked": True}) == FORBIDDEN
    assert thread.parent_id is not None
    sandbox.faults.revoke(thread.parent_id, Permission.SEND_MESSAGES_IN_THREADS)
    assert await rest.call("PATCH", path, unarchive) == FORBIDDEN
    assert await rest.send(thread.id, content="x") == FORBIDDEN


async def test_a_locked_thread_needs_manage_threads(
    sandbox: Sandbox, rest: Rest, thread: Channel
) -> None:
    """That applies to sending, editing and unarchiving."""
    message = await sent_in(rest, thread)
    path = f"/channels/{thread.id}"
    sandbox.world.update_thread(thread.id, locked=True)
    assert await rest.send(thread.id, content="x") == FORBIDDEN
    assert await rest.call("PATCH", message, {"content": "better"}) == FORBIDDEN
    sandbox.world.update_thread(thread.id, archived=True)
    assert await rest.send(thread.id, content="x") == LOCKED
    assert await rest.call("PATCH", path, {"archived": False}) == FORBIDDEN
    moderate(sandbox, thread)
    assert await rest.call("PATCH", path, {"locked": False}) == ARCHIVED
    assert (await rest.send(thread.id, content="x"))[0] == 200
    assert thread.locked
    assert not thread.archived
    assert (await rest.call("PATCH", message, {"content": "better"}))[0] == 200
    status, _ = await rest.call("PATCH", path, {"archived": True, "locked": False})
    assert (status, thread.archived, thread.locked) == (200, True, False)


async def test_send_messages_has_no_effect_in_threads(
    sandbox: Sandbox, rest: Rest, thread: Channel
) -> None:
    """The channel's overwrites apply."""
    assert thread.parent_id is not None
    sandbox.faults.revoke(thread.parent_id, Permission.SEND_MESSAGES)
    status, body = await rest.send(thread.id, embeds=[{"title": "story"}])
    assert status == 200
    assert body["embeds"]
    sandbox.faults.revoke(thread.parent_id, Permission.VIEW_CHANNEL)
    assert (await rest.call("GET", f"/channels/{thread.id}"))[0] == 403


async def test_the_library_follows_threads(sandbox: Sandbox, bot: NewsBot) -> None:
    """It keeps the active ones; an archived one can be fetched."""
    world, guild = sandbox.world, bot.guilds[0]
    thread = world.add_thread(world.find_channel("news").id, "Science")
    await bot.saw("THREAD_CREATE")
    assert [each.name for each in guild.threads] == ["Science"]
    world.update_thread(thread.id, archived=True)
    await bot.saw("THREAD_UPDATE")
    assert not guild.threads
    fetched = await bot.fetch_channel(thread.id)
    assert isinstance(fetched, discord.Thread)
    assert fetched.archived
    bot.seen.clear()
    await fetched.edit(archived=False)
    await bot.saw("THREAD_UPDATE")
    assert not guild.threads[0].archived
    world.delete_channel(thread.id)
    await bot.saw("THREAD_DELETE")
    assert not guild.threads


async def test_a_new_session_knows_active_threads(
    sandbox: Sandbox, bot: NewsBot, thread: Channel
) -> None:
    """Archived ones are not synced."""
    await bot.saw("THREAD_CREATE")
    assert thread.parent_id is not None
    old = sandbox.world.add_thread(thread.parent_id, "Old")
    sandbox.world.update_thread(old.id, archived=True)
    bot.seen.clear()
    sandbox.faults.invalidate_sessions()
    await bot.saw("GUILD_CREATE")
    assert [each.id for each in bot.guilds[0].threads] == [thread.id]


@pytest.mark.parametrize(
    ("kind", "thread_kind"),
    [
        (ChannelType.TEXT, ChannelType.PUBLIC_THREAD),
        (ChannelType.ANNOUNCEMENT, ChannelType.ANNOUNCEMENT_THREAD),
    ],
)
async def test_a_message_has_one_thread(
    sandbox: Sandbox, rest: Rest, kind: ChannelType, thread_kind: ChannelType
) -> None:
    """It has the message's id, and the message says so."""
    world = sandbox.world
    channel = world.add_channel(next(iter(world.guilds)), "stories", kind)
    message = await sent_in(rest, channel)
    started = {"name": "Discussion", "auto_archive_duration": 60, "rate_limit_per_user": None}
    status, thread = await rest.call("POST", f"{message}/threads", started)
    assert (status, thread["type"], thread["name"]) == (201, thread_kind, "Discussion")
    assert message.endswith(f"/{thread['id']}")
    assert thread["parent_id"] == str(channel.id)
    status, shown = await rest.call("GET", message)
    assert (shown["flags"], shown["thread"]["id"]) == (MessageFlag.HAS_THREAD, thread["id"])
    assert (await rest.send(int(thread["id"]), content="What do you think?"))[0] == 200
    assert await rest.call("POST", f"{message}/threads", {"name": "Another"}) == (
        400,
        {"message": "A thread has already been created for this message", "code": 160004},
    )


async def test_a_thread_under_a_message_needs_a_permission(
    sandbox: Sandbox, rest: Rest, thread: Channel
) -> None:
    """It can't be in another thread, or under an unknown message."""
    news = sandbox.world.find_channel("news")
    message, named = await sent_in(rest, news), {"name": "Discussion"}
    inner = await sent_in(rest, thread)
    assert (await rest.call("POST", f"{inner}/threads", named))[1]["code"] == 50024
    unknown = f"/channels/{news.id}/messages/5/threads"
    assert (await rest.call("POST", unknown, named))[1]["code"] == 10008
    sandbox.faults.revoke(news.id, Permission.CREATE_PUBLIC_THREADS)
    assert await rest.call("POST", f"{message}/threads", named) == FORBIDDEN


async def test_active_threads_under_messages_are_limited(rest: Rest) -> None:
    async with checked_sandbox(SandboxOptions(rates=None, max_active_threads=1)) as sandbox:
        rest = Rest(sandbox, rest.session)
        news = sandbox.world.find_channel("news")
        messages = [await sent_in(rest, news) for _ in range(2)]
        assert (await rest.call("POST", f"{messages[0]}/threads", {"name": "1"}))[0] == 201
        status, body = await rest.call("POST", f"{messages[1]}/threads", {"name": "2"})
        assert (status, body["code"]) == (400, 160006)


async def test_the_library_starts_a_thread_under_a_message(bot: NewsBot) -> None:
    """It knows the message by the thread's id."""
    found = discord.utils.get(bot.get_all_channels(), name="news")
    assert isinstance(found, discord.TextChannel)
    message = await found.send("story")
    thread = await message.create_thread(name="Discussion")
    await bot.saw("THREAD_CREATE")
    assert thread.id == message.id
    assert found.get_thread(message.id) is not None
    assert (await found.fetch_message(message.id)).flags.has_thread


async def test_threads_are_deleted_with_their_channel(
    sandbox: Sandbox, rest: Rest, thread: Channel
) -> None:
    assert thread.parent_id is not None
    sandbox.world.delete_channel(thread.parent_id)
    assert (await rest.send(thread.id, content="x"))[0] == 404


async def test_a_role_can_be_fetched(sandbox: Sandbox, rest: Rest) -> None:
    """A deleted one is unknown."""
    guild = next(iter(sandbox.world.guilds))
    role = sandbox.world.add_role(guild, "Readers")
    path = f"/guilds/{guild}/roles/{role.id}"
    status, body = await rest.call("GET", path)
    assert (status, body["name"]) == (200, "Readers")
    sandbox.world.delete_role(guild, role.id)
    assert await rest.call("GET", path) == (404, {"message": "Unknown Role", "code": 10011})
    assert (await rest.call("GET", f"/guilds/1/roles/{role.id}"))[1]["code"] == 10004
