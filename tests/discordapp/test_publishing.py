"""Publishing in announcement channels, with the real client against the sandbox."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import discord
import pytest

from bot.announce.follow_up_queue import ClaimedFollowUp, FollowUpQueue
from bot.announce.outbox import Outbox
from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    FollowUpOutcome,
    Impossible,
    Unavailable,
)
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, RateOptions, Reset, Sandbox, SandboxOptions, Status
from bot.sandbox.model.entities import Channel, ChannelType
from storage.models import DeliveryOptions
from storage.posts import FollowUpAction, FollowUpStatus, Post, Sent
from storage.protocols import Store
from storage.reasons import Cause, PermissionsMissing
from tests.discordapp.support import claim, make_post
from tests.support.articles import make_article, make_story
from tests.support.clock import FakeClock
from tests.support.outbox import load, plan, subscribe
from tests.support.sandbox import checked_sandbox

PUBLISH = FollowUpAction.PUBLISH
CROSSPOST = "POST /channels/{channel_id}/messages/{message_id}/crosspost"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
CROSSPOSTED = 1
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
async def sandbox(clock: FakeClock) -> AsyncIterator[Sandbox]:
    """A sandbox with Discord's limits of published messages, whose time is the test's."""
    rates = RateOptions(routes={}, global_per_second=None)
    async with checked_sandbox(SandboxOptions(rates=rates, clock=clock.now)) as made:
        yield made


@pytest.fixture
async def channel(sandbox: Sandbox, client: discord.Client) -> Channel:
    """An announcement channel that the client knows."""
    guild = next(iter(sandbox.world.guilds))
    made = sandbox.world.add_channel(guild, "releases", ChannelType.ANNOUNCEMENT)
    await client.wait_for("guild_channel_create")
    return made


async def send(sandbox: Sandbox, poster: DiscordPoster, channel: Channel, number: int = 1) -> Post:
    """Send a story to a channel; returns its post."""
    post = replace(make_post(sandbox, number), channel_id=channel.id)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    return replace(post, message_id=outcome.message_id)


async def publish(poster: DiscordPoster, post: Post) -> FollowUpOutcome:
    """Publish a post's message."""
    return await poster.follow_up(claim(post), PUBLISH)


def published(sandbox: Sandbox, channel: Channel) -> list[int]:
    """The ids of a channel's published messages."""
    found = sandbox.world.log(channel.id).all()
    return [each.id for each in found if each.flags & CROSSPOSTED]


def answers(sandbox: Sandbox, route: str = CROSSPOST) -> list[int]:
    """The statuses of the answers to a request."""
    return [each.status for each in sandbox.requests if each.route == route]


async def test_a_message_is_published(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel
) -> None:
    """A repeat, which Discord refuses, is a success, too."""
    post = await send(sandbox, poster, channel)
    for _ in range(2):
        assert await publish(poster, post) == Accepted(post.message_id or 0)
    assert published(sandbox, channel) == [post.message_id]
    assert answers(sandbox) == [200, 400]


@pytest.mark.parametrize("fault", [Reset(after_commit=True), Status(502, after_commit=True)])
async def test_a_lost_answer_leaves_the_outcome_unknown(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel, fault: Reset | Status
) -> None:
    """The next attempt learns that the message is published."""
    post = await send(sandbox, poster, channel)
    sandbox.faults.plan(fault, route=CROSSPOST)
    first = await publish(poster, post)
    if not isinstance(first, Accepted):  # discord.py itself repeats a request after 502
        assert isinstance(first, Unavailable)
        assert first.unknown
        assert await publish(poster, post) == Accepted(post.message_id or 0)
    assert published(sandbox, channel) == [post.message_id]


async def test_other_channels_publish_nothing(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel
) -> None:
    """Their type may have changed; if the client does not know yet, Discord's answer says so."""
    news = make_post(sandbox)
    outcome = await poster.send(claim(news))
    assert isinstance(outcome, Accepted)
    news = replace(news, message_id=outcome.message_id)
    assert await publish(poster, news) == Impossible(Cause.NO_ANNOUNCEMENT_CHANNEL, False)
    assert answers(sandbox) == []
    post = await send(sandbox, poster, channel)
    channel.type = ChannelType.TEXT
    assert await publish(poster, post) == Impossible(Cause.NO_ANNOUNCEMENT_CHANNEL)
    assert answers(sandbox) == [400]


