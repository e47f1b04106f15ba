"""What every end of a send means, with the real client against the sandbox."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from aiohttp import web

from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    Found,
    MessageGone,
    NotFound,
    Outcome,
    Refused,
    Unavailable,
    Unreadable,
)
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.poster import HISTORY_PAGE, DiscordPoster
from bot.sandbox import Hold, Permission, RateLimited, Reset, Sandbox, Status
from bot.sandbox.rest.rate_limits import Scope
from storage.models import DeliveryOptions, Mention, Subscription, SubscriptionSpec
from storage.posts import ClaimedPost, Post
from storage.reasons import Cause, ServerError
from tests.discordapp.support import CREATE_MESSAGE, claim, make_post
from tests.support.articles import make_story

SINCE = datetime.now(UTC) - timedelta(hours=1)
SUPPRESS_NOTIFICATIONS = 1 << 12
HISTORY = "GET /channels/{channel_id}/messages"


async def test_a_post_is_sent_once_however_often_its_nonce_is(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Discord folds the repeat and gives the first message back."""
    post = make_post(sandbox)
    first = await poster.send(claim(post))
    assert isinstance(first, Accepted)
    assert await poster.send(claim(post)) == first
    assert len(sandbox.world.log(post.channel_id)) == 1


@pytest.mark.parametrize(
    ("fault", "unknown", "committed"),
    [
        (Status(503), True, 0),
        (Status(503, after_commit=True), True, 1),
        (Status(520, after_commit=True), True, 1),
        (Reset(), True, 1),
        (Reset(after_commit=False), True, 0),
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
    outcome = await poster.send(claim(post))
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
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, outcome_type)
    assert words in str(outcome)


async def test_a_message_that_discord_will_never_take_is_refused(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Sending it again would be refused again."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(400), route=CREATE_MESSAGE, times=1)
    outcome: Outcome = await poster.send(claim(post))
    assert isinstance(outcome, Refused)


async def test_a_server_that_is_away_took_nothing(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """A connection that was never made carried nothing."""
    with discord_endpoint("http://127.0.0.1:9/api/v10"):
        outcome = await poster.send(claim(make_post(sandbox)))
    assert outcome == Unavailable(Cause.CONNECTION_FAILED, unknown=False)


async def test_only_the_posts_own_mark_is_found(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Another post in the same channel is another mark."""
    await poster.send(claim(make_post(sandbox, 1)))
    assert isinstance(await poster.find(make_post(sandbox, 1), SINCE), Found)
    assert await poster.find(make_post(sandbox, 2), SINCE) == NotFound()


async def test_without_the_right_to_read_history_nothing_is_proved(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """Discord would answer with an empty list."""
    post = make_post(sandbox)
    await poster.send(claim(post))
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


async def test_the_library_asks_again_after_a_500_and_discord_folds_it(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """It passes the same nonce each time."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(502, after_commit=True), route=CREATE_MESSAGE)
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert len(sandbox.world.log(post.channel_id)) == 1


async def test_when_all_its_tries_fail_the_outcome_is_unknown(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five tries with sleeps between them, which are left out here."""
    sleep = asyncio.sleep
    monkeypatch.setattr("discord.http.asyncio.sleep", lambda _: sleep(0))
    post = make_post(sandbox)
    sandbox.faults.plan(Status(500, after_commit=True), route=CREATE_MESSAGE, times=5)
    outcome = await poster.send(claim(post))
    assert outcome == Unavailable(ServerError(500), unknown=True)
    assert len(sandbox.world.log(post.channel_id)) == 1
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert len(sandbox.world.log(post.channel_id)) == 1


async def test_an_answer_that_is_cut_off_has_an_unknown_outcome(
    sandbox: Sandbox, poster: DiscordPoster, unused_tcp_port: int
) -> None:
    """Something between Discord and us breaks the JSON of a 200."""

    async def cut(_: web.Request) -> web.Response:
        return web.Response(body=b'{"id": "1', headers={"Content-Type": "application/json"})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", cut)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    with discord_endpoint(f"http://127.0.0.1:{unused_tcp_port}/api/v10"):
        outcome = await poster.send(claim(make_post(sandbox)))
    await runner.cleanup()
    assert isinstance(outcome, Unavailable)
    assert outcome.unknown


async def test_whoever_waits_for_a_send_may_be_cancelled_the_send_may_not(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Its message comes, and a repeat is folded."""
    post, release = make_post(sandbox), asyncio.Event()
    sandbox.faults.plan(Hold(release), route=CREATE_MESSAGE)
    sending = asyncio.ensure_future(poster.send(claim(post)))
    await sandbox.wait_for_message(post.channel_id)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    release.set()
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert len(sandbox.world.log(post.channel_id)) == 1


async def test_a_message_that_a_moderator_deleted_can_not_be_told_from_none(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The answer was lost, and then the message: docs/outbox.md says what follows."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(503, after_commit=True), route=CREATE_MESSAGE)
    await poster.send(claim(post))
    (message,) = sandbox.world.log(post.channel_id).all()
    sandbox.world.delete_message(message)
    assert await poster.find(post, SINCE) == NotFound()


@pytest.mark.parametrize("scope", Scope)
async def test_a_short_limit_is_waited_out_by_the_library(
    sandbox: Sandbox, poster: DiscordPoster, scope: Scope
) -> None:
    """Of a route or of the whole bot; the message comes once."""
    post = make_post(sandbox)
    sandbox.faults.plan(RateLimited(0.1, scope), route=CREATE_MESSAGE)
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert len(sandbox.world.log(post.channel_id)) == 1


async def test_a_long_limit_is_not_waited_for(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The slot is free at once, and the channel is parked for that long."""
    sandbox.faults.plan(RateLimited(600), route=CREATE_MESSAGE)
    outcome = await poster.send(claim(make_post(sandbox)))
    assert outcome == Unavailable(Cause.RATE_LIMITED, False, timedelta(seconds=600))
    assert isinstance(await poster.send(claim(make_post(sandbox, 2, "ai"))), Accepted)


@pytest.mark.parametrize(
    ("fault", "times"),
    # aiohttp itself tries a broken GET once more.
    [(Status(503), 1), (Reset(), 2), (RateLimited(600), 1)],
    ids=str,
)
async def test_a_history_that_can_not_be_read_now_may_be_read_later(
    sandbox: Sandbox, poster: DiscordPoster, fault: Status | Reset | RateLimited, times: int
) -> None:
    """Trouble that passes proves nothing, and is no reason to give up."""
    post = make_post(sandbox)
    sandbox.faults.plan(fault, route=HISTORY, times=times)
    assert isinstance(await poster.find(post, SINCE), Unavailable)
    assert await poster.find(post, SINCE) == NotFound()


async def test_a_server_that_has_not_come_yet_is_waited_for(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster
) -> None:
    """After a new session the cache is empty for a moment; that is no proof either."""
    post = make_post(sandbox)
    await poster.send(claim(post))
    client._connection.clear()  # noqa: SLF001 - what discord.py does when a session begins
    client._ready.clear()  # noqa: SLF001 - and before the first one
    assert isinstance(await poster.find(post, SINCE), Unavailable)


async def test_a_history_is_read_page_by_page(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The oldest first, and no further than some pages."""
    general = sandbox.world.find_channel("general")
    filler = make_post(sandbox, 1, "general")
    await poster.send(claim(filler))
    (model,) = sandbox.world.log(general.id).all()
    for number in range(2 * HISTORY_PAGE):
        copy = replace(model, id=model.id + 1 + number, components=[])
        sandbox.world.add_message(copy)
    later = make_post(sandbox, 2, "general")
    assert await poster.find(later, SINCE) == NotFound()
    for number in range(8 * HISTORY_PAGE):
        sandbox.world.add_message(replace(model, id=model.id + 1000 + number, components=[]))
    assert isinstance(await poster.find(later, SINCE), Unreadable)
    assert isinstance(await poster.find(filler, SINCE), Found)


async def test_a_story_that_can_not_be_rendered_stops_no_other(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails with a word for the operator, and nothing is sent."""

    def fail(_: object) -> None:
        raise ZeroDivisionError

    post = make_post(sandbox)
    with monkeypatch.context() as patch:
        patch.setattr("bot.discordapp.poster.post_message", fail)
        assert isinstance(await poster.send(claim(post)), Refused)
    assert isinstance(await poster.send(claim(post)), Accepted)


def subscribed(post: Post, delivery: DeliveryOptions) -> Subscription:
    """Whoever wanted the post."""
    spec = SubscriptionSpec(post.channel_id, delivery=delivery)
    return Subscription(1, post.guild_id, 1, post.planned_at, spec)


async def test_the_mentioned_role_is_called_and_nobody_else(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Once, whatever the story holds; an edit leaves the words as they are."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    mention = DeliveryOptions(mention=Mention(role.id, 80), silent=True)
    story = make_story(title="@everyone look", quality=80)
    claimed = replace(claim(post, story), subscription=subscribed(post, mention))
    outcome = await poster.send(claimed)
    assert isinstance(outcome, Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == f"<@&{role.id}>"
    assert message.mention_roles == [role.id]
    assert (message.mentions, message.mention_everyone) == ([], False)
    assert message.flags & SUPPRESS_NOTIFICATIONS
    sent = replace(post, message_id=outcome.message_id)
    edit = ClaimedPost(sent, make_story(title="Better", quality=10))
    assert await poster.edit(edit, delete=False) == Accepted(outcome.message_id)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.embeds[0]["title"] == "Better"
    assert message.content == f"<@&{role.id}>"
    assert message.mention_roles == [role.id]


async def test_a_digest_is_one_message_that_is_found_by_its_mark(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """However many stories it tells."""
    post = make_post(sandbox)
    stories = tuple(make_story(number) for number in range(1, 21))
    assert isinstance(await poster.send(replace(claim(post), digest=stories)), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == ""
    assert message.embeds[0]["footer"] == {"text": "20 stories"}
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_a_message_is_deleted_without_being_rendered(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A story that can't be rendered can be taken away all the same."""

    def fail(_: object) -> None:
        raise ZeroDivisionError

    post = make_post(sandbox)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    edit = ClaimedPost(replace(post, message_id=outcome.message_id), make_story())
    monkeypatch.setattr("bot.discordapp.poster.post_message", fail)
    assert isinstance(await poster.edit(edit, delete=False), Refused)
    assert await poster.edit(edit, delete=True) == Accepted(outcome.message_id)
    assert len(sandbox.world.log(post.channel_id)) == 0
    assert isinstance(await poster.edit(edit, delete=True), MessageGone)


async def test_a_message_that_lost_its_embed_is_not_taken_for_whole(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Embed Links is gone and the gateway has not told yet: Discord answers 200 all the same."""
    post = make_post(sandbox)
    sandbox.faults.revoke(post.channel_id, Permission.EMBED_LINKS)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    assert outcome.embed_missing
    assert await poster.find(post, SINCE) == Found(outcome.message_id, embed_missing=True)


async def test_an_edit_that_lost_its_embed_is_made_again(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The message shows nothing now, so it must not count as edited."""
    post = make_post(sandbox)
    sent = await poster.send(claim(post))
    assert isinstance(sent, Accepted)
    assert not sent.embed_missing
    sandbox.faults.revoke(post.channel_id, Permission.EMBED_LINKS)
    edit = ClaimedPost(replace(post, message_id=sent.message_id), make_story())
    assert isinstance(await poster.edit(edit, delete=False), ChannelClosed | Unavailable)
