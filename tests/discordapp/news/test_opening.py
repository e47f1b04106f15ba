"""The select below lists and digests opens a story for the member who chose it."""

from dataclasses import replace

import discord
import pytest

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.selects import OPEN_STORY, OPEN_TOPIC
from bot.sandbox import Sandbox
from bot.sandbox.model.entities import Message
from storage.posts import ClaimedPost
from tests.discordapp.news.conftest import Posts, RunBot
from tests.discordapp.news.support import (
    Archive,
    Reader,
    body,
    buttons,
    coverage,
    footer,
    heading,
    make_aged_article,
    options,
    private_text,
)

NONCE = "0f" * 12
GONE = "This story is no longer available."


async def deliver_digest(
    bot: discord.Client, archive: Archive, posts: Posts, reader: Reader, *numbers: int
) -> Message:
    """Post a digest in the reader's channel."""
    stories = [await archive.store.get_story(number) for number in numbers]
    claimed = posts.deliver(12, NONCE, reader.channel_id, *stories)
    message = post_message(claimed, TermFrequencies())
    assert message.embed is not None
    await bot.get_partial_messageable(reader.channel_id).send(
        embed=message.embed, view=message.view
    )
    return reader.messages()[0]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("latest", {}),
        ("top", {"period": "week"}),
        ("topic", {"topic": "AI"}),
        ("search", {"query": "AI"}),
    ],
)
async def test_every_list_opens_its_stories(
    archive: Archive, ada: Reader, path: str, asked: dict[str, object]
) -> None:
    """The numbers are those of the list, also on the next page."""
    await archive.load(*(make_aged_article(number) for number in range(7)))
    message = await ada.ask(path, asked)
    for number in (2, 7):
        if number == 7:
            await ada.press(message, "Next")
        (label,) = [each for each in options(message) if each.startswith(f"{number}. ")]
        assert f"**{number}.** [{label.partition('. ')[2]}]" in body(message)
        opened = await ada.open(message, label)
        assert heading(opened) == label.partition(". ")[2]
        assert opened.ephemeral_for == ada.id
        assert opened.id != message.id


async def test_an_opened_story_is_the_page_of_news_story(archive: Archive, ada: Reader) -> None:
    """It has excerpt, coverage with page buttons, and the id that `/news story` takes."""
    await archive.load(make_aged_article(1, excerpt="What happened.", related=coverage(9)))
    opened = await ada.open(await ada.ask("latest"), "1. Story 1")
    asked = await ada.ask("story", {"story": "1"})
    assert "What happened." in body(opened)
    assert "· id 1 ·" in footer(opened)
    assert opened.embeds == asked.embeds
    assert buttons(opened) == buttons(asked)
    turned = await ada.press(opened, "Next")
    assert turned.id == opened.id
    assert footer(turned).endswith("page 2/2")


async def test_every_member_may_open_a_story(
    archive: Archive, ada: Reader, sandbox: Sandbox
) -> None:
    """Only the person who chose it sees it; the list stays as it is."""
    await archive.load(make_aged_article(1), make_aged_article(2))
    listed = await ada.ask("latest")
    max_ = Reader(sandbox, "Max")
    opened = await max_.open(listed, "2. Story 2")
    assert opened.ephemeral_for == max_.id
    assert opened not in ada.messages()
    assert heading(listed) == "Latest stories"


async def test_the_select_survives_a_restart(
    archive: Archive, posts: Posts, run_bot: RunBot, sandbox: Sandbox
) -> None:
    """A new process answers the selects of old lists and digests."""
    await archive.load(make_aged_article(1), make_aged_article(2))
    ada = Reader(sandbox, "Ada")
    async with run_bot() as bot:
        listed = await ada.ask("latest")
        digest = await deliver_digest(bot, archive, posts, ada, 2, 1)
    async with run_bot():
        assert heading(await ada.open(listed, "1. Story 1")) == "Story 1"
        assert heading(await ada.open(digest, "1. Story 2")) == "Story 2"


