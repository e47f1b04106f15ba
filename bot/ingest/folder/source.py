"""A folder of Markdown files as a source."""

import errno
import os
import stat
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from unicodedata import normalize

from bot.clock import Clock
from bot.errors import FolderMissingError, SourceError
from bot.ingest.article import Unpublished
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import DocumentReader, TimedReading, reading_digest
from bot.ingest.folder.missing_files import MissingFiles
from bot.ingest.folder.patterns import Patterns
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.folder.walk import FoundFile, document_exists, is_listed, walk
from bot.ingest.folder.watcher import watch_folder
from bot.ingest.sites.detection import (
    NO_SITE_OPTIONS,
    SiteOptions,
    SourceSite,
    digest_suffix,
    find_site,
    site_findings,
)
from bot.ingest.source import ChangeSet
from bot.ingest.text import escape_key, pluralize, unescape_key
from bot.ingest.threads import run_in_thread
from storage.models import (
    NO_FINDINGS,
    Document,
    Fingerprint,
    KnownDocuments,
    Rejection,
    SourceFindings,
)

MAX_BYTES = 1024 * 1024
# A file that was written this recently may be written again without a change of its size or time:
# the timestamps of file systems have a resolution of up to two seconds. Git calls such entries
# "racy": https://git-scm.com/docs/racy-git.
RACY = timedelta(seconds=2)
MAX_TIME = 2**63 - 1
# Replaces a modification time that can't be relied on; no real one equals it.
UNTRUSTED = -1


