"""Titles and tags of posts in forums stay within Discord's limits."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length
from bot.discordapp.rendering.forum import MAX_TAGS, MAX_TITLE, choose_tags, post_title
from bot.visible_text import is_blank
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post, PostStatus
from tests.discordapp.rendering.limits import few_examples, stories
from tests.support.articles import make_story
from tests.support.clock import START


def claimed(story: Story) -> ClaimedPost:
    """A story that is to be posted in a forum."""
    post = Post(1, 1, 1, 10, 20, "n", PostStatus.CLAIMED, False, START, START)
    return ClaimedPost(post, story)


@few_examples
@given(story=stories)
def test_a_title_is_short_and_never_blank(story: Story) -> None:
    """Also as UTF-16 units, the strictest way in which Discord may count."""
    title = post_title(claimed(story))
    assert 1 <= discord_length(title) <= MAX_TITLE
    assert not is_blank(title)
    assert "\n" not in title


def test_a_long_title_is_cut_at_a_word() -> None:
    """With an ellipsis."""
    story = make_story(title="A word " * 20)
    assert post_title(claimed(story)) == f"{'A word ' * 13}A word…"


def test_a_title_without_visible_characters_has_a_label() -> None:
    """Discord refuses blank names."""
    story = make_story(title="\u200b \u2800")
    assert post_title(claimed(story)) == "Untitled story"


@given(
    topics=st.lists(st.text(min_size=1), unique=True),
    tags=st.lists(st.tuples(st.integers(1), st.text()), unique_by=lambda tag: tag[0]),
)
def test_tags_are_named_like_topics(topics: list[str], tags: list[tuple[int, str]]) -> None:
    """Each once, and no more than a thread may have."""
    chosen = choose_tags(claimed(make_story(topics=tuple(topics))), tags)
    names = dict(tags)
    wanted = {topic.strip().casefold() for topic in topics}
    assert len(chosen) == len(set(chosen)) <= MAX_TAGS
    assert all(names[tag].strip().casefold() in wanted for tag in chosen)


@pytest.mark.parametrize(
    ("topics", "chosen"),
    [
        (("AI",), [3]),
        (("ai", "Space"), [3, 2]),
        (("Robots",), [4]),
        ((), [4]),
        (("Old",), [4]),
    ],
)
def test_a_subscription_chooses_tags(topics: tuple[str, ...], chosen: list[int]) -> None:
    """The fallback is only for stories without another; deleted tags are ignored."""
    tags = [(1, "AI"), (2, "Space"), (3, "Machines"), (4, "Other")]
    delivery = DeliveryOptions(tags=(("AI", "machines"), ("Old", "Deleted")), fallback_tag="other")
    subscription = Subscription(1, 10, 1, START, SubscriptionSpec(20, delivery=delivery))
    story = make_story(topics=topics)
    assert choose_tags(replace(claimed(story), subscription=subscription), tags) == chosen


def test_the_title_of_a_catch_up_is_that_of_its_message() -> None:
    """Nothing else in the thread names the day of a digest."""
    story = make_story(1)
    digest = Digest(DigestDays.DAILY, time(8), best=5)
    spec = SubscriptionSpec(20, delivery=DeliveryOptions(digest=digest))
    daily = replace(
        claimed(story), digest=(story,), subscription=Subscription(1, 10, 1, START, spec)
    )
    assert post_title(daily).startswith("Daily digest · ")
    assert post_title(replace(daily, catch_up=frozenset({story.id}))) == "Best so far"


def test_the_title_says_that_a_story_was_withdrawn() -> None:
    """Titles can't be struck through."""
    story = make_story(title="x" * 200, withdrawn=True)
    title = post_title(claimed(story))
    assert title.startswith("Withdrawn: xxx")
    assert len(title) == MAX_TITLE
