"""How long the store takes for each lookup, one question at a time."""

import time
from collections.abc import Callable, Iterable
from random import Random

from storage.errors import NotFoundError, StoreBusyError
from storage.protocols import StoryStore
from tests.bench.lookups.archive import Archive
from tests.bench.lookups.draws import Draws
from tests.bench.lookups.questions import Lookup
from tests.bench.lookups.timing import Times

# The first questions fill the caches of connections and statements. Measured cold elsewhere.
WARM_UP = 5
# After so long, a lookup that takes seconds is known well enough.
MOST_SECONDS = 60.0


async def time_lookups(
    store: StoryStore,
    archive: Archive,
    lookups: Iterable[Lookup],
    samples: int,
    report: Callable[[Times], None],
) -> list[Times]:
    """Ask `samples` questions of each lookup; calls `report` after each."""
    times = []
    for lookup in lookups:
        draws = Draws(archive, Random(lookup.name))  # noqa: S311 - need not be secret
        times.append(await _time(store, lookup, draws, samples))
        report(times[-1])
    return times


async def _time(store: StoryStore, lookup: Lookup, draws: Draws, samples: int) -> Times:
    times = Times(lookup.name, lookup.goal)
    began = time.perf_counter()
    for number in range(WARM_UP + samples):
        question, ask = lookup.draw(draws)
        failed = False
        started = time.perf_counter()
        try:
            await ask(store)
        except NotFoundError:
            pass  # an answer, too
        except StoreBusyError:
            failed = True
        taken = time.perf_counter() - started
        if number >= WARM_UP:
            times.add(taken, question, failed=failed)
        if time.perf_counter() - began > MOST_SECONDS and times.taken:
            break
    return times
