"""Noticing that something under a folder has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

from watchfiles import watch
from watchfiles.main import FileChange

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.folder.threads import in_own_thread

logger = logging.getLogger(__name__)

# Milliseconds. A change is told when nothing more has happened for STEP, at the latest after
# GROUPED: half a second has to do from a file to its message.
STEP = 50
GROUPED = 150
POLLED = 1_000
# How often to see whether the folder is still the same one.
LOOKED_AFTER = 1_000
# Seconds. The system drops notices when too many come at once, and some network drives send none.
LOOK_ANYWAY = 300.0


async def watch_folder(
    folder: Path, identity: Callable[[], object], clock: Clock
) -> AsyncGenerator[None]:
    """Yield soon after the watch stands, and then after every change, until closed.

    `identity` tells which folder it is, so that one which was put in its place is noticed; it may
    raise `SourceError`, which ends the watch.
    """
    stop = threading.Event()
    looks = _look(folder, identity, clock, stop)
    try:
        while await in_own_thread(next, looks, _Ended, name="watch") is not _Ended:
            yield
    finally:
        # The thread sees it within STEP; nobody needs to wait for that.
        stop.set()


class _Ended:
    """What `next` answers at the end."""


def _look(
    folder: Path, identity: Callable[[], object], clock: Clock, stop: threading.Event
) -> Iterator[None]:
    while not stop.is_set():
        watched = identity()
        looked_at: float | None = None
        with closing(_changes(folder, stop)) as groups:
            for changes in groups:
                if stop.is_set():
                    return
                if identity() != watched:
                    break  # another folder has taken its place: watch that one
                now = clock.monotonic()
                # The first time: what changed before the watch stood.
                if changes or looked_at is None or now - looked_at > LOOK_ANYWAY:
                    looked_at = now
                    yield


def _changes(folder: Path, stop: threading.Event) -> Generator[set[FileChange]]:
    """Groups of changes; an empty one when there were none for a while."""
    polling = passing_over = False
    while True:
        try:
            yield from watch(
                folder,
                step=STEP,
                debounce=GROUPED,
                rust_timeout=LOOKED_AFTER,
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=False,
                force_polling=True if polling else None,
                poll_delay_ms=POLLED,
                ignore_permission_denied=passing_over,
            )
        except FileNotFoundError as error:
            raise SourceError(f"folder {folder} does not exist any more") from error
        except (OSError, RuntimeError) as error:
            if isinstance(error, PermissionError) and not passing_over:
                # Some folder within; the survey names it. (Not from the start: watchfiles then
                # says nothing of other troubles either.)
                passing_over = True
                continue
            # RuntimeError is what watchfiles makes of errors that it does not know.
            if polling:
                raise SourceError(f"folder {folder} can't be watched: {error}") from error
            logger.warning(
                "Folder %s can't be watched (%s); looking at it every second instead. On Linux"
                " raise fs.inotify.max_user_watches",
                folder,
                error,
            )
            polling = True
        else:
            return
