"""Articles and documents for tests, with whatever a test doesn't care about filled in."""

from dataclasses import replace
from typing import Any

from storage.models import Article, Document, Fingerprint, Provider, Reading, Story
from tests.support.clock import START


def make_article(number: int = 1, **changes: Any) -> Article:  # noqa: ANN401 - any field of Article
    """An article about AI, good enough for most, published at the clock's start."""
    url = f"https://news.example/{number}"
    article = Article(
        title=f"Story {number}",
        url=url,
        addresses=(url,),
        published_at=START,
        excerpt=f"What story {number} tells.",
        quality=80,
        provider=Provider("The Example", "news.example"),
        topics=("AI",),
    )
    return replace(article, **changes)


def make_story(number: int = 1, *, withdrawn: bool = False, **changes: Any) -> Story:  # noqa: ANN401 - the same
    """A story as the archive gives it."""
    return Story(number, number, START, withdrawn, make_article(number, **changes))


def make_document(key: str, reading: Reading, *, digest: str = "") -> Document:
    """A document whose fingerprint follows from what was read."""
    return Document(key, Fingerprint(1, 1, digest or repr(reading)), reading)


def tell(*articles: Article) -> list[Document]:
    """One document for each article, named after its address."""
    return [make_document(f"{article.url.rsplit('/', 1)[1]}.md", article) for article in articles]
