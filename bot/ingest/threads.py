"""Running blocking calls in threads of their own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(function: Callable[..., T], *arguments: object, name: str = "files") -> T:
    """Like `asyncio.to_thread`, but in a new daemon thread.

    A call may never return if its drive has disappeared. In a pool it would block a thread that
    others need, and Python would wait for it on exit.
    """
    outcome: Future[T] = Future()

    def call() -> None:
        try:
            outcome.set_result(function(*arguments))
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            outcome.set_exception(error)

    outcome.set_running_or_notify_cancel()
    threading.Thread(target=call, name=name, daemon=True).start()
    return await asyncio.wrap_future(outcome)
