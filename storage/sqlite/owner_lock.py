"""The lock of the bot that owns the outbox of a database.

Two locks, because each alone has a gap: the lock file protects the path, even if another file is
put there, and the lock on the database itself protects the file, by whatever name (another link, a
bind mount), even if somebody removes the lock file.
"""

import errno
import logging
import os
import struct
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from storage.errors import StoreLockedError
from storage.private_files import FILE_MODE

logger = logging.getLogger(__name__)

# Far beyond SQLite's own locks and the largest database, so that neither program notices the other.
# https://www.sqlite.org/limits.html
_LOCKED_BYTE = 2**62


class OwnerLock:
    """Held by the bot that owns the outbox, until its database is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._side = FileLock(f"{path}.lock", mode=FILE_MODE, thread_local=False)
        self._identity: tuple[int, int] | None = None
        self._file: int | None = None

    def acquire(self) -> int:
        """Acquire both locks and return the open database file. Raises `StoreLockedError`."""
        if self._file is not None:
            return self._file
        self.acquire_path()
        # Closed only after SQLite has closed the database: closing any descriptor of a file
        # releases all POSIX locks of the process on it.
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            self._side.release()
            raise StoreLockedError(
                f"{self._path} can't be locked: {error.strerror}; check it"
            ) from error
        if not _lock(file):
            os.close(file)
            self._side.release()
            raise StoreLockedError(
                f"another Storywire is using this database ({self._path} is locked, perhaps under"
                " another name); stop it first, or use another database"
            )
        self._file = file
        return file

    def acquire_path(self) -> None:
        """Acquire the lock of the path alone, where a database is to be made."""
        try:
            self._side.acquire(blocking=False)
            self._identity = self._find_identity()
        except Timeout as error:
            raise StoreLockedError(
                f"another Storywire is using this database ({self._side.lock_file} is locked);"
                " stop it first, or use another database"
            ) from error
        except OSError as error:
            raise StoreLockedError(
                f"{self._side.lock_file} can't be locked: {error.strerror}; check its folder"
            ) from error

    @property
    def held(self) -> bool:
        """Whether the outbox was acquired."""
        return self._file is not None

    def renew(self) -> None:
        """Make the lock file again if somebody has removed it; may block on a network drive."""
        if self._find_identity() == self._identity or not self._path.exists():
            return  # Without the database, its folder may be gone, which must not be created again.
        self._side.release()
        try:
            self._side.acquire(blocking=False)
            self._identity = self._find_identity()
        except (Timeout, OSError):
            return  # Tried again later; the lock on the database holds.
        logger.warning("%s was removed, and was created again", self._side.lock_file)

    def release(self) -> None:
        """Release both locks."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._side.release()

    def _find_identity(self) -> tuple[int, int] | None:
        try:
            status = Path(self._side.lock_file).stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def is_owned(path: Path) -> bool | None:
    """Whether a bot owns the outbox of a database; None if this system does not say so.

    The program must not have the database open: see `OwnerLock.acquire`. Raises `OSError`.
    """
    if sys.platform != "linux":
        return None
    import fcntl  # noqa: PLC0415 - not on every system

    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        answer = fcntl.fcntl(file, fcntl.F_OFD_GETLK, _lock_request())
    finally:
        os.close(file)
    return bool(struct.unpack_from("h", answer)[0] != fcntl.F_UNLCK)


def _lock(file: int) -> bool:
    """Lock an open file; False if it is locked already, True if this system can't lock it so."""
    if sys.platform != "linux":
        return True
    import fcntl  # noqa: PLC0415 - not on every system

    # An "open file description lock" belongs to this descriptor; a traditional one would be
    # released by SQLite: https://man7.org/linux/man-pages/man2/fcntl_locking.2.html
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _lock_request())
    except OSError as error:
        return error.errno not in {errno.EAGAIN, errno.EACCES}
    return True


def _lock_request() -> bytes:
    """The structure `flock` for a lock that nobody shares."""
    import fcntl  # noqa: PLC0415 - not on every system

    return struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _LOCKED_BYTE, 1, 0)
