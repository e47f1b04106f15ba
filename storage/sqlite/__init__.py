"""The store on SQLite: raw SQL through aiosqlite, a module per part of `Store`."""

from storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
