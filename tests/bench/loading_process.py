"""`python -m tests.bench.loading_process FOLDER DATABASE`: load, and print time and memory."""

import asyncio
import json
import os
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.config.sources import FolderSettings
from bot.ingest.factory import SourceFactory
from bot.ingest.loader import load_source
from storage.open import open_store
from storage.protocols import Store

STATUS = Path("/proc/self/status")
ROUNDS = 7  # for operations that take milliseconds


@dataclass(frozen=True, slots=True)
class Measured:
    """The time of a load, the time of a plain walk over the same files, and the memory used."""

    load_seconds: float
    walk_seconds: float
    peak_megabytes: float

    @classmethod
    def read(cls, output: bytes) -> "Measured":
        """What `main` printed."""
        return cls(**json.loads(output))


async def _load(folder: Path, store: Store) -> tuple[float, int]:
    """Read as a start does; returns seconds and the number of new or changed documents."""
    clock = SystemClock()
    async with SourceFactory.open(clock, clones=folder) as factory:
        source = factory.make(FolderSettings(folder=folder, unpublished="announce"))
        started = time.perf_counter()
        counts = await load_source(source, store, clock)
        return time.perf_counter() - started, counts.new + counts.changed


def _walk(folder: Path) -> float:
    """Call stat on every file."""
    started = time.perf_counter()
    folders = [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    entry.stat()
    return time.perf_counter() - started


def _peak_megabytes() -> float:
    """The peak memory of this program alone; `getrusage` also counts the time before `exec`."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kilobytes[0] / 1024 if kilobytes else float("nan")


async def _measure(folder: Path, database: Path) -> Measured:
    async with open_store(database) as store:
        walks = [_walk(folder)]
        seconds, different = await _load(folder, store)
        loads = [seconds]
        while not different and len(loads) < ROUNDS:
            walks.append(_walk(folder))
            loads.append((await _load(folder, store))[0])
    return Measured(statistics.median(loads), statistics.median(walks), _peak_megabytes())


def main(folder: str, database: str) -> None:
    """Print a `Measured` as JSON."""
    measured = asyncio.run(_measure(Path(folder), Path(database)))
    sys.stdout.write(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(*sys.argv[1:])
