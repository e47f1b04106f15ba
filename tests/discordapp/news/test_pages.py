import discord
import pytest

from bot.discordapp.rendering.story import story_embed, story_view
from bot.sandbox import Invalid, Sandbox
from bot.sandbox.model.entities import Message
from storage.models import Image, Provider
from tests.discordapp.news.conftest import Posts, RunBot
from tests.discordapp.news.support import (
    EPHEMERAL,
    Archive,
    Reader,
    body,
    buttons,
    coverage,
    footer,
    heading,
    make_aged_article,
    private_text,
)

NONCE = "0f" * 12


def disabled(message: Message) -> list[str]:
    """The labels of the buttons that can't be pressed."""
    return [label for label, button in buttons(message).items() if button.get("disabled")]


async def test_pages_are_turned_in_place(archive: Archive, ada: Reader) -> None:
    """The buttons change their own message, and are disabled at the ends."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    first = await ada.ask("latest")
    assert list(buttons(first)) == ["First", "Previous", "Next", "Last"]
    assert disabled(first) == ["First", "Previous"]
    second = await ada.press(first, "Next")
    assert second.id == first.id
    assert footer(second) == "12 stories · page 2/3"
    assert body(second).startswith("**6.** [Story 5]")
    assert disabled(second) == []
    last = await ada.press(second, "Last")
    assert footer(last) == "12 stories · page 3/3"
    assert disabled(last) == ["Next", "Last"]
    assert footer(await ada.press(last, "Previous")).endswith("2/3")
    assert footer(await ada.press(first, "First")).endswith("1/3")


@pytest.mark.parametrize(
    ("path", "options", "second"),
    [
        ("latest", {"topic": "AI", "min_quality": 50}, "page 2/3"),
        ("latest", {"provider": "Reuters"}, "page 2/3"),
        ("top", {"topic": "AI", "period": "week"}, "page 2/3"),
        ("trending", {"topic": "AI", "period": "three_days"}, "page 2/3"),
        ("topic", {"topic": "AI"}, "page 2/3"),
        ("search", {"query": "x" * 48 + ": ", "since": "year"}, "page 2/3"),
        ("search", {"query": "\U0001d54f" * 25}, "page 2/3"),
        (
            "search",
            {
                "query": "x" * 48,
                "topic": "AI",
                "provider": "reuters",
                "since": "month",
                "min_quality": 50,
                "kind": "article",
            },
            "page 2/3",
        ),
        ("topics", {}, "page 2/2"),
    ],
)
async def test_every_answer_has_pages(
    archive: Archive, ada: Reader, path: str, options: dict[str, object], second: str
) -> None:
    """The second page still knows the whole request."""
    words = "x" * 48 + " " + "\U0001d54f" * 25
    await archive.load(
        *(make_aged_article(n, f"{words} {n}", topics=("AI", f"Topic {n:02}")) for n in range(15))
    )
    first = await ada.ask(path, options)
    turned = await ada.press(first, "Next")
    assert footer(turned).endswith(second)
    assert heading(turned) == heading(first)


async def test_a_private_answer_has_pages(archive: Archive, ada: Reader) -> None:
    """They are turned in place, and nobody else sees them."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    first = await ada.ask("latest", {"private": True})
    turned = await ada.press(first, "Next")
    assert turned.id == first.id
    assert turned.ephemeral_for == ada.id
    assert footer(await ada.press(turned, "Next")).endswith("page 3/3")


async def test_a_missing_provider_is_explained(archive: Archive, ada: Reader) -> None:
    """A page of a provider without stories is not an error."""
    articles = [make_aged_article(number) for number in range(12)]
    await archive.load(*articles)
    first = await ada.ask("latest", {"provider": "Reuters"})
    await archive.withdraw(*articles)
    text = private_text(await ada.press(first, "Next"))
    assert text == "This provider has no stories anymore."


