"""Files that only the bot's user may read: they contain what people wrote and whom they are."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def create_folder(folder: Path) -> None:
    """Create a folder and its parents for the user alone; existing ones stay as they are.

    Raises `OSError`.
    """
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            with suppress(FileExistsError):
                each.mkdir(FOLDER_MODE)


def create_file(path: Path) -> None:
    """Create an empty file for the user alone, whatever the umask, unless it exists.

    Raises `OSError`.
    """
    with suppress(FileExistsError):
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
        try:
            os.fchmod(file, FILE_MODE)
        finally:
            os.close(file)


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """The existing files that users other than their owner may read or write."""
    found = []
    for path in paths:
        with suppress(OSError):
            if path.is_file() and path.stat().st_mode & _OTHERS:
                found.append(path)
    return found


def close_to_others(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Make files private; return those that were changed, and those that can't be."""
    changed, failed = [], []
    for path in open_to_others(paths):
        try:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
        except OSError:
            failed.append(path)
        else:
            changed.append(path)
    return changed, failed
