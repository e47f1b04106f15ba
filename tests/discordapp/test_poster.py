"""The outcome of each possible result of a send, with the real client against the sandbox."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

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
    Refused,
    Unavailable,
    Unreadable,
)
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.history import PAGE
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Hold, Permission, RateLimited, Reset, Sandbox, Status
from storage.models import (
    DeliveryOptions,
    Image,
    Mention,
    Provider,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post
from storage.reasons import Cause, ServerError
from tests.discordapp.support import CREATE_MESSAGE, claim, make_post
from tests.support.articles import make_story
from tests.support.clock import FakeClock

SINCE = datetime.now(UTC) - timedelta(hours=1)
SUPPRESS_NOTIFICATIONS = 1 << 12
HISTORY = "GET /channels/{channel_id}/messages"


async def test_a_repeated_nonce_sends_one_message(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Discord returns the first message for the repetition."""
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
async def test_an_ambiguous_answer_is_an_unknown_outcome(
    sandbox: Sandbox,
    poster: DiscordPoster,
    fault: Status | Reset,
    unknown: bool,
    committed: int,
) -> None:
    """Whether Discord has stored the message is found out by its mark in the history."""
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
async def test_a_closed_channel_is_reported_with_discords_text(
    sandbox: Sandbox, poster: DiscordPoster, happened: object, outcome_type: type, words: str
) -> None:
    """Each post there has this outcome until the channel changes."""
    post = make_post(sandbox)
    assert callable(happened)
    await happened(sandbox, post)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, outcome_type)
    assert words in str(outcome)