async def test_a_list_that_became_empty_stays(archive: Archive, ada: Reader) -> None:
    """Whoever turns its page reads why there is none."""
    articles = [make_aged_article(number) for number in range(12)]
    await archive.load(*articles, make_aged_article(99, "Bad", quality=0))
    first = await ada.ask("latest", {"min_quality": 50})
    await archive.withdraw(*articles)
    text = private_text(await ada.press(first, "Next"))
    assert text.startswith("**Latest stories · quality 50+**\nNo stories found.")
    assert footer(first).endswith("page 1/3")


async def test_buttons_survive_a_restart(
    archive: Archive, run_bot: RunBot, sandbox: Sandbox
) -> None:
    """A new process answers the buttons of an old message."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    async with run_bot():
        ada = Reader(sandbox, "Ada")
        first = await ada.ask("latest")
    async with run_bot():
        assert footer(await ada.press(first, "Next")).endswith("page 2/3")


async def test_another_member_gets_a_private_copy(
    archive: Archive, ada: Reader, sandbox: Sandbox
) -> None:
    """Nobody turns the page of another reader; the copy has its own page buttons."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    first = await ada.ask("latest")
    max_ = Reader(sandbox, "Max")
    copy = await max_.press(first, "Next")
    assert copy.id != first.id
    assert copy.ephemeral_for == max_.id
    assert footer(copy).endswith("page 2/3")
    assert footer(first).endswith("page 1/3")
    turned = await max_.press(copy, "Next")
    assert turned.id == copy.id
    assert footer(turned).endswith("page 3/3")


async def test_a_missing_page_becomes_the_last_page(archive: Archive, ada: Reader) -> None:
    """If stories were withdrawn in the meantime, the last remaining page is shown."""
    articles = [make_aged_article(number) for number in range(12)]
    await archive.load(*articles)
    first = await ada.ask("latest")
    await archive.withdraw(*articles[6:])
    assert footer(await ada.press(first, "Last")) == "6 stories · page 2/2"
    await archive.withdraw(*articles[1:])
    left = await ada.press(first, "Previous")
    assert footer(left) == "1 story"
    assert buttons(left) == {}


async def test_a_missing_topic_is_explained(archive: Archive, ada: Reader) -> None:
    """A page of a topic without stories is not an error."""
    articles = [make_aged_article(number) for number in range(12)]
    await archive.load(*articles)
    first = await ada.ask("topic", {"topic": "AI"})
    await archive.withdraw(*articles)
    text = private_text(await ada.press(first, "Next"))
    assert text == "This topic has no stories anymore. See all topics with `/news topics`."


async def test_an_unreadable_database_leaves_the_message_alone(
    archive: Archive, ada: Reader
) -> None:
    """Only the person who pressed the button sees the error."""
    await archive.load(*(make_aged_article(number) for number in range(12)))
    first = await ada.ask("latest")
    archive.unreadable = True
    assert "can't access my database" in private_text(await ada.press(first, "Next"))
    assert footer(first).endswith("page 1/3")


@pytest.mark.parametrize(
    ("custom_id", "words"),
    [
        ("news:", "This button no longer works."),
        ("news:2:something new", "This button no longer works."),
        ("news:nz:0:::e:\n", "This button no longer works."),
        ("news:ns:0:999::e:", "This story is no longer available."),
    ],
)
async def test_an_unknown_button_is_explained(
    bot: discord.Client, ada: Reader, custom_id: str, words: str
) -> None:
    """A custom_id that this version or database does not know raises nothing."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Old", custom_id=custom_id))
    view.stop()
    await bot.get_partial_messageable(ada.channel_id).send("An old message", view=view)
    (message,) = ada.messages()
    assert private_text(await ada.press(message, "Old")).startswith(words)


async def post(
    bot: discord.Client, archive: Archive, posts: Posts, reader: Reader, mark: str
) -> Message:
    """A story in the reader's channel, with the mark below it."""
    story = await archive.store.get_story(1)
    posts.deliver(12, NONCE, reader.channel_id, story)
    await bot.get_partial_messageable(reader.channel_id).send(
        embed=story_embed(story), view=story_view(mark, story)
    )
    return reader.messages()[0]


