"""The same searches with our store and with lemon24/reader's own search, in the same run."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from storage.models import Order, StoryQuery
from storage.open import open_store
from tests.bench.figures import percentile
from tests.bench.lookups import reader_program
from tests.bench.lookups.archive import Archive
from tests.bench.lookups.building import build
from tests.bench.lookups.draws import Draws
from tests.bench.lookups.questions import PER_PAGE, search_texts
from tests.compare_sites.programs import python_program, run_program

ARTICLES = 100_000
REQUIREMENTS = ("reader[search]==3.26",)


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Seconds of each search, how many stories or entries were found, and bytes of the database."""

    seconds: Sequence[float]
    found: Sequence[int]
    size: int

    def __str__(self) -> str:
        p50, p90, most = (1000 * percentile(self.seconds, share) for share in (0.5, 0.9, 1))
        return (
            f"p50 {p50:.1f}, p90 {p90:.1f}, longest {most:.1f} ms"
            f" ({sum(map(bool, self.found))} of {len(self.found)} find something,"
            f" {self.size / 1e6:.0f} MB)"
        )


async def compare_with_reader(archive: Archive, samples: int) -> tuple[SearchTimes, SearchTimes]:
    """Our times, and those of reader, for `samples` searches of every kind in turn.

    Raises `UnavailableError` if reader can't be installed.
    """
    python = await asyncio.to_thread(python_program, "reader", REQUIREMENTS)
    draws = Draws.of(archive, "reader")
    kinds = search_texts()
    texts = [
        (kind, draw(draws))
        for _ in range(-(-samples // len(kinds)))
        for kind, draw in kinds.items()
    ]
    with TemporaryDirectory() as name:
        ours = await _our_times(Path(name) / "a.db", archive, [text for _, text in texts])
        theirs = await asyncio.to_thread(
            _their_times,
            Path(name),
            python / "python",
            archive,
            # Theirs finds the beginning of a word only if that is asked for.
            [f"{text}*" if kind == "two letters" else text for kind, text in texts],
        )
    return ours, theirs


async def _our_times(path: Path, archive: Archive, texts: Sequence[str]) -> SearchTimes:
    built = await build(path, archive)
    seconds, found = [], []
    async with open_store(path) as store:
        for text in texts:
            query = StoryQuery(text, order=Order.RELEVANT, limit=PER_PAGE, now=archive.end)
            started = time.perf_counter()
            page = await store.find_stories(query)
            seconds.append(time.perf_counter() - started)
            found.append(len(page.stories))
    return SearchTimes(seconds, found, built.size)


def _their_times(folder: Path, python: Path, archive: Archive, texts: Sequence[str]) -> SearchTimes:
    articles, queries = folder / "articles.jsonl", folder / "queries.json"
    with articles.open("w", encoding="utf-8") as file:
        for article in map(archive.article, range(archive.count)):
            entry = {"id": article.url, "title": article.title, "summary": article.excerpt}
            file.write(json.dumps({**entry, "link": article.url}) + "\n")
    queries.write_text(json.dumps(texts), encoding="utf-8")
    program = Path(reader_program.__file__)
    result: Any = json.loads(run_program([python, program, articles, queries], folder))
    return SearchTimes(result["seconds"], result["found"], result["bytes"])