async def test_an_address_that_discord_refuses_keeps_no_story_back(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Discord accepts no underscore in the host of a title, a button or a picture."""
    refused = "https://my_site.example/"
    claimed = claim(
        make_post(sandbox),
        story=make_story(
            1,
            url=f"{refused}story",
            images=(Image(f"{refused}a.png"),),
            provider=Provider("P", icon_url=f"{refused}icon.png"),
        ),
    )
    assert isinstance(await poster.send(claimed), Accepted)
    (message,) = sandbox.world.log(claimed.post.channel_id).all()
    assert f"[Read]({refused}story)" in message.embeds[0]["description"]


@pytest.mark.parametrize("length", [80, 200, 900])
async def test_a_long_address_of_another_script_is_kept(
    sandbox: Sandbox, poster: DiscordPoster, length: int
) -> None:
    """Discord gets it percent-encoded where there is room for that, and otherwise in the text."""
    url = "https://news.example/" + "新聞" * length
    claimed = claim(make_post(sandbox), story=make_story(1, url=url))
    assert isinstance(await poster.send(claimed), Accepted)
    (message,) = sandbox.world.log(claimed.post.channel_id).all()
    (embed,) = message.embeds
    assert unquote(embed.get("url") or embed["description"]).endswith((url, f"[Read]({url})"))


async def test_without_a_connection_nothing_was_sent(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    with discord_endpoint("http://127.0.0.1:9/api/v10"):
        outcome = await poster.send(claim(make_post(sandbox)))
    assert outcome == Unavailable(Cause.CONNECTION_FAILED, unknown=False)


async def test_only_the_posts_own_mark_is_found(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Another post in the same channel has another mark."""
    await poster.send(claim(make_post(sandbox, 1)))
    assert isinstance(await poster.find(make_post(sandbox, 1), SINCE), Found)
    assert await poster.find(make_post(sandbox, 2), SINCE) == NotFound()


async def test_an_unreadable_history_proves_nothing(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """Without the permission Discord would return an empty list."""
    post = make_post(sandbox)
    await poster.send(claim(post))
    sandbox.faults.revoke(post.channel_id, Permission.READ_MESSAGE_HISTORY)
    await client.wait_for("guild_channel_update")
    assert isinstance(await poster.find(post, SINCE), Unreadable)


async def test_an_invisible_channel_proves_nothing(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """The channel was deleted in the meantime."""
    post = make_post(sandbox)
    sandbox.faults.delete_channel(post.channel_id)
    await client.wait_for("guild_channel_delete")
    assert isinstance(await poster.find(post, SINCE), Unreadable)


async def test_retries_of_the_library_create_no_second_message(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """discord.py sends the same nonce each time."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(502, after_commit=True), route=CREATE_MESSAGE)
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert len(sandbox.world.log(post.channel_id)) == 1


async def test_the_outcome_is_unknown_if_all_retries_fail(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py tries five times; its sleeps are skipped here."""
    sleep = asyncio.sleep
    monkeypatch.setattr("discord.http.asyncio.sleep", lambda _: sleep(0))
    post = make_post(sandbox)
    sandbox.faults.plan(Status(500, after_commit=True), route=CREATE_MESSAGE, times=5)
    outcome = await poster.send(claim(post))
    assert outcome == Unavailable(ServerError(500), unknown=True)
    assert len(sandbox.world.log(post.channel_id)) == 1
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert len(sandbox.world.log(post.channel_id)) == 1


@pytest.mark.parametrize("last", [RateLimited(600), Status(403), Status(413)])
async def test_a_failure_after_a_repetition_is_unknown(
    sandbox: Sandbox,
    poster: DiscordPoster,
    monkeypatch: pytest.MonkeyPatch,
    last: RateLimited | Status,
) -> None:
    """What discord.py repeated may have been sent, whatever the answer to the repetition is."""
    sleep = asyncio.sleep
    monkeypatch.setattr("discord.http.asyncio.sleep", lambda _: sleep(0))
    post = make_post(sandbox)
    sandbox.faults.plan(Status(502, after_commit=True), route=CREATE_MESSAGE)
    sandbox.faults.plan(last, route=CREATE_MESSAGE)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Unavailable)
    assert outcome.unknown
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_a_truncated_answer_is_an_unknown_outcome(
    sandbox: Sandbox, poster: DiscordPoster, unused_tcp_port: int
) -> None:
    """The JSON of a response with status 200 is broken."""

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


async def test_cancelling_the_caller_does_not_cancel_the_send(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The message arrives, and a repetition creates no other."""
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


async def test_a_deleted_message_looks_like_an_unsent_one(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The answer is lost, and then the message is deleted: docs/outbox.md describes the result."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(503, after_commit=True), route=CREATE_MESSAGE)
    await poster.send(claim(post))
    (message,) = sandbox.world.log(post.channel_id).all()
    sandbox.world.delete_message(message)
    assert await poster.find(post, SINCE) == NotFound()


async def test_a_long_rate_limit_is_not_waited_out(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The slot is free at once, and the channel cools down for that long."""
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
async def test_a_temporary_failure_to_read_history_is_retried(
    sandbox: Sandbox,
    poster: DiscordPoster,
    clock: FakeClock,
    fault: Status | Reset | RateLimited,
    times: int,
) -> None:
    """A temporary problem proves nothing, and is not a reason to give up."""
    post = make_post(sandbox)
    sandbox.faults.plan(fault, route=HISTORY, times=times)
    assert isinstance(await poster.find(post, SINCE), Unavailable)
    await clock.advance(600)
    assert await poster.find(post, SINCE) == NotFound()


async def test_a_server_that_is_not_loaded_yet_is_waited_for(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster
) -> None:
    """Until then an empty history, or one that is refused, proves nothing; a message does."""
    post, missing = make_post(sandbox, 1), make_post(sandbox, 2)
    client._connection.clear()  # noqa: SLF001 - what discord.py does when a session begins
    client._ready.clear()  # noqa: SLF001 - and before the first one
    assert isinstance(await poster.find(post, SINCE), Unavailable)
    await poster.send(claim(post))
    sandbox.faults.plan(Status(403), route=HISTORY)
    assert isinstance(await poster.find(post, SINCE), Unavailable)
    assert isinstance(await poster.find(post, SINCE), Found)
    assert await poster.find(missing, SINCE) == NotFound()


async def test_a_history_is_read_page_by_page(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The oldest messages are read first, up to a limit of pages."""
    general = sandbox.world.find_channel("general")
    filler = make_post(sandbox, 1, "general")
    await poster.send(claim(filler))
    (model,) = sandbox.world.log(general.id).all()
    for number in range(2 * PAGE):
        copy = replace(model, id=model.id + 1 + number, components=[])
        sandbox.world.add_message(copy)
    later = make_post(sandbox, 2, "general")
    assert await poster.find(later, SINCE) == NotFound()
    for number in range(8 * PAGE):
        sandbox.world.add_message(replace(model, id=model.id + 1000 + number, components=[]))
    assert isinstance(await poster.find(later, SINCE), Unreadable)
    assert isinstance(await poster.find(filler, SINCE), Found)


async def test_an_unrenderable_story_fails_alone(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails with a note for the operator, and nothing is sent."""

    def fail(_: object) -> None:
        raise ZeroDivisionError

    post = make_post(sandbox)
    with monkeypatch.context() as patch:
        patch.setattr("bot.discordapp.poster.post_message", fail)
        assert isinstance(await poster.send(claim(post)), Refused)
    assert isinstance(await poster.send(claim(post)), Accepted)


def subscribed(post: Post, delivery: DeliveryOptions) -> Subscription:
    """The subscription of the post."""
    spec = SubscriptionSpec(post.channel_id, delivery=delivery)
    return Subscription(1, post.guild_id, 1, post.planned_at, spec)


async def test_only_the_configured_role_is_mentioned(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """It is mentioned once, whatever the story contains; an edit keeps the content."""
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


async def test_a_deleted_role_is_not_mentioned(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """Discord would show `@deleted-role`."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    await client.wait_for("guild_role_create")
    delivery = DeliveryOptions(mention=Mention(role.id))
    claimed = replace(claim(post), subscription=subscribed(post, delivery))
    sandbox.world.delete_role(post.guild_id, role.id)
    await client.wait_for("guild_role_delete")
    assert isinstance(await poster.send(claimed), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == ""
    assert message.embeds


async def test_a_line_mentions_only_the_configured_role(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """An edit shows the new title; a withdrawn story loses its line."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    other = sandbox.world.add_role(post.guild_id, "Others")
    style = Style(line=f"@everyone {{role}} <@&{other.id}> <@1>: {{title}}")
    delivery = DeliveryOptions(mention=Mention(role.id), style=style)
    subscription = subscribed(post, delivery)
    story = make_story(title=f"@here <@&{other.id}>")
    outcome = await poster.send(replace(claim(post, story), subscription=subscription))
    assert isinstance(outcome, Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == (
        f"@\u200beveryone <@&{role.id}> \\<@&{other.id}> \\<@1>: @\u200bhere \\<@&{other.id}>"
    )
    assert message.mention_roles == [role.id]
    assert (message.mentions, message.mention_everyone) == ([], False)
    sent = ClaimedPost(replace(post, message_id=outcome.message_id), story, subscription)
    better = make_story(title="@everyone Better")
    assert isinstance(await poster.edit(replace(sent, story=better), delete=False), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content.endswith(": @\u200beveryone Better")
    assert message.mention_roles == [role.id]
    assert not message.mention_everyone
    withdrawn = replace(sent, story=make_story(withdrawn=True))
    assert await poster.edit(withdrawn, delete=False) == Accepted(outcome.message_id)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == f"<@&{role.id}>"


async def test_a_line_that_is_no_longer_wanted_is_removed(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """An edit shows what the subscription says now."""
    post = make_post(sandbox)
    before = subscribed(post, DeliveryOptions(style=Style(line="New: {title}")))
    outcome = await poster.send(replace(claim(post), subscription=before))
    assert isinstance(outcome, Accepted)
    sent = replace(post, message_id=outcome.message_id)
    edit = ClaimedPost(sent, make_story(), subscribed(post, DeliveryOptions()))
    assert isinstance(await poster.edit(edit, delete=False), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == ""
    assert message.embeds


async def test_each_of_two_roles_is_mentioned_unless_deleted(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    post = make_post(sandbox)
    first = sandbox.world.add_role(post.guild_id, "Readers")
    second = sandbox.world.add_role(post.guild_id, "Editors")
    delivery = DeliveryOptions(mention=Mention(first.id), second_mention=Mention(second.id))
    claimed = replace(claim(post), subscription=subscribed(post, delivery))
    assert isinstance(await poster.send(claimed), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == f"<@&{first.id}> <@&{second.id}>"
    assert message.mention_roles == [first.id, second.id]
    sandbox.world.delete_role(post.guild_id, first.id)
    await client.wait_for("guild_role_delete")
    again = replace(claimed, post=replace(post, nonce="another"))
    assert isinstance(await poster.send(again), Accepted)
    message = sandbox.world.log(post.channel_id).all()[-1]
    assert message.content == f"<@&{second.id}>"
    assert message.mention_roles == [second.id]


async def test_a_role_is_mentioned_while_roles_are_unknown(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """After a new session the cache is empty for a moment, which proves nothing."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    delivery = DeliveryOptions(mention=Mention(role.id))
    client._connection.clear()  # noqa: SLF001 - what discord.py does when a session begins
    claimed = replace(claim(post), subscription=subscribed(post, delivery))
    assert isinstance(await poster.send(claimed), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.mention_roles == [role.id]


async def test_a_digest_is_one_message_that_is_found_by_its_mark(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    post = make_post(sandbox)
    stories = tuple(make_story(number) for number in range(1, 21))
    assert isinstance(await poster.send(replace(claim(post), digest=stories)), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.content == ""
    assert message.embeds[0]["footer"]["text"].startswith("20 stories · quality: ")
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_a_message_is_deleted_without_being_rendered(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A story that can't be rendered can still be deleted."""

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


async def test_a_message_without_its_embed_is_detected(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Embed Links was removed, which the gateway has not reported yet: Discord answers 200."""
    post = make_post(sandbox)
    sandbox.faults.revoke(post.channel_id, Permission.EMBED_LINKS)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    assert outcome.embed_missing
    assert await poster.find(post, SINCE) == Found(outcome.message_id, embed_missing=True)


async def test_an_edit_without_its_embed_is_repeated(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The message is empty now, so the edit does not count as done."""
    post = make_post(sandbox)
    sent = await poster.send(claim(post))
    assert isinstance(sent, Accepted)
    assert not sent.embed_missing
    sandbox.faults.revoke(post.channel_id, Permission.EMBED_LINKS)
    edit = ClaimedPost(replace(post, message_id=sent.message_id), make_story())
    assert isinstance(await poster.edit(edit, delete=False), ChannelClosed | Unavailable)


async def test_an_edited_message_is_found_by_its_mark(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Its button stays when the story gets coverage, is withdrawn, or is in a digest."""
    post, story = make_post(sandbox), make_story(1)
    sent = await poster.send(claim(post))
    assert isinstance(sent, Accepted)
    post = replace(post, message_id=sent.message_id)
    withdrawn = replace(story, withdrawn=True)
    for edit in (
        ClaimedPost(post, story, coverage=tuple(make_story(number) for number in range(2, 8))),
        ClaimedPost(post, withdrawn),
        ClaimedPost(post, story, digest=(story, make_story(2))),
        ClaimedPost(post, withdrawn, digest=(withdrawn, make_story(2, withdrawn=True))),
    ):
        assert isinstance(await poster.edit(edit, delete=False), Accepted)
        found = await poster.find(post, SINCE)
        assert isinstance(found, Found)
        assert found.message_id == sent.message_id


async def test_an_edit_of_a_digest_updates_its_menu(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """It offers the stories that the digest has then, without withdrawn ones."""
    post, stories = make_post(sandbox), (make_story(1), make_story(2), make_story(3))
    sent = await poster.send(replace(claim(post), digest=stories))
    assert isinstance(sent, Accepted)
    post = replace(post, message_id=sent.message_id)
    changed = make_story(1, title="Corrected"), make_story(2, withdrawn=True), stories[2]
    edit = ClaimedPost(post, changed[0], digest=changed)
    assert isinstance(await poster.edit(edit, delete=False), Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    (menu,) = message.components[1]["components"]
    assert [option["label"] for option in menu["options"]] == ["1. Corrected", "3. Story 3"]


async def test_a_digest_keeps_its_picture_apart(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """An edit changes both embeds, and needs only one if the first story is withdrawn."""
    picture = Image("https://news.example/1.png")
    post, stories = make_post(sandbox), (make_story(1, images=(picture,)), make_story(2))
    sent = await poster.send(replace(claim(post), digest=stories))
    assert isinstance(sent, Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    first, rest = message.embeds
    assert first["image"]["url"] == picture.url
    assert "Story 2" in rest["description"]
    post = replace(post, message_id=sent.message_id)
    withdrawn = make_story(1, withdrawn=True), make_story(2, title="Corrected")
    edit = ClaimedPost(post, withdrawn[0], digest=withdrawn)
    assert isinstance(await poster.edit(edit, delete=False), Accepted)
    (only,) = message.embeds
    assert "~~Story 1~~" in only["description"]
    assert "Corrected" in only["description"]
