"""The budget of invalid requests: Discord bans an address after 10,000 in ten minutes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import discord
import pytest

from bot.announce.poster_port import ChannelClosed, Outcome, Unavailable
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, Sandbox, Status
from storage.models import NewSubscription, SubscriptionSpec
from storage.posts import Post
from storage.protocols import Store
from storage.reasons import AccessRefused, PermissionsMissing
from tests.discordapp.support import claim, make_post, make_poster
from tests.support.clock import START, FakeClock
from tests.support.outbox import add_subscription

CHANNELS = 10_000
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
async def blind(sandbox: Sandbox, store: Store, clock: FakeClock) -> AsyncIterator[DiscordPoster]:
    """A poster without a gateway: it learns of missing permissions only from refusals."""
    requests = TracedRequests()
    with discord_endpoint(sandbox.api_url):
        client = discord.Client(intents=discord.Intents.none(), http_trace=requests.trace())
        await client.login(sandbox.token)
        yield make_poster(client, requests, clock, store)
        await requests.close()
        await client.close()


def forbid(sandbox: Sandbox, count: int) -> list[Post]:
    """Posts for many channels in which the bot has only View Channel."""
    guild = sandbox.world.add_guild(
        "Forbidden",
        sandbox.world.find_user("Ada").id,
        everyone=0,
        bot_permissions=int(Permission.VIEW_CHANNEL),
    )
    for number in range(count):
        sandbox.world.add_channel(guild.id, f"forbidden-{number}")
    return [
        replace(make_post(sandbox), guild_id=guild.id, channel_id=channel)
        for channel in guild.channels
    ]


async def send_all(poster: DiscordPoster, posts: Sequence[Post]) -> list[Outcome]:
    """Send posts, a few at a time."""
    outcomes: list[Outcome] = []
    waiting = iter(posts)

    async def work() -> None:
        for post in waiting:
            outcome = await poster.send(claim(post))
            outcomes.append(outcome)

    async with asyncio.TaskGroup() as group:
        for _ in range(16):
            group.create_task(work())
    return outcomes


async def test_ten_thousand_forbidden_channels_bring_no_ban(
    sandbox: Sandbox, blind: DiscordPoster, clock: FakeClock
) -> None:
    """Fewer than 1,000 requests are refused in any ten minutes; the rest is sent later."""
    posts = forbid(sandbox, CHANNELS)
    outcomes = await send_all(blind, posts)
    refused = sum(isinstance(outcome, ChannelClosed) for outcome in outcomes)
    later = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert refused + len(later) == CHANNELS
    assert refused == sandbox.rates.invalid_requests < 1000
    assert {outcome.retry_after for outcome in later} == {TEN_MINUTES}
    await clock.advance(TEN_MINUTES - timedelta(seconds=1))
    await send_all(blind, posts[:1000])
    assert sandbox.rates.invalid_requests == refused
    await clock.advance(1)
    assert isinstance((await send_all(blind, posts[:1]))[0], ChannelClosed)


async def test_a_permission_known_to_be_missing_needs_no_request(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The gateway reports the missing permission, so nothing is sent or refused."""
    post = make_post(sandbox, 1, "read-only")
    before = len(sandbox.requests)
    assert await poster.send(claim(post)) == ChannelClosed(
        PermissionsMissing(("Send Messages",)), request_made=False
    )
    assert len(sandbox.requests) == before
    assert sandbox.rates.invalid_requests == 0


async def test_refused_notices_count_as_refusals(
    sandbox: Sandbox, poster: DiscordPoster, store: Store
) -> None:
    """After too many refusals no notice is sent."""
    post = make_post(sandbox, 1, "read-only")
    await subscribe(store, post, admin=sandbox.world.find_user("Ada").id)
    sandbox.faults.plan(Status(403), route="POST /users/@me/channels", times=None)
    for _ in range(1500):
        await poster.report_closed(post, AccessRefused("Missing Permissions"))
    assert 0 < sandbox.rates.invalid_requests < 1000


async def subscribe(store: Store, post: Post, admin: int) -> None:
    """Let an admin subscribe the post's channel."""
    new = NewSubscription(post.guild_id, admin, START, SubscriptionSpec(post.channel_id))
    await add_subscription(store, new, revision=0, seen=[], catch_up=[])
