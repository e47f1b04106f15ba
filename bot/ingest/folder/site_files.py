"""The files of a site in a folder of the file system."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from bot.ingest.sites.detection import Candidate

MAX_BYTES = 1024 * 1024
# How far above the source's folder the root of the site may be, outside a repository.
MAX_LEVELS = 5


class FolderFiles:
    """The files below a folder; see `bot.ingest.sites.site.SiteFiles`. Links out of it are ignored.

    What can't be read is missing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def exists(self, path: str) -> bool:
        """See `SiteFiles`."""
        return self._resolve(path) is not None

    def read(self, path: str) -> bytes | None:
        """See `SiteFiles`."""
        file = self._resolve(path)
        try:
            if file is None or not file.is_file() or file.stat().st_size > MAX_BYTES:
                return None
            return file.read_bytes()
        except OSError:
            return None

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        """See `SiteFiles`; hidden folders and installed packages are left out."""
        root = os.fspath(self._root)
        found: list[str] = []
        for path, folders, files in os.walk(Path(root, folder)):
            folders[:] = [each for each in folders if not each.startswith((".", "node_modules"))]
            found += [
                os.path.relpath(os.path.join(path, name), root)  # noqa: PTH118 - many files
                for name in files
                if name in names
            ]
        return sorted(each.replace(os.sep, "/") for each in found)

    def _resolve(self, path: str) -> Path | None:
        try:
            resolved = (self._root / path).resolve(strict=True)
            return resolved if resolved.is_relative_to(self._root.resolve()) else None
        except (OSError, RuntimeError, ValueError):
            return None


def site_candidates(folder: Path) -> Sequence[Candidate]:
    """The folder and its parents, up to the root of its repository if it is in one."""
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - links are kept: their path counts
    roots = (folder, *folder.parents)
    levels = next((level for level, root in enumerate(roots) if (root / ".git").exists()), None)
    return [
        Candidate(FolderFiles(root), "/".join(folder.parts[len(root.parts) :]))
        for root in roots[: 1 + (MAX_LEVELS if levels is None else levels)]
    ]
