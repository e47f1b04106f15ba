"""The database, for commands that change it while the bot may be running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.cli.common import settings_or_fail
from storage.errors import StoreUnusableError
from storage.open import inspect_store, open_store
from storage.protocols import Store


@asynccontextmanager
async def existing_store(config: Path | None) -> AsyncIterator[Store]:
    """Open the database without creating it and without owning its outbox."""
    path = settings_or_fail(config).database
    if not await inspect_store(path).exists():
        raise StoreUnusableError(f"{path} does not exist yet; `storywire run` creates it")
    async with open_store(path) as store:
        yield store
