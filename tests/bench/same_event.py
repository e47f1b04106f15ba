"""The time to find the stories about the same event among recent ones."""

import random
import time
from collections.abc import Sequence

from bot.announce.archive_terms import SAMPLE, count_terms
from bot.announce.same_event_index import Headlines, SameEventIndex
from storage.models import Story
from tests.bench.figures import Figure
from tests.support.articles import make_story
from tests.support.headlines import headline

RECENT, NEW = 10_000, 100
_FREQUENT = ("the", "of", "and", "to", "in", "a", "for", "on", "with", "by", "as", "at", "says")


async def measure_same_event() -> Sequence[Figure]:
    """Compare new stories with recent ones; every tenth new story reports a known event."""
    chance = random.Random(7)  # noqa: S311 - generated texts need not be secret
    stories = [_story(number, chance) for number in range(RECENT)]
    new = [_story(RECENT + number, chance) for number in range(NEW)]
    for known in new[::10]:
        stories[known.id % RECENT] = make_story(
            known.id % RECENT, title=f"Update: {known.article.title}", excerpt=known.article.excerpt
        )
    frequencies = count_terms(stories[:SAMPLE])
    headlines = Headlines()
    SameEventIndex(stories, frequencies, headlines)
    begin = time.process_time()
    index = SameEventIndex(stories, frequencies, headlines)
    building = time.process_time() - begin
    begin = time.process_time()
    found = sum(bool(index.find(story).same_events) for story in new)
    searching = (time.process_time() - begin) / NEW
    return [
        Figure(
            f"stories about the same event among {RECENT:,}, one new story",
            f"{searching * 1000:.1f} ms ({found} of {NEW // 10} found)",
            "< 5 ms",
        ),
        Figure(
            f"the index of {RECENT:,} recent stories, once per {NEW} new ones",
            f"{building * 1000:.0f} ms",
        ),
    ]


def _story(number: int, chance: random.Random) -> Story:
    """A story with a headline of its own, and an excerpt of frequent and rare words."""
    frequent = chance.choices(_FREQUENT, k=14)
    words = [*headline(chance).split(), *frequent]
    chance.shuffle(words)
    title = f"{headline(chance)} {' '.join(frequent[:4])}"
    return make_story(number, title=title, excerpt=" ".join(words))
