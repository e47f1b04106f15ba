"""The table of stories and queries, and what a store answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from storage.models import Article, Order, Provider, RelatedArticle, StoryQuery
from storage.protocols import Store
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

FOLDER = Path(__file__).parent
SITE = "https://news.example/"


@dataclass(frozen=True)
class Question:
    """What somebody types, and the stories that must be found and must not, by name.

    `best` should come first; without it, any of those to find.
    """

    group: str
    typed: str
    find: frozenset[str]
    unwanted: frozenset[str]
    best: str | None


@dataclass(frozen=True)
class Answer:
    """The stories that were found, by name, with the correction that found them, if any."""

    question: Question
    found: Sequence[str]
    corrected: str | None

    @property
    def reciprocal_rank(self) -> float:
        """One divided by the place of the best answer; 0 if it was not found."""
        best = {self.question.best} if self.question.best else self.question.find
        places = (place for place, name in enumerate(self.found, start=1) if name in best)
        return next((1 / place for place in places), 0.0)

    @property
    def faults(self) -> Sequence[str]:
        """What is wrong with it."""
        lacking = sorted(self.question.find - set(self.found))
        unwanted = sorted(self.question.unwanted & set(self.found))
        return [
            *(f"{self.question.typed!r} does not find {name}" for name in lacking),
            *(f"{self.question.typed!r} finds {name}" for name in unwanted),
        ]


def read_questions() -> Sequence[Question]:
    """The queries of the table."""
    return [
        Question(
            group["group"],
            str(query["typed"]),
            frozenset(query["find"]),
            frozenset(query.get("not", ())),
            query.get("best"),
        )
        for group in _read("queries.yaml")
        for query in group["queries"]
    ]


async def save_stories(store: Store) -> None:
    """Save the stories of the table."""
    await store.save_documents(
        "folder:news", make_documents(*map(_article, _read("stories.yaml"))), START
    )


async def ask(store: Store, question: Question) -> Answer:
    """Search as `/news search` does: if nothing is found, with the first suggestion."""
    found, corrected = await _search(store, question.typed), None
    if not found:
        corrected = next(iter(await store.suggest_words(question.typed)), None)
        found = await _search(store, corrected) if corrected else []
    return Answer(question, found, corrected)


def mean_reciprocal_rank(answers: Sequence[Answer]) -> float:
    """The mean over the questions that have an answer."""
    ranks = [answer.reciprocal_rank for answer in answers if answer.question.find]
    return sum(ranks) / len(ranks)


async def _search(store: Store, text: str) -> Sequence[str]:
    page = await store.find_stories(
        StoryQuery(text=text, order=Order.RELEVANT, limit=100, now=START)
    )
    return [story.article.url.removeprefix(SITE) for story in page.stories]


def _article(story: Mapping[str, Any]) -> Article:
    address = f"{SITE}{story['id']}"
    return make_article(
        title=story["title"],
        url=address,
        addresses=(address,),
        excerpt=story.get("excerpt", ""),
        language=story.get("language"),
        topics=tuple(map(str, story.get("topics", ()))),
        provider=Provider(story["provider"]) if "provider" in story else None,
        quality=story.get("quality", 50),
        published_at=START - timedelta(days=story.get("age", 10)),
        related=tuple(
            RelatedArticle(title, f"https://other.example/{number}")
            for number, title in enumerate(story.get("related", ()))
        ),
    )


def _read(name: str) -> Sequence[Mapping[str, Any]]:
    entries: Sequence[Mapping[str, Any]] = yaml.safe_load(
        (FOLDER / name).read_text(encoding="utf-8")
    )
    return entries
