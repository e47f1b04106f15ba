"""Watches a folder for changes, with the operating system's notices or by polling."""

import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from watchfiles import watch

from bot.clock import Clock
from bot.errors import FolderMissingError
from bot.ingest.folder.walk import is_inside
from bot.ingest.threads import run_in_thread

logger = logging.getLogger(__name__)

# A change is reported when nothing more has happened for one step, and at the latest after the
# debounce time: a new file should become a message within half a second.
STEP_MILLISECONDS = 100
DEBOUNCE_MILLISECONDS = 150
# How often to check that the folder is still the same one.
CHECK_MILLISECONDS = 1_000
# Where the system can't watch the folder: time between polls, and polls before trying again.
POLL_SECONDS = 1.0
POLLS = 300
# Read even without a notice after this time: the system drops notices when too many come at once,
# and some network drives send none.
RECHECK_SECONDS = 300.0


async def watch_folder(
    folder: Path,
    is_relevant: Callable[[str], bool],
    identity: Callable[[], object],
    state: Callable[[], object],
    is_due: Callable[[], bool],
    clock: Clock,
) -> AsyncGenerator[bool]:
    """Yield soon after the watch is set up, and then after every change, until closed.

    Yields True for a reported change, and False for the occasional check without one.

    `is_relevant` decides by a path within the folder whether its change counts. `identity`
    identifies the folder, so that a replacement is noticed; it may raise `SourceError`, which ends
    the watch. `state` represents the folder's content, and is used for polling. `is_due` is called
    about once a second, and decides whether to yield without a change.
    """
    stop = threading.Event()
    watch_once = partial(folder_changes, folder, is_relevant, state, stop)
    changes = _watch_current_folder(watch_once, identity, is_due, clock, stop)
    try:
        while (changed := await run_in_thread(next, changes, None, name="watch")) is not None:
            yield changed
    finally:
        # The thread notices it within a step; there is no need to wait for that.
        stop.set()


def _watch_current_folder(
    watch_once: Callable[[], Generator[bool]],
    identity: Callable[[], object],
    is_due: Callable[[], bool],
    clock: Clock,
    stop: threading.Event,
) -> Iterator[bool]:
    """Yield when the folder should be read: whether a change was reported."""
    last_read = clock.monotonic()
    while not stop.is_set():
        watched = identity()
        with closing(watch_once()) as changes:
            for changed in changes:
                if stop.is_set():
                    return
                if identity() != watched:
                    break  # The folder was replaced: watch the new one.
                now = clock.monotonic()
                if changed or is_due() or now - last_read > RECHECK_SECONDS:
                    last_read = now
                    yield changed


def folder_changes(
    folder: Path,
    is_relevant: Callable[[str], bool],
    state: Callable[[], object],
    stop: threading.Event,
) -> Generator[bool]:
    """Yield whether something may have changed: at first, after each change, and periodically."""
    ignore_denied = False
    logged: str | None = None
    while not stop.is_set():
        try:
            yield from _watch(folder, is_relevant, stop, ignore_denied=ignore_denied)
        except FileNotFoundError as error:
            raise FolderMissingError(folder) from error
        except (OSError, RuntimeError) as error:
            if isinstance(error, PermissionError) and not ignore_denied:
                # A subfolder can't be read; the source rejects it. (This is not set from the start,
                # because watchfiles then ignores other errors as well.)
                ignore_denied = True
                continue
            # watchfiles raises RuntimeError for errors that it does not know.
            if str(error) != logged:
                logged = str(error)
                logger.warning(
                    "Folder %s can't be watched (%s); polling it every second instead%s",
                    folder,
                    error,
                    _advice(logged),
                )
            yield from _poll(state, stop)


def _advice(problem: str) -> str:
    """The remedy for a watch that failed, as the end of a sentence."""
    if "limit" in problem:
        return ". On Linux raise fs.inotify.max_user_watches"
    if "os error 24" in problem:  # Too many open files
        return ". On Linux raise fs.inotify.max_user_instances, or the limit of open files"
    return ""


def _watch(
    folder: Path, is_relevant: Callable[[str], bool], stop: threading.Event, *, ignore_denied: bool
) -> Iterator[bool]:
    """Changes that the operating system reports."""
    root = os.path.realpath(folder)

    def is_change(path: str) -> bool:
        # The system also reports changes behind links, which are not read.
        parent, name = os.path.split(path)
        real_path = os.path.join(os.path.realpath(parent), name)  # noqa: PTH118 - many at once
        return is_inside(real_path, root) and is_relevant(real_path[len(root) :].lstrip("/"))

    set_up = False
    for group in watch(
        folder,
        watch_filter=None,
        step=STEP_MILLISECONDS,
        debounce=DEBOUNCE_MILLISECONDS,
        rust_timeout=CHECK_MILLISECONDS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        ignore_permission_denied=ignore_denied,
    ):
        # The first one stands for changes before the watch was set up.
        yield not set_up or any(is_change(path) for _, path in group)
        set_up = True


def _poll(state: Callable[[], object], stop: threading.Event) -> Iterator[bool]:
    """Changes found by comparing the folder's state; ends after `POLLS` comparisons."""
    before = state()
    yield True
    for _ in range(POLLS):
        if stop.wait(POLL_SECONDS):
            return
        now = state()
        yield now != before
        before = now
