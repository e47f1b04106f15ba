"""Going on after trouble with the database: a full disk, a lock, a file that is gone."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.clock import Clock
from storage.errors import NotFoundError, StorageError

T = TypeVar("T")

logger = logging.getLogger(__name__)

FIRST_WAIT = 0.5  # seconds, doubled each time
LONGEST_WAIT = 30.0


async def keep_trying(work: Callable[[], Awaitable[T]], clock: Clock, what: str) -> T:
    """Do it until the database lets it be done; the trouble is logged when it comes and goes.

    What is not there is not waited for: `NotFoundError` is raised at once.
    """
    wait, trouble = FIRST_WAIT, None
    while True:
        try:
            result = await work()
        except NotFoundError:
            raise
        except StorageError as error:
            if str(error) != trouble:
                trouble = str(error)
                logger.error("%s has to wait: %s", what, error)  # noqa: TRY400 - a person can mend it
        else:
            if trouble is not None:
                logger.info("%s goes on", what)
            return result
        await clock.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