async def test_the_button_below_a_digest_says_why(
    bot: discord.Client, archive: Archive, posts: Posts, ada: Reader
) -> None:
    """The button has the mark; the select below it opens the stories."""
    await archive.load(*(make_aged_article(number) for number in range(1, 8)))
    digest = await deliver_digest(bot, archive, posts, ada, *range(1, 8))
    assert list(options(digest)) == [f"{number}. Story {number}" for number in range(1, 8)]
    answer = await ada.press(digest, "Why these stories?")
    assert answer.ephemeral_for == ada.id
    assert heading(answer) == "Why these stories?"
    assert buttons(answer) == {}
    assert heading(await ada.open(digest, "7. Story 7")) == "Story 7"


async def test_the_old_button_of_a_digest_still_answers(
    bot: discord.Client, archive: Archive, posts: Posts, ada: Reader
) -> None:
    """Messages of earlier versions have it, and answers with pages."""
    await archive.load(make_aged_article(1), make_aged_article(2))
    digest = await deliver_digest(bot, archive, posts, ada, 1, 2)
    view = discord.ui.View(timeout=None)
    for label, name in (("About these stories", ""), ("Next", ":n1")):
        custom_id = f"{posts.delivered[12].post.mark}{name}"
        view.add_item(discord.ui.Button(label=label, custom_id=custom_id))
    channel = bot.get_partial_messageable(ada.channel_id)
    await channel.get_partial_message(digest.id).edit(view=view)
    (old,) = (each for each in ada.messages() if each.id == digest.id)
    assert heading(await ada.press(old, "About these stories")) == "Why these stories?"
    assert heading(await ada.press(old, "Next")) == "Why these stories?"


async def test_a_withdrawn_story_can_not_be_opened(
    bot: discord.Client, archive: Archive, posts: Posts, ada: Reader
) -> None:
    """Not even from a message that was sent before; an edited digest no longer offers it."""
    articles = [make_aged_article(number) for number in (1, 2)]
    await archive.load(*articles)
    listed = await ada.ask("latest")
    digest = await deliver_digest(bot, archive, posts, ada, 1, 2)
    await archive.withdraw(articles[1])
    for message in (listed, digest):
        assert private_text(await ada.open(message, "2. Story 2")) == GONE
    delivered: ClaimedPost = posts.delivered[12]
    gone = replace(delivered, digest=(delivered.digest[0], await archive.store.get_story(2)))
    edited = post_message(gone, TermFrequencies())
    rows = edited.view.to_components()
    assert [each["label"] for each in rows[1]["components"][0]["options"]] == ["1. Story 1"]


@pytest.mark.parametrize(
    "values",
    [
        [], ["1", "2"], ["0"], ["-1"], ["2"], ["9" * 19], ["9" * 5000], ["1 "], ["1.0"], ["x"],
        [""], ["\N{FULLWIDTH DIGIT ONE}"], ["\ud800"], ["1\x00"],
    ],
    ids=lambda values: ascii(values)[:20],
)  # fmt: skip
async def test_what_no_message_offers_is_not_opened(
    archive: Archive, ada: Reader, values: list[str]
) -> None:
    """A value comes from a client, so it may be anything."""
    await archive.load(make_aged_article(1))
    listed = await ada.ask("latest")
    for custom_id in (OPEN_STORY, OPEN_TOPIC):
        assert private_text(await ada.choose(listed, custom_id, values))


async def test_the_list_of_topics_opens_topics(archive: Archive, ada: Reader) -> None:
    """The page is that of `/news topic`, for the member who chose it, with its own select."""
    await archive.load(make_aged_article(1), make_aged_article(2, topics=("Law",)))
    opened = await ada.open(await ada.ask("topics"), "Law", OPEN_TOPIC)
    assert opened.ephemeral_for == ada.id
    assert heading(opened) == "Law"
    assert list(options(opened)) == ["1. Story 2"]


async def test_a_topic_without_stories_can_not_be_opened(archive: Archive, ada: Reader) -> None:
    await archive.load(make_aged_article(1), make_aged_article(2, topics=("Law",)))
    listed = await ada.ask("topics")
    await archive.withdraw(make_aged_article(2, topics=("Law",)))
    text = private_text(await ada.open(listed, "Law", OPEN_TOPIC))
    assert text.startswith("This topic has no stories anymore.")


async def test_an_unreadable_database_is_explained(archive: Archive, ada: Reader) -> None:
    """Only the person who chose sees that."""
    await archive.load(make_aged_article(1))
    listed = await ada.ask("latest")
    archive.unreadable = True
    assert "can't access my database" in private_text(await ada.open(listed, "1. Story 1"))
