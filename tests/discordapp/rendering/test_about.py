"""The answer of the button below a post."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.messages.stories import QUALITY_EXPLAINED
from bot.discordapp.rendering.about import about_page
from bot.discordapp.rendering.coverage import NO_COVERAGE, post_coverage
from bot.discordapp.rendering.post import post_message
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Image,
    Look,
    Rules,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post, PostStatus
from tests.discordapp.rendering.limits import check_embed, check_markup, few_examples, stories
from tests.support.articles import make_story
from tests.support.clock import START

POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START, message_id=7)
# How often words occur in an empty archive.
NONE = TermFrequencies()
RULES = Rules(topics=("AI", "Law"), min_quality=70, words=("story",))
SUBSCRIPTION = Subscription(1, 1, 1, START, SubscriptionSpec(1, RULES))


def shown(posted: ClaimedPost, number: int = 0) -> dict[str, str]:
    """The parts of a page by the names of its fields; its description is named `text`."""
    page = about_page(posted, number, post_coverage(posted, NONE))
    check_embed(page.embed)
    fields = {field.name or "": field.value or "" for field in page.embed.fields}
    return {"text": page.embed.description or "", **fields}


@few_examples
@given(st.lists(stories, min_size=1, max_size=6), st.booleans(), st.booleans(), st.integers(0, 9))
def test_any_stories_make_a_valid_answer(
    some: list[Story], digest: bool, withdrawn: bool, number: int
) -> None:
    """Discord accepts the answer whatever the stories contain, and no markup gets through."""
    lead, *others = (replace(story, withdrawn=withdrawn) for story in some)
    posted = ClaimedPost(
        POST, lead, SUBSCRIPTION, (lead, *others) if digest else (), () if digest else tuple(others)
    )
    page = about_page(posted, number, post_coverage(posted, NONE))
    check_embed(page.embed)
    for text in (page.embed.description, *(field.value for field in page.embed.fields)):
        check_markup((text or "").replace("~~", ""))


def test_the_answer_says_why_a_story_is_here() -> None:
    """It shows the rules with what they found, and facts that the message does not show."""
    story = make_story(1, quality=86, heat=112, topics=("AI", "Space"))
    answer = shown(ClaimedPost(POST, story, SUBSCRIPTION))
    assert answer["Why it is here"] == (
        "This channel gets: AI, Law · quality 70+ · with “story”.\n"
        "• Topics: matches AI\n• Quality: 86 (minimum 70)\n• Words: matches “story”"
    )
    lines = answer["Facts"].splitlines()
    assert lines[0] == "Quality 86 · heat 112"
    assert lines[1] == f"-# {QUALITY_EXPLAINED}"
    assert lines[2].startswith("Published <t:")
    assert lines[3].startswith("First seen <t:")


def excerpt_in_message(story: Story) -> str:
    """What the message of a story shows of its excerpt."""
    embed = post_message(ClaimedPost(POST, story), NONE).embed
    assert embed is not None
    return embed.description or ""


@pytest.mark.parametrize(
    ("look", "has_excerpt", "has_picture"),
    [
        (Look.CARD, False, False),
        (Look.COMPACT, True, True),
        (Look.HEADLINE, True, False),
        (Look.GALLERY, False, False),
    ],
)
def test_the_answer_shows_what_the_look_leaves_out(
    look: Look, has_excerpt: bool, has_picture: bool
) -> None:
    picture = Image("https://news.example/picture.png")
    story = make_story(1, excerpt="word " * 60, images=(picture,))
    posted = ClaimedPost(replace(POST, look=look), story)
    embed = about_page(posted, 0, NO_COVERAGE).embed
    assert (bool(embed.description), bool(embed.image.url)) == (has_excerpt, has_picture)


def test_the_answer_repeats_nothing_of_the_message() -> None:
    """An excerpt is shown only if the message cuts it; the picture is not shown again."""
    short, long = make_story(1, excerpt="Short."), make_story(1, excerpt="word " * 250)
    assert "Short." in excerpt_in_message(short)
    assert shown(ClaimedPost(POST, short))["text"] == ""
    in_message = excerpt_in_message(long)
    answer = shown(ClaimedPost(POST, long))["text"]
    assert in_message.endswith("…")
    assert answer.startswith(in_message.removesuffix("…"))
    assert len(answer) > len(in_message)


def test_the_answer_links_to_the_story() -> None:
    """The link is in the text if Discord does not accept the address as that of the title."""
    story = make_story(1, url="https://my_site.example/a", excerpt="Short.")
    assert shown(ClaimedPost(POST, story))["text"] == "[Read](https://my_site.example/a)"


def test_the_answer_names_catch_up_and_removed_subscriptions() -> None:
    """Nothing is claimed about rules that are gone."""
    story = make_story(1)
    caught_up = ClaimedPost(POST, story, SUBSCRIPTION, catch_up=frozenset({1}))
    assert "one of the best stories" in shown(caught_up)["Why it is here"]
    removed = shown(ClaimedPost(POST, story))["Why it is here"]
    assert removed == "The subscription that it was posted for was removed."


def test_the_answer_below_a_digest_says_how_it_was_chosen() -> None:
    """It does not repeat the digest, whose stories are opened with the select beside the button."""
    digest = Digest(DigestDays.DAILY, time(9), best=7)
    subscription = replace(
        SUBSCRIPTION, spec=SubscriptionSpec(1, RULES, delivery=DeliveryOptions(digest=digest))
    )
    stories = tuple(make_story(number) for number in range(1, 8))
    posted = ClaimedPost(POST, stories[0], subscription, stories)
    page = about_page(posted, 3, post_coverage(posted, NONE))
    check_embed(page.embed)
    assert page.embed.title == "Why these stories?"
    assert page.embed.description == (
        "This channel gets: AI, Law · quality 70+ · with “story”.\n\n"
        "A digest has the best 7 since the last one: highest quality first, then highest heat "
        "(how widely a story is covered), then newest."
    )
    assert (page.number, page.count) == (0, 1)
    caught_up = replace(posted, catch_up=frozenset({1}))
    assert "Some were among the best stories when" in shown(caught_up)["text"]
    begun = shown(replace(posted, catch_up=frozenset(range(1, 8))))["text"]
    assert begun.endswith(
        "\n\nThese are the best stories when the subscription was added: highest quality first,"
        " then highest heat (how widely a story is covered), then newest."
    )
    removed = shown(replace(posted, subscription=None))["text"]
    assert removed == "The subscription that it was posted for was removed."


def test_a_digest_of_one_story_says_why_it_is_here() -> None:
    """The rules are checked as below the message of a single story."""
    story = make_story(1, quality=86)
    page = about_page(ClaimedPost(POST, story, SUBSCRIPTION, (story,)), 0, NO_COVERAGE)
    assert page.embed.title == "Why this story?"
    assert "• Quality: 86 (minimum 70)" in (page.embed.description or "")


def test_a_withdrawn_story_is_described_without_its_text() -> None:
    """What its source took back is not shown again."""
    story = replace(
        make_story(1, excerpt="Secret."),
        withdrawn=True,
    )
    answer = shown(ClaimedPost(POST, story, SUBSCRIPTION))
    assert answer["text"].startswith("This story was withdrawn: its source")
    assert not any("Secret" in text for text in answer.values())
    assert set(answer) == {"text", "Why it is here", "Facts"}
