"""Stores of each adapter, which record the methods that a test calls."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from storage.open import inspect_store, open_store
from storage.protocols import Diagnostics, Store
from storage.protocols.transaction import Transaction
from tests.storage.contract.adapters import ADAPTERS, Adapter
from tests.storage.contract.promises import (
    DIAGNOSTICS_METHODS,
    STORE_METHODS,
    TRANSACTION_METHODS,
    Method,
)
from tests.support.store import with_hook

T = TypeVar("T")


@pytest.fixture(scope="session", params=list(ADAPTERS))
def new_adapter(request: pytest.FixtureRequest) -> Callable[[Path], Adapter]:
    """Creates a database in a folder."""
    return ADAPTERS[request.param]


@pytest.fixture
def adapter(new_adapter: Callable[[Path], Adapter], tmp_path: Path) -> Adapter:
    """The test's database."""
    return new_adapter(tmp_path)


@pytest.fixture
def called(request: pytest.FixtureRequest) -> Iterator[set[str]]:
    """The methods that the test called; afterwards, all methods of its mark must be among them."""
    called = set[str]()
    yield called
    marked = {name for mark in request.node.iter_markers("promises") for name in mark.args}
    assert marked <= called


@pytest.fixture
async def store(adapter: Adapter, called: set[str]) -> AsyncIterator[Store]:
    """An empty store."""
    async with open_store(adapter.url) as store:
        yield _hooked(store, called)


@pytest.fixture
async def other(adapter: Adapter, called: set[str]) -> AsyncIterator[Store]:
    """The same store, opened as by another process."""
    async with open_store(adapter.url) as other:
        yield _hooked(other, called)


@pytest.fixture
def diagnostics(adapter: Adapter, called: set[str]) -> Diagnostics:
    """The diagnostics of the test's database."""
    return with_hook(
        inspect_store(adapter.url), DIAGNOSTICS_METHODS, _noting(called, DIAGNOSTICS_METHODS)
    )


def _hooked(store: Store, called: set[str]) -> Store:
    hooked = with_hook(store, STORE_METHODS, _noting(called, STORE_METHODS))
    transact = hooked.transact

    async def noting_transact(work: Callable[[Transaction], Awaitable[T]]) -> T:
        note = _noting(called, TRANSACTION_METHODS)
        return await transact(
            lambda transaction: work(with_hook(transaction, TRANSACTION_METHODS, note))
        )

    setattr(hooked, "transact", noting_transact)  # noqa: B010 - mypy allows no assignment to a method
    return hooked


def _noting(called: set[str], methods: Mapping[str, Method]) -> Callable[[str], Awaitable[None]]:
    async def note(name: str) -> None:
        called.add(methods[name].__qualname__)

    return note
