"""Programs in processes of their own, and what the system says that they use (Linux only)."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Program:
    """A running program. What its children use counts as its own."""

    process: asyncio.subprocess.Process

    def processor_seconds(self) -> float:
        """Seconds of CPU time since the start, children that have ended included."""
        # Fields 14 to 17 of proc_pid_stat(5), counted behind the name, which may hold spaces.
        ticks = sum(
            int(field)
            for pid in self._pids()
            for field in _stat(pid)[11 : 15 if pid == self.process.pid else 13]
        )
        return ticks / TICKS_PER_SECOND

    def megabytes(self) -> float:
        """Resident memory, as `ps` shows it."""
        return sum(map(_resident_kilobytes, self._pids())) / 1024

    async def first_line(self) -> str:
        """What the program wrote first to its standard output."""
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode()

    def _pids(self) -> Iterator[int]:
        pids = [self.process.pid]
        while pids:
            pid = pids.pop()
            yield pid
            # Those that the main thread started, as asyncio does.
            children = PROC / str(pid) / "task" / str(pid) / "children"
            pids += map(int, children.read_text().split())


def _stat(pid: int) -> list[str]:
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _resident_kilobytes(pid: int) -> int:
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


@asynccontextmanager
async def running(
    module: str, *arguments: str, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Program]:
    """Run a module as a program until the block ends.

    Raises `RuntimeError` with the end of its standard error if it ends before.
    """
    with TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            env={**os.environ, **(variables or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            yield Program(process)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            else:
                log.seek(0)
                raise RuntimeError(f"{module} ended early: {log.read()[-2000:].decode()}")


async def settled(programs: Sequence[Program], *, quiet: float, within: float) -> None:
    """Wait until none uses more than a twentieth of a core over `quiet` seconds.

    Raises `TimeoutError` after `within` seconds.
    """
    async with asyncio.timeout(within):
        while True:
            before = [each.processor_seconds() for each in programs]
            await asyncio.sleep(quiet)
            used = [each.processor_seconds() for each in programs]
            if all(now - then < quiet / 20 for then, now in zip(before, used, strict=True)):
                return
