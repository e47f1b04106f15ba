"""The errors that a person can do something about; `bot.errors` adds those of the bot."""


class StorywireError(Exception):
    """What happened, where, and what to do, in one line for a person."""


class StorageError(StorywireError):
    """Something about the database."""


class StoreLockedError(StorageError):
    """Another program holds the database, or another bot runs on it."""


class StoreTooNewError(StorageError):
    """The database was written by a newer version of Storywire."""


class StoreUnusableError(StorageError):
    """The file is not a database, is damaged, or can't be read or written."""


class NotFoundError(StorageError):
    """What was asked for is not there, or belongs to another server."""
