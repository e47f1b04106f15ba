"""Threads under messages, with the real client against the sandbox."""

from collections.abc import AsyncIterator
from dataclasses import replace

import discord
import pytest

from bot.announce.poster_port import Accepted, ChannelClosed, FollowUpOutcome, Impossible
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, Reset, Sandbox, SandboxOptions
from bot.sandbox.model.entities import Channel, ChannelType
from storage.models import Story
from storage.posts import FollowUpAction, Post
from storage.reasons import Cause, PermissionsMissing
from tests.discordapp.support import claim, make_post
from tests.support.articles import make_story
from tests.support.sandbox import checked_sandbox

OPEN_THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"
MISSING = PermissionsMissing(("Create Public Threads",))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose server has two active threads at most."""
    async with checked_sandbox(SandboxOptions(rates=None, max_active_threads=2)) as made:
        yield made


async def send(
    sandbox: Sandbox, poster: DiscordPoster, number: int = 1, channel: Channel | None = None
) -> Post:
    """Send a story, to #news by default; returns its post."""
    post = make_post(sandbox, number)
    post = replace(post, channel_id=channel.id if channel else post.channel_id)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    return replace(post, message_id=outcome.message_id)


async def discuss(poster: DiscordPoster, post: Post, story: Story | None = None) -> FollowUpOutcome:
    """Open a thread under a post's message."""
    return await poster.follow_up(claim(post, story), FollowUpAction.DISCUSS)


def threads(sandbox: Sandbox) -> list[Channel]:
    """The threads of the server."""
    return [each for each in sandbox.world.channels.values() if each.is_thread]


async def test_a_thread_is_opened_under_a_message(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """It is named after the story; a repeat, which Discord refuses, is a success, too."""
    post = await send(sandbox, poster)
    for _ in range(2):
        story = make_story(title="A bridge opens")
        assert isinstance(await discuss(poster, post, story), Accepted)
    assert [(each.id, each.name) for each in threads(sandbox)] == [
        (post.message_id, "A bridge opens")
    ]


async def test_a_lost_answer_opens_one_thread(sandbox: Sandbox, poster: DiscordPoster) -> None:
    post = await send(sandbox, poster)
    sandbox.faults.plan(Reset(after_commit=True), route=OPEN_THREAD)
    assert not isinstance(await discuss(poster, post), Accepted)
    assert isinstance(await discuss(poster, post), Accepted)
    assert len(threads(sandbox)) == 1


async def test_announcement_channels_have_threads(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster
) -> None:
    guild = next(iter(sandbox.world.guilds))
    channel = sandbox.world.add_channel(guild, "releases", ChannelType.ANNOUNCEMENT)
    await client.wait_for("guild_channel_create")
    post = await send(sandbox, poster, channel=channel)
    assert isinstance(await discuss(poster, post), Accepted)
    assert [each.type for each in threads(sandbox)] == [ChannelType.ANNOUNCEMENT_THREAD]


async def test_threads_have_no_threads(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster
) -> None:
    """No request is needed to know that; if the thread is not known, Discord's answer says so."""
    thread = sandbox.world.add_thread(sandbox.world.find_channel("news").id, "Science")
    await client.wait_for("thread_create")
    post = await send(sandbox, poster, channel=thread)
    assert await discuss(poster, post) == Impossible(Cause.NO_THREADS, request_made=False)
    news = await send(sandbox, poster, 2)
    sandbox.world.channel(news.channel_id).type = ChannelType.PUBLIC_THREAD
    assert await discuss(poster, news) == Impossible(Cause.NO_THREADS)


async def test_a_thread_needs_a_permission(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster
) -> None:
    """Stories are posted without it."""
    post = await send(sandbox, poster)
    sandbox.faults.revoke(post.channel_id, Permission.CREATE_PUBLIC_THREADS)
    await client.wait_for("guild_channel_update")
    assert await discuss(poster, post) == ChannelClosed(MISSING, request_made=False)
    await send(sandbox, poster, 2)


async def test_a_server_has_room_for_so_many_threads(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """A thread waits until another one is archived."""
    posts = [await send(sandbox, poster, number) for number in (1, 2, 3)]
    for post in posts[:2]:
        assert isinstance(await discuss(poster, post), Accepted)
    assert await discuss(poster, posts[2]) == ChannelClosed(Cause.TOO_MANY_THREADS)
    sandbox.world.update_thread(posts[0].message_id or 0, archived=True)
    assert isinstance(await discuss(poster, posts[2]), Accepted)


async def test_a_deleted_message_gets_no_thread(sandbox: Sandbox, poster: DiscordPoster) -> None:
    post = await send(sandbox, poster)
    sandbox.world.delete_message(sandbox.world.log(post.channel_id).all()[0])
    assert await discuss(poster, post) == Impossible(Cause.MESSAGE_DELETED)


@pytest.mark.parametrize("length", [1, 100, 101, 300])
async def test_any_title_fits_the_name_of_a_thread(
    sandbox: Sandbox, poster: DiscordPoster, length: int
) -> None:
    """Discord allows 100 characters."""
    post = await send(sandbox, poster)
    title = ("🛰 " * length)[:length]
    assert isinstance(await discuss(poster, post, make_story(title=title)), Accepted)
