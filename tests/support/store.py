"""A store whose methods a test can delay or make fail."""

import copy
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

StoreT = TypeVar("StoreT")


def with_hook(
    store: StoreT, methods: Iterable[str], before: Callable[[str], Awaitable[None]]
) -> StoreT:
    """A copy on the same connections that awaits `before(name)` when a method is called.

    The method raises what `before` raises. Only `methods` are hooked.
    """
    hooked = copy.copy(store)
    for name in methods:
        setattr(hooked, name, _hook(getattr(store, name), name, before))
    return hooked


def _hook(
    method: Callable[..., Awaitable[object]], name: str, before: Callable[[str], Awaitable[None]]
) -> Callable[..., Awaitable[object]]:
    async def hooked(*arguments: Any, **options: Any) -> object:  # noqa: ANN401 - as the method
        await before(name)
        return await method(*arguments, **options)

    return hooked
