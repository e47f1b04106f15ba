"""Articles, stories and documents for tests, with defaults for whatever a test doesn't state."""

from dataclasses import replace
from typing import Any

from storage.models import Article, Document, Fingerprint, Provider, Reading, Story
from tests.support.clock import START

REQUIRED_FIELDS = {
    "title": '"A story"',
    "publishedDateTime": "2020-09-11T12:19:00Z",
    "webUrl": '"https://news.example/story"',
}


def make_article(number: int = 1, **changes: Any) -> Article:  # noqa: ANN401 - any field of Article
    """Return an article about AI of quality 80, published at the fake clock's start."""
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
    """Return the story with the id `number`, with changes to its article."""
    return Story(number, number, START, withdrawn, make_article(number, **changes))


def make_document(key: str, reading: Reading, *, digest: str = "") -> Document:
    """Return a document whose fingerprint depends on what was read."""
    return Document(key, Fingerprint(1, 1, digest or repr(reading)), reading)


def make_documents(*articles: Article) -> list[Document]:
    """Return one document for each article, with a key from its address."""
    return [make_document(f"{article.url.rsplit('/', 1)[1]}.md", article) for article in articles]


def make_markdown(*lines: str, name: str | None = None, **fields: str | None) -> bytes:
    """Return the content of a Markdown file with the required fields as front matter.

    `fields` are YAML; None leaves a required field out. `name` gives a title and an address, and
    `lines` are added to the front matter.
    """
    named = {"title": name, "webUrl": f"https://news.example/{name}"} if name else {}
    given = {**REQUIRED_FIELDS, **named, **fields}
    front_matter = [f"{field}: {value}" for field, value in given.items() if value is not None]
    return "\n".join(["---", *front_matter, *lines, "---", "The body."]).encode()


def make_news_markdown(
    name: str,
    *,
    title: str | None = None,
    quality: int = 80,
    topic: str = "AI",
    published: str = "2026-11-01T08:00:00Z",
) -> str:
    """Return the content of a Markdown file with everything that a message shows."""
    title = title or f"Story {name}"
    return make_markdown(
        "provider: {name: The Example, domain: news.example}",
        f"topics: [{topic}]",
        name=name,
        title=f'"{title}"',
        excerpt=f'"What {title} tells."',
        publishedDateTime=published,
        quality=str(quality),
        heat="10",
        published="true",
    ).decode()
