"""The time to find near duplicates, compared with comparing every pair of titles."""

import time
from collections.abc import Sequence

from rapidfuzz import fuzz

from bot.announce.near_duplicates import NearDuplicateIndex
from tests.bench.figures import Figure
from tests.support.articles import make_story

KNOWN, NEW = 1000, 100
TITLE = "Port Ambry opens its harbour bridge to cyclists while clocks, robots and bees look on"


async def measure_near_duplicates() -> Sequence[Figure]:
    """Look up new stories with similar titles in an index of known ones."""
    words = TITLE.split()
    titles = [
        " ".join(words[(number * step + step) % len(words)] for step in range(1, 8)) + f" n{number}"
        for number in range(KNOWN + NEW)
    ]
    stories = [make_story(number, title=title) for number, title in enumerate(titles)]
    index = NearDuplicateIndex(stories[:KNOWN])
    begin = time.process_time()
    for story in stories[KNOWN:]:
        index.find(story)
    indexed = time.process_time() - begin
    begin = time.process_time()
    for new in titles[KNOWN:]:
        for known in titles[:KNOWN]:
            fuzz.ratio(new, known)
    pairs = time.process_time() - begin
    return [
        Figure(
            f"near duplicates of {NEW} stories among {KNOWN:,}, compared with one call per pair",
            f"{indexed / pairs:.2f} x ({indexed * 1000:.0f} ms)",
            "≤ 10 x",
        )
    ]
