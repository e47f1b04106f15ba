"""The message of a post."""

from dataclasses import replace
from datetime import timedelta

import pytest
from discord import Colour, Embed
from discord.ui import Button

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.rendering.coverage import story_coverage
from bot.discordapp.rendering.message import Message
from bot.discordapp.rendering.post import is_silent, mentioned_roles, post_message
from bot.discordapp.rendering.reduce import complete_payload
from storage.messages import build_due_edit
from storage.models import (
    DeliveryOptions,
    Look,
    Mention,
    RelatedArticle,
    Story,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post, PostStatus
from tests.support.articles import make_story
from tests.support.clock import START

TWO_ROLES = DeliveryOptions(mention=Mention(5, 80), second_mention=Mention(6, 95))
POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START, message_id=7)


def claimed(delivery: DeliveryOptions, *qualities: int, digest: bool = False) -> ClaimedPost:
    """A post of stories with these qualities."""
    subscription = Subscription(1, 1, 1, START, SubscriptionSpec(1, delivery=delivery))
    stories = tuple(make_story(number, quality=each) for number, each in enumerate(qualities, 1))
    return ClaimedPost(POST, stories[0], subscription, digest=stories if digest else ())


def message_of(post: ClaimedPost) -> Message:
    """The message of a post while the archive is empty."""
    return post_message(post, TermFrequencies())


def embed_of(post: ClaimedPost) -> Embed:
    """The embed of a post's message."""
    embed = message_of(post).embed
    assert embed is not None
    return embed


def fields_of(post: ClaimedPost) -> list[tuple[str | None, str | None]]:
    """The names and values of the fields below a story."""
    return [(field.name, field.value) for field in embed_of(post).fields]


@pytest.mark.parametrize(
    ("post", "roles"),
    [
        (claimed(DeliveryOptions(), 100), ()),
        (claimed(DeliveryOptions(mention=Mention(5)), 1), (5,)),
        (claimed(DeliveryOptions(mention=Mention(5, 80)), 79), ()),
        (claimed(DeliveryOptions(mention=Mention(5, 80)), 80), (5,)),
        (claimed(DeliveryOptions(mention=Mention(5, 80)), 79, 81, 20, digest=True), (5,)),
        (claimed(DeliveryOptions(mention=Mention(5, 80)), 79, 78, digest=True), ()),
        (replace(claimed(DeliveryOptions(mention=Mention(5)), 1), subscription=None), ()),
        (claimed(TWO_ROLES, 95), (5, 6)),
        (claimed(TWO_ROLES, 94), (5,)),
        (claimed(TWO_ROLES, 79), ()),
        (claimed(TWO_ROLES, 96, 20, digest=True), (5, 6)),
        (claimed(DeliveryOptions(second_mention=Mention(6, 95)), 95), (6,)),
        (claimed(DeliveryOptions(mention=Mention(5, 80), second_mention=Mention(5)), 90), (5,)),
    ],
)
def test_roles_are_mentioned_for_stories_of_their_quality(
    post: ClaimedPost, roles: tuple[int, ...]
) -> None:
    """The best story of a digest counts. A role is mentioned once."""
    assert mentioned_roles(post) == roles


def test_the_role_of_everyone_is_not_mentioned() -> None:
    """Its id is that of the server, which an imported file may name."""
    everyone = Mention(POST.guild_id)
    post = claimed(DeliveryOptions(mention=everyone, second_mention=Mention(6)), 90)
    assert mentioned_roles(post) == (6,)


@pytest.mark.parametrize(
    ("catch_up", "role"),
    [({1}, 5), ({2}, 5), ({1, 2}, None), ({1, 2, 3}, None), (set(), 5)],
)
def test_catch_up_stories_mention_nobody(catch_up: set[int], role: int | None) -> None:
    """In a digest with them, the other stories count."""
    delivery = DeliveryOptions(mention=Mention(5, 80))
    digest = replace(claimed(delivery, 90, 80, 70, digest=True), catch_up=frozenset(catch_up))
    assert mentioned_roles(digest) == (() if role is None else (role,))
    alone = replace(claimed(delivery, 90), catch_up=frozenset(catch_up))
    assert mentioned_roles(alone) == (() if 1 in catch_up else (5,))


