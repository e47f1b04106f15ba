"""The looks of the message of one story."""

import re
from dataclasses import replace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.markdown import discord_length, relative_time
from bot.discordapp.rendering.layout import Pictures
from bot.discordapp.rendering.message import Message
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import complete_payload
from storage.models import (
    DEFAULT_STYLE,
    DeliveryOptions,
    Fact,
    Image,
    Kind,
    Look,
    Provider,
    Story,
    Style,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, Post, PostStatus
from tests.discordapp.rendering.limits import (
    check_components,
    check_embed,
    check_layout,
    check_markup,
    few_examples,
    make_bare_story,
    stories,
)
from tests.discordapp.subscriptions.strategies import hostile_styles
from tests.support.articles import make_story
from tests.support.clock import START

POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START, message_id=7)
ROLE = 2**63 - 1
PICTURES = tuple(Image(f"https://news.example/{number}.png", 600, 400) for number in range(6))
RICH = make_story(
    1,
    title="A title",
    excerpt="word " * 200,
    provider=Provider("The Example", "news.example"),
    quality=87,
    images=PICTURES,
)


TIME = relative_time(RICH.dated_at)


def replace_article(story: Story, **changes: Any) -> Story:  # noqa: ANN401 - any field
    """A story with changes to its article."""
    return replace(story, article=replace(story.article, **changes))


def message_of(look: Look, story: Story, *folded: Story, style: Style = DEFAULT_STYLE) -> Message:
    """The message of a story in a look, while the archive is empty."""
    spec = SubscriptionSpec(1, delivery=DeliveryOptions(look=look, style=style))
    subscription = Subscription(1, 1, 1, START, spec)
    claimed = ClaimedPost(replace(POST, look=look), story, subscription, coverage=folded)
    return post_message(claimed, TermFrequencies())


def text_of(message: Message) -> str:
    """What a reader sees of a message besides pictures and buttons."""
    if message.embed is not None:
        parts = [message.embed.title, message.embed.description, message.embed.footer.text]
        parts += [f"{field.name}\n{field.value}" for field in message.embed.fields]
        return "\n".join(filter(None, parts))
    return "\n".join(message.layout.texts) if message.layout else message.text


@few_examples
@given(st.sampled_from(Look), stories, st.lists(stories, max_size=4), st.booleans(), hostile_styles)
def test_any_article_makes_a_valid_message(
    look: Look, hostile: Story, folded: list[Story], withdrawn: bool, style: Style
) -> None:
    """Discord accepts it with mentions, whatever the article and the style contain.

    Only the mentions are markup.
    """
    message = message_of(look, replace(hostile, withdrawn=withdrawn), *folded, style=style)
    payload = complete_payload(message, (ROLE, ROLE - 1))
    assert f"<@&{ROLE}> <@&{ROLE - 1}>" in payload.above
    check_markup("x" + re.sub(r"(?<!\\)<@&[0-9]+>", "x", payload.above))
    assert discord_length(payload.content) <= 1400 + 300
    rows = payload.components.to_components()
    if message.layout is not None:
        check_layout(rows)
        assert payload.content == ""
    else:
        check_components(rows)
    if message.embed is not None:
        check_embed(message.embed)
        return
    texts = message.layout.texts if message.layout else [message.text]
    if not withdrawn:
        for line in "\n".join(texts).split("\n"):
            check_markup(line.removeprefix("### ").removeprefix("▶ "))


@pytest.mark.parametrize("look", Look)
def test_every_look_shows_the_essentials(look: Look) -> None:
    """Title with a link, provider, quality, and the stories that are folded into it."""
    message = message_of(look, RICH, make_story(2, title="The same", provider=Provider("Other")))
    embed = message.embed
    text = text_of(message) + str(embed.to_dict() if embed else "")
    for shown in ("A title", "The Example", "Quality 87", "https://news.example/2"):
        assert shown in text
    assert RICH.article.url in text


@pytest.mark.parametrize("look", Look)
def test_every_look_says_that_a_story_was_withdrawn(look: Look) -> None:
    text = text_of(message_of(look, replace(RICH, withdrawn=True), make_story(2)))
    assert text.replace("### ", "").startswith("~~A title~~\n")
    assert text.endswith("This story was withdrawn.")


