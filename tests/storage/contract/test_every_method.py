"""Properties of every method of every protocol, and the completeness of the contract."""

import asyncio
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from storage.errors import StoreLockedError
from storage.open import open_store
from storage.protocols import Store
from tests.storage import contract
from tests.storage.contract.adapters import Adapter
from tests.storage.contract.calls import CALLS, READING, WRITING, prepare
from tests.storage.contract.promises import (
    ALL_METHODS,
    STORE_METHODS,
    STORE_PROTOCOLS,
    methods_of,
)

# Seconds for which a writer waits for the lock.
SOON = 0.02


def contract_tests() -> Iterator[Callable[..., object]]:
    """The tests of this package."""
    for module in pkgutil.iter_modules(contract.__path__, f"{contract.__name__}."):
        if module.name.rpartition(".")[2].startswith("test_"):
            for name, value in vars(import_module(module.name)).items():
                if name.startswith("test_"):
                    yield value


def methods_marked(test: Callable[..., object]) -> set[str]:
    """The methods that a test is marked with."""
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    return {method for mark in marks if mark.name == "promises" for method in mark.args}


def test_every_method_has_a_contract_test() -> None:
    """A new method of a protocol fails this test until a test is marked with it."""
    marked = set[str]().union(*map(methods_marked, contract_tests()))
    assert sorted(ALL_METHODS - marked) == []


def test_every_contract_test_names_its_methods() -> None:
    """Only the tests of this module are about all methods."""
    unmarked = [
        test.__name__
        for test in contract_tests()
        if test.__module__ != __name__ and not methods_marked(test)
    ]
    assert unmarked == []


def test_every_method_is_called_beside_a_lock() -> None:
    """A new method of a protocol fails this test until it has a call."""
    assert sorted(STORE_METHODS.keys() - CALLS.keys()) == []
    assert READING <= CALLS.keys()


def test_a_store_has_the_methods_of_all_protocols() -> None:
    """No two protocols share a name, because the contract tests identify methods by name."""
    declared = [name for protocol in STORE_PROTOCOLS for name in methods_of(protocol)]
    assert len(declared) == len(set(declared))
    assert set(declared) == {name for name in dir(Store) if not name.startswith("_")}


@pytest.fixture(scope="module")
def prepared(
    new_adapter: Callable[[Path], Adapter], tmp_path_factory: pytest.TempPathFactory
) -> Adapter:
    """A closed database in which every method has an effect."""
    adapter = new_adapter(tmp_path_factory.mktemp("prepared"))

    async def fill() -> None:
        async with open_store(adapter.url) as store:
            await prepare(store)

    asyncio.run(fill())
    return adapter


@pytest.mark.parametrize("method", sorted(WRITING))
async def test_a_write_beside_another_programs_lock_is_refused(
    prepared: Adapter, tmp_path: Path, method: str
) -> None:
    """It waits for the timeout, raises, changes nothing, and works when the lock is released."""
    adapter = prepared.copy_to(tmp_path)
    async with open_store(adapter.url, lock_timeout=SOON) as store:
        before = adapter.contents()
        with adapter.locked(), pytest.raises(StoreLockedError):
            async with asyncio.timeout(60):
                await CALLS[method](store)
        assert adapter.contents() == before
        await CALLS[method](store)
        assert adapter.contents() != before


@pytest.mark.parametrize("method", sorted(READING))
async def test_reading_does_not_wait_for_a_writer(
    prepared: Adapter, tmp_path: Path, method: str
) -> None:
    """It returns what it returns without the lock, and writes nothing."""
    adapter = prepared.copy_to(tmp_path)
    async with open_store(adapter.url, lock_timeout=SOON) as store:
        before = adapter.contents()
        expected = await CALLS[method](store)
        with adapter.locked():
            assert await CALLS[method](store) == expected
        assert adapter.contents() == before


@pytest.mark.parametrize("method", sorted(WRITING))
async def test_a_cancelled_write_is_atomic(prepared: Adapter, tmp_path: Path, method: str) -> None:
    """It may be cancelled at any point, and the store continues as before."""

    async def contents_after(turns: int | None) -> Mapping[str, Sequence[object]]:
        folder = tmp_path / str(turns)
        folder.mkdir()
        adapter = prepared.copy_to(folder)
        async with open_store(adapter.url) as store:
            writing = asyncio.ensure_future(CALLS[method](store))
            if turns is not None:
                for _ in range(turns):
                    await asyncio.sleep(0)
                writing.cancel()
            await asyncio.wait({writing})
            contents = adapter.contents()
            await store.set_value("goes on", "as before")
        return contents

    before, after = prepared.contents(), await contents_after(None)
    assert before != after
    for turns in (1, 2, 8):
        assert await contents_after(turns) in (before, after)
