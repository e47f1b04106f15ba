"""Notice when others remove, replace or overwrite the files of an open database.

SQLite goes on writing into a file that has no name any more, without an error, and everything
would be lost at the end: https://www.sqlite.org/howtocorrupt.html
A look at a file may take long on a network drive, so `find_problem` runs in SQLite's own thread.
"""

import os
import time
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import NamedTuple, TypeAlias

# https://www.sqlite.org/fileformat2.html#the_database_header
_HEADER_BYTES = 100
_CHANGE_COUNTER = slice(24, 28)
_SCHEMA_COOKIE = slice(40, 44)
# https://www.sqlite.org/fileformat2.html#wal_file_format (the last byte has two values)
_LOG_HEADER_BYTES = 32
_LOG_MAGIC = b"\x37\x7f\x06"
# How often other programs may count up the mark: VACUUM, ANALYZE, a restored backup.
MARKS = 1000
LARGEST_MARK = 2**31 - 1 - MARKS
# Programs that replace a file may remove or empty it first.
_SETTLE_SECONDS = 0.2

_Identity: TypeAlias = tuple[int, int]


class FileProblem(Enum):
    """What happened to a database, as a phrase that follows its name."""

    MISSING = "was removed or moved"
    EMPTY = "was emptied"
    INACCESSIBLE = "can't be looked at"
    REPLACED = "was replaced by another file"
    OVERWRITTEN = "was overwritten, or another bot has taken it over"
    LOG_LOST = "lost its write-ahead log (-wal)"
    LOG_SHORTER = "lost a part of its write-ahead log (-wal)"
    INDEX_LOST = "lost its shared memory (-shm)"

    @property
    def may_pass(self) -> bool:
        """Whether to wait for the file: a restart would begin with an empty database."""
        return self in {FileProblem.MISSING, FileProblem.EMPTY, FileProblem.INACCESSIBLE}


class _Log(NamedTuple):
    """The write-ahead log: its header, and its size in bytes."""

    header: bytes
    size: int

    @property
    def is_valid(self) -> bool:
        return self.size < _LOG_HEADER_BYTES or self.header.startswith(_LOG_MAGIC)


class OpenFiles:
    """The files of an open database, compared with what they were when it was opened.

    A file system that gives a file another number at each look is not compared.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log_path = path.with_name(f"{path.name}-wal")
        self._index_path = path.with_name(f"{path.name}-shm")
        self._known: dict[Path, _Identity] = {}
        self._log = _Log(b"", 0)
        self._file: int | None = None
        self._marks = range(0)
        self._before_mark: bytes | None = None
        self._counter = 0

    def remember(self) -> None:
        """Remember the files, after the first transaction has created them. Raises `OSError`."""
        for path in (self._path, self._log_path, self._index_path):
            first, second = _identity(path), _identity(path)
            if first == second:
                self._known[path] = first
        self.remember_log()

    def remember_log(self) -> None:
        """Accept the log as it is now. Raises `OSError`."""
        self._log = self._read_log()

    def guard(self, file: int, mark: int) -> None:
        """Compare the content, too: `file` is open on it, and SQLite sets its schema to `mark`.

        The file has the mark when SQLite has copied the log into it, and not yet before that.
        Raises `OSError`.
        """
        header = os.pread(file, _HEADER_BYTES, 0)
        self._before_mark = header[_SCHEMA_COOKIE]
        self._counter = int.from_bytes(header[_CHANGE_COUNTER])
        self._file, self._marks = file, range(mark, mark + MARKS)

    def find_problem(self) -> FileProblem | None:
        """Return what happened to the files since they were opened. Blocks.

        SQLite itself may have emptied a log that became shorter.
        """
        problem = self._look()
        if problem is not None and problem.may_pass:
            time.sleep(_SETTLE_SECONDS)
            problem = self._look()
        return problem

    def may_be_finished(self) -> bool:
        """Whether SQLite may copy the log into the database and remove log and index by name.

        Not if they, or the database's content, belong to somebody else now.
        """
        try:
            return self._is_content_ours() and all(
                self._is_known(path) or not path.exists()
                for path in (self._log_path, self._index_path)
            )
        except OSError:
            return True

    def set_log_aside(self) -> None:
        """Rename the log if it belongs to another database than the one at the path now.

        The next start would copy it into that. Called after SQLite has closed the files.
        """
        with suppress(OSError):
            if self._file is None or not self._is_known(self._log_path):
                return
            if self._is_known(self._path):
                belongs = self._is_content_ours()
            else:
                with self._path.open("rb") as file:
                    belongs = file.read(_HEADER_BYTES) == os.pread(self._file, _HEADER_BYTES, 0)
            if not belongs:
                self._log_path.replace(f"{self._log_path}.old")

    def _look(self) -> FileProblem | None:
        try:
            return self._compare()
        except (FileNotFoundError, NotADirectoryError):
            return FileProblem.MISSING
        except OSError:
            return FileProblem.INACCESSIBLE

    def _compare(self) -> FileProblem | None:
        if not self._is_known(self._path):
            return FileProblem.REPLACED
        if self._file is not None and os.fstat(self._file).st_size == 0:
            return FileProblem.EMPTY
        if not self._is_content_ours():
            return FileProblem.OVERWRITTEN
        if not self._is_known(self._log_path):
            return FileProblem.LOG_LOST
        if not self._is_known(self._index_path):
            return FileProblem.INDEX_LOST
        return self._compare_log()

    def _compare_log(self) -> FileProblem | None:
        log, before = self._read_log(), self._log
        begun_again = log.header != before.header and log.size >= _LOG_HEADER_BYTES
        if not log.is_valid:
            return FileProblem.LOG_LOST
        if log.size < before.size and not begun_again:
            return FileProblem.LOG_SHORTER
        self._log = log
        return None

    def _is_content_ours(self) -> bool:
        """Whether the header of the database is ours.

        SQLite's counter of changes grows whenever the database does, so an older copy has a lower
        one.
        """
        if self._file is None:
            return True
        header = os.pread(self._file, _HEADER_BYTES, 0)
        counter = int.from_bytes(header[_CHANGE_COUNTER])
        marked = int.from_bytes(header[_SCHEMA_COOKIE]) in self._marks
        if len(header) < _HEADER_BYTES or counter < self._counter:
            return False
        if marked:
            self._before_mark = None
        elif header[_SCHEMA_COOKIE] != self._before_mark:
            return False
        self._counter = counter
        return True

    def _is_known(self, path: Path) -> bool:
        """Whether a file is still the same; False if a log or an index is missing."""
        try:
            found = _identity(path)
        except FileNotFoundError:
            if path == self._path:
                raise
            return False
        return self._known.get(path, found) == found

    def _read_log(self) -> _Log:
        # Closing it releases no lock of SQLite, which locks the other two files only.
        with self._log_path.open("rb") as file:
            return _Log(file.read(_LOG_HEADER_BYTES), os.fstat(file.fileno()).st_size)


def _identity(path: Path) -> _Identity:
    status = path.stat()
    return status.st_dev, status.st_ino
