"""The files of a site in a commit."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.ingest.sites.detection import Candidate

MAX_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Commit:
    """All files of a commit: the object name and the size of each, by its path."""

    files: Mapping[str, tuple[str, int]]
    read_blobs: Callable[[Sequence[str]], Sequence[bytes]]

    @cached_property
    def paths(self) -> Collection[str]:
        """The paths of all files and folders."""
        paths = set(self.files)
        for path in self.files:
            while (path := path.rpartition("/")[0]) and path not in paths:
                paths.add(path)
        return paths


@dataclass(frozen=True, slots=True)
class CommitFiles:
    """The files below a folder of a commit; see `bot.ingest.sites.site.SiteFiles`."""

    commit: Commit
    root: str

    def exists(self, path: str) -> bool:
        """See `SiteFiles`."""
        return self._full(path) in self.commit.paths

    def read(self, path: str) -> bytes | None:
        """See `SiteFiles`."""
        blob, size = self.commit.files.get(self._full(path), ("", 0))
        if not blob or size > MAX_BYTES:
            return None
        [content] = self.commit.read_blobs([blob])
        return content

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        """See `SiteFiles`."""
        above = f"{self.root}/" if self.root else ""
        start = self._full(f"{folder}/") if folder else above
        return sorted(
            path.removeprefix(above)
            for path in self.commit.files
            if path.startswith(start) and path.rpartition("/")[2] in names
        )

    def _full(self, path: str) -> str:
        return f"{self.root}/{path}" if self.root else path


def site_candidates(commit: Commit, folder: str) -> Sequence[Candidate]:
    """The source's folder in the commit and its parents, up to the root of the repository."""
    parts = folder.split("/") if folder else []
    return [
        Candidate(CommitFiles(commit, "/".join(parts[:depth])), "/".join(parts[depth:]))
        for depth in range(len(parts), -1, -1)
    ]
