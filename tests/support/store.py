"""A store whose methods a test can delay, watch or make fail."""

import copy
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

StoreT = TypeVar("StoreT")


def coroutine_methods(protocol: type) -> Sequence[str]:
    """The names of a protocol's coroutine methods, inherited ones included."""
    return [name for name, _ in inspect.getmembers(protocol, inspect.iscoroutinefunction)]


def with_context(
    store: StoreT,
    methods: Iterable[str],
    context: Callable[[str], AbstractAsyncContextManager[None]],
) -> StoreT:
    """A copy on the same connections that runs each of `methods` within `context(name)`."""
    wrapped = copy.copy(store)
    for name in methods:
        setattr(wrapped, name, _within(getattr(store, name), name, context))
    return wrapped


def with_hook(
    store: StoreT, methods: Iterable[str], before: Callable[[str], Awaitable[None]]
) -> StoreT:
    """A copy on the same connections that awaits `before(name)` when one of `methods` is called.

    The method raises what `before` raises.
    """

    @asynccontextmanager
    async def context(name: str) -> AsyncIterator[None]:
        await before(name)
        yield

    return with_context(store, methods, context)


def _within(
    method: Callable[..., Awaitable[object]],
    name: str,
    context: Callable[[str], AbstractAsyncContextManager[None]],
) -> Callable[..., Awaitable[object]]:
    async def wrapped(*arguments: Any, **options: Any) -> object:  # noqa: ANN401 - as the method
        async with context(name):
            return await method(*arguments, **options)

    return wrapped
