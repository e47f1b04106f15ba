"""Messages of every look, sent, edited and found again: the real client against the sandbox."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.announce.poster_port import Accepted, Found
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Permission, Sandbox
from storage.models import (
    DeliveryOptions,
    Image,
    Look,
    Mention,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost
from tests.discordapp.support import make_post
from tests.support.articles import make_story
from tests.support.clock import START

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
    role = next(iter(sandbox.world.guild(make_post(sandbox).guild_id).roles.values())).id
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
