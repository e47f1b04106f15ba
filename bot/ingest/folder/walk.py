"""Walking a folder: every file that is a document, and what can't be walked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.errors import SourceError
from bot.ingest.folder.patterns import Patterns
from storage.models import Rejection


class Found(NamedTuple):
    """A file, or with a `rejection` something that is not read.

    The `key` of a folder that can't be read ends with `/`. (A tuple: there is one for every file
    at every look, and a frozen dataclass takes three times as long to make.)
    """

    key: str
    path: str
    size: int
    modified_ns: int
    rejection: Rejection | None = None


def walk(folder: Path, patterns: Patterns) -> Iterator[Found]:
    """All documents under `folder`, in no order. What vanishes meanwhile is left out.

    Raises `SourceError` if `folder` itself can't be read.
    """
    root = os.path.realpath(folder)
    open_folders = [("", root)]
    while open_folders:
        prefix, path = open_folders.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    key = prefix + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if patterns.enter_folder(entry.name, key):
                            open_folders.append((key + "/", entry.path))
                    elif found := _look_at(entry, key, root, patterns):
                        yield found
        except OSError as error:
            if not prefix:
                raise SourceError(f"folder {folder} can't be read: {error.strerror}") from error
            if isinstance(error, FileNotFoundError):
                continue
            yield _refused(prefix, f"can't be read: {error.strerror}; check its permissions")


def _look_at(entry: os.DirEntry[str], key: str, root: str, patterns: Patterns) -> Found | None:
    if not patterns.take_file(entry.name, key):
        return None
    path = entry.path
    if entry.is_symlink():
        path = os.path.realpath(path)
        if not path.startswith(root.rstrip("/") + "/"):
            return _refused(key, "is a link that leaves the folder; put the file itself here")
    try:
        if not entry.is_file():
            return None
        status = entry.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return _refused(key, f"can't be read: {error.strerror}; check its permissions")
    return Found(_printable(key), path, status.st_size, status.st_mtime_ns)


def _refused(key: str, reason: str) -> Found:
    return Found(_printable(key), "", 0, 0, Rejection(reason))


def _printable(key: str) -> str:
    """The key as text that a terminal and a database can take, whatever bytes the name has."""
    if key.isprintable():
        return key
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in key
    )
