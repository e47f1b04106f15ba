"""`python -m tests.search_quality`: what the queries of the table find, with every miss."""

import asyncio
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from storage.open import open_store
from tests.search_quality.table import ask, mean_reciprocal_rank, read_questions, save_stories


async def main() -> int:
    """Print the table; the result is 1 if a query finds too little or too much."""
    questions = read_questions()
    with TemporaryDirectory() as folder:
        async with open_store(f"sqlite:///{Path(folder) / 'search.db'}") as store:
            await save_stories(store)
            answers = [await ask(store, question) for question in questions]
    table = Table("group", "queries", "mean reciprocal rank", "faults")
    for group, members in groupby(answers, key=lambda answer: answer.question.group):
        of_group = list(members)
        faults = sum(len(answer.faults) for answer in of_group)
        rank = mean_reciprocal_rank(of_group)
        table.add_row(group, str(len(of_group)), f"{rank:.3f}", str(faults))
    console = Console()
    console.print(table)
    for answer in answers:
        if answer.faults or (answer.question.find and answer.reciprocal_rank < 1):
            console.print(
                *answer.faults or [f"{answer.question.typed!r} does not find the best first"],
                f"found: {', '.join(answer.found[:6])}"
                + (f" (as {answer.corrected!r})" if answer.corrected else ""),
                sep="; ",
                highlight=False,
            )
    console.print(
        f"{len(answers)} queries, mean reciprocal rank {mean_reciprocal_rank(answers):.3f},"
        f" {sum(bool(answer.faults) for answer in answers)} with faults"
    )
    return int(any(answer.faults for answer in answers))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