@pytest.mark.parametrize("look", Look)
def test_every_look_can_do_with_a_title_alone(look: Look) -> None:
    """There is nothing but the title, its link, the quality and the time."""
    message = message_of(look, make_bare_story("Only this", kind=Kind.VIDEO))
    lines = text_of(message).split("\n")
    assert "Only this" in lines[0]
    assert "▶" in lines[0]
    assert lines[1].removeprefix("-# ").startswith("Video · Quality 0")
    assert len(lines) == 2


def test_a_compact_message_has_two_lines() -> None:
    """A third one names the coverage, and links in it have no previews."""
    message = message_of(Look.COMPACT, RICH)
    lines = ["**[A title](https://news.example/1)**", f"-# The Example · Quality 87 · {TIME} · AI"]
    assert message.text.split("\n") == lines
    assert complete_payload(message).hides_previews
    covered = message_of(Look.COMPACT, RICH, make_story(2, provider=Provider("Other")))
    assert covered.text.split("\n")[2:] == ["-# Also covered by [Other](https://news.example/2)"]


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("fact", Fact)
def test_every_look_shows_the_chosen_facts(look: Look, fact: Fact) -> None:
    """No others, and each of them in every look."""
    message = message_of(look, RICH, style=Style(facts=(fact,)))
    text = text_of(message)
    shown = {
        Fact.QUALITY: "Quality 87" in text,
        Fact.TOPICS: "AI" in text,
        Fact.TIME: TIME in text or (message.embed and message.embed.timestamp) == RICH.dated_at,
    }
    assert [each for each in Fact if shown[each]] == [fact]


@pytest.mark.parametrize("look", Look)
def test_no_fact_displaces_the_footer(look: Look) -> None:
    topics = tuple(f"{'*Topic*' * 8} {number}" for number in range(9))
    style = Style(footer="*" * 100)
    text = text_of(message_of(look, replace_article(RICH, topics=topics), style=style))
    assert style.footer in text.replace("\\", "")


def test_a_compact_message_has_a_button_in_place_of_a_link() -> None:
    """A title that can't be a link gets a button that leads to the story."""

    def addresses(story: Story) -> list[str | None]:
        view = message_of(Look.COMPACT, story).view
        return [each.url for each in view.children if isinstance(each, discord.ui.Button)]

    assert addresses(RICH) == [None]
    label = "bank.example " + "x" * 1100
    assert addresses(make_bare_story(label, url="https://news.example/" + "y" * 480)) == [None]


def test_a_headline_has_a_small_picture() -> None:
    embed = message_of(Look.HEADLINE, RICH).embed
    assert embed is not None
    assert (embed.thumbnail.url, embed.image.url) == (PICTURES[0].url, None)
    assert len(embed.description or "") <= 140


@pytest.mark.parametrize(("given_pictures", "shown"), [(0, 0), (1, 1), (3, 3), (6, 4)])
def test_a_gallery_has_up_to_four_pictures(given_pictures: int, shown: int) -> None:
    """In the order of the article, each once, without icons."""
    images = (Image("https://news.example/icon.png", 16, 16), *PICTURES[:given_pictures])
    story = make_story(1, images=(*images, *images))
    layout = message_of(Look.GALLERY, story).layout
    assert layout is not None
    galleries = [block.items for block in layout.blocks if isinstance(block, Pictures)]
    assert [url for url, _ in sum(galleries, ())] == [each.url for each in PICTURES[:shown]]


@pytest.mark.parametrize("look", Look)
def test_every_look_has_the_style_of_its_subscription(look: Look) -> None:
    """Colour where there is one, the admin's footer, and no facts if none are chosen."""
    style = Style(0x1F8B4C, "For *the* club", ())
    message = message_of(look, RICH, style=style)
    text = text_of(message)
    assert text.endswith("For *the* club" if message.embed else "For \\*the\\* club")
    assert "Quality" not in text
    coloured = message.embed or message.layout
    assert coloured is None or coloured.colour == discord.Colour(0x1F8B4C)


def test_pictures_of_a_gallery_are_described() -> None:
    """As their article describes them, in one line."""
    images = (Image(PICTURES[0].url, alt="The bridge\nat *dawn* "), PICTURES[1])
    layout = message_of(Look.GALLERY, make_story(1, images=images)).layout
    assert layout is not None
    (pictures,) = (block for block in layout.blocks if isinstance(block, Pictures))
    assert [description for _, description in pictures.items] == ["The bridge at *dawn*", ""]
