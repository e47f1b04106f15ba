"""The store on SQLite: raw SQL through aiosqlite, a module per aggregate.

https://www.sqlite.org/wal.html and https://www.sqlite.org/fts5.html tell what it builds on.
"""

from storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
