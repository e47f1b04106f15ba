"""Whether files can be created in folders, and how much space there is for them."""

import shutil
from pathlib import Path
from tempfile import TemporaryFile


def problem_with_folder(folder: Path, setting: str = "database") -> str | None:
    """Why files can't be created in a folder, which may not exist yet; None if they can.

    `setting` is the one that names it. Leaves nothing behind.
    """
    existing = folder.absolute()
    try:
        existing = _nearest_existing(existing)
        with TemporaryFile(dir=existing):
            return None
    except OSError as error:
        return (
            f"no files can be created in {folder} ({existing}: {error.strerror}); make it writable,"
            f" or set `{setting}` to another place"
        )


def free_bytes(folder: Path) -> int:
    """The free space on the disk of a folder, which may not exist yet."""
    return shutil.disk_usage(_nearest_existing(folder.absolute())).free


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
