"""`python -m tests.clusters [FOLDER ...]`: precision and recall of what is the same event.

A folder contains labelled pairs; see tests/clusters/labelled.py. Without one, the real pairs beside
this checkout are measured, if they are there, and the invented ones.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bot.announce.event_terms import TermFrequencies
from bot.announce.same_event import MIN_SIMILARITY, Comparison, minimum_similarity
from tests.clusters.labelled import INVENTED, Collection, Pair, read_invented, read_labelled

REAL = Path(__file__).parents[3] / "shared/articles/clusters"
# Candidates for the lowest similarity, and the precision that one must reach in training.
CANDIDATES = [value / 100 for value in range(60, 141, 2)]
PRECISION = 0.98


class Judged:
    """A pair with its verdict for every lowest similarity."""

    def __init__(self, pair: Pair, frequencies: TermFrequencies) -> None:
        self.pair = pair
        comparison = Comparison(pair.one.headline, pair.other.headline, frequencies)
        needed = minimum_similarity(frequencies, listed=pair.listed) - MIN_SIMILARITY
        # The pair is found with every lowest similarity up to this.
        self.found_up_to = 0.0 if comparison.differs else comparison.similarity - needed
        self.evidence = comparison.evidence

    def found(self, minimum: float) -> bool:
        """Whether the pair is judged the same event."""
        return self.found_up_to >= minimum


def measure(collection: Collection, console: Console) -> None:
    """Print precision and recall of a collection, with the errors."""
    frequencies = TermFrequencies(article.headline.text for article in collection.archive)
    judged = [Judged(pair, frequencies) for pair in collection.pairs]
    same = sum(each.pair.same for each in judged)
    console.rule(f"{collection.name}: {len(judged)} pairs within 72 hours, {same} of one event")
    found = [each for each in judged if each.found(MIN_SIMILARITY)]
    console.print(f"as shipped (lowest similarity {MIN_SIMILARITY}): {_rates(found, judged)}")
    events = _events(judged)
    chosen, held_out = _leave_events_out(judged, events)
    console.print(
        f"each event left out in turn, lowest similarity chosen on the others"
        f" ({min(chosen)} to {max(chosen)}): {_rates(held_out, judged)}"
    )
    for each in found:
        if not each.pair.same:
            _print_pair(console, "other event", each)
    missed = [each for each in judged if each.pair.same and not each.found(MIN_SIMILARITY)]
    for each in missed:
        _print_pair(console, "missed", each)


def _leave_events_out(
    judged: Sequence[Judged], events: dict[str, str]
) -> tuple[list[float], list[Judged]]:
    """The chosen similarities, and the pairs found although their events were not trained on.

    A pair of two events counts as found if it is found when either is left out.
    """
    chosen, found = list[float](), dict[int, Judged]()
    for event in sorted(set(events.values())):
        held_out = [each for each in judged if event in _events_of(each, events)]
        training = [each for each in judged if event not in _events_of(each, events)]
        minimum = _choose(training)
        chosen.append(minimum)
        found |= {id(each): each for each in held_out if each.found(minimum)}
    return chosen, list(found.values())


def _choose(training: Sequence[Judged]) -> float:
    """The lowest candidate from which on the precision is high enough in training."""
    minimum = CANDIDATES[-1]
    for candidate in reversed(CANDIDATES):
        found = [each for each in training if each.found(candidate)]
        if sum(each.pair.same for each in found) < PRECISION * len(found):
            break
        minimum = candidate
    return minimum


def _events(judged: Sequence[Judged]) -> dict[str, str]:
    """The event of each article: articles of pairs of one event share it."""
    events: dict[str, str] = {}
    for each in judged:
        for article in (each.pair.one, each.pair.other):
            events.setdefault(article.key, article.key)
    for each in judged:
        if each.pair.same:
            kept, merged = events[each.pair.one.key], events[each.pair.other.key]
            events = {key: kept if event == merged else event for key, event in events.items()}
    return events


def _events_of(each: Judged, events: dict[str, str]) -> set[str]:
    return {events[each.pair.one.key], events[each.pair.other.key]}


def _rates(found: Sequence[Judged], judged: Sequence[Judged]) -> str:
    right = sum(each.pair.same for each in found)
    same = sum(each.pair.same for each in judged)
    precision = right / len(found) if found else 1
    return f"precision {precision:.3f}, recall {right / same:.3f} ({len(found) - right} wrong)"


def _print_pair(console: Console, verdict: str, each: Judged) -> None:
    titles = f"“{each.pair.one.headline.title}” / “{each.pair.other.headline.title}”"
    console.print(f"  {verdict}: {titles} ({each.pair.remark})", highlight=False, markup=False)


def main(arguments: Sequence[str]) -> None:
    """Measure the folders, or all collections that are there."""
    console = Console(width=180)
    folders = [Path(argument) for argument in arguments]
    if not folders and REAL.is_dir():
        folders = [REAL]
    for folder in folders:
        measure(read_labelled(folder), console)
    if not arguments:
        for path in INVENTED:
            measure(read_invented(path), console)


if __name__ == "__main__":
    main(sys.argv[1:])
