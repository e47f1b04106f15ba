"""A message that Discord rejects is sent with less: the real client against the sandbox."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.announce.poster_port import Accepted, Found, Refused
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.poster import MOST_REQUESTS, DiscordPoster
from bot.sandbox import Invalid, Reset, Sandbox, Status
from storage.models import (
    DeliveryOptions,
    Image,
    Mention,
    Provider,
    Story,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post
from storage.reasons import MessageReduced, MessageRefused, Part
from tests.discordapp.support import CREATE_MESSAGE, claim, make_post
from tests.support.articles import make_story
from tests.support.clock import START

EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
ICON, PICTURE, BUTTON = (
    "embeds.0.author.icon_url",
    "embeds.0.image.url",
    "components.0.components.1.url",
)
SINCE = START - timedelta(hours=1)
RICH = make_story(
    provider=Provider("The Example", "news.example", "https://news.example/icon.png"),
    images=(Image("https://news.example/picture.png"),),
)
COVERING = make_story(2, title="The same event elsewhere")


def messages(sandbox: Sandbox, post: Post) -> list[Any]:
    """The messages in the post's channel."""
    return list(sandbox.world.log(post.channel_id).all())


def marks(message: Any) -> list[str]:  # noqa: ANN401 - a message of the sandbox
    """The custom_ids of a message's components."""
    return [
        each["custom_id"]
        for row in message.components
        for each in row["components"]
        if "custom_id" in each
    ]


