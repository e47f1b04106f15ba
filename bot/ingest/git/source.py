"""A branch of a git repository as a source."""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import Unpublished, read_document, reading_digest
from bot.ingest.folder.patterns import Patterns
from bot.ingest.git.clone import HEAD, LOCAL_SECONDS, Clone
from bot.ingest.git.output_parser import Entry, parse_blobs, parse_tree
from bot.ingest.git.process import GitFailedError, GitOutputError, said_by
from bot.ingest.polling import poll_ticks
from bot.ingest.source import ChangeSet, Known
from storage.models import Document, Fingerprint, Rejection

MAX_BYTES = 1024 * 1024
# What one git process reads; whichever comes first ends it.
BATCH = 500
BATCH_BYTES = 8 * 1024 * 1024


class GitSource:
    """All files under `path` on the branch whose names `include` but not `exclude` match.

    A document's key is its path within `path`. Git itself tells what has changed: a document's
    fingerprint holds the name that git gives to its content, and only contents with another name
    are read. History plays no part, so it may be rewritten.
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
    ) -> None:
        self.name = name
        # Which files are taken is not in it: `read` finds that out.
        self.settings_digest = reading_digest(unpublished, defaults)
        self._clone = clone
        self._path = path.strip("/")
        self._parse = partial(read_document, unpublished=unpublished, defaults=defaults)
        self._patterns = Patterns(include, exclude)
        self._every = every
        self._clock = clock
        self._random = random

    async def quick_check(self, state: str) -> None:
        """Fetching the branch is what takes time, so there is nothing quicker than `read`."""

    async def read(self, known: Known, state: str | None) -> ChangeSet:  # noqa: ARG002 - as `Source` has it
        """Fetch the branch and compare the names of its blobs. Raises `SourceError`."""
        await self._clone.update()
        try:
            listing = await self._list()
        except GitFailedError:
            await self._clone.remake()
            listing = await self._list()
        # A submodule is listed, too, by the name alone.
        if self._path and os.fsencode(f"\t{self._path}/") not in listing:
            raise SourceError(f"{self.name}: there is no folder {self._path}; check `path`")
        return await asyncio.to_thread(self._compare, listing, known)

    async def probe(self) -> str:
        """Whether the branch can be had, in words, changing nothing. Raises `SourceError`."""
        await self._clone.probe()
        return "the branch is there (`storywire load` reads it)"

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once and then every so often; `read` is what asks the server."""
        return poll_ticks(self._every, self._clock, self._random)

    async def _list(self) -> bytes:
        within = [f"{self._path}/"] if self._path else []
        try:
            return await self._clone.read(
                "ls-tree", "-r", "-z", "-l", "--full-tree", HEAD, "--", *within
            )
        except GitOutputError as error:
            raise SourceError(f"{self.name} {error}; name a folder of it as `path`") from error

    def _compare(self, listing: bytes, known: Known) -> ChangeSet:
        changed: list[Entry] = []
        seen: set[str] = set()
        for entry in parse_tree(listing, self._path, self._patterns):
            seen.add(entry.key)
            before = known.get(entry.key)
            if before is None or before.digest != _fingerprint(entry).digest:
                changed.append(entry)
        gone = tuple(key for key in known if key not in seen)
        # New names first, so that a story that has moved is stored there before its old name shows
        # another one.
        changed.sort(key=lambda entry: entry.key in known)
        return ChangeSet(
            [entry.key for entry in changed],
            chain.from_iterable(map(self._read, batches(changed))),
            unchanged=len(seen) - len(changed),
            gone=gone,
        )

    def _read(self, batch: Sequence[Entry]) -> Sequence[Document]:
        """A process for each batch: none is left behind when nobody asks for the next one."""
        wanted = [entry.blob for entry in batch if _refusal(entry) is None]
        try:
            done = subprocess.run(  # noqa: S603 - git, with names of objects that it told itself
                self._clone.reading_command("cat-file", "--batch"),
                input="".join(f"{blob}\n" for blob in wanted).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._clone.environment,
                timeout=LOCAL_SECONDS,
                check=True,
                start_new_session=True,
            )
            contents = list(parse_blobs(done.stdout, wanted))
        except OSError as error:
            raise SourceError(f"{self.name}: git can't be started: {said_by(error)}") from error
        except (SourceError, subprocess.SubprocessError) as error:
            # Whether it is damaged or another program has cleaned it up: a new one is whole.
            self._clone.discard()
            raise SourceError(
                f"{self.name}: the clone can't be read ({error}); it is made anew"
            ) from error
        read = iter(contents)
        return [
            Document(
                entry.key,
                _fingerprint(entry),
                _refusal(entry) or self._parse(next(read), key=entry.key),
            )
            for entry in batch
        ]


def batches(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    """Split entries so that the contents of a batch fit into memory together."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == BATCH or size + _read_size(entry) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += _read_size(entry)
    if batch:
        yield batch


def _refusal(entry: Entry) -> Rejection | None:
    """Why an entry is not read, if it is not."""
    if entry.is_link:
        return Rejection("is a symbolic link; put the file itself there")
    if entry.size > MAX_BYTES:
        return Rejection(f"is larger than {MAX_BYTES // 1024} KB")
    return None


def _read_size(entry: Entry) -> int:
    return 0 if _refusal(entry) else entry.size


def _fingerprint(entry: Entry) -> Fingerprint:
    """A link and a file may have the same content, and are not the same."""
    return Fingerprint(entry.size, 0, f"link {entry.blob}" if entry.is_link else entry.blob)
