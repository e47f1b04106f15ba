"""The HTTP trace sees that Discord accepted a message before discord.py's wait is over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import discord
import pytest

from bot.announce.poster_port import Accepted
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import RateOptions, Sandbox, SandboxOptions
from storage.posts import ClaimedPost
from tests.discordapp.support import CREATE_MESSAGE, claim, make_post
from tests.support.articles import make_story
from tests.support.sandbox import checked_sandbox

EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
DELETE_MESSAGE = "DELETE /channels/{channel_id}/messages/{message_id}"
RESET_SECONDS = 0.4


@pytest.fixture
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A sandbox with limits: two messages per channel, and then a wait."""
    seconds = getattr(request, "param", RESET_SECONDS)
    rates = RateOptions(routes={CREATE_MESSAGE: (2, seconds)})
    async with checked_sandbox(SandboxOptions(rates=rates)) as made:
        yield made
    assert made.rates.invalid_requests == 0


async def test_a_send_returns_before_the_library_does(
    sandbox: Sandbox, client: discord.Client, requests: TracedRequests
) -> None:
    """A send that uses up the rate limit is known to be accepted while discord.py still waits."""
    events: list[str] = []
    returned = asyncio.Event()
    channel = client.get_partial_messageable(sandbox.world.find_channel("news").id)

    async def send(number: int) -> discord.Message:
        message = await channel.send(f"story {number}")
        events.append(f"library returned {number}")
        returned.set()
        return message

    await requests.run(send(1))
    await returned.wait()
    returned.clear()
    accepted = await requests.run(send(2))
    events.append("accepted 2")
    await returned.wait()
    assert events == ["library returned 1", "accepted 2", "library returned 2"]
    assert timedelta() < accepted.cooldown <= timedelta(seconds=RESET_SECONDS)


# A slow machine must not reach the reset between two sends.
@pytest.mark.parametrize("sandbox", [20.0], indirect=True)
async def test_only_a_send_that_uses_up_the_limit_has_a_cooldown(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The channel cools down until the limit is reset; another channel has its own limit."""
    outcomes = [await poster.send(claim(make_post(sandbox, n))) for n in (1, 2)]
    outcomes.append(await poster.send(claim(make_post(sandbox, 3, "ai"))))
    cooldowns = [
        outcome.cooldown > timedelta() for outcome in outcomes if isinstance(outcome, Accepted)
    ]
    assert cooldowns == [False, True, False]


async def test_a_failed_send_raises_its_error(
    sandbox: Sandbox, client: discord.Client, requests: TracedRequests
) -> None:
    channel = client.get_partial_messageable(sandbox.world.find_channel("read-only").id)
    with pytest.raises(discord.Forbidden):
        await requests.run(channel.send("story"))
    sandbox.rates._invalid.clear()  # noqa: SLF001 - this one was meant


async def test_concurrent_sends_have_separate_results(
    sandbox: Sandbox, client: discord.Client, requests: TracedRequests
) -> None:
    ids = [sandbox.world.find_channel(name).id for name in ("news", "ai", "general")]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                requests.run(client.get_partial_messageable(channel).send(str(channel)))
            )
            for channel in ids
        ]
    for channel, task in zip(ids, tasks, strict=True):
        message = sandbox.world.log(channel).get(task.result().message_id)
        assert message is not None
        assert message.content == str(channel)


async def test_closing_cancels_the_librarys_waits(
    sandbox: Sandbox, client: discord.Client, requests: TracedRequests
) -> None:
    """The waits may last minutes; what Discord has accepted stays accepted."""
    sandbox.rates._options = RateOptions(routes={CREATE_MESSAGE: (1, 3000.0)})  # noqa: SLF001 - a bucket that stays empty
    channel = client.get_partial_messageable(sandbox.world.find_channel("general").id)
    accepted = await requests.run(channel.send("story"))
    assert accepted.cooldown > timedelta(minutes=49)
    await requests.close()


async def test_edits_and_deletions_return_early_too(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """They occupy no slot while discord.py waits for the limit; the channel cools down."""
    waiting = RateOptions(routes={EDIT_MESSAGE: (1, 3000.0), DELETE_MESSAGE: (1, 3000.0)})
    sandbox.rates._options = waiting  # noqa: SLF001 - buckets that stay empty
    for number, delete in ((1, False), (2, True)):
        post = make_post(sandbox, number)
        sent = await poster.send(claim(post))
        assert isinstance(sent, Accepted)
        edit = ClaimedPost(replace(post, message_id=sent.message_id), make_story())
        async with asyncio.timeout(60):
            outcome = await poster.edit(edit, delete=delete)
        assert isinstance(outcome, Accepted)
        assert outcome.message_id == sent.message_id
        assert outcome.cooldown > timedelta(minutes=49)