async def send(sandbox: Sandbox, poster: DiscordPoster, claimed: ClaimedPost) -> Any:  # noqa: ANN401
    """Send a post, and return its outcome and its only message."""
    outcome = await poster.send(claimed)
    assert isinstance(outcome, Accepted)
    (message,) = messages(sandbox, claimed.post)
    assert message.id == outcome.message_id
    assert marks(message) == [claimed.post.mark]
    return outcome, message


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ((ICON,), (Part.ICON,)),
        ((PICTURE,), (Part.PICTURE,)),
        ((BUTTON,), (Part.BUTTON,)),
        ((ICON, PICTURE, BUTTON), (Part.ICON, Part.PICTURE, Part.BUTTON)),
        (("embeds.0.author.name",), (Part.AUTHOR,)),
        (("embeds.0.timestamp", "embeds.0.color"), (Part.DATE, Part.COLOUR)),
        (("embeds.0.description",), (Part.EXCERPT,)),
        (("embeds.0.url",), (Part.LINK,)),
    ],
    ids=str,
)
async def test_only_the_rejected_fields_are_left_out(
    sandbox: Sandbox, poster: DiscordPoster, fields: tuple[str, ...], parts: tuple[Part, ...]
) -> None:
    """The rest of the message arrives, at the second attempt."""
    sandbox.faults.plan(Invalid(fields), route=CREATE_MESSAGE, times=None)
    outcome, message = await send(sandbox, poster, claim(make_post(sandbox), RICH))
    assert outcome.reduced is not None
    assert outcome.reduced.parts == parts
    assert not outcome.embed_missing
    assert sum(record.status == 400 for record in sandbox.requests) == 1
    (embed,) = message.embeds
    assert embed["title"] == "Story 1"
    assert ("icon_url" in embed.get("author", {})) == (not {Part.ICON, Part.AUTHOR} & set(parts))
    assert ("image" in embed) == (Part.PICTURE not in parts)
    assert (len(message.components[0]["components"]) == 2) == (Part.BUTTON not in parts)


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        (("components.1.components.0.options.0.description",), (Part.MENU,)),
        (("components.1.components.0.options",), (Part.MENU,)),
        (("components.1",), (Part.MENU,)),
        (("components.0.components.0.label",), None),
        (("components",), (Part.MENU,)),
    ],
    ids=str,
)
async def test_a_digest_without_its_menu_keeps_the_mark(
    sandbox: Sandbox,
    poster: DiscordPoster,
    fields: tuple[str, ...],
    parts: tuple[Part, ...] | None,
) -> None:
    """Only the menu that opens its stories is left out; the message can still be found."""
    sandbox.faults.plan(Invalid(fields), route=CREATE_MESSAGE)
    post = make_post(sandbox)
    stories = (make_story(1, url="https://news.example/".ljust(400, "x")), make_story(2))
    claimed = replace(claim(post, stories[0]), digest=stories)
    outcome = await poster.send(claimed)
    assert isinstance(outcome, Accepted)
    assert outcome.reduced is not None
    assert outcome.reduced.parts == (parts or (Part.EMBED,))
    (message,) = messages(sandbox, post)
    assert marks(message) == [post.mark]
    assert bool(message.embeds) == (parts is not None)
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_fields_that_are_rejected_one_by_one(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Discord may check components first and embeds later."""
    for field in (BUTTON, ICON, PICTURE):
        sandbox.faults.plan(Invalid((field,)), route=CREATE_MESSAGE)
    outcome, message = await send(sandbox, poster, claim(make_post(sandbox), RICH))
    assert outcome.reduced.parts == (Part.BUTTON, Part.ICON, Part.PICTURE)
    assert message.embeds


@pytest.mark.parametrize(
    "fault",
    [
        Invalid(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"),
        Invalid(("embeds.0.title",), "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length."),
        Invalid(("embeds.0.url", BUTTON)),
        Status(400),
        Status(400, body="<html>Bad Request</html>"),
        Status(400, body=""),
    ],
    ids=str,
)
async def test_plain_text_is_sent_instead(
    sandbox: Sandbox, poster: DiscordPoster, fault: Invalid | Status
) -> None:
    """A field that can't be left out is rejected, or Discord does not say which one."""
    times = 1 if isinstance(fault, Status) else None
    sandbox.faults.plan(fault, route=CREATE_MESSAGE, times=times)
    post = make_post(sandbox)
    outcome, message = await send(sandbox, poster, claim(post, RICH))
    assert outcome.reduced.parts == (Part.EMBED,)
    assert not outcome.embed_missing
    assert message.embeds == []
    assert message.content == "**Story 1**\nhttps://news.example/1"
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_the_only_link_is_never_left_out(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Discord accepts an address on such a host only in the text."""
    story = make_story(url="https://my_host.example/1")
    sandbox.faults.plan(Invalid(("embeds.0.description",)), route=CREATE_MESSAGE, times=None)
    _, message = await send(sandbox, poster, claim(make_post(sandbox), story))
    assert message.embeds == []
    assert "https://my_host.example/1" in message.content


@pytest.mark.parametrize(
    "body",
    [b'{"code": 50035', b"[]", b'{"errors": []}', b'{"code": 50035, "errors": {"embeds": ["x"]}}'],
)
async def test_a_rejection_that_the_library_can_not_read(
    sandbox: Sandbox, poster: DiscordPoster, unused_tcp_port: int, body: bytes
) -> None:
    """It is a rejection nevertheless; the outcome is not unknown."""

    async def reject(_: web.Request) -> web.Response:
        return web.Response(status=400, body=body, headers={"Content-Type": "application/json"})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", reject)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    with discord_endpoint(f"http://127.0.0.1:{unused_tcp_port}/api/v10"):
        outcome = await poster.send(claim(make_post(sandbox), RICH))
    await runner.cleanup()
    assert isinstance(outcome, Refused)


async def test_a_rejected_message_fails_in_the_end(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Discord rejects the plain text, too; its explanation is kept."""
    post = make_post(sandbox)
    fault = Invalid(("components",), "X", "No.")
    sandbox.faults.plan(fault, route=CREATE_MESSAGE, times=None)
    outcome = await poster.send(claim(post, RICH))
    assert outcome == Refused(MessageRefused("Invalid Form Body (components: No.)"))
    assert messages(sandbox, post) == []


async def test_attempts_are_limited(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Discord rejects another field each time, and plain text in the end."""
    fields = ("timestamp", "color", "footer.text", "author.icon_url", "author.name", "image.url")
    for field in fields:
        fault = Invalid((f"embeds.0.{field}",))
        sandbox.faults.plan(fault, route=CREATE_MESSAGE)
    _, message = await send(sandbox, poster, claim(make_post(sandbox), RICH))
    assert message.embeds == []
    assert sum(record.route == CREATE_MESSAGE for record in sandbox.requests) <= MOST_REQUESTS


async def test_a_reduced_message_is_sent_once(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Its response is lost; the repetition with the same nonce finds it."""
    post = make_post(sandbox)
    sandbox.faults.plan(Invalid((ICON,)), route=CREATE_MESSAGE)
    sandbox.faults.plan(Reset(), route=CREATE_MESSAGE)
    assert not isinstance(await poster.send(claim(post, RICH)), Accepted)
    sandbox.faults.plan(Invalid((ICON,)), route=CREATE_MESSAGE)
    await send(sandbox, poster, claim(post, RICH))


async def test_plain_text_keeps_the_mention(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Only the configured role is notified."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    spec = SubscriptionSpec(post.channel_id, delivery=DeliveryOptions(mention=Mention(role.id)))
    subscription = Subscription(1, post.guild_id, 1, START, spec)
    story = make_story(title="@everyone look")
    sandbox.faults.plan(Status(400), route=CREATE_MESSAGE)
    _, message = await send(sandbox, poster, replace(claim(post, story), subscription=subscription))
    assert message.content.startswith(f"<@&{role.id}>\n**@")
    assert message.mention_roles == [role.id]
    assert not message.mention_everyone


async def test_a_rejected_line_is_left_out(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """So is the mention in it; plain text has no line either."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    delivery = DeliveryOptions(mention=Mention(role.id), style=Style(line="New: {title}"))
    spec = SubscriptionSpec(post.channel_id, delivery=delivery)
    claimed = replace(
        claim(post, RICH), subscription=Subscription(1, post.guild_id, 1, START, spec)
    )
    sandbox.faults.plan(Invalid(("content",)), route=CREATE_MESSAGE)
    outcome, message = await send(sandbox, poster, claimed)
    assert outcome.reduced.parts == (Part.MENTION, Part.LINE)
    assert message.content == ""
    assert message.embeds


async def test_a_rejected_mention_is_left_out(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The story is more important."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    spec = SubscriptionSpec(post.channel_id, delivery=DeliveryOptions(mention=Mention(role.id)))
    subscription = Subscription(1, post.guild_id, 1, START, spec)
    sandbox.faults.plan(Invalid(("allowed_mentions.roles.0",)), route=CREATE_MESSAGE, times=None)
    outcome, message = await send(
        sandbox, poster, replace(claim(post, RICH), subscription=subscription)
    )
    assert outcome.reduced.parts == (Part.MENTION,)
    assert message.content == ""
    assert message.embeds


async def test_a_digest_as_plain_text_lists_its_stories(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """All twenty fit, however long their titles are."""
    stories = tuple(
        make_story(number, title=f"{number} " + "long " * 60) for number in range(1, 21)
    )
    sandbox.faults.plan(Invalid(("embeds.0.description",)), route=CREATE_MESSAGE)
    claimed = replace(claim(make_post(sandbox)), digest=stories, coverage=(COVERING,))
    _, message = await send(sandbox, poster, claimed)
    assert "**20.**" in message.content
    assert COVERING.article.title in message.content


async def edit(
    sandbox: Sandbox,
    poster: DiscordPoster,
    story: Story,
    *coverage: Story,
    reduced: MessageReduced | None = None,
) -> Any:  # noqa: ANN401 - the outcome, and a message of the sandbox
    """Edit the message of a post, and return the outcome and the message."""
    post = make_post(sandbox)
    if not messages(sandbox, post):
        await send(sandbox, poster, claim(post, RICH))
    (before,) = messages(sandbox, post)
    sent = replace(post, message_id=before.id, reason=reduced)
    outcome = await poster.edit(ClaimedPost(sent, story, coverage=coverage), delete=False)
    assert isinstance(outcome, Accepted)
    (message,) = messages(sandbox, post)
    assert marks(message) == [post.mark]
    return outcome, message


async def test_a_rejected_edit_keeps_the_coverage(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The picture is left out, and the story that was folded into the message is shown."""
    sandbox.faults.plan(Invalid((PICTURE,)), route=EDIT_MESSAGE, times=None)
    outcome, message = await edit(sandbox, poster, RICH, COVERING)
    assert outcome.reduced.parts == (Part.PICTURE,)
    assert "image" not in message.embeds[0]
    assert COVERING.article.title in message.embeds[0]["fields"][0]["value"]


@pytest.mark.parametrize("field", ["embeds.0.fields.0.value", "embeds.0.title", "embeds"])
async def test_an_edit_as_plain_text_keeps_the_coverage(
    sandbox: Sandbox, poster: DiscordPoster, field: str
) -> None:
    """The coverage is never the part that is left out."""
    sandbox.faults.plan(Invalid((field,)), route=EDIT_MESSAGE)
    outcome, message = await edit(sandbox, poster, RICH, COVERING)
    assert outcome.reduced.parts == (Part.EMBED,)
    assert message.embeds == []
    assert COVERING.article.title in message.content


async def test_a_withdrawal_is_shown_as_plain_text(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The message must not keep showing the story."""
    sandbox.faults.plan(Status(400), route=EDIT_MESSAGE)
    _, message = await edit(sandbox, poster, replace(RICH, withdrawn=True))
    assert message.content == "~~Story 1~~\nThis story was withdrawn."
    assert message.embeds == []


async def test_the_embed_replaces_the_plain_text_again(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Discord accepts a later version of the story in full."""
    sandbox.faults.plan(Status(400), route=EDIT_MESSAGE)
    outcome, _ = await edit(sandbox, poster, RICH)
    better = make_story(title="Better")
    outcome, message = await edit(sandbox, poster, better, reduced=outcome.reduced)
    assert outcome.reduced is None
    assert message.content == ""
    assert message.embeds[0]["title"] == "Better"


async def test_plain_text_that_was_not_recorded_is_replaced(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The response was lost; later Discord accepts the message in full, and its embed is shown."""
    post = make_post(sandbox)
    sandbox.faults.plan(Status(400), route=CREATE_MESSAGE)
    sandbox.faults.plan(Reset(), route=CREATE_MESSAGE)
    assert not isinstance(await poster.send(claim(post, RICH)), Accepted)
    outcome, message = await send(sandbox, poster, claim(post, RICH))
    assert outcome.embed_missing
    assert message.content
    outcome, message = await edit(sandbox, poster, RICH)
    assert message.content == ""
    assert message.embeds[0]["title"] == "Story 1"
