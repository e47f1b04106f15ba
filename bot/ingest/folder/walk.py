"""Walks a folder: finds every file that is a document, and everything that can't be read."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from bot.errors import SourceError
from bot.ingest.folder.patterns import Patterns
from storage.models import Rejection

_LINK_LEAVES_FOLDER = "is a link to a place outside the folder; put the file itself here"
_FOLDER_LINK_LEAVES_FOLDER = (
    "is a link to a folder outside this one; add that folder as a source of its own, or exclude"
    " the link"
)
_BROKEN_LINK = "is a broken link; put the file itself here"


class FoundFile(NamedTuple):
    """A file; or, with a `rejection`, something that is not read.

    The `key` of a folder that can't be read ends with `/`.
    """

    key: str
    path: str
    size: int
    modified_ns: int
    rejection: Rejection | None = None


# The fields of a `FoundFile`. A walk yields one for every file; creating objects with named fields
# for files that have not changed would take as long as the walk.
FoundFields: TypeAlias = tuple[str, str | os.DirEntry[str] | Path, int, int, Rejection | None]


def walk(folder: Path, patterns: Patterns, passed_over: Counter[str]) -> Iterator[FoundFields]:
    """Yield all documents under `folder`, unordered. Files that vanish meanwhile are left out.

    `passed_over` receives the number of other files that may be pages, by the ending of their name.
    Raises `SourceError` if `folder` itself can't be read.
    """
    root = os.path.realpath(folder)
    open_folders = [("", root)]
    while open_folders:
        prefix, path = open_folders.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    name = entry.name
                    key = prefix + name
                    if entry.is_dir(follow_symlinks=False):
                        if patterns.enter_folder(name, key):
                            open_folders.append((key + "/", entry.path))
                    elif patterns.take_file(name, key):
                        yield from _inspect_file(entry, key, root)
                    elif entry.is_symlink() and patterns.enter_folder(name, key):
                        yield from _inspect_folder_link(entry, key, root)
                    else:
                        passed_over.update(patterns.passes_over(name, key))
        except OSError as error:
            if not prefix:
                raise SourceError(f"folder {folder} can't be read: {error.strerror}") from error
            if isinstance(error, FileNotFoundError):
                continue
            yield _rejected(prefix, _unreadable(error))


def document_exists(folder: Path, name: str, patterns: Patterns) -> bool:
    """Whether a document exists that a walk may have missed.

    Some file systems (tmpfs, btrfs) leave out a file that is renamed while its folder is listed.
    """
    root = os.path.realpath(folder)
    *parents, file = name.split("/")
    path = ""
    for parent in parents:
        path += parent
        if not patterns.enter_folder(parent, path) or Path(root, path).is_symlink():
            return False
        path += "/"
    return patterns.take_file(file, name) and bool(_inspect_file(Path(root, name), name, root))


def is_listed(folder: Path, name: str) -> bool:
    """Whether each folder of the path lists the next part in exactly this spelling."""
    path = folder
    for part in name.split("/"):
        try:
            if part not in os.listdir(path):  # noqa: PTH208 - only the names are needed
                return False
        except OSError:
            return False
        path /= part
    return True


def _inspect_file(entry: os.DirEntry[str] | Path, key: str, root: str) -> Sequence[FoundFields]:
    target: str | os.DirEntry[str] | Path = entry
    try:
        if entry.is_symlink():
            target = os.path.realpath(entry)
            if not is_inside(target, root):
                return (_rejected(key, _LINK_LEAVES_FOLDER),)
            if not os.path.lexists(target):
                return (_rejected(key, _BROKEN_LINK),)
        status = entry.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        return (_rejected(key, _unreadable(error)),)
    if not stat.S_ISREG(status.st_mode):
        return ()
    return ((key, target, status.st_size, status.st_mtime_ns, None),)


def _inspect_folder_link(entry: os.DirEntry[str], key: str, root: str) -> Sequence[FoundFields]:
    """Reject a link to a folder outside; the documents of one inside are found there."""
    target = os.path.realpath(entry)
    if is_inside(target, root) or target == root or not os.path.isdir(target):  # noqa: PTH112 - it returns False for any error
        return ()
    return (_rejected(key, _FOLDER_LINK_LEAVES_FOLDER),)


def is_inside(path: str, root: str) -> bool:
    """Whether a real path is within another."""
    return path.startswith(root.rstrip("/") + "/")


def _unreadable(error: OSError) -> str:
    return f"can't be read: {error.strerror}; check its permissions"


def _rejected(key: str, reason: str) -> FoundFields:
    return key, "", 0, 0, Rejection(reason)
