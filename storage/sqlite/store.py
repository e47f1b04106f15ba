"""The SQLite store as a whole."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from storage.protocols import Store
from storage.sqlite.backup import copy_before_upgrade
from storage.sqlite.database import LOCK_TIMEOUT_SECONDS, Database, real_path
from storage.sqlite.documents import SqliteDocuments
from storage.sqlite.editor_drafts import SqliteEditorDrafts
from storage.sqlite.guilds import SqliteGuilds
from storage.sqlite.key_value import SqliteKeyValues
from storage.sqlite.monitoring import SqliteMonitoring
from storage.sqlite.notices import SqliteNotices
from storage.sqlite.outbox import SqliteOutbox
from storage.sqlite.owner_lock import OwnerLock
from storage.sqlite.recovery import SqliteRecovery
from storage.sqlite.retention import SqliteRetention
from storage.sqlite.sources import SqliteSources
from storage.sqlite.stories import SqliteStories
from storage.sqlite.subscriptions import SqliteSubscriptions
from storage.sqlite.upgrades import STEPS


class SqliteStore(
    SqliteDocuments,
    SqliteSources,
    SqliteStories,
    SqliteSubscriptions,
    SqliteGuilds,
    SqliteNotices,
    SqliteEditorDrafts,
    SqliteOutbox,
    SqliteRecovery,
    SqliteMonitoring,
    SqliteKeyValues,
    SqliteRetention,
    Store,
):
    """`storage.protocols.Store` on an SQLite file."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, lock_timeout: float = LOCK_TIMEOUT_SECONDS
    ) -> "AsyncIterator[SqliteStore]":
        """See `storage.open.open_store`."""
        owner = OwnerLock(real_path(path))
        copy = partial(copy_before_upgrade, real_path(path))
        try:
            async with Database.open(
                path, steps=STEPS, before_upgrade=copy, lock_timeout=lock_timeout
            ) as database:
                yield cls(database, owner)
        finally:
            owner.release()
