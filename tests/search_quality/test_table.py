"""The table of queries against a store."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest

from storage.open import open_store
from tests.search_quality.table import (
    Question,
    ask,
    mean_reciprocal_rank,
    read_questions,
    save_stories,
)

# `make search-quality` prints those of today, and every miss.
LEAST_MEAN_RECIPROCAL_RANK = 0.9
GROUPS = {
    name: list(questions)
    for name, questions in groupby(read_questions(), key=lambda question: question.group)
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the stories of the table."""
    url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'search.db'}"

    async def fill() -> None:
        async with open_store(url) as store:
            await save_stories(store)

    asyncio.run(fill())
    return url


@pytest.mark.parametrize("questions", GROUPS.values(), ids=GROUPS)
async def test_queries_find_what_they_must(url: str, questions: Sequence[Question]) -> None:
    """All stories that answer them, none of those that don't, and mostly the best one first."""
    async with open_store(url) as store:
        answers = [await ask(store, question) for question in questions]
    assert [fault for answer in answers for fault in answer.faults] == []
    assert mean_reciprocal_rank(answers) >= LEAST_MEAN_RECIPROCAL_RANK


def test_names_in_the_table_are_those_of_stories() -> None:
    """A misspelled name would never be found where it must not be."""
    text = (Path(__file__).parent / "stories.yaml").read_text(encoding="utf-8")
    named = {
        name
        for questions in GROUPS.values()
        for each in questions
        for name in (each.find | each.unwanted | ({each.best} if each.best else set()))
    }
    assert [name for name in sorted(named) if f"- {{id: {name}," not in text] == []