async def test_the_button_below_a_post_shows_the_story(
    bot: discord.Client, archive: Archive, posts: Posts, ada: Reader
) -> None:
    """Whoever presses it sees all coverage privately, and turns its pages in place."""
    await archive.load(make_aged_article(1, "Told", related=coverage(9)))
    message = await post(bot, archive, posts, ada, f"story:12:{NONCE}")
    page = await ada.press(message, "About this story")
    assert page.ephemeral_for == ada.id
    assert heading(page) == "Told"
    assert "**Related (9)**" in body(page)
    turned = await ada.press(page, "Next")
    assert turned.id == page.id
    assert turned.flags & EPHEMERAL
    assert footer(turned).endswith("page 2/2")


@pytest.mark.parametrize(
    "mark", [f"story:12:{'00' * 12}", f"story:13:{NONCE}", f"story:{'9' * 18}:{NONCE}"]
)
async def test_an_unknown_mark_shows_nothing(
    bot: discord.Client, archive: Archive, posts: Posts, ada: Reader, mark: str
) -> None:
    """A wrong nonce or number matches no post."""
    await archive.load(make_aged_article(1))
    message = await post(bot, archive, posts, ada, mark)
    text = private_text(await ada.press(message, "About this story"))
    assert text == "This story is no longer available."


@pytest.mark.parametrize("field", ["image.url", "author.icon_url", "url", "timestamp"])
async def test_a_page_is_shown_without_what_discord_rejects(
    bot: discord.Client,
    archive: Archive,
    posts: Posts,
    ada: Reader,
    sandbox: Sandbox,
    field: str,
) -> None:
    """Titles and coverage remain, and so does the link if it is not rejected."""
    provider = Provider("The Example", "news.example", "https://news.example/icon.png")
    images = (Image("https://news.example/picture.png"),)
    await archive.load(make_aged_article(1, provider=provider, images=images, related=coverage(9)))
    message = await post(bot, archive, posts, ada, f"story:12:{NONCE}")
    callback = "POST /interactions/{interaction_id}/{interaction_token}/callback"
    sandbox.faults.plan(Invalid((f"data.embeds.0.{field}",)), route=callback, times=None)
    page = await ada.press(message, "About this story")
    (embed,) = page.embeds
    assert embed["title"] == "Story 1"
    assert "image" not in embed
    assert ("url" in embed) == (field in {"image.url", "author.icon_url"})
    assert footer(await ada.press(page, "Next")).endswith("page 2/2")


async def test_a_mark_in_another_channel_shows_nothing(
    bot: discord.Client, archive: Archive, posts: Posts, sandbox: Sandbox
) -> None:
    """A mark is valid only in the channel of its post."""
    await archive.load(make_aged_article(1))
    there, here = Reader(sandbox, "Ada", "ai"), Reader(sandbox, "Ada", "general")
    await post(bot, archive, posts, there, f"story:12:{NONCE}")
    story = posts.delivered[12].story
    await bot.get_partial_messageable(here.channel_id).send(
        embed=story_embed(story), view=story_view(f"story:12:{NONCE}", story)
    )
    (message,) = here.messages()
    text = private_text(await here.press(message, "About this story"))
    assert text == "This story is no longer available."


async def test_a_withdrawn_story_is_no_longer_shown_in_full(
    bot: discord.Client, archive: Archive, posts: Posts, ada: Reader
) -> None:
    """Its old button and page buttons say so, and what is known, without its text or coverage."""
    article = make_aged_article(1, related=coverage(9))
    await archive.load(article)
    message = await post(bot, archive, posts, ada, f"story:12:{NONCE}")
    page = await ada.press(message, "About this story")
    await archive.withdraw(article)
    posts.deliver(12, NONCE, ada.channel_id, await archive.store.get_story(1))
    about = "About this story"
    for answer in (await ada.press(message, about), await ada.press(page, "Next")):
        assert heading(answer) == "~~Story 1~~"
        assert body(answer).startswith("This story was withdrawn: its source removed it")
        names = [field["name"] for field in answer.embeds[0]["fields"]]
        assert names == ["Why it is here", "Facts"]
