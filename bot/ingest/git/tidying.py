"""Where clones lie, and which of them nobody needs any more."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)

# Another bot's clones may lie here, too; those that are in use are updated far more often.
UNUSED = timedelta(days=30)
# A clone, one that was being made when its program was killed, and their lock. The lock stays:
# who holds one that is deleted is not alone.
_CLONE = re.compile(r"([0-9a-f]{16})(?:\.new)?")


def clone_folder(clones: Path, source: str) -> Path:
    """Where the clone of the source of that name lies."""
    return clones / blake2b(source.encode(), digest_size=8).hexdigest()


async def remove_unused_clones(clones: Path, sources: Collection[str], now: datetime) -> None:
    """Delete clones that belong to none of the sources and were not updated for long.

    So are those of any source that were never finished. What can't be deleted stays.
    """
    await asyncio.to_thread(_remove, clones, sources, now)


def _remove(clones: Path, sources: Collection[str], now: datetime) -> None:
    used = {clone_folder(clones, source) for source in sources}
    try:
        folders = sorted(clones.iterdir())
    except OSError:
        return  # mostly there are none; whoever needs them says what is wrong
    for folder in folders:
        name = _CLONE.fullmatch(folder.name)
        if name is None or folder in used:
            continue
        try:
            with FileLock(clones / f"{name[1]}.lock", timeout=0):
                if now.timestamp() - folder.stat().st_mtime > UNUSED.total_seconds():
                    shutil.rmtree(folder)
                    logger.info("removed the clone %s, which no source uses", folder)
        except Timeout:
            logger.debug("another program is at work on %s", folder)
        except OSError as error:
            logger.warning("the clone %s can't be removed: %s", folder, error.strerror)
