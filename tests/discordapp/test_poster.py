"""What every end of a send means, with the real client against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot.announce.posting import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    Found,
    NotFound,
    Outcome,
    Refused,
    Unavailable,
    Unreadable,
)
from bot.discordapp.endpoint import ask_for_gateway, discord_endpoint
from bot.discordapp.notices import Notices
from bot.discordapp.outcomes import InvalidRequests
from bot.discordapp.poster import DiscordPoster
from bot.discordapp.receipts import Receipts
from bot.sandbox import Permission, Reset, Sandbox, Status
from storage.posts import Post, PostStatus
from storage.sqlite import SqliteStore
from tests.support.articles import make_story
from tests.support.clock import START, ManualClock

CREATE_MESSAGE = "POST /channels/{channel_id}/messages"
SINCE = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def receipts() -> Receipts:
    """The receipts of this client."""
    return Receipts()


@pytest.fixture
async def client(sandbox: Sandbox, receipts: Receipts) -> AsyncIterator[discord.Client]:
    """A client that is logged in and on the gateway."""
    with discord_endpoint(sandbox.api_url):
        client = discord.Client(intents=discord.Intents(guilds=True), http_trace=receipts.trace())
        await client.login(sandbox.token)
        await ask_for_gateway(client)
        connecting = client.loop.create_task(client.connect())
        await sandbox.bot_ready()
        while not client.guilds or client.guilds[0].me is None:
            await client.wait_for("guild_available")
        yield client
        await receipts.close()
        await client.close()
        await connecting


@pytest.fixture
def poster(
    client: discord.Client, receipts: Receipts, store: SqliteStore, clock: ManualClock
) -> DiscordPoster:
    """The poster under test."""
    return DiscordPoster(client, receipts, InvalidRequests(clock), Notices(client, store))


def make_post(sandbox: Sandbox, number: int = 1) -> Post:
    """A post for #news."""
    channel = sandbox.world.find_channel("news")
    assert channel.guild_id is not None
    return Post(
        id=number,
        story_id=1,
        subscription_id=1,
        guild_id=channel.guild_id,
        channel_id=channel.id,
        nonce=f"{number:024x}",
        status=PostStatus.CLAIMED,
        catch_up=False,
        planned_at=START,
        due_at=START,
    )


async def test_a_post_is_sent_once_however_often_its_nonce_is(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Discord folds the repeat and gives the first message back."""
    post = make_post(sandbox)
    first = await poster.send(post, make_story())
    assert isinstance(first, Accepted)
    assert await poster.send(post, make_story()) == first
    assert len(sandbox.world.log(post.channel_id)) == 1


@pytest.mark.parametrize(
    ("fault", "unknown", "committed"),
    [
        (Status(503), True, 0),
        (Status(503, after_commit=True), True, 1),
        (Status(520, after_commit=True), True, 1),
        (Reset(), True, 1),
    ],
)
async def test_an_answer_that_tells_nothing_has_an_unknown_outcome(
    sandbox: Sandbox,
    poster: DiscordPoster,
    fault: Status | Reset,
    unknown: bool,
    committed: int,
) -> None:
    """Whether or not Discord has stored the message, the mark in its history tells."""
    post = make_post(sandbox)
    sandbox.faults.plan(fault, route=CREATE_MESSAGE, times=1)
    outcome = await poster.send(post, make_story())
    assert isinstance(outcome, Unavailable)
    assert outcome.unknown == unknown
    assert len(sandbox.world.log(post.channel_id)) == committed
    trace = await poster.find(post, SINCE)
    assert isinstance(trace, Found if committed else NotFound)


async def revoke(sandbox: Sandbox, post: Post) -> None:
    """Take the permission to post."""
    sandbox.faults.revoke(post.channel_id, Permission.SEND_MESSAGES)


async def delete(sandbox: Sandbox, post: Post) -> None:
    """Delete the channel."""
    sandbox.faults.delete_channel(post.channel_id)


@pytest.mark.parametrize(
    ("happened", "outcome_type", "words"),
    [(revoke, ChannelClosed, ""), (delete, ChannelGone, "Unknown Channel")],
    ids=["revoked", "deleted"],
)
async def test_a_closed_channel_is_told_in_discords_words(
    sandbox: Sandbox, poster: DiscordPoster, happened: object, outcome_type: type, words: str
) -> None:
    """For every post there, until it changes."""
    post = make_post(sandbox)
    assert callable(happened)
    await happened(sandbox, post)
    outcome = await poster.send(post, make_story())
    assert isinstance(outcome, outcome_type)
    assert words in str(outcome)


async def test_a_message_that_discord_will_never_take_is_refused(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Sending it again would be refused again."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(400), route=CREATE_MESSAGE, times=1)
    outcome: Outcome = await poster.send(post, make_story())
    assert isinstance(outcome, Refused)


async def test_a_server_that_is_away_took_nothing(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """A connection that was never made carried nothing."""
    with discord_endpoint("http://127.0.0.1:9/api/v10"):
        outcome = await poster.send(make_post(sandbox), make_story())
    assert outcome == Unavailable("Discord can't be reached", unknown=False)


async def test_only_the_posts_own_mark_is_found(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Another post in the same channel is another mark."""
    await poster.send(make_post(sandbox, 1), make_story())
    assert isinstance(await poster.find(make_post(sandbox, 1), SINCE), Found)
    assert await poster.find(make_post(sandbox, 2), SINCE) == NotFound()


async def test_without_the_right_to_read_history_nothing_is_proved(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """Discord would answer with an empty list."""
    post = make_post(sandbox)
    await poster.send(post, make_story())
    sandbox.faults.revoke(post.channel_id, Permission.READ_MESSAGE_HISTORY)
    await client.wait_for("guild_channel_update")
    assert isinstance(await poster.find(post, SINCE), Unreadable)


async def test_a_channel_that_can_not_be_seen_proves_nothing(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """It was deleted meanwhile."""
    post = make_post(sandbox)
    sandbox.faults.delete_channel(post.channel_id)
    await client.wait_for("guild_channel_delete")
    assert isinstance(await poster.find(post, SINCE), Unreadable)
