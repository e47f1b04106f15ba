"""Errors that a person can fix; `bot.errors` adds those of the bot."""


class StorywireError(Exception):
    """The base class; the message says in one line what happened, where, and what to do."""


class StorageError(StorywireError):
    """An error of the database."""


class StoreLockedError(StorageError):
    """The database is locked by another program, or another bot uses it."""


class StoreBusyError(StorageError):
    """A lookup took too long, and was ended."""


class StoreTooNewError(StorageError):
    """The database was written by a newer version of Storywire."""


class StoreUnusableError(StorageError):
    """The file is not a database, is damaged, or can't be read or written."""


class NotFoundError(StorageError):
    """The requested object does not exist, or belongs to another server."""
