"""How long the store takes for each lookup, one question at a time."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from storage.errors import NotFoundError, StoreBusyError
from storage.protocols import StoryStore
from tests.bench.lookups.archive import Archive
from tests.bench.lookups.draws import Draws
from tests.bench.lookups.questions import Lookup
from tests.bench.lookups.timing import Taken, Times

# The first questions fill the caches of connections and statements; `cold` measures without.
WARM_UP = 5
# By then, a lookup that takes seconds is known well enough.
MOST_SECONDS = 60.0


async def time_lookups(
    store: StoryStore,
    archive: Archive,
    lookups: Iterable[Lookup],
    samples: int,
    report: Callable[[Times], None],
) -> None:
    """Ask `samples` questions of each lookup; calls `report` after each."""
    for lookup in lookups:
        draws = Draws.of(archive, lookup.name)
        report(await _time(store, lookup, draws, samples))


async def _time(store: StoryStore, lookup: Lookup, draws: Draws, samples: int) -> Times:
    times = Times(lookup.name, lookup.goal)
    began = time.perf_counter()
    for number in range(WARM_UP + samples):
        question, ask = lookup.draw(draws)
        failed = False
        started, processor = time.perf_counter(), time.process_time()
        try:
            with suppress(NotFoundError):  # an answer, too
                await ask(store)
        except StoreBusyError:
            failed = True
        taken = Taken(time.perf_counter() - started, question, time.process_time() - processor)
        if number >= WARM_UP:
            times.add(taken, failed=failed)
        if time.perf_counter() - began > MOST_SECONDS and times.taken:
            break
    return times
