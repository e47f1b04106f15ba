"""Documents and a clock to test with."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.ingest.document import read_document
from storage.models import Article, Rejection

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
REAL_ARTICLES = ROOT.parent / "shared" / "articles"

FIELDS = {
    "title": '"A story"',
    "publishedDateTime": "2020-09-11T12:19:00Z",
    "webUrl": '"https://news.example/story"',
}


def document(*more: str, **changes: str | None) -> bytes:
    """A document with the needed fields, a line each, some changed or (None) left out."""
    fields = {**FIELDS, **changes}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\n".join(["---", *lines, *more, "---", "The body."]).encode()


def article(content: bytes) -> Article:
    """The article that the document must become."""
    reading = read_document(content, unpublished="announce")
    assert isinstance(reading, Article), reading
    return reading


def rejection(content: bytes) -> Rejection:
    """The rejection that the document must become."""
    reading = read_document(content, unpublished="announce")
    assert isinstance(reading, Rejection), reading
    return reading


def real_articles() -> list[Path]:
    """The real articles beside the checkout; the test is skipped where there are none."""
    seed = REAL_ARTICLES / "seed.md"
    if not seed.is_file():
        pytest.skip("the real articles are not beside this checkout")
    return [seed, *sorted((REAL_ARTICLES / "power-apps").glob("*.md"))]


class MovedClock:
    """A clock that moves only when it is slept on, and notes how long that was."""

    def __init__(self, now: datetime | None = None) -> None:
        self.time = now or datetime.now(UTC)
        self.slept: list[float] = []
        self._woken = asyncio.Condition()

    def now(self) -> datetime:
        """See `Clock`."""
        return self.time

    def monotonic(self) -> float:
        """See `Clock`."""
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        """Passes at once."""
        async with self._woken:
            self.slept.append(seconds)
            self._woken.notify_all()
        await asyncio.sleep(0)

    async def slept_times(self, times: int) -> None:
        """Wait until it has been slept on so often."""
        async with asyncio.timeout(10), self._woken:
            await self._woken.wait_for(lambda: len(self.slept) >= times)
