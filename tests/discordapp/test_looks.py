"""Messages of every look, sent, edited and found again: the real client against the sandbox."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.announce.poster_port import Accepted, Found
from bot.discordapp.poster import DiscordPoster
from bot.ingest.document import read_document
from bot.sandbox import Invalid, Permission, Sandbox
from bot.sandbox.model.entities import ChannelType
from storage.models import (
    Article,
    DeliveryOptions,
    Image,
    Look,
    Mention,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost
from storage.reasons import Part
from tests.discordapp.support import CREATE_MESSAGE, make_post
from tests.support.articles import make_story
from tests.support.clock import START

SEEDS = Path(__file__).parents[2] / "seeds"
EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
SINCE = datetime.now(UTC) - timedelta(hours=1)
SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2 = 1 << 2, 1 << 12, 1 << 15
FLAGS = {Look.COMPACT: SUPPRESS_EMBEDS, Look.GALLERY: IS_COMPONENTS_V2}
PICTURES = tuple(Image(f"https://news.example/{number}.png", 600, 400) for number in range(4))
STORY = make_story(1, title="The title", images=PICTURES)


def looking(sandbox: Sandbox, look: Look, story: Story = STORY, **options: Any) -> ClaimedPost:  # noqa: ANN401 - options of the delivery
    """A claimed post of a story in a look."""
    spec = SubscriptionSpec(1, delivery=DeliveryOptions(look=look, **options))
    subscription = Subscription(1, 1, 1, START, spec)
    return ClaimedPost(replace(make_post(sandbox), look=look), story, subscription)


def texts(sandbox: Sandbox, claimed: ClaimedPost) -> str:
    """Everything that the only message in a post's channel says."""
    (message,) = sandbox.world.log(claimed.post.channel_id).all()

    def found(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for each in value.values():
                yield from found(each)
        elif isinstance(value, list):
            for each in value:
                yield from found(each)
        elif isinstance(value, str):
            yield value

    return "\n".join([message.content, *found(message.embeds), *found(message.components)])


@pytest.mark.parametrize("look", Look)
async def test_every_look_is_sent_edited_and_found(
    sandbox: Sandbox, poster: DiscordPoster, look: Look
) -> None:
    """With a mention and without a notification; an edit replaces what changed."""
    role = sandbox.world.add_role(make_post(sandbox).guild_id, "Readers").id
    claimed = looking(sandbox, look, mention=Mention(role), silent=True)
    sent = await poster.send(claimed)
    assert isinstance(sent, Accepted)
    assert (sent.reduced, sent.embed_missing, sent.has_text) == (None, False, False)
    (message,) = sandbox.world.log(claimed.post.channel_id).all()
    assert message.flags == SUPPRESS_NOTIFICATIONS | FLAGS.get(look, 0)
    assert "The title" in texts(sandbox, claimed)
    assert f"<@&{role}>" in texts(sandbox, claimed)
    assert await poster.find(claimed.post, SINCE) == Found(sent.message_id)
    post = replace(claimed.post, message_id=sent.message_id)
    for story, shown in (
        (replace(STORY, article=replace(STORY.article, title="Another one")), "Another one"),
        (replace(STORY, withdrawn=True), "This story was withdrawn."),
    ):
        edit = replace(claimed, post=post, story=story)
        assert isinstance(await poster.edit(edit, delete=False), Accepted)
        assert shown in texts(sandbox, claimed)
        assert f"<@&{role}>" in texts(sandbox, claimed)
        assert await poster.find(claimed.post, SINCE) == Found(sent.message_id)
    assert message.flags == SUPPRESS_NOTIFICATIONS | FLAGS.get(look, 0)


async def test_a_compact_message_needs_no_embed_links(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """It has no embed that Discord could remove, and no preview."""
    claimed = looking(sandbox, Look.COMPACT)
    sandbox.faults.revoke(claimed.post.channel_id, Permission.EMBED_LINKS)
    sent = await poster.send(claimed)
    assert isinstance(sent, Accepted)
    assert not sent.embed_missing
    assert await poster.find(claimed.post, SINCE) == Found(sent.message_id)


GALLERY = "components.0.components.2.items"


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ((f"{GALLERY}.1.media.url",), (Part.PICTURE,)),
        ((f"{GALLERY}.0.media.url", f"{GALLERY}.3.media.url"), (Part.PICTURE,)),
        ((GALLERY,), (Part.PICTURE,)),
        (("components.0.components.1.content",), (Part.EXCERPT,)),
        (("components.0.components.3.content",), (Part.FOOTER,)),
        (("components.0.accent_color",), (Part.COLOUR,)),
        (("components.0.components.4.components.1.url",), (Part.BUTTON,)),
        (("components.0.components.0.content",), (Part.EMBED,)),
        (("components",), (Part.EMBED,)),
    ],
    ids=str,
)
async def test_a_gallery_is_sent_without_what_is_rejected(
    sandbox: Sandbox, poster: DiscordPoster, fields: tuple[str, ...], parts: tuple[Part, ...]
) -> None:
    """In the end as plain text, which has no flag and can become a gallery by an edit."""
    claimed = looking(sandbox, Look.GALLERY)
    sandbox.faults.plan(Invalid(fields), route=CREATE_MESSAGE)
    sent = await poster.send(claimed)
    assert isinstance(sent, Accepted)
    assert sent.reduced is not None
    assert sent.reduced.parts == parts
    (message,) = sandbox.world.log(claimed.post.channel_id).all()
    is_plain = Part.EMBED in parts
    assert message.flags == (0 if is_plain else IS_COMPONENTS_V2)
    assert bool(message.content) == is_plain
    assert await poster.find(claimed.post, SINCE) == Found(sent.message_id, embed_missing=is_plain)
    post = replace(claimed.post, message_id=sent.message_id, reason=sent.reduced)
    edited = await poster.edit(replace(claimed, post=post), delete=False)
    assert isinstance(edited, Accepted)
    assert (message.flags, message.content) == (IS_COMPONENTS_V2, "")


