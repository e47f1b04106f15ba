"""A branch of a git repository as a source."""

import asyncio
import os
import subprocess
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.article import Unpublished
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import DocumentReader, TimedReading, reading_digest
from bot.ingest.folder.patterns import Patterns
from bot.ingest.git.clone import HEAD, LOCAL_SECONDS, Clone
from bot.ingest.git.output_parser import Entry, parse_blobs, parse_site_files, parse_tree
from bot.ingest.git.process import GitFailedError, GitOutputError, start_error
from bot.ingest.git.site_files import Commit, site_candidates
from bot.ingest.polling import poll_ticks
from bot.ingest.sites.detection import (
    NO_SITE_OPTIONS,
    Candidate,
    SiteOptions,
    SourceSite,
    digest_suffix,
    find_site,
    site_findings,
)
from bot.ingest.source import ChangeSet
from storage.models import Document, Fingerprint, KnownDocuments, Rejection

MAX_BYTES = 1024 * 1024
# The most that one git process reads, in files and in bytes.
BATCH_FILES = 500
BATCH_BYTES = 8 * 1024 * 1024


class GitSource:
    """All files under `path` on the branch whose names match `include` but not `exclude`.

    A document's key is its path within `path`. Its fingerprint contains the object name of its
    blob, so only files with another blob are read. The history is not used, so it may be rewritten.
    """

    def __init__(
        self,
        clone: Clone,
        *,
        name: str,
        path: str,
        unpublished: Unpublished,
        include: Sequence[str],
        exclude: Sequence[str],
        every: timedelta,
        clock: Clock,
        random: Callable[[], float],
        defaults: Defaults = NO_DEFAULTS,
        site: SiteOptions = NO_SITE_OPTIONS,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        self.name = name
        # `include` and `exclude` are not part of it: `read` itself finds which files they select.
        self.settings_digest = reading_digest(unpublished, defaults, site)
        self._clone = clone
        self._path = path.strip("/")
        self._site = site
        self._reader = DocumentReader(unpublished, defaults, site.settings.languages)
        self._patterns = Patterns(include, exclude, self._path)
        self._every = every
        self._clock = clock
        self._random = random
        self._batch_bytes = batch_bytes

    async def quick_check(self, state: str) -> None:
        """Return None: fetching the branch takes most of the time of `read`."""

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:  # noqa: ARG002 - as `Source` has it
        """Fetch the branch and compare the names of its blobs. Raises `SourceError`."""
        await self._clone.update()
        try:
            listing = await self._list()
        except GitFailedError:
            await self._clone.recreate()
            listing = await self._list()
        # A submodule is listed as well, but without the slash.
        if self._path and os.fsencode(f"\t{self._path}/") not in listing:
            raise SourceError(f"{self.name} has no folder {self._path}; check `path`")
        return await asyncio.to_thread(self._compare, listing, known)

    async def probe(self) -> str:
        """Describe whether the branch can be fetched, without fetching it. Raises `SourceError`."""
        await self._clone.probe()
        return "the branch exists (`storywire load` reads it)"

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once and then at intervals; only `read` contacts the server."""
        return poll_ticks(self._every, self._clock, self._random)

    async def _list(self) -> bytes:
        within = [f"{self._path}/"] if self._path else []
        try:
            return await self._clone.read(
                "ls-tree", "-r", "-z", "-l", "--full-tree", HEAD, "--", *within
            )
        except GitOutputError as error:
            raise SourceError(f"{self.name} {error}; set `path` to a folder in it") from error

    def find_site(self) -> SourceSite | None:
        """Return the site of the newest commit; None if none is known. Blocks; needs a clone."""
        return find_site(self._site_candidates(), self._site)

    def _site_candidates(self) -> Sequence[Candidate]:
        listing = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", HEAD)
        return site_candidates(Commit(parse_site_files(listing), self._read_blobs), self._path)

    def _read_blobs(self, blobs: Sequence[str]) -> Sequence[bytes]:
        """Read contents with one process, so that none is left running between calls."""
        output = self._run("cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs))
        try:
            return list(parse_blobs(output, blobs))
        except SourceError as error:
            raise self._damaged(error) from error

    def _run(self, *arguments: str, given: str = "") -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - git, with object names from its own output
                self._clone.reading_command(*arguments),
                input=given.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._clone.environment,
                timeout=LOCAL_SECONDS,
                check=True,
                start_new_session=True,
            )
        except OSError as error:
            raise SourceError(f"{self.name}: git can't be started: {start_error(error)}") from error
        except subprocess.SubprocessError as error:
            raise self._damaged(error) from error
        return done.stdout

    def _damaged(self, error: Exception) -> SourceError:
        """Delete the clone: it is damaged, or another program has removed old objects."""
        self._clone.delete()
        return SourceError(
            f"{self.name}: the clone can't be read ({error}); it will be cloned again"
        )

    def _compare(self, listing: bytes, known: KnownDocuments) -> ChangeSet:
        candidates = self._site_candidates()
        site = find_site(candidates, self._site)
        suffix = digest_suffix(site)
        reader = replace(self._reader, site=site)
        changed: list[Entry] = []
        seen: set[str] = set()
        passed_over = Counter[str]()
        for entry in parse_tree(listing, self._path, self._patterns, passed_over):
            seen.add(entry.key)
            before = known.get(entry.key)
            if before is None or before.digest != _digest(entry, suffix):
                changed.append(entry)
        gone = tuple(key for key in known if key not in seen)
        # New names first, so that a story whose file was renamed is stored under the new name
        # before the old name shows another story.
        changed.sort(key=lambda entry: entry.key in known)
        return ChangeSet(
            [entry.key for entry in changed],
            chain.from_iterable(
                self._read(batch, reader) for batch in batches(changed, self._batch_bytes)
            ),
            unchanged=len(seen) - len(changed),
            gone=gone,
            findings=site_findings(site, candidates, passed_over),
        )

    def _read(self, batch: Sequence[Entry], reader: DocumentReader) -> Sequence[Document]:
        rejections = {entry.key: _rejection(entry) for entry in batch}
        wanted = [entry.blob for entry in batch if rejections[entry.key] is None]
        contents = iter(self._read_blobs(wanted))
        suffix, documents = digest_suffix(reader.site), list[Document]()
        for entry in batch:
            digest = _digest(entry, suffix)
            if (rejection := rejections[entry.key]) is not None:
                reading, until = TimedReading(rejection)
            else:
                reading, until = reader.read(next(contents), entry.key, self._clock.now())
            if until is not None:
                # To be read at every reading, because its blob doesn't show when it is due.
                digest += " for now"
            documents.append(Document(entry.key, Fingerprint(entry.size, 0, digest), reading))
        return documents


def batches(entries: Iterable[Entry], batch_bytes: int = BATCH_BYTES) -> Iterator[Sequence[Entry]]:
    """Split entries so that the contents of a batch fit into memory together."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == BATCH_FILES or size + _read_size(entry) > batch_bytes):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += _read_size(entry)
    if batch:
        yield batch


def _rejection(entry: Entry) -> Rejection | None:
    """The rejection of an entry that is not read."""
    if entry.is_link:
        return Rejection("is a symbolic link; put the file itself here")
    if entry.size > MAX_BYTES:
        return Rejection(f"is larger than {MAX_BYTES // 1024} KB")
    return None


def _read_size(entry: Entry) -> int:
    return 0 if _rejection(entry) else entry.size


def _digest(entry: Entry, suffix: str) -> str:
    """A link and a file differ even if they have the same blob."""
    return (f"link {entry.blob}" if entry.is_link else entry.blob) + suffix
