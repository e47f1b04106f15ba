"""The line above a message."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.markdown import discord_length
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.rendering.line import fill_line
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import complete_payload
from bot.discordapp.subscriptions.parsing import parse_line
from storage.models import (
    Article,
    DeliveryOptions,
    Provider,
    Rules,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post, PostStatus
from tests.discordapp.rendering.limits import articles, check_markup, make_bare_story
from tests.discordapp.subscriptions.strategies import lines
from tests.support.articles import make_story
from tests.support.clock import START

ROLE = "<@&5>"
ROLES = f"{ROLE} <@&6>"
POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START, message_id=7)
ARTICLE = make_bare_story(
    "A *bridge*", provider=Provider("The Example"), topics=("Traffic", "Ports")
).article


@pytest.mark.parametrize(
    ("template", "mentions", "line"),
    [
        ("New: {title}", "", r"New: A \*bridge\*"),
        ("New: {title}", ROLES, rf"{ROLES} New: A \*bridge\*"),
        ("{role} {title}", ROLE, rf"{ROLE} A \*bridge\*"),
        ("{role} {title}", "", r"A \*bridge\*"),
        ("Hey {role} , look", "", "Hey , look"),
        ("{topic} from {provider} for {role}", ROLE, f"Ports from The Example for {ROLE}"),
        ("{role}", ROLE, ROLE),
        ("{role} and {role} again", ROLE, f"{ROLE} and again"),
        ("{role}", "", ""),
        ("**{provider}** {{x}}", "", r"\*\*The Example\*\* {x}"),
        ("@{title}", "", r"@A \*bridge\*"),
    ],
)
def test_a_template_is_filled(template: str, mentions: str, line: str) -> None:
    """Mentions replace `{role}`, or precede the line; without any, no space is left of them."""
    assert fill_line(template, ARTICLE, ["ports"], mentions) == line


def test_what_an_article_lacks_leaves_no_space() -> None:
    bare = make_bare_story("\u200b").article
    assert fill_line("{topic} | {provider} {title}", bare, [], "") == r"\| Untitled story"


def test_text_after_a_long_title_is_kept() -> None:
    line = fill_line("{title} – read it", replace(ARTICLE, title="x" * 5000), [], "")
    assert line.endswith("…  – read it".replace("  ", " "))


@given(lines, articles, st.sampled_from(["", ROLE, ROLES]))
def test_no_line_pings_anybody_else(template: str, article: Article, mentions: str) -> None:
    """Whatever template, title, topic and provider contain, only the mentions are markup."""
    line = fill_line(template, article, [], mentions)
    assert discord_length(line) <= 300 + len(f"{ROLES} ")
    assert "\n" not in line
    assert not mentions or mentions in line
    check_markup("x" + line.replace(mentions, "x") if mentions else line)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("{titel}", "`{titel}` isn't a placeholder. Do you mean `{title}`?"),
        ("{Rolle}", "`{Rolle}` isn't a placeholder. Do you mean `{role}`?"),
        (
            "{}",
            "`{}` isn't a placeholder. Do you mean `{title}`, `{topic}`, `{provider}` or `{role}`?",
        ),
        ("{title.url}", "`{title.url}` isn't a placeholder. Do you mean `{title}`?"),
        ("{title!r}", "`{title}` can't have"),
        ("{title:>3000}", "`{title}` can't have"),
        ("{title", "A brace has no partner."),
        ("title}", "A brace has no partner."),
        ("{title!}", "A brace has no partner."),
    ],
)
def test_a_wrong_placeholder_is_named(typed: str, problem: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_line(typed)
    assert str(refused.value).startswith(problem)


def claimed(template: str, *stories: int, withdrawn: int = 0) -> ClaimedPost:
    """The post of a digest, of which the first stories are withdrawn, or of one story."""
    shown = tuple(make_story(number, withdrawn=number <= withdrawn) for number in stories)
    delivery = DeliveryOptions(style=Style(line=template))
    spec = SubscriptionSpec(1, Rules(topics=("AI",)), delivery=delivery)
    subscription = Subscription(1, 1, 1, START, spec)
    return ClaimedPost(POST, shown[0], subscription, digest=shown if len(shown) > 1 else ())


@pytest.mark.parametrize(
    ("post", "content"),
    [
        (claimed("Now: {title}", 1), f"{ROLE} Now: Story 1"),
        (claimed("Now: {title}", 1, 2), f"{ROLE} Now: Story 1"),
        (claimed("Now: {title}", 1, 2, withdrawn=1), f"{ROLE} Now: Story 2"),
        (claimed("Now: {title}", 1, withdrawn=1), ROLE),
        (claimed("Now: {title}", 1, 2, withdrawn=2), ROLE),
        (claimed("", 1), ROLE),
        (replace(claimed("Now: {title}", 1), subscription=None), ROLE),
    ],
)
def test_a_line_is_about_the_first_story(post: ClaimedPost, content: str) -> None:
    """Withdrawn stories have none."""
    message = post_message(post, TermFrequencies())
    assert complete_payload(message, (5,)).content == content
