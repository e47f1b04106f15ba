"""Walking a folder: every file that is a document, and what can't be walked."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from bot.errors import SourceError
from bot.ingest.folder.patterns import Patterns
from storage.models import Rejection

_LEAVES = "is a link that leaves the folder; put the file itself here"
_FOLDER_LEAVES = "is a link that leaves the folder; make a source of where it leads, or exclude it"
_DANGLES = "is a link to nothing; put the file itself here"


class Found(NamedTuple):
    """A file, or with a `rejection` something that is not read.

    The `key` of a folder that can't be read ends with `/`.
    """

    key: str
    path: str
    size: int
    modified_ns: int
    rejection: Rejection | None = None


# The fields of a `Found`. There is one for every file at every look; calls and names for those that
# have not changed would take as long as the looking.
Seen: TypeAlias = tuple[str, str | os.DirEntry[str] | Path, int, int, Rejection | None]


def walk(folder: Path, patterns: Patterns) -> Iterator[Seen]:
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
                    name = entry.name
                    key = prefix + name
                    if entry.is_dir(follow_symlinks=False):
                        if patterns.enter_folder(name, key):
                            open_folders.append((key + "/", entry.path))
                    elif patterns.take_file(name, key):
                        yield from _look_at(entry, key, root)
                    elif entry.is_symlink() and patterns.enter_folder(name, key):
                        yield from _look_at_linked(entry, key, root)
        except OSError as error:
            if not prefix:
                raise SourceError(f"folder {folder} can't be read: {error.strerror}") from error
            if isinstance(error, FileNotFoundError):
                continue
            yield _refused(prefix, _unreadable(error))


def is_there(folder: Path, name: str, patterns: Patterns) -> bool:
    """Whether a document is there that a walk may have missed.

    Some file systems (tmpfs, btrfs) leave a name out that is renamed while its folder is listed.
    """
    root = os.path.realpath(folder)
    *parents, file = name.split("/")
    path = ""
    for parent in parents:
        path += parent
        if not patterns.enter_folder(parent, path) or Path(root, path).is_symlink():
            return False
        path += "/"
    return patterns.take_file(file, name) and bool(_look_at(Path(root, name), name, root))


def is_listed(folder: Path, name: str) -> bool:
    """Whether a listing has a file, and the folders that it is in, in just these letters."""
    path = folder
    for part in name.split("/"):
        try:
            if part not in os.listdir(path):  # noqa: PTH208 - names are what is asked for
                return False
        except OSError:
            return False
        path /= part
    return True


def _look_at(entry: os.DirEntry[str] | Path, key: str, root: str) -> Sequence[Seen]:
    place: str | os.DirEntry[str] | Path = entry
    try:
        if entry.is_symlink():
            place = os.path.realpath(entry)
            if not lies_in(place, root):
                return (_refused(key, _LEAVES),)
            if not os.path.lexists(place):
                return (_refused(key, _DANGLES),)
        status = entry.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        return (_refused(key, _unreadable(error)),)
    if not stat.S_ISREG(status.st_mode):
        return ()
    return ((key, place, status.st_size, status.st_mtime_ns, None),)


def _look_at_linked(entry: os.DirEntry[str], key: str, root: str) -> Sequence[Seen]:
    """Documents in a linked folder are read where that lies; one elsewhere is said not to be."""
    place = os.path.realpath(entry)
    if lies_in(place, root) or place == root or not os.path.isdir(place):  # noqa: PTH112 - whatever is wrong with it
        return ()
    return (_refused(key, _FOLDER_LEAVES),)


def lies_in(place: str, root: str) -> bool:
    """Whether a real path is within another."""
    return place.startswith(root.rstrip("/") + "/")


def _unreadable(error: OSError) -> str:
    return f"can't be read: {error.strerror}; check its permissions"


def _refused(key: str, reason: str) -> Seen:
    return key, "", 0, 0, Rejection(reason)
