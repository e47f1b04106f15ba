"""A folder of Markdown files as a source."""

import errno
import os
import stat
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from unicodedata import normalize

from bot.clock import Clock
from bot.errors import FolderMissingError, SourceError
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import Unpublished, read_document, reading_digest
from bot.ingest.folder.changes import watch_folder
from bot.ingest.folder.missing import MissingFiles
from bot.ingest.folder.patterns import Patterns
from bot.ingest.folder.walk import Found, is_listed, is_there, walk
from bot.ingest.source import ChangeSet, Known
from bot.ingest.text import counted, printable_key, unprinted
from bot.ingest.threads import in_own_thread
from storage.models import Document, Fingerprint, Reading, Rejection

MAX_BYTES = 1024 * 1024
# A file that was written this recently may be written again without its size or time changing:
# file systems count time in steps of up to two seconds. Git knows the same as "racy" entries,
# https://git-scm.com/docs/racy-git.
RACY = timedelta(seconds=2)
LAST_TIME = 2**63 - 1
# Stands for a time of modification that is not to be relied upon; no real one equals it.
UNTRUSTED = -1


class FolderSource:
    """All files under `folder` whose names `include` but not `exclude` match.

    A document's key is its path within the folder, with `/`. Hidden files and folders and those
    that editors write beside a file are passed over; links that leave the folder are rejected.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        unpublished: Unpublished,
        include: Sequence[str],
        exclude: Sequence[str],
        clock: Clock,
        defaults: Defaults = NO_DEFAULTS,
    ) -> None:
        self.name = name
        # Which files are taken is not in it: `read` finds that out.
        self.settings_digest = reading_digest(unpublished, defaults)
        self._folder = folder
        self._read_document = partial(read_document, unpublished=unpublished, defaults=defaults)
        self._patterns = Patterns(include, exclude)
        self._clock = clock
        # Whether a change was reported since the last read.
        self._change_reported = False
        # While the folder is watched; a single look takes what is missing for gone.
        self._missing: MissingFiles | None = None

    async def quick_check(self, state: str) -> int | None:
        """See `Source`; after a reported change it would only be another walk before `read`."""
        return None if self._change_reported else await in_own_thread(self._quick_check, state)

    async def read(self, known: Known, state: str | None) -> ChangeSet:  # noqa: ARG002 - as `Source` has it
        """Compare sizes and times of all files. Raises `SourceError`."""
        self._change_reported = False
        return await in_own_thread(self._compare, known)

    async def changes(self) -> AsyncGenerator[None]:
        """Yield at once and at every change under the folder. Raises `SourceError`."""
        self._missing = missing = MissingFiles(self._clock)
        yield
        watch = watch_folder(
            self._folder,
            self._patterns.concern,
            self._identity,
            self._digest,
            missing.are_due,
            self._clock,
        )
        async with aclosing(watch) as looks:
            async for changed in looks:
                self._change_reported = changed
                yield

    def _digest(self) -> str:
        found = walk(self._folder, self._patterns)
        return _state_token(_stamp(key, size, modified) for key, _, size, modified, _ in found)

    def _quick_check(self, state: str) -> int | None:
        identity = self._identity()
        seen: list[str] = []
        for key, _, size, modified_ns, rejection in walk(self._folder, self._patterns):
            if rejection is not None:
                return None
            seen.append(_stamp(key, size, modified_ns))
        if not seen or self._identity() != identity:
            return None
        return len(seen) if _state_token(seen) == state else None

    def _compare(self, known: Known) -> ChangeSet:
        identity = self._identity()
        # By key: some file systems list a file twice that is replaced meanwhile.
        changed: dict[str, Found] = {}
        unchanged = 0
        seen: list[str] = []
        awaited = self._missing.awaited if self._missing else frozenset()
        unreadable: list[str] = []
        for name, path, size, modified_ns, rejection in walk(self._folder, self._patterns):
            key = name
            before = known.get(key)
            if before is None or "\\" in name:
                key = printable_key(name)
                before = known.get(key)
            seen.append(key)
            if (
                before is not None
                and before.modified_ns == modified_ns
                and before.size == size
                and key not in awaited
            ):
                unchanged += 1
                continue
            changed[key] = Found(key, os.fspath(path), size, modified_ns, rejection)
            if key.endswith("/"):
                unreadable.append(key)
        if self._identity() != identity:
            raise SourceError(f"folder {self._folder} was replaced while it was read")
        if known and not seen and _is_bare(self._folder):
            raise SourceError(
                f"folder {self._folder} is empty but held {counted(len(known), 'document')}; is its"
                " disk mounted? (If they are really gone, put any file into it.)"
            )
        # What lies in a folder that can't be read now is not gone.
        unseen = sorted(known.keys() - seen) if unchanged < len(known) else []
        spelled = {_folded(key): key for key in seen} if unseen else {}
        missing = tuple(
            key
            for key in unseen
            if not key.startswith(tuple(unreadable))
            and not self._is_there(key, spelled.get(_folded(key)))
        )
        gone = missing if self._missing is None else self._missing.give_up(missing)
        # The changed documents that are not stored with the size and time that the walk found.
        differing: list[str] = []

        def state_token() -> str | None:
            if differing or len(gone) < len(unseen):
                return None
            return _state_token(_stamps(seen, changed, known))

        return ChangeSet(
            changed.keys(),
            # New names first, so that a story that has moved is stored there before its old name
            # shows another one.
            self._documents(
                [changed[key] for key in sorted(changed, key=lambda key: (key in known, key))],
                differing,
            ),
            unchanged=unchanged + len(unseen) - len(gone),
            gone=gone,
            missing=() if self._missing is None else tuple(self._missing.awaited),
            state_token=state_token,
        )

    def _is_there(self, key: str, seen: str | None) -> bool:
        """Whether a file is there that was not seen, and is not the one seen in other letters.

        On a disk that takes capitals for small letters a renamed file answers to both names.
        """
        name = unprinted(key)
        return is_there(self._folder, name, self._patterns) and (
            seen is None or is_listed(self._folder, name)
        )

    def _identity(self) -> tuple[int, int]:
        """Which folder it is: one that was removed and made again is another."""
        try:
            status = self._folder.stat()
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            os.scandir(self._folder).close()
        except FileNotFoundError as error:
            raise FolderMissingError(self._folder) from error
        except (OSError, ValueError) as error:  # a ValueError: no path holds a NUL
            words = (isinstance(error, OSError) and error.strerror) or str(error)
            raise SourceError(
                f"folder {self._folder} can't be read: {words}; check the path and its permissions"
            ) from error
        return status.st_dev, status.st_ino

    def _documents(self, changed: Sequence[Found], differing: list[str]) -> Iterator[Document]:
        """Read the files; note in `differing` which of them are not as the walk found them."""
        for found in changed:
            document = self._read(found)
            if document is None or document.fingerprint[:2] != (found.size, found.modified_ns):
                differing.append(found.key)
            if document is not None:
                yield document

    def _read(self, found: Found) -> Document | None:
        if found.rejection is not None:
            return _rejected(found.key, found.rejection)
        try:
            # Not waiting for a pipe and not following a link that took the file's place.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(found.path, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return None
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            self._identity()  # raises if it is the whole folder that can't be read
            if isinstance(error, FileNotFoundError):
                return None
            reason = f"can't be read: {error.strerror}; check its permissions"
            return _rejected(found.key, Rejection(reason))
        reading: Reading = (
            Rejection(f"is larger than {MAX_BYTES // 1024} KB")
            if len(content) > MAX_BYTES
            else self._read_document(content, key=found.key)
        )
        return Document(found.key, self._fingerprint(content, status), reading)

    def _fingerprint(self, content: bytes, status: os.stat_result) -> Fingerprint:
        modified = status.st_mtime_ns
        written_before = (self._clock.now() - RACY).timestamp() * 1e9
        # One ahead of the file system's own clock was set by hand; no writing gives it again.
        set_ahead = modified > status.st_ctime_ns + RACY.total_seconds() * 1e9
        # Some file systems hold times that no database does.
        trusted = 0 <= modified <= LAST_TIME and (modified < written_before or set_ahead)
        digest = blake2b(content, digest_size=16).hexdigest()
        return Fingerprint(status.st_size, modified if trusted else UNTRUSTED, digest)


def _stamp(key: str, size: int, modified_ns: int) -> str:
    return f"{key}\0{size}\0{modified_ns}"


def _stamps(keys: Iterable[str], changed: Mapping[str, Found], known: Known) -> Iterator[str]:
    for key in keys:
        found = changed.get(key) or known[key]
        assert found is not None
        yield _stamp(key, found.size, found.modified_ns)


def _state_token(stamps: Iterable[str]) -> str:
    """A digest of all documents, in the order of the walk, which only a change changes."""
    return blake2b("\n".join(stamps).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _folded(key: str) -> str:
    """What disks that don't tell capitals or the forms of accents apart take for one name."""
    return normalize("NFC", key).casefold()


def _is_bare(folder: Path) -> bool:
    """Whether no file at all is in it, as where a disk is to be mounted or all is written anew."""
    return not any(files for _, _, files in os.walk(folder))


def _rejected(key: str, rejection: Rejection) -> Document:
    """A document without content, looked at again every time: no time of a file tells its cure."""
    digest = blake2b(rejection.reason.encode(), digest_size=16).hexdigest()
    return Document(key, Fingerprint(0, UNTRUSTED, digest), rejection)
