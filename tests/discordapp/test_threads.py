"""Stories in threads: archived and locked ones, with the real client against the sandbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    Found,
    MessageGone,
    NotFound,
    Unavailable,
    Unreadable,
)
from bot.discordapp.poster import REFUSAL_RETRIES, DiscordPoster
from bot.sandbox import Invalid, Permission, Sandbox, Status
from bot.sandbox.model.entities import Channel
from storage.posts import Post
from storage.reasons import Cause, PermissionsMissing
from tests.discordapp.support import CREATE_MESSAGE, claim, edit, make_post

SINCE = datetime.now(UTC) - timedelta(hours=1)
LOCKED = PermissionsMissing(("Manage Threads (or unlock the thread)",))


@pytest.fixture
async def thread(sandbox: Sandbox, client: discord.Client) -> Channel:
    """A thread of #news that the client knows."""
    made = sandbox.world.add_thread(sandbox.world.find_channel("news").id, "Science")
    await client.wait_for("thread_create")
    return made


async def update(
    sandbox: Sandbox,
    client: discord.Client,
    thread: Channel,
    *,
    archived: bool | None = None,
    locked: bool | None = None,
) -> None:
    """Change a thread, and wait until the client knows."""
    sandbox.world.update_thread(thread.id, archived=archived, locked=locked)
    await client.wait_for("raw_thread_update")


def post_in(sandbox: Sandbox, thread: Channel, number: int = 1) -> Post:
    """A post for a thread."""
    return replace(make_post(sandbox, number), channel_id=thread.id)


async def send(sandbox: Sandbox, poster: DiscordPoster, thread: Channel) -> Post:
    """Send a story to a thread; returns its post."""
    post = post_in(sandbox, thread)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    return replace(post, message_id=outcome.message_id)


async def test_a_story_reopens_an_archived_thread(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, thread: Channel
) -> None:
    """Discord does that by itself."""
    await update(sandbox, client, thread, archived=True)
    await send(sandbox, poster, thread)
    assert not thread.archived
    assert len(sandbox.world.log(thread.id)) == 1


@pytest.mark.parametrize("delete", [False, True], ids=["edited", "deleted"])
async def test_a_thread_is_unarchived_for_an_edit(
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    thread: Channel,
    delete: bool,
) -> None:
    """Discord refuses to change messages in archived threads."""
    post = await send(sandbox, poster, thread)
    await update(sandbox, client, thread, archived=True)
    assert await edit(poster, post, delete=delete) == Accepted(post.message_id or 0)
    assert not thread.archived
    titles = [message.embeds[0]["title"] for message in sandbox.world.log(thread.id).all()]
    assert titles == ([] if delete else ["Better"])


async def test_an_edit_may_be_reduced_after_unarchiving(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, thread: Channel
) -> None:
    """Both may be needed for the same message."""
    post = await send(sandbox, poster, thread)
    await update(sandbox, client, thread, archived=True)
    button = Invalid(("components.0.components.1.url",))
    edit_message = "PATCH /channels/{channel_id}/messages/{message_id}"
    sandbox.faults.plan(button, route=edit_message, times=None)
    outcome = await edit(poster, post)
    assert isinstance(outcome, Accepted)
    assert outcome.reduced is not None


@pytest.mark.parametrize("archived", [False, True])
async def test_a_locked_thread_is_closed(
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    thread: Channel,
    archived: bool,
) -> None:
    """It needs a permission; the bot knows that unless the thread is archived, too."""
    post = await send(sandbox, poster, thread)
    await update(sandbox, client, thread, archived=archived, locked=True)
    expected = ChannelClosed(Cause.THREAD_LOCKED if archived else LOCKED, request_made=archived)
    assert await poster.send(claim(post_in(sandbox, thread, 2))) == expected
    assert await edit(poster, post) == expected
    assert await edit(poster, post, delete=True) == expected
    await update(sandbox, client, thread, archived=False, locked=False)
    assert isinstance(await edit(poster, post), Accepted)


