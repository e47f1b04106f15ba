"""Forums: threads with a first message, tags, and the lists of threads."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox import Permission, Sandbox, SandboxOptions, Status
from bot.sandbox.model.entities import Channel, ChannelType, OverwriteType
from bot.sandbox.options import ADD_MESSAGE, START_THREAD
from tests.sandbox.support import NewsBot, Rest
from tests.support.sandbox import checked_sandbox

FORBIDDEN = (403, {"message": "Missing Permissions", "code": 50013})
TOO_MANY = (400, {"message": "Maximum number of active threads reached", "code": 160006})
STORY = {"content": "story"}


def add_forum(sandbox: Sandbox) -> Channel:
    """A forum with the tags AI and Space."""
    guild = next(iter(sandbox.world.guilds))
    forum = sandbox.world.add_channel(guild, "stories", ChannelType.FORUM)
    return sandbox.world.set_forum_tags(forum.id, ["AI", "Space"])


@pytest.fixture
def forum(sandbox: Sandbox) -> Channel:
    """A forum with the tags AI and Space."""
    return add_forum(sandbox)


async def start(rest: Rest, forum: Channel, **fields: Any) -> tuple[int, Any]:  # noqa: ANN401 - JSON
    """Start a thread."""
    body = {"name": "A story", "message": STORY} | fields
    return await rest.call("POST", f"/channels/{forum.id}/threads", body)


async def test_the_library_starts_a_thread(sandbox: Sandbox, forum: Channel, bot: NewsBot) -> None:
    """Its first message has its id, and can be edited."""
    found = bot.get_channel(forum.id)
    assert isinstance(found, discord.ForumChannel)
    assert [each.name for each in found.available_tags] == ["AI", "Space"]
    made = await found.create_thread(
        name="A story",
        embed=discord.Embed(title="A story", url="https://example.org/1"),
        applied_tags=[found.available_tags[1]],
    )
    assert made.message.id == made.thread.id
    assert made.thread.applied_tags == [found.available_tags[1]]
    assert (made.thread.owner_id, made.thread.message_count) == (sandbox.world.bot.id, 0)
    await bot.saw("THREAD_CREATE")
    assert found.threads == [made.thread]
    await made.message.edit(embed=discord.Embed(title="Better"))
    await made.thread.send("more")
    history = [each async for each in made.thread.history(oldest_first=True)]
    assert history[0].id == made.thread.id
    assert history[0].embeds[0].title == "Better"
    assert sandbox.world.channel(made.thread.id).archive_minutes == 1440


async def test_the_first_message_has_a_file(forum: Channel, bot: NewsBot) -> None:
    """Files are sent beside the JSON."""
    found = bot.get_channel(forum.id)
    assert isinstance(found, discord.ForumChannel)
    file = discord.File(BytesIO(b"text"), "a.txt")
    made = await found.create_thread(name="A file", content="Here", file=file)
    assert [each.filename for each in made.message.attachments] == ["a.txt"]


async def test_each_request_starts_a_thread(forum: Channel, rest: Rest) -> None:
    """There is no nonce for it, so that a lost answer can only be found by listing threads."""
    message = STORY | {"flags": 4096}
    first, second = [(await start(rest, forum, message=message))[1] for _ in range(2)]
    assert first["id"] != second["id"]
    assert first["message"]["flags"] == 4096


async def test_a_forum_contains_no_messages(forum: Channel, rest: Rest) -> None:
    """They are in its threads only."""
    error = {"message": "Cannot send messages in a non-text channel", "code": 50008}
    assert await rest.send(forum.id, content="story") == (400, error)
    assert await rest.call("GET", f"/channels/{forum.id}/messages") == (400, error)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"applied_tags": ["1", "2", "3", "4", "5", "6"]}, "applied_tags"),
        ({"applied_tags": ["AI"]}, "applied_tags.0"),
        ({"auto_archive_duration": 61}, "auto_archive_duration"),
        ({"message": None}, "message"),
        ({"message": {"content": "x" * 2001}}, "message.content"),
        ({"message": {"embeds": [{"title": "x" * 257}]}}, "message.embeds.0.title"),
    ],
)
async def test_invalid_fields_are_named(
    sandbox: Sandbox, forum: Channel, rest: Rest, fields: dict[str, Any], path: str
) -> None:
    """Those of the message are below its key."""
    status, body = await start(rest, forum, **fields)
    assert (status, body["code"]) == (400, 50035)
    found = body["errors"]
    for part in path.split("."):
        found = found[part]
    assert found["_errors"]
    assert sandbox.world.active_threads(forum.guild_id or 0) == []
    sandbox.violations.clear()  # Some of these requests match no schema.
    assert (await start(rest, forum, name="x" * 100))[0] == 201


async def test_a_forum_can_require_a_tag(sandbox: Sandbox, forum: Channel, rest: Rest) -> None:
    """Without one the answer is 40067, with a deleted one 10087."""
    old = forum.available_tags[1].id
    sandbox.world.set_forum_tags(forum.id, ["AI"], required=True)
    assert (await rest.call("GET", f"/channels/{forum.id}"))[1]["flags"] == 1 << 4
    status, body = await start(rest, forum)
    assert (status, body["code"]) == (400, 40067)
    status, body = await start(rest, forum, applied_tags=[str(old)])
    assert (status, body["code"]) == (404, 10087)
    tag = str(forum.available_tags[0].id)
    status, body = await start(rest, forum, applied_tags=[tag])
    assert (status, body["applied_tags"]) == (201, [tag])


async def test_moderators_apply_moderated_tags(
    sandbox: Sandbox, forum: Channel, rest: Rest
) -> None:
    """Others may not."""
    sandbox.world.set_forum_tags(forum.id, ["AI"], moderated=["Official"])
    tag = next(each for each in forum.available_tags if each.moderated)
    assert await start(rest, forum, applied_tags=[str(tag.id)]) == FORBIDDEN


async def test_the_library_changes_its_threads(
    sandbox: Sandbox, forum: Channel, bot: NewsBot
) -> None:
    """Their names, tags and archiving; an archived one must be unarchived by the same request."""
    found = bot.get_channel(forum.id)
    assert isinstance(found, discord.ForumChannel)
    thread = (await found.create_thread(name="A story", content="story")).thread
    changed = await thread.edit(name="Better", applied_tags=found.available_tags)
    assert (changed.name, changed.applied_tags) == ("Better", [*found.available_tags])
    assert (await thread.edit(archived=True)).archived
    with pytest.raises(discord.HTTPException) as caught:
        await thread.edit(name="Late")
    assert caught.value.code == 50083
    assert (await thread.edit(name="Late", archived=False)).name == "Late"
    sandbox.world.update_thread(thread.id, locked=True)
    with pytest.raises(discord.Forbidden):
        await thread.edit(name="Locked")


async def test_others_threads_need_manage_threads(
    sandbox: Sandbox, forum: Channel, rest: Rest
) -> None:
    """Adding and removing tags follows the rules for starting a thread."""
    thread = sandbox.world.add_thread(forum.id, "Ada's")
    assert await rest.call("PATCH", f"/channels/{thread.id}", {"name": "x"}) == FORBIDDEN
    own = f"/channels/{(await start(rest, forum))[1]['id']}"
    sandbox.world.set_forum_tags(forum.id, ["AI"], moderated=["Official"], required=True)
    official = [str(each.id) for each in forum.available_tags if each.moderated]
    assert await rest.call("PATCH", own, {"applied_tags": official}) == FORBIDDEN
    status, body = await rest.call("PATCH", own, {"applied_tags": []})
    assert (status, body["code"]) == (400, 40067)
    assert (await rest.call("PATCH", own, {"name": " "}))[1]["code"] == 50035


async def test_threads_of_forums_need_send_messages(
    sandbox: Sandbox, forum: Channel, rest: Rest
) -> None:
    """Of the messages in them the rules for threads apply; Create Public Threads has no effect."""
    sandbox.faults.revoke(forum.id, Permission.CREATE_PUBLIC_THREADS)
    assert (await start(rest, forum))[0] == 201
    sandbox.faults.revoke(forum.id, Permission.EMBED_LINKS)
    assert await start(rest, forum, message={"embeds": [{"title": "x"}]}) == FORBIDDEN
    sandbox.faults.revoke(forum.id, Permission.SEND_MESSAGES)
    assert await start(rest, forum) == FORBIDDEN
    sandbox.faults.revoke(forum.id, Permission.VIEW_CHANNEL)
    assert (await start(rest, forum))[1]["code"] == 50001
    assert (await rest.call("POST", "/channels/1/threads", {"name": "x", "message": STORY}))[1] == {
        "message": "Unknown Channel",
        "code": 10003,
    }


async def test_an_empty_first_message_is_refused(forum: Channel, rest: Rest) -> None:
    status, body = await start(rest, forum, message={"content": " "})
    assert (status, body["code"]) == (400, 50006)


async def test_fault_of_several_routes_applies_to_one_request(
    sandbox: Sandbox, forum: Channel, rest: Rest
) -> None:
    """To the first: here it starts a thread, and the message after it is sent."""
    news = sandbox.world.find_channel("news").id
    sandbox.faults.plan(Status(503), route=ADD_MESSAGE)
    statuses = [
        (await start(rest, forum))[0],
        (await rest.send(news, **STORY))[0],
    ]
    assert statuses == [503, 200]


async def test_a_lost_answer_is_found_in_the_lists(
    sandbox: Sandbox, forum: Channel, bot: NewsBot
) -> None:
    """In that of active or, later, of archived threads; the newest is first."""
    found = bot.get_channel(forum.id)
    assert isinstance(found, discord.ForumChannel)
    sandbox.faults.plan(Status(503, after_commit=True), route=START_THREAD)
    with pytest.raises(discord.HTTPException):
        await found.create_thread(name="Lost", content="story")
    await found.create_thread(name="Other", content="story")
    active = await found.guild.active_threads()
    assert [each.name for each in active] == ["Other", "Lost"]
    for thread in reversed(active):
        sandbox.faults.move_clock(timedelta(minutes=1))
        sandbox.world.update_thread(thread.id, archived=True)
    assert await found.guild.active_threads() == []
    archived = [each async for each in found.archived_threads()]
    assert [each.name for each in archived] == ["Other", "Lost"]
    assert [each.owner_id for each in archived] == [sandbox.world.bot.id] * 2


async def test_archived_threads_have_pages(sandbox: Sandbox, forum: Channel, rest: Rest) -> None:
    """Pages end before a time."""
    for number in range(5):
        thread = sandbox.world.add_thread(forum.id, f"{number}")
        sandbox.faults.move_clock(timedelta(minutes=1))
        sandbox.world.update_thread(thread.id, archived=True)
    seen, before = [], ""
    path = f"/channels/{forum.id}/threads/archived/public?limit=2"
    while True:
        status, body = await rest.call("GET", path + before)
        assert status == 200
        seen += [each["name"] for each in body["threads"]]
        if not body["has_more"]:
            break
        last = body["threads"][-1]["thread_metadata"]["archive_timestamp"]
        before = f"&before={last.replace('+', '%2B')}"
    assert seen == ["4", "3", "2", "1", "0"]


async def test_archived_threads_need_the_history(
    sandbox: Sandbox, forum: Channel, rest: Rest
) -> None:
    """Without the permission the answer is 50013; channels without threads answer 50024."""
    path = f"/channels/{forum.id}/threads/archived/public"
    sandbox.faults.revoke(forum.id, Permission.READ_MESSAGE_HISTORY)
    assert await rest.call("GET", path) == FORBIDDEN
    voice = sandbox.world.add_channel(forum.guild_id or 0, "voice", ChannelType.VOICE)
    status, body = await rest.call("GET", f"/channels/{voice.id}/threads/archived/public")
    assert (status, body["code"]) == (400, 50024)


async def test_hidden_forums_have_no_active_threads(
    sandbox: Sandbox, forum: Channel, rest: Rest
) -> None:
    """Servers without the bot have none either."""
    await start(rest, forum)
    sandbox.faults.revoke(forum.id, Permission.VIEW_CHANNEL)
    status, body = await rest.call("GET", f"/guilds/{forum.guild_id}/threads/active")
    assert (status, body["threads"]) == (200, [])
    assert (await rest.call("GET", "/guilds/1/threads/active"))[1]["code"] == 10004


async def test_a_server_has_so_many_active_threads(rest_session: aiohttp.ClientSession) -> None:
    """Unarchiving needs room, too; archiving makes it."""
    async with checked_sandbox(SandboxOptions(rates=None, max_active_threads=1)) as sandbox:
        rest, forum = Rest(sandbox, rest_session), add_forum(sandbox)
        thread = (await start(rest, forum))[1]["id"]
        assert await start(rest, forum) == TOO_MANY
        sandbox.world.update_thread(int(thread), archived=True)
        assert (await start(rest, forum))[0] == 201
        assert await rest.send(thread, content="more") == TOO_MANY
        assert await rest.call("PATCH", f"/channels/{thread}", {"archived": False}) == TOO_MANY


async def test_inactive_threads_are_archived(sandbox: Sandbox, forum: Channel, rest: Rest) -> None:
    """After the time that they are to stay active; a message begins it again."""
    quiet, busy = [int((await start(rest, forum))[1]["id"]) for _ in range(2)]
    minutes = sandbox.world.channel(quiet).archive_minutes
    sandbox.faults.move_clock(timedelta(minutes=minutes - 1))
    await rest.send(busy, content="more")
    sandbox.faults.move_clock(timedelta(minutes=1))
    assert sandbox.world.channel(quiet).archived
    assert not sandbox.world.channel(busy).archived


async def test_moderators_delete_threads(sandbox: Sandbox, forum: Channel, rest: Rest) -> None:
    """With Manage Threads; its owner alone may not."""
    thread = (await start(rest, forum))[1]["id"]
    assert (await rest.call("DELETE", f"/channels/{thread}"))[1]["code"] == 50013
    bot_id, allow = sandbox.world.bot.id, int(Permission.MANAGE_THREADS)
    sandbox.world.set_overwrite(forum.id, bot_id, OverwriteType.MEMBER, allow=allow)
    status, body = await rest.call("DELETE", f"/channels/{thread}")
    assert (status, body["id"]) == (200, thread)
    assert (await rest.call("GET", f"/channels/{thread}"))[1]["code"] == 10003


@pytest.fixture
async def rest_session() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_forum_survives_a_restart(tmp_path: Path) -> None:
    """With its tags and threads."""
    options = SandboxOptions(rates=None, state=tmp_path)
    async with checked_sandbox(options) as first:
        forum = add_forum(first)
        thread = first.world.add_thread(
            forum.id, "A story", applied_tags=[forum.available_tags[0].id]
        )
        first.world.set_forum_tags(forum.id, ["AI"], required=True)
    async with checked_sandbox(options) as second:
        assert second.world.channel(forum.id) == forum
        assert second.world.channel(thread.id) == thread
