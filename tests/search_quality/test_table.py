"""The table of queries against a store."""

from pathlib import Path

from storage.open import open_store
from tests.search_quality.table import ask, mean_reciprocal_rank, read_questions, save_stories

# `python -m tests.search_quality` prints the present one and every miss.
LEAST_MEAN_RECIPROCAL_RANK = 0.95


async def test_every_query_finds_what_it_must(tmp_path: Path) -> None:
    """All stories that answer it, none of those that don't, and mostly the best one first."""
    async with open_store(f"sqlite:///{tmp_path / 'search.db'}") as store:
        await save_stories(store)
        answers = [await ask(store, question) for question in read_questions()]
    assert [fault for answer in answers for fault in answer.faults] == []
    assert mean_reciprocal_rank(answers) >= LEAST_MEAN_RECIPROCAL_RANK