async def test_a_repeated_publication_may_have_been_done(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its place within the limit, whatever the answer to discord.py's repetition is."""
    sleep = asyncio.sleep
    monkeypatch.setattr("discord.http.asyncio.sleep", lambda _: sleep(0))
    post = await send(sandbox, poster, channel)
    sandbox.faults.plan(Status(502, after_commit=True), route=CROSSPOST)
    sandbox.faults.plan(Status(403), route=CROSSPOST)
    outcome = await publish(poster, post)
    assert isinstance(outcome, Unavailable)
    assert outcome.unknown
    assert published(sandbox, channel) == [post.message_id]


async def test_a_deleted_message_is_not_published(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel
) -> None:
    post = await send(sandbox, poster, channel)
    sandbox.world.delete_message(sandbox.world.log(channel.id).all()[0])
    assert await publish(poster, post) == Impossible(Cause.MESSAGE_DELETED)


async def test_publishing_needs_send_messages(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, channel: Channel
) -> None:
    """A missing permission needs no request."""
    post = await send(sandbox, poster, channel)
    sandbox.faults.revoke(channel.id, Permission.SEND_MESSAGES)
    await client.wait_for("guild_channel_update")
    missing = ChannelClosed(PermissionsMissing(("Send Messages",)), request_made=False)
    assert await publish(poster, post) == missing
    assert answers(sandbox) == []


async def test_a_channel_over_its_limit_says_how_long_to_wait(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel, clock: FakeClock
) -> None:
    """As when people published there; posting goes on, and the wait is in the body only."""
    posts = [await send(sandbox, poster, channel, number) for number in range(1, 12)]
    for post in posts[:10]:
        assert isinstance(await publish(poster, post), Accepted)
    limited = await publish(poster, posts[10])
    assert limited == Unavailable(Cause.PUBLISHING_LIMIT, False, HOUR)
    await send(sandbox, poster, channel, 12)
    await clock.advance(HOUR)
    assert isinstance(await publish(poster, posts[10]), Accepted)


async def test_a_limited_edit_holds_up_no_other_message(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel, clock: FakeClock
) -> None:
    """Edits of other messages in the channel are made meanwhile."""
    post, other = await send(sandbox, poster, channel, 1), await send(sandbox, poster, channel, 2)
    await publish(poster, post)
    for number in range(3):
        story = make_story(title=f"Version {number}")
        assert isinstance(await poster.edit(claim(post, story), delete=False), Accepted)
    late = claim(post, make_story(title="Late"))
    limited = Unavailable(Cause.PUBLISHING_LIMIT, False, HOUR)
    assert await poster.edit(late, delete=False) == limited
    assert isinstance(await poster.edit(claim(other), delete=False), Accepted)
    await clock.advance(HOUR)
    assert isinstance(await poster.edit(late, delete=False), Accepted)
    assert Counter(answers(sandbox, EDIT)) == {200: 5, 429: 1}


class Publishing:
    """An outbox with real requests, whose bot is killed wherever a test wants."""

    def __init__(
        self,
        sandbox: Sandbox,
        channel: Channel,
        poster: DiscordPoster,
        store: Store,
        clock: FakeClock,
    ) -> None:
        self._sandbox, self._channel = sandbox, channel
        self._poster, self._store, self._clock = poster, store, clock
        self.published_at: list[datetime] = []
        """When Discord published a message, whatever it answered."""

    async def send(self) -> int:
        """Send what is due; returns how many stories that were."""
        outbox, sent = Outbox(self._store), 0
        while claimed := await outbox.claim(self._clock.now(), 1, []):
            outcome = await self._poster.send(claimed[0])
            assert isinstance(outcome, Accepted)
            await outbox.settle(claimed[0].post.id, Sent(outcome.message_id), self._clock.now())
            sent += 1
        return sent

    async def claim(self) -> ClaimedFollowUp | None:
        """Claim the next follow-up."""
        queue = FollowUpQueue(self._store)
        now = self._clock.now()
        found = await queue.claim(now, 1, [], lambda sent_at: now - sent_at)
        return found[0] if found else None

    async def request(self, claimed: ClaimedFollowUp) -> FollowUpOutcome:
        """Ask Discord to publish a message."""
        outcome = await self._poster.follow_up(claimed.message, PUBLISH)
        new = len(published(self._sandbox, self._channel)) - len(self.published_at)
        self.published_at += [self._clock.now()] * new
        return outcome

    async def settle(self, claimed: ClaimedFollowUp, outcome: FollowUpOutcome) -> None:
        """Record the outcome."""
        await FollowUpQueue(self._store).settle(
            claimed, outcome, self._clock.now(), lambda *_: MINUTE
        )

    async def publish(self, kills: int = 0) -> None:
        """Publish what may be published; the bot is killed before or after the first requests."""
        while (claimed := await self.claim()) is not None:
            if kills % 2:
                kills -= 1
                continue
            outcome = await self.request(claimed)
            await self._clock.advance(1)
            if kills:
                kills -= 1
                continue
            await self.settle(claimed, outcome)

    async def statuses(self, posts: int) -> Counter[FollowUpStatus]:
        """How many follow-ups have which status."""
        found = [await self._store.list_follow_ups(each + 1) for each in range(posts)]
        return Counter(each.status for (each,) in found)


async def test_no_hour_has_more_than_ten_publications(
    sandbox: Sandbox, poster: DiscordPoster, channel: Channel, store: Store, clock: FakeClock
) -> None:
    """Among kills and lost answers, 35 messages are published in four hours, none refused."""
    subscription = await subscribe(
        store, channel.id, delivery=DeliveryOptions(fold=False, publish=True)
    )
    publishing = Publishing(sandbox, channel, poster, store, clock)
    faults = (Reset(after_commit=True), Reset(), Status(503), Status(503, after_commit=True))
    stories = 35
    for number in range(1, stories + 1):
        await load(store, make_article(number, quality=60 + number % 30))
        await plan(store, (number, subscription, ()), due_at=clock.now(), now=clock.now())
        assert await publishing.send() == 1
        if number % 4 == 0:
            sandbox.faults.plan(faults[number // 4 % len(faults)], route=CROSSPOST)
        await publishing.publish(kills=number % 3)
        await clock.advance(2 * MINUTE)
    for _ in range(4 * 60):
        await publishing.publish()
        await clock.advance(MINUTE)
    assert await publishing.statuses(stories) == {FollowUpStatus.DONE: stories}
    times = publishing.published_at
    assert len(times) == stories
    assert 429 not in answers(sandbox)
    assert max(len([at for at in times if begin <= at < begin + HOUR]) for begin in times) == 10
