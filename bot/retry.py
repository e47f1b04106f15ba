"""Retrying: the waits between attempts, and retrying database operations."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from bot.clock import Clock
from storage.errors import NotFoundError, StorageError, StoreMissingError, StoreReplacedError

T = TypeVar("T")

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=0.5)
LONGEST_WAIT = timedelta(seconds=30)


class Backoff:
    """Waits between attempts: from `first`, doubled after each failure, up to `longest`.

    With `spread`, each wait is shortened by a random part of up to that fraction of it, so that
    clients that fail together don't retry together; `random` returns numbers from 0 to 1.
    """

    def __init__(
        self,
        first: timedelta,
        longest: timedelta,
        *,
        spread: float = 0.0,
        random: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._first = first
        self._longest = longest
        self._spread = spread
        self._random = random
        self._failures = 0

    def next_wait(self) -> timedelta:
        """Count a failure and return the wait that follows it."""
        self._failures += 1
        return self.wait_after(self._failures)

    def wait_after(self, failures: int) -> timedelta:
        """The wait after that many failures in a row (at least 1), for callers that count them."""
        doublings = failures - 1
        # Compared before it is computed: after many failures it would be too large for a timedelta.
        within = doublings < (self._longest // self._first).bit_length()
        wait = self._first * 2**doublings if within else self._longest
        return wait * (1 - self._spread * self._random())

    def reset(self) -> None:
        """Reset after a success: the next failure counts as the first."""
        self._failures = 0


async def keep_trying(work: Callable[[], Awaitable[T]], clock: Clock, activity: str) -> T:
    """Retry until the database accepts the operation, and return its result.

    Logs each error once, and the recovery. `activity` names the operation in the log, such as
    "sending". Raises `NotFoundError` and `StoreReplacedError` at once, as retrying does not help.
    """
    backoff, problem = Backoff(FIRST_WAIT, LONGEST_WAIT), None
    while True:
        try:
            result = await work()
        except (NotFoundError, StoreReplacedError):
            raise
        except StoreMissingError:
            pass  # The store logs it, once for all operations.
        except StorageError as error:
            if str(error) != problem:
                problem = str(error)
                logger.error("%s is delayed: %s", activity, error)  # noqa: TRY400 - not a bug, no traceback
        else:
            if problem is not None:
                logger.info("%s continues", activity)
            return result
        await clock.sleep(backoff.next_wait().total_seconds())
