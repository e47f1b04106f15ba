"""Work in threads that nobody else waits for."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(function: Callable[..., T], *arguments: object, name: str = "files") -> T:
    """Like `asyncio.to_thread`, in a thread of its own.

    On a drive that is gone a call may hang for ever. In a pool it would take the place of others',
    and Python would not end before it.
    """
    outcome: Future[T] = Future()

    def work() -> None:
        try:
            outcome.set_result(function(*arguments))
        except BaseException as error:  # noqa: BLE001 - it is for whoever waits
            outcome.set_exception(error)

    outcome.set_running_or_notify_cancel()
    threading.Thread(target=work, name=name, daemon=True).start()
    return await asyncio.wrap_future(outcome)
