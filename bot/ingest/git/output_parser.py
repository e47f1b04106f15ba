"""Parses the output of `git ls-tree` and `git cat-file --batch`. Pure."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from bot.errors import SourceError
from bot.ingest.folder.patterns import Patterns
from bot.ingest.text import escape_key

_LINK = b"120000"
_FILE_TYPE = b"blob"


class Entry(NamedTuple):
    """A file of a commit. `blob` is the object name of its content: equal names, equal content.

    The content of a symbolic link is its target's path. (A tuple is cheap: there is one for every
    file.)
    """

    key: str
    blob: str
    size: int
    is_link: bool


def parse_tree(
    listing: bytes, path: str, patterns: Patterns, passed_over: Counter[str]
) -> Iterator[Entry]:
    """Yield the documents in the output of `git ls-tree -r -z -l`; `path` is their folder.

    `passed_over` receives the number of other files that may be pages, by the ending of their name.
    See https://git-scm.com/docs/git-ls-tree#_output_format. Submodules are ignored.
    """
    prefix = os.fsencode(f"{path}/") if path else b""

    @cache
    def is_entered(folder: str) -> bool:
        parts = folder.split("/")
        return all(
            patterns.enter_folder(name, "/".join(parts[:depth]))
            for depth, name in enumerate(parts, 1)
        )

    for line in listing.split(b"\0"):
        attributes, _, name = line.partition(b"\t")
        if not name.startswith(prefix):
            continue
        mode, kind, blob, size = attributes.split() if attributes else (b"", b"", b"", b"")
        if kind != _FILE_TYPE:
            continue
        key = os.fsdecode(name.removeprefix(prefix))
        folder, _, file = key.rpartition("/")
        if patterns.take_file(file, key):
            if not folder or is_entered(folder):
                yield Entry(escape_key(key), blob.decode(), int(size), mode == _LINK)
        elif not folder or is_entered(folder):
            passed_over.update(patterns.passes_over(file, key))


def parse_site_files(listing: bytes) -> Mapping[str, tuple[str, int]]:
    """Return the object name and size of every file in such an output, by its path."""
    files: dict[str, tuple[str, int]] = {}
    for line in listing.split(b"\0"):
        attributes, _, name = line.partition(b"\t")
        mode, kind, blob, size = attributes.split() if attributes else (b"", b"", b"", b"")
        if kind == _FILE_TYPE and mode != _LINK:
            files[os.fsdecode(name)] = blob.decode(), int(size)
    return files


def parse_blobs(output: bytes, wanted: Iterable[str]) -> Iterator[bytes]:
    """Yield the contents of these blobs from the output of `git cat-file --batch`, in order.

    See https://git-scm.com/docs/git-cat-file#_batch_output. Raises `SourceError` if one is missing.
    """
    position = 0
    for blob in wanted:
        end = output.find(b"\n", position)
        header = output[position:end].split()
        if len(header) != 3 or header[0].decode() != blob or header[1] != _FILE_TYPE:  # noqa: PLR2004 - name, type, size
            raise SourceError(f"the object {blob} is missing")
        start, size = end + 1, int(header[2])
        yield output[start : start + size]
        position = start + size + 1