async def test_a_lock_that_the_gateway_did_not_report(
    sandbox: Sandbox, poster: DiscordPoster, thread: Channel
) -> None:
    """Discord's refusal is confirmed before it counts."""
    post = await send(sandbox, poster, thread)
    sandbox.world.update_thread(thread.id, locked=True)
    assert isinstance(await edit(poster, post), ChannelClosed)


@pytest.mark.parametrize("status", [400, 403])
async def test_an_archived_thread_is_recognised_by_its_code(
    sandbox: Sandbox, poster: DiscordPoster, thread: Channel, status: int
) -> None:
    """Discord has been seen to answer with either status."""
    post = await send(sandbox, poster, thread)
    body = '{"message": "Thread is archived", "code": 50083}'
    edit_message = "PATCH /channels/{channel_id}/messages/{message_id}"
    sandbox.faults.plan(Status(status, body=body), route=edit_message)
    assert await edit(poster, post) == Accepted(post.message_id or 0)
    assert sandbox.requests[-2].route == "PATCH /channels/{channel_id}"


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("code", [50083, 160005])
async def test_a_locked_thread_is_recognised_by_its_code(
    sandbox: Sandbox, poster: DiscordPoster, thread: Channel, status: int, code: int
) -> None:
    """Sending unarchives a thread, unless it is locked."""
    body = f'{{"message": "Thread is locked", "code": {code}}}'
    sandbox.faults.plan(Status(status, body=body), route=CREATE_MESSAGE, times=None)
    for _ in range(REFUSAL_RETRIES):
        assert isinstance(await poster.send(claim(post_in(sandbox, thread))), Unavailable)
    outcome = await poster.send(claim(post_in(sandbox, thread)))
    assert outcome == ChannelClosed(Cause.THREAD_LOCKED)


@pytest.mark.parametrize("code", [160006, 160007])
async def test_a_thread_that_can_not_be_reopened_is_closed(
    sandbox: Sandbox, poster: DiscordPoster, thread: Channel, code: int
) -> None:
    """The server has too many active threads; no story is lost."""
    body = f'{{"message": "Maximum number of active threads reached", "code": {code}}}'
    sandbox.faults.plan(Status(400, body=body), route=CREATE_MESSAGE, times=None)
    for _ in range(REFUSAL_RETRIES):
        assert isinstance(await poster.send(claim(post_in(sandbox, thread))), Unavailable)
    outcome = await poster.send(claim(post_in(sandbox, thread)))
    assert outcome == ChannelClosed(Cause.TOO_MANY_THREADS)


async def test_a_deleted_thread_is_gone(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, thread: Channel
) -> None:
    """So are its messages."""
    post = await send(sandbox, poster, thread)
    sandbox.world.delete_channel(thread.id)
    await client.wait_for("raw_thread_delete")
    assert isinstance(await edit(poster, post), MessageGone)
    assert isinstance(await poster.send(claim(post)), ChannelGone)


async def test_an_archived_threads_history_is_searched(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, thread: Channel
) -> None:
    """The gateway does not report archived threads, so Discord is asked."""
    post = await send(sandbox, poster, thread)
    await update(sandbox, client, thread, archived=True)
    assert isinstance(await poster.find(post, SINCE), Found)
    assert await poster.find(post_in(sandbox, thread, 2), SINCE) == NotFound()
    assert thread.archived
    sandbox.faults.plan(Status(503), route="GET /channels/{channel_id}")
    assert isinstance(await poster.find(post, SINCE), Unavailable)
    assert thread.parent_id is not None
    sandbox.faults.revoke(thread.parent_id, Permission.READ_MESSAGE_HISTORY)
    await client.wait_for("guild_channel_update")
    assert await poster.find(post, SINCE) == Unreadable(Cause.HISTORY_FORBIDDEN)
