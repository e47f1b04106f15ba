"""Generated articles in the source format, of the sizes that real ones have."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.samples.stories import sample_story
from tests.support.clock import START

SEED = next((Path(__file__).parents[2] / "seeds").glob("2020-09-11-*.md"))


def write_articles(folder: Path, count: int) -> None:
    """Every fourth as large as the seed article (10 KB), the others about 1 KB."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = SEED.read_text(encoding="utf-8")
    for number in range(count):
        if number % 4:
            name, text = sample_story(number % 2000, START - timedelta(minutes=number % 10_000))
            text = text.replace(".example/", f".example/{number}/")
        else:
            name, text = "seed.md", seed.replace("https://", f"https://n{number}.")
        (folder / f"{number:06}-{name}").write_text(text, encoding="utf-8")
