"""Generated articles in the source format, of the sizes that real ones have."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox.samples.stories import sample_story
from tests.support.clock import START

SEED = next((Path(__file__).parents[2] / "seeds").glob("2020-09-11-*.md"))
DIFFERENT = 1000  # making one takes longer than reading it


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
