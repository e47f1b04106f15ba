"""Generated articles in the source format, of the sizes that real ones have."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from bot.clock import SystemClock
from bot.ingest.document import read_document
from bot.sandbox.samples.stories import sample_story
from storage.models import Article, Document, Fingerprint
from storage.protocols import Store
from tests.support.clock import START
from tests.support.headlines import headline

SEED = next((Path(__file__).parents[2] / "seeds").glob("2020-09-11-*.md"))
DIFFERENT = 1000  # making one takes longer than reading it
# Of stored articles.
SOURCE, TOPICS, APART, BATCH = "archive", 1000, timedelta(minutes=5), 1000


TEXT = (
    """
# The ferry is back

![The ferry in the old harbour](/pictures/ferry.jpg)

{{< notice >}}Tickets are sold on board.{{< /notice >}}

The **ferry** sails again from [the old harbour](https://n.example/harbour), every morning at nine,
until the ice comes. It is the first time in `forty` years, and half of the town has come to see it.

## Why now

"""
    + "The bridge is closed for repairs, which take longer than anybody had thought.\n\n" * 40
)


def write_posts(folder: Path, count: int) -> None:
    """Write posts as those of most blogs: their excerpt and picture are only in the text."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        day = START - timedelta(minutes=number)
        front_matter = (
            f"title: Post {number}\ndate: {day:%Y-%m-%d}\nurl: https://n.example/{number}"
        )
        text = f"---\n{front_matter}\ntags: [Sea, Harbour]\n---\n{TEXT}"
        (folder / f"{number:06}.md").write_text(text, encoding="utf-8")


def write_articles(folder: Path, count: int) -> None:
    """Every fourth as large as the seed article (10 KB), the others as a short one (1 to 2 KB)."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = SEED.read_text(encoding="utf-8")
    stories = [
        sample_story(number, START - timedelta(minutes=number))
        for number in range(min(count, DIFFERENT))
    ]
    for number in range(count):
        if number % 4:
            name, text = stories[number % DIFFERENT]
            text = text.replace(".example/", f".example/{number}/")
        else:
            name, text = "seed.md", seed.replace("https://", f"https://n{number}.")
        (folder / f"{number:06}-{name}").write_text(text, encoding="utf-8")


async def store_articles(store: Store, count: int, source: str = SOURCE) -> None:
    """Store articles of the same sizes, as a source would have had them over months.

    All of them are archive: nothing is announced.
    """
    now = SystemClock().now()
    texts = [SEED.read_bytes(), *(sample_story(each, now)[1].encode() for each in range(DIFFERENT))]
    readings = [read_document(text, unpublished="announce") for text in texts]
    seed, *short = [each for each in readings if isinstance(each, Article)]
    chance = Random(7)  # noqa: S311 - generated texts need not be secret
    await store.register_sources([source])
    for first in range(0, count, BATCH):
        documents = []
        for number in range(first, min(first + BATCH, count)):
            article = short[number % len(short)] if number % 4 else seed
            url = f"https://n{number}.example/"
            article = replace(
                article,
                title=f"{article.title} {headline(chance)}",
                url=url,
                addresses=(url,),
                published_at=now - APART * number,
                topics=(*article.topics, f"Topic {number % TOPICS}"),
            )
            fingerprint = Fingerprint(1, 1, str(number))
            documents.append(Document(str(number), fingerprint, article, archive=True))
        await store.save_documents(source, documents, now)
