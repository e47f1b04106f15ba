"""What is left of a message without the rejected fields."""

from dataclasses import replace

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.markdown import discord_length
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import Payload, complete_payload, reduce_payload
from bot.discordapp.rendering.selects import OPEN_STORY
from storage.models import (
    DeliveryOptions,
    Image,
    Look,
    Story,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post, PostStatus
from storage.reasons import Part
from tests.discordapp.rendering.limits import few_examples, stories
from tests.discordapp.subscriptions.strategies import styles
from tests.support.articles import make_story
from tests.support.clock import START

POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START, message_id=7)
PARTS = [
    *("embeds", "embed", "components", "content", "allowed_mentions", "0", "1", "2", "25"),
    *("author", "icon_url", "url", "name", "image", "thumbnail", "footer", "text", "timestamp"),
    *("accent_color", "items", "3", "4", "5", "color", "title", "description", "fields", "value"),
    *("label", "emoji", "custom_id"),
    *("9" * 5000, "١", "-1"),  # noqa: RUF001 - a digit
]
paths = st.lists(st.sampled_from(PARTS), max_size=6).map(tuple) | st.builds(
    lambda start, end: (*start, *end),
    st.sampled_from(
        [
            ("embeds", "0"),
            *(("components", first, "components") for first in "01"),
            ("components", "0", "components", "2", "items"),
            ("components", "1", "components", "2", "items"),
        ]
    ),
    st.lists(st.sampled_from(PARTS), max_size=3),
)


def custom_ids(payload: Payload) -> list[str]:
    """The custom_ids of a payload's components."""
    return [
        each.custom_id
        for each in payload.components.walk_children()
        if isinstance(each, discord.ui.Button | discord.ui.Select) and each.custom_id
    ]


@few_examples
@given(
    st.lists(stories, min_size=1, max_size=20),
    st.booleans(),
    st.lists(st.integers(1, 2**63), max_size=2).map(tuple),
    styles,
    st.lists(st.lists(paths, max_size=4), min_size=40, max_size=40),
    st.sampled_from(Look),
    st.booleans(),
)
def test_a_message_can_be_reduced_a_few_times(
    shown: list[Story],
    digest: bool,
    roles: tuple[int, ...],
    style: Style,
    rejections: list[list[tuple[str, ...]]],
    look: Look,
    is_edit: bool,
) -> None:
    """Whatever is rejected, each time something is left out, but never the mark or the story."""
    folded = tuple(shown[1:4])
    claimed = ClaimedPost(
        replace(POST, look=look),
        shown[0],
        Subscription(1, 1, 1, START, SubscriptionSpec(1, delivery=DeliveryOptions(style=style))),
        digest=tuple(shown) if digest else (),
        coverage=() if digest else folded,
    )
    message = post_message(claimed, TermFrequencies())
    payload = complete_payload(message, roles)
    for rejected in rejections:
        assert custom_ids(payload)[0] == POST.mark
        assert set(custom_ids(payload)) <= ({POST.mark, OPEN_STORY} if digest else {POST.mark})
        assert discord_length(payload.content) <= 2000
        texts = [payload.content, *(payload.layout.texts if payload.layout else ())]
        assert not payload.is_plain or any(message.plain_text() in text for text in texts)
        smaller = reduce_payload(payload, rejected, message, is_edit=is_edit)
        if smaller is None:
            assert payload.is_plain
            return
        kept = not smaller.is_plain or is_edit
        assert bool(smaller.layout) == (message.layout is not None and kept)
        assert smaller != payload
        payload = smaller
    raise AssertionError("it never ends")


def test_a_digest_keeps_its_stories_without_its_picture() -> None:
    """What is rejected below the first embed is not left out alone: the digest becomes text."""
    first = make_story(1, images=(Image("https://news.example/1.png"),))
    claimed = ClaimedPost(POST, first, digest=(first, make_story(2)))
    message = post_message(claimed, TermFrequencies())
    payload = complete_payload(message)
    assert len(payload.embeds) == 2
    smaller = reduce_payload(payload, [("embeds", "0", "image", "url")], message)
    assert smaller is not None
    assert smaller.dropped == (Part.PICTURE,)
    assert [embed.description for embed in smaller.embeds] == [
        embed.description for embed in payload.embeds
    ]
    text = reduce_payload(payload, [("embeds", "1", "description")], message)
    assert text is not None
    assert (text.embeds, text.text) == ([], message.plain_text())
