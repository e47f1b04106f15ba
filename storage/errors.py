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


class BackupError(StorageError):
    """A backup can't be written or restored."""


class StoreMissingError(StorageError):
    """The database was removed while it was in use and may come back; the store has logged it."""


class StoreReplacedError(StorywireError):
    """The files of the database are not those that were opened: the program has to end.

    It is no `StorageError`, because nobody may try again.
    """


class NotFoundError(StorageError):
    """The requested object does not exist, or belongs to another server."""


class StoryExpiredError(NotFoundError):
    """The story is no longer in the archive, because it is old."""


# What a person can do about a damaged row, by its table; of all others, restore a backup.
_REMEDIES = {
    "subscriptions": "remove it with `/subscriptions remove`, and add it again",
    "documents": "its source repairs it at its next reading, if it still has the document",
    "sources": "the next reading of the source may repair it",
    "notices": "the next notice replaces it",
    "drafts": "open the editor again",
}
_RESTORE = "restore a backup, if it matters"


class DamagedRowError(StorageError):
    """A row of the database that can't be decoded. It is set aside: everything else goes on.

    `table` and `row` say which one (`row` is its primary key), `problem` what is wrong with the
    `column`.
    """

    def __init__(self, table: str, row: str, column: str, problem: str) -> None:
        super().__init__(
            f"row {row} of {table} is damaged and set aside: {column} {problem};"
            f" {_REMEDIES.get(table, _RESTORE)}"
        )
        self.table = table
        self.row = row
        self.column = column
        self.problem = problem