async def test_a_rejected_edit_of_a_gallery_stays_one(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The plain text is in a component: Discord accepts no content there."""
    claimed = looking(sandbox, Look.GALLERY)
    sent = await poster.send(claimed)
    assert isinstance(sent, Accepted)
    sandbox.faults.plan(Invalid(("components",)), route=EDIT_MESSAGE)
    post = replace(claimed.post, message_id=sent.message_id)
    edited = await poster.edit(replace(claimed, post=post), delete=False)
    assert isinstance(edited, Accepted)
    assert edited.reduced is not None
    (message,) = sandbox.world.log(claimed.post.channel_id).all()
    assert (message.flags, message.content) == (IS_COMPONENTS_V2, "")
    assert f"**The title**\n{STORY.article.url}" in texts(sandbox, claimed)
    assert await poster.find(claimed.post, SINCE) == Found(sent.message_id)


async def test_a_rejected_compact_message_is_plain_text(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """Its links still have no previews."""
    claimed = looking(sandbox, Look.COMPACT)
    sandbox.faults.plan(Invalid(("content",)), route=CREATE_MESSAGE)
    sent = await poster.send(claimed)
    assert isinstance(sent, Accepted)
    (message,) = sandbox.world.log(claimed.post.channel_id).all()
    assert message.content == f"**The title**\n{STORY.article.url}"
    assert message.flags == SUPPRESS_EMBEDS


@pytest.mark.parametrize("look", Look)
async def test_discord_accepts_every_sample_in_every_look(
    sandbox: Sandbox, poster: DiscordPoster, look: Look
) -> None:
    """Complete, with a role, and each with the mark of its post."""
    delivery = DeliveryOptions(look=look, mention=Mention(5))
    subscription = Subscription(1, 1, 1, START, SubscriptionSpec(1, delivery=delivery))
    for number, path in enumerate(sorted(SEEDS.glob("*.md")), start=1):
        article = read_document(path.read_bytes(), unpublished="announce")
        assert isinstance(article, Article)
        story = Story(number, number, START, withdrawn=False, article=article)
        post = replace(make_post(sandbox, number), look=look)
        sent = await poster.send(ClaimedPost(post, story, subscription))
        assert isinstance(sent, Accepted)
        assert sent.reduced is None


@pytest.mark.parametrize("look", Look)
async def test_every_look_starts_a_thread_in_a_forum(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client, look: Look
) -> None:
    """The first message has the look; after a rejection, it is plain text without its flag."""
    claimed = looking(sandbox, look)
    forum = sandbox.world.add_channel(claimed.post.guild_id, "stories", ChannelType.FORUM)
    await client.wait_for("guild_channel_create")
    post = replace(claimed.post, channel_id=forum.id)
    sent = await poster.send(replace(claimed, post=post))
    assert isinstance(sent, Accepted)
    (message,) = sandbox.world.log(sent.message_id).all()
    assert message.flags == FLAGS.get(look, 0)
    sandbox.faults.plan(Invalid(("message",)), route="POST /channels/{channel_id}/threads")
    second = replace(make_post(sandbox, 2), channel_id=forum.id, look=look)
    reduced = await poster.send(replace(claimed, post=second))
    assert isinstance(reduced, Accepted)
    (message,) = sandbox.world.log(reduced.message_id).all()
    assert message.content == f"**The title**\n{STORY.article.url}"
    assert not message.flags & IS_COMPONENTS_V2
