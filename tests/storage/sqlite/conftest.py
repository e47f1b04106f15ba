from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.sqlite import SqliteStore


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store; tests may use its connections."""
    async with SqliteStore.open(tmp_path / "storywire.db") as store:
        yield store