def test_only_silent_subscriptions_are_silent() -> None:
    """A post whose subscription was removed is not silent."""
    silent = claimed(DeliveryOptions(silent=True), 1)
    assert is_silent(silent)
    assert not is_silent(claimed(DeliveryOptions(), 1))
    assert not is_silent(replace(silent, subscription=None))


def test_a_message_has_the_style_of_its_subscription() -> None:
    """One that was removed has none any more."""
    style = Style(0x1F8B4C, "For the club", ())
    for post in (
        claimed(DeliveryOptions(style=style), 86),
        claimed(DeliveryOptions(style=style), 86, 85, digest=True),
    ):
        embed = embed_of(post)
        assert embed.colour == Colour(0x1F8B4C)
        assert (embed.footer.text or "").endswith("For the club")
        plain = embed_of(replace(post, subscription=None))
        assert plain.colour != Colour(0x1F8B4C)
        assert "For the club" not in (plain.footer.text or "")


def test_an_edit_shows_the_same_as_the_post() -> None:
    """Only the changed parts look different."""
    digest = claimed(DeliveryOptions(), 3, 2, 1, digest=True)
    first, second = message_of(digest), message_of(build_due_edit(digest, [], 0, published=False))
    assert first.embed == second.embed


BRIDGE = "Port Ambry opens its harbour bridge to cyclists"


def test_a_folded_story_precedes_listed_coverage() -> None:
    """It is shown once, even if its address is related coverage in another spelling."""
    best = RelatedArticle(f"{BRIDGE} today", "https://else.example/a", quality=200)
    same = RelatedArticle(BRIDGE, "http://www.news.example/2?utm_source=feed", quality=150)
    own = RelatedArticle(BRIDGE, "https://news.example/1#top", quality=150)
    story = make_story(1, title=BRIDGE, related=(best, same, own))
    assert fields_of(ClaimedPost(POST, story, coverage=(make_story(2, quality=10),))) == [
        (
            "Also covered by",
            "• [Story 2](https://news.example/2) — The Example\n"
            f"• [{BRIDGE} today](https://else.example/a)",
        )
    ]


def test_listed_articles_are_judged_one_by_one() -> None:
    """Those about another event are shown as related, after the stories of the channel."""
    same = RelatedArticle(f"{BRIDGE} at last", "https://else.example/a")
    other = RelatedArticle("Mayor of Port Ambry resigns", "https://else.example/b")
    late = RelatedArticle(BRIDGE, "https://else.example/c", published_at=START - timedelta(days=4))
    story = make_story(1, title=BRIDGE, related=(late, other, same))
    assert fields_of(ClaimedPost(POST, story, related=(make_story(2),))) == [
        ("Also covered by", f"• [{BRIDGE} at last](https://else.example/a)"),
        (
            "Related",
            "• [Story 2](https://news.example/2) — The Example\n"
            f"• [{BRIDGE}](https://else.example/c)\n"
            "• [Mayor of Port Ambry resigns](https://else.example/b)",
        ),
    ]


def test_a_withdrawn_folded_story_is_omitted() -> None:
    gone: Story = make_story(2, withdrawn=True)
    assert story_coverage(make_story(1), TermFrequencies(), [gone], [gone]).total == 0


@pytest.mark.parametrize("withdrawn", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("folded", [0, 5])
@pytest.mark.parametrize("look", Look)
def test_every_message_has_a_button_with_the_mark(
    withdrawn: bool, count: int, folded: int, look: Look
) -> None:
    """A message whose response was lost is found by it, also after every edit."""
    stories = tuple(make_story(number, withdrawn=withdrawn) for number in range(1, count + 1))
    coverage = tuple(make_story(number) for number in range(10, 10 + folded))
    post = replace(POST, look=look)
    shown = ClaimedPost(post, make_story(1, withdrawn=withdrawn), None, stories, coverage)
    view = complete_payload(message_of(shown)).components
    marks = [
        each.custom_id for each in view.walk_children() if isinstance(each, Button) and not each.url
    ]
    assert marks == [POST.mark]
