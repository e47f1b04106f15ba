"""Noticing that something under a folder has changed."""

import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from watchfiles import watch

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.folder.walk import lies_in
from bot.ingest.threads import in_own_thread

logger = logging.getLogger(__name__)

# Milliseconds. A change is told when nothing more has happened for STEP, at the latest after
# GROUPED: half a second has to do from a file to its message.
STEP = 100
GROUPED = 150
# How often to see whether the folder is still the same one.
LOOKED_AFTER = 1_000
# Seconds between looks of our own where the system's watch can't be had, and how many of them there
# are before that is tried again.
POLLED = 1.0
POLLS = 300
# Seconds. The system drops notices when too many come at once, and some network drives send none.
LOOK_ANYWAY = 300.0


async def watch_folder(
    folder: Path,
    concerns: Callable[[str], bool],
    identity: Callable[[], object],
    state: Callable[[], object],
    is_due: Callable[[], bool],
    clock: Clock,
) -> AsyncGenerator[bool]:
    """Yield soon after the watch stands, and then after every change, until closed.

    False stands for a look that no change asked for; there is one now and then.

    `concerns` tells of a path within the folder whether its change counts. `identity` tells which
    folder it is, so that one which was put in its place is noticed; it may raise `SourceError`,
    which ends the watch. `state` stands for all that is in it, and is asked for where the system
    can't tell of changes. `is_due`, asked about every second, tells whether to yield without a
    change.
    """
    stop = threading.Event()
    look = partial(changes_of_folder, folder, concerns, state, stop)
    looks = _look(look, identity, is_due, clock, stop)
    try:
        while (changed := await in_own_thread(next, looks, None, name="watch")) is not None:
            yield changed
    finally:
        # The thread sees it within STEP; nobody needs to wait for that.
        stop.set()


def _look(
    look: Callable[[], Generator[bool]],
    identity: Callable[[], object],
    is_due: Callable[[], bool],
    clock: Clock,
    stop: threading.Event,
) -> Iterator[bool]:
    """Yield when it is time to look: whether a change was reported."""
    looked_at = clock.monotonic()
    while not stop.is_set():
        watched = identity()
        with closing(look()) as changes:
            for changed in changes:
                if stop.is_set():
                    return
                if identity() != watched:
                    break  # another folder has taken its place: watch that one
                now = clock.monotonic()
                if changed or is_due() or now - looked_at > LOOK_ANYWAY:
                    looked_at = now
                    yield changed


def changes_of_folder(
    folder: Path,
    concerns: Callable[[str], bool],
    state: Callable[[], object],
    stop: threading.Event,
) -> Generator[bool]:
    """Whether something may have changed: at first, after each change, and now and then."""
    passing_over = False
    told: str | None = None
    while not stop.is_set():
        try:
            yield from _watched(folder, concerns, stop, passing_over=passing_over)
        except FileNotFoundError as error:
            raise SourceError(f"folder {folder} does not exist any more") from error
        except (OSError, RuntimeError) as error:
            if isinstance(error, PermissionError) and not passing_over:
                # Some folder within; the source names it. (Not from the start: watchfiles then
                # says nothing of other troubles either.)
                passing_over = True
                continue
            # RuntimeError is what watchfiles makes of errors that it does not know.
            if str(error) != told:
                told = str(error)
                logger.warning(
                    "Folder %s can't be watched (%s); looking at it every second instead%s",
                    folder,
                    error,
                    _advice(told),
                )
            yield from _polled(state, stop)


def _advice(trouble: str) -> str:
    """What to do about it, as the end of a sentence."""
    if "limit" in trouble:
        return ". On Linux raise fs.inotify.max_user_watches"
    if "os error 24" in trouble:  # Too many open files
        return ". On Linux raise fs.inotify.max_user_instances, or the number of open files"
    return ""


def _watched(
    folder: Path, concerns: Callable[[str], bool], stop: threading.Event, *, passing_over: bool
) -> Iterator[bool]:
    """What the system tells."""
    root = os.path.realpath(folder)

    def counts(path: str) -> bool:
        # The system also tells of what lies behind links, which is not read.
        parent, name = os.path.split(path)
        place = os.path.join(os.path.realpath(parent), name)  # noqa: PTH118 - many at once
        return lies_in(place, root) and concerns(place[len(root) :].lstrip("/"))

    stands = False
    for group in watch(
        folder,
        watch_filter=None,
        step=STEP,
        debounce=GROUPED,
        rust_timeout=LOOKED_AFTER,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        ignore_permission_denied=passing_over,
    ):
        # At first: what changed before the watch stood.
        yield not stands or any(counts(path) for _, path in group)
        stands = True


def _polled(state: Callable[[], object], stop: threading.Event) -> Iterator[bool]:
    """What looking oneself tells, for a while."""
    before = state()
    yield True
    for _ in range(POLLS):
        if stop.wait(POLLED):
            return
        now = state()
        yield now != before
        before = now
