"""The files of a site in a commit."""

from collections.abc import Callable, Collection, Mapping, Sequence

from bot.ingest.sites.detection import Candidate

MAX_BYTES = 1024 * 1024


class CommitFiles:
    """The files below a folder of a commit; see `bot.ingest.sites.site.SiteFiles`.

    `files` has the object name and the size of every file, by its path in the repository.
    """

    def __init__(
        self,
        files: Mapping[str, tuple[str, int]],
        root: str,
        read_blobs: Callable[[Sequence[str]], Sequence[bytes]],
    ) -> None:
        prefix = f"{root}/" if root else ""
        self._files = {
            path.removeprefix(prefix): file
            for path, file in files.items()
            if path.startswith(prefix)
        }
        self._read_blobs = read_blobs

    def exists(self, path: str) -> bool:
        """See `SiteFiles`."""
        return path in self._files or any(each.startswith(f"{path}/") for each in self._files)

    def read(self, path: str) -> bytes | None:
        """See `SiteFiles`."""
        blob, size = self._files.get(path, ("", 0))
        if not blob or size > MAX_BYTES:
            return None
        [content] = self._read_blobs([blob])
        return content

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        """See `SiteFiles`."""
        prefix = f"{folder}/" if folder else ""
        return sorted(
            path
            for path in self._files
            if path.startswith(prefix) and path.rpartition("/")[2] in names
        )


def site_candidates(
    files: Mapping[str, tuple[str, int]],
    folder: str,
    read_blobs: Callable[[Sequence[str]], Sequence[bytes]],
) -> Sequence[Candidate]:
    """The source's folder in the commit and its parents, up to the root of the repository."""
    parts = folder.split("/") if folder else []
    return [
        Candidate(CommitFiles(files, "/".join(parts[:depth]), read_blobs), "/".join(parts[depth:]))
        for depth in range(len(parts), -1, -1)
    ]
