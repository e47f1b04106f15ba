"""Withdrawn stories and drafts are found by no lookup, and counted by none."""

import pytest

from bot.discordapp.rendering.selects import OPEN_STORY
from bot.sandbox.model.entities import Message
from storage.models import Article, UnpublishedDocument
from tests.discordapp.news.support import (
    NOW,
    Archive,
    Reader,
    buttons,
    coverage,
    heading,
    make_aged_article,
)
from tests.support.articles import make_document

WORD = "Zebra"
# What a lookup of the hidden story types, and what it must not say. The other story shares
# everything with it but the word.
LOOKUPS: dict[str, list[dict[str, object]]] = {
    "latest": [{}, {"topic": "AI"}, {"provider": "Reuters"}, {"min_quality": 1}],
    "top": [{}, {"period": "ever"}, {"topic": "AI"}],
    "trending": [{}, {"period": "month"}],
    "topic": [{"topic": "AI"}, {"topic": WORD}],
    "search": [
        {"query": WORD},
        {"query": "zeb"},
        {"query": "story"},
        {"query": "https://news.example/1"},
        {"query": "story", "provider": "Reuters", "kind": "article", "since": "year"},
        {"query": "story", "provider": WORD},
    ],
    "story": [
        {"story": "1"},
        {"story": WORD},
        {"story": f"{WORD} story"},
        {"story": "https://news.example/1"},
        {"story": "news.example/1"},
    ],
    "topics": [{}],
}


async def withdraw(archive: Archive, article: Article) -> None:
    """Remove the document from the source."""
    await archive.withdraw(article)


async def unpublish(archive: Archive, article: Article) -> None:
    """Turn the document into a draft."""
    draft = make_document(article.url, UnpublishedDocument())
    await archive.store.save_documents("test", [draft], NOW)


def texts(message: Message) -> str:
    """All that an answer shows, with its buttons and selects."""
    return f"{message.content}{message.embeds}{message.components}"


@pytest.fixture(params=[withdraw, unpublish])
async def hidden(archive: Archive, ada: Reader, request: pytest.FixtureRequest) -> Message:
    """The page of a story that is hidden afterwards; another story remains."""
    story = make_aged_article(
        1, f"{WORD} story", topics=("AI", WORD), heat=900, related=coverage(9), excerpt=WORD
    )
    await archive.load(story, make_aged_article(2, "A story"))
    page = await ada.ask("story", {"story": f"{WORD} story"})
    await request.param(archive, story)
    return page


@pytest.mark.parametrize("path", LOOKUPS)
async def test_a_hidden_story_is_not_shown(hidden: Message, ada: Reader, path: str) -> None:
    """Whatever is asked for, it is not named, counted, or opened."""
    assert heading(hidden) == f"{WORD} story"
    for options in LOOKUPS[path]:
        answer = await ada.ask(path, options)
        shown = texts(answer).replace(f"“{WORD}”", "").replace(f"“{WORD} story”", "")
        assert WORD not in shown, options
        assert "2 stories" not in shown, options
        assert "news.example/1)" not in shown, options


@pytest.mark.usefixtures("hidden")
async def test_a_hidden_story_is_not_offered(ada: Reader) -> None:
    """No option is completed with it, nor with a topic that only it has; counts leave it out."""
    for typed in ("", "zeb", WORD, "story"):
        assert WORD not in str(await ada.offered("story", "story", typed))
        assert WORD not in str(await ada.offered("topic", "topic", typed))
    assert await ada.offered("topic", "topic", "") == {"AI · 1 story": "AI"}
    assert await ada.offered("latest", "provider", "") == {"Reuters · 1 story": "Reuters"}


async def test_an_old_page_of_a_hidden_story_shows_nothing(hidden: Message, ada: Reader) -> None:
    """Its buttons, and the selects that offer it, say that it is no longer available."""
    assert "Next" in buttons(hidden)
    listed = await ada.ask("latest")
    for answer in (
        await ada.press(hidden, "Next"),
        await ada.choose(listed, OPEN_STORY, ["1"]),
    ):
        assert answer.content == "This story is no longer available."
        assert answer.embeds == []
