"""The part of a file that the operating system keeps in memory (Linux only)."""

import ctypes
import mmap
import os
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)


def fill_page_cache(path: Path) -> None:
    """Let the system keep a file in memory, if it has room."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def drop_page_cache(path: Path) -> None:
    """Let the system forget what it keeps of a file; it may not do so.

    https://man7.org/linux/man-pages/man2/posix_fadvise.2.html
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def cached_share(path: Path) -> float:
    """The share of a file that is in memory.

    https://man7.org/linux/man-pages/man2/mincore.2.html
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        pages = -(-len(mapped) // mmap.PAGESIZE)
        states = (ctypes.c_ubyte * pages)()
        first = ctypes.c_char.from_buffer(mapped)
        result = _LIBC.mincore(
            ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(mapped)), states
        )
        # A mapping with a pointer into it can't be closed.
        del first
        if result != 0:
            raise OSError(ctypes.get_errno(), "mincore failed")
        return sum(state & 1 for state in states) / pages