class FolderSource:
    """All files under `folder` whose names match `include` but not `exclude`.

    A document's key is its path within the folder, with `/`. Hidden files and folders and the
    temporary files of editors are ignored; links to places outside the folder are rejected.
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
        site: SiteOptions = NO_SITE_OPTIONS,
    ) -> None:
        self.name = name
        # `include` and `exclude` are not part of it: `read` itself finds which files they select.
        self.settings_digest = reading_digest(unpublished, defaults, site)
        self._folder = folder
        self._site = site
        self._reader = DocumentReader(unpublished, defaults, site.settings.languages)
        self._patterns = Patterns(include, exclude, folder.as_posix())
        self._clock = clock
        # Whether a change was reported since the last read.
        self._change_reported = False
        # None unless the folder is watched: in a single read, missing files are gone.
        self._missing: MissingFiles | None = None
        # The first time at which a document is read differently although its file is the same.
        self._next_due: datetime | None = None

    async def quick_check(self, state: str) -> int | None:
        """See `Source`; after a reported change it would only be a second walk before `read`."""
        return None if self._change_reported else await run_in_thread(self._quick_check, state)

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:  # noqa: ARG002 - as `Source` has it
        """Compare sizes and times of all files. Raises `SourceError`."""
        self._change_reported = False
        return await run_in_thread(self._compare, known)

    async def changes(self) -> AsyncGenerator[None]:
        """Yield at once and at every change under the folder. Raises `SourceError`."""
        self._missing = missing = MissingFiles(self._clock)
        yield
        watch = watch_folder(
            self._folder,
            self._patterns.is_relevant,
            self._identity,
            self._current_state,
            lambda: missing.are_due() or self._is_due(),
            self._clock,
        )
        async with aclosing(watch) as changes:
            async for changed in changes:
                self._change_reported = changed
                yield

    def find_site(self) -> SourceSite | None:
        """Return the site that the folder belongs to; None if none is known. Blocks."""
        return find_site(site_candidates(self._folder), self._site)

    def _is_due(self) -> bool:
        return self._next_due is not None and self._clock.now() >= self._next_due

    def _current_state(self) -> str:
        found = walk(self._folder, self._patterns, Counter())
        stamps = (_stamp(key, size, modified) for key, _, size, modified, _ in found)
        return _state_token(stamps, NO_FINDINGS)

    def _quick_check(self, state: str) -> int | None:
        identity = self._identity()
        seen: list[str] = []
        passed_over = Counter[str]()
        for key, _, size, modified_ns, rejection in walk(self._folder, self._patterns, passed_over):
            if rejection is not None:
                return None
            seen.append(_stamp(key, size, modified_ns))
        if not seen or self._identity() != identity:
            return None
        site = self.find_site()
        token = _state_token(seen, self._findings(site, passed_over), digest_suffix(site))
        return len(seen) if token == state else None

    def _compare(self, known: KnownDocuments) -> ChangeSet:
        identity = self._identity()
        site = self.find_site()
        suffix = digest_suffix(site)
        reader = replace(self._reader, site=site)
        self._next_due = None
        # By key: some file systems list a file twice if it is replaced meanwhile.
        changed: dict[str, FoundFile] = {}
        unchanged = 0
        seen: list[str] = []
        awaited = self._missing.awaited if self._missing else frozenset()
        unreadable_folders: list[str] = []
        passed_over = Counter[str]()
        for name, path, size, modified_ns, rejection in walk(
            self._folder, self._patterns, passed_over
        ):
            key = name
            before = known.get(key)
            if before is None or "\\" in name:
                key = escape_key(name)
                before = known.get(key)
            seen.append(key)
            if (
                before is not None
                and before.modified_ns == modified_ns
                and before.size == size
                and before.digest.endswith(suffix)
                and key not in awaited
            ):
                unchanged += 1
                continue
            changed[key] = FoundFile(key, os.fspath(path), size, modified_ns, rejection)
            if key.endswith("/"):
                unreadable_folders.append(key)
        if self._identity() != identity:
            raise SourceError(f"folder {self._folder} was replaced while it was read")
        if known and not seen and _has_no_files(self._folder):
            raise SourceError(
                f"folder {self._folder} is empty but contained {pluralize(len(known), 'document')};"
                " is its disk mounted? (If the documents were deleted on purpose, put any other"
                " file into the folder.)"
            )
        # Documents in a folder that can't be read at the moment are not gone.
        unseen = sorted(known.keys() - seen) if unchanged < len(known) else []
        seen_by_folded = {_case_folded(key): key for key in seen} if unseen else {}
        missing = tuple(
            key
            for key in unseen
            if not key.startswith(tuple(unreadable_folders))
            and not self._exists(key, seen_by_folded.get(_case_folded(key)))
        )
        gone = missing if self._missing is None else self._missing.update(missing)
        findings = self._findings(site, passed_over)
        # Changed documents whose size or time has changed again since the walk.
        changed_since: list[str] = []

        def state_token() -> str | None:
            if changed_since or len(gone) < len(unseen):
                return None
            return _state_token(_stamps(seen, changed, known), findings, suffix)

        return ChangeSet(
            changed.keys(),
            # New names first, so that a story whose file was renamed is stored under the new name
            # before the old name shows another story.
            self._documents(
                [changed[key] for key in sorted(changed, key=lambda key: (key in known, key))],
                reader,
                changed_since,
            ),
            unchanged=unchanged + len(unseen) - len(gone),
            gone=gone,
            missing=() if self._missing is None else tuple(self._missing.awaited),
            state_token=state_token,
            findings=findings,
        )

    def _findings(self, site: SourceSite | None, passed_over: Counter[str]) -> SourceFindings:
        return site_findings(site, site_candidates(self._folder), passed_over)

    def _exists(self, key: str, similar: str | None) -> bool:
        """Whether a file exists that the walk did not find.

        `similar` is a file found that differs only in case or composition. On a file system that
        ignores those, a renamed file is found under both names; only one of them is listed.
        """
        name = unescape_key(key)
        return document_exists(self._folder, name, self._patterns) and (
            similar is None or is_listed(self._folder, name)
        )

    def _identity(self) -> tuple[int, int]:
        """Identifies the folder; one that was deleted and created again is a different one."""
        try:
            status = self._folder.stat()
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            os.scandir(self._folder).close()
        except FileNotFoundError as error:
            raise FolderMissingError(self._folder) from error
        except (OSError, ValueError) as error:  # ValueError: the path contains a NUL
            reason = (isinstance(error, OSError) and error.strerror) or str(error)
            raise SourceError(
                f"folder {self._folder} can't be read: {reason}; check the path and its permissions"
            ) from error
        return status.st_dev, status.st_ino

    def _documents(
        self, changed: Sequence[FoundFile], reader: DocumentReader, changed_since: list[str]
    ) -> Iterator[Document]:
        """Read the files; append to `changed_since` those that differ from what the walk found."""
        for found in changed:
            document = self._read(found, reader)
            if document is None or document.fingerprint[:2] != (found.size, found.modified_ns):
                changed_since.append(found.key)
            if document is not None:
                yield document

    def _read(self, found: FoundFile, reader: DocumentReader) -> Document | None:
        if found.rejection is not None:
            return _rejected(found.key, found.rejection)
        try:
            # Don't wait for a pipe and don't follow a link that has replaced the file.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(found.path, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return None
                # Python reserves memory for as many bytes as it is asked for.
                content = file.read(min(status.st_size, MAX_BYTES) + 1)
                if len(content) > status.st_size:
                    content += file.read(MAX_BYTES + 1 - len(content))
        except OSError as error:
            self._identity()  # raises if the whole folder can't be read
            if isinstance(error, FileNotFoundError):
                return None
            reason = f"can't be read: {error.strerror}; check its permissions"
            return _rejected(found.key, Rejection(reason))
        reading, until = (
            TimedReading(Rejection(f"is larger than {MAX_BYTES // 1024} KB"))
            if len(content) > MAX_BYTES
            else reader.read(content, found.key, self._clock.now())
        )
        fingerprint = self._fingerprint(content, status, digest_suffix(reader.site))
        if until is not None:
            # To be read at every reading, because its size and time don't show when it is due.
            fingerprint = fingerprint._replace(modified_ns=UNTRUSTED)
            self._next_due = min(until, self._next_due or until)
        return Document(found.key, fingerprint, reading)

    def _fingerprint(self, content: bytes, status: os.stat_result, suffix: str) -> Fingerprint:
        modified = status.st_mtime_ns
        untrusted_from = (self._clock.now() - RACY).timestamp() * 1e9
        # A time ahead of the file system's clock was set explicitly; a write can't repeat it.
        set_ahead = modified > status.st_ctime_ns + RACY.total_seconds() * 1e9
        # Some file systems have times that no database can store.
        trusted = 0 <= modified <= MAX_TIME and (modified < untrusted_from or set_ahead)
        digest = blake2b(content, digest_size=16).hexdigest()
        return Fingerprint(status.st_size, modified if trusted else UNTRUSTED, digest + suffix)


def _stamp(key: str, size: int, modified_ns: int) -> str:
    return f"{key}\0{size}\0{modified_ns}"


def _stamps(
    keys: Iterable[str], changed: Mapping[str, FoundFile], known: KnownDocuments
) -> Iterator[str]:
    for key in keys:
        found = changed.get(key) or known.get(key)
        assert found is not None
        yield _stamp(key, found.size, found.modified_ns)


def _state_token(stamps: Iterable[str], findings: SourceFindings, suffix: str = "") -> str:
    """A digest of all documents, in the order of the walk, which is stable without changes."""
    text = "\n".join(stamps) + suffix
    if findings != NO_FINDINGS:
        text += f"\n{findings}"
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _case_folded(key: str) -> str:
    """The same for all names that a case-insensitive, normalising file system considers equal."""
    return normalize("NFC", key).casefold()


def _has_no_files(folder: Path) -> bool:
    """Whether it contains no file at all: its disk may be unmounted, or it is being rewritten."""
    return not any(files for _, _, files in os.walk(folder))


def _rejected(key: str, rejection: Rejection) -> Document:
    """A document without content. It is read every time: no timestamp shows that it was fixed."""
    digest = blake2b(rejection.reason.encode(), digest_size=16).hexdigest()
    return Document(key, Fingerprint(0, UNTRUSTED, digest), rejection)
