"""Messages of the bot say which stories they announced."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.announcements import read_announcement
from bot.discordapp.history import UnreadableMessageError
from bot.discordapp.rendering.coverage import NO_COVERAGE, Coverage
from bot.discordapp.rendering.digest import MOST_STORIES, digest_embeds, digest_view
from bot.discordapp.rendering.plain_text import digest_text, story_text
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import complete_payload
from bot.discordapp.rendering.story import story_embed, story_view
from bot.urls.normalise import normalised_forms
from storage.models import (
    DeliveryOptions,
    Image,
    Look,
    RelatedArticle,
    Story,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, FollowUpAction, Post, PostStatus
from tests.discordapp.rendering.limits import few_examples, stories
from tests.support.articles import make_story
from tests.support.clock import START

BOT, SOMEBODY, MESSAGE = 1443958712345678901, 7, 1443958712345678999
MARK = "story:123:" + "0f" * 12
POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START)
HEADING = "Weekly digest · Mon 23 Nov"
RELATED = Coverage(
    (RelatedArticle("Covered", "https://other.example/covered"),),
    (RelatedArticle("Related", "https://other.example/related"),),
)
EMBED = {"id": str(MESSAGE), "author": {"id": str(BOT)}, "content": ""}


def story_message(story: Story, coverage: Coverage = NO_COVERAGE) -> dict[str, Any]:
    """The message of a story, as Discord returns it."""
    embed, view = story_embed(story, coverage), story_view(MARK, story, coverage)
    return {**EMBED, "embeds": [embed.to_dict()], "components": view.to_components()}


def digest_message(stories: Sequence[Story], folded: Sequence[Story] = ()) -> dict[str, Any]:
    """The message of a digest, as Discord returns it."""
    embeds = digest_embeds(HEADING, stories, folded)
    shown = [embed.to_dict() for embed in embeds]
    view = digest_view(MARK, stories, *embeds)
    return {**EMBED, "embeds": shown, "components": view.to_components()}


def as_text(message: dict[str, Any], text: str) -> dict[str, Any]:
    """The message with a text in place of its embed, and without buttons that are links."""
    (mark, *_), *_ = [row["components"] for row in message["components"]]
    return {
        **message,
        "embeds": [],
        "content": text,
        "components": [{"type": 1, "components": [mark]}],
    }


def forms_of(story: Story) -> frozenset[str]:
    """The normalised forms of a story's address; none if it has no valid one."""
    try:
        return frozenset(normalised_forms(story.article.url))
    except ValueError:
        return frozenset()


@pytest.mark.parametrize("in_text", [False, True])
def test_a_story_is_told_from_its_coverage(in_text: bool) -> None:
    """Related stories are others: they may still be announced."""
    story = make_story(1, excerpt="https://evil.example/\n\n**1.** [x](https://evil.example/2)")
    message = story_message(story, RELATED)
    if in_text:
        message = as_text(message, "<@&5> " + story_text(story, RELATED))
    found = read_announcement(message, MESSAGE, BOT)
    assert found is not None
    assert (found.message_id, found.mark, found.is_digest) == (MESSAGE, MARK, False)
    assert found.story == forms_of(story)
    assert found.digest == frozenset()
    assert found.coverage == {"https://other.example/covered"}


@pytest.mark.parametrize("in_text", [False, True])
@pytest.mark.parametrize("count", [1, 3, MOST_STORIES])
def test_each_story_of_a_digest_is_found(count: int, in_text: bool) -> None:
    listed = [make_story(number) for number in range(1, count + 1)]
    folded = [make_story(99)]
    message = digest_message(listed, folded)
    if in_text:
        message = as_text(message, digest_text(HEADING, listed, folded))
    found = read_announcement(message, MESSAGE, BOT)
    assert found is not None
    assert found.is_digest
    assert found.digest == {f"https://news.example/{number}" for number in range(1, count + 1)}
    assert found.coverage == {"https://news.example/99"}
    assert found.story == frozenset()


def looking_message(look: Look, story: Story, *folded: Story, line: str = "") -> dict[str, Any]:
    """The message of a story in a look, as Discord returns it."""
    delivery = DeliveryOptions(style=Style(line=line))
    claimed = ClaimedPost(
        replace(POST, look=look),
        story,
        Subscription(1, 1, 1, START, SubscriptionSpec(1, delivery=delivery)),
        coverage=folded,
    )
    payload = complete_payload(post_message(claimed, TermFrequencies()), (5,))
    flags = discord.MessageFlags()
    flags.suppress_embeds = payload.hides_previews
    flags.components_v2 = payload.layout is not None
    return {
        **EMBED,
        "content": payload.content,
        "flags": flags.value,
        "embeds": [payload.embed.to_dict()] if payload.embed else [],
        "components": payload.components.to_components(),
    }


@pytest.mark.parametrize(
    "line", ["", "{role}", "**1.** [x](https://evil.example/2)", "https://evil.example/3"]
)
@pytest.mark.parametrize("look", Look)
def test_every_look_is_recognised(look: Look, line: str) -> None:
    """Its mark, its story, its coverage, and the look itself, which an edit has to keep.

    The line above it is not taken for a part of it.
    """
    picture = Image("https://news.example/picture.png")
    story = make_story(1, excerpt="https://evil.example/", images=(picture,))
    message = looking_message(look, story, make_story(2), line=line)
    found = read_announcement(message, MESSAGE, BOT)
    assert found is not None
    assert (found.mark, found.look, found.is_digest) == (POST.mark, look, False)
    assert found.story == forms_of(story)
    assert found.coverage == {"https://news.example/2"}


@few_examples
@given(stories, st.booleans())
def test_any_story_is_found_by_its_address(story: Story, in_text: bool) -> None:
    """If its message has it: a withdrawn story has none, nor has one with an unsafe address."""
    message = story_message(story)
    if in_text:
        message = as_text(message, story_text(story))
    found = read_announcement(message, MESSAGE, BOT)
    assert found is not None
    assert not found.story or found.story & forms_of(story)
    assert found.story or not story_message(story)["embeds"][0].get("url")
    digest = read_announcement(digest_message([story]), MESSAGE, BOT)
    assert digest is not None
    assert not digest.digest or digest.digest & forms_of(story)


@pytest.mark.parametrize(
    ("flags", "done"),
    [
        (0, set()),
        (1 << 0, {FollowUpAction.PUBLISH}),
        (1 << 5, {FollowUpAction.DISCUSS}),
        (1 << 0 | 1 << 5, set(FollowUpAction)),
        ("1", set()),
    ],
)
def test_a_message_says_which_follow_ups_it_had(flags: object, done: set[FollowUpAction]) -> None:
    found = read_announcement({**story_message(make_story()), "flags": flags}, MESSAGE, BOT)
    assert found is not None
    assert found.done == done


def test_other_messages_announce_nothing() -> None:
    """Those of others, even with a mark, and answers of the bot."""
    message = story_message(make_story())
    by_another = {**message, "author": {"id": str(SOMEBODY)}}
    assert read_announcement(by_another, MESSAGE, BOT) is None
    assert read_announcement({**message, "components": []}, MESSAGE, BOT) is None


@pytest.mark.parametrize("field", ["embeds", "components"])
@pytest.mark.parametrize("value", [None, 7, "x", [3], [None]])
def test_a_damaged_message_may_be_an_announcement(field: str, value: object) -> None:
    message = {**story_message(make_story()), field: value}
    with pytest.raises(UnreadableMessageError):
        read_announcement(message, MESSAGE, BOT)
