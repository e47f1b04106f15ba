"""Worker processes that parse untrusted content, since parsers may hang, use up memory or crash.

A parser may hold the GIL for minutes over a few kilobytes, and a thread can't be killed. A process
can. `python -m bot.ingest.workers` is a worker process: it reads tasks from its standard input and
writes the results to its standard output.
"""

import asyncio
import math
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Self, TypeVar

from bot.errors import SourceError

T = TypeVar("T")

# -P: do not import modules named `bot` or `html` from the current folder.
_COMMAND = (sys.executable, "-P", "-m", "bot.ingest.workers")
# A worker kills itself this many seconds after the limit, in case the bot no longer can.
_KILL_DELAY = 5
# Prefixes of the environment variables that Python needs. Workers get none of our secrets.
_ENVIRONMENT_PREFIXES = ("PATH", "PYTHON", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_")
_LENGTH_SIZE = 8  # bytes of the length before each message


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """The number of processes, and the time and memory that each may use for one task.

    A process that had no task for `idle_seconds` is ended, since it occupies 30 MB. Starting one
    takes a quarter of a second of CPU time, so feeds that change all the time keep theirs running.
    """

    processes: int = 2
    seconds: float = 10.0
    megabytes: int = 1024
    idle_seconds: float = 60.0


class Workers:
    """Starts worker processes when they are needed and reuses them; use it with `async with`."""

    def __init__(self, environment: Mapping[str, str], limits: WorkerLimits | None = None) -> None:
        self._limits = limits or WorkerLimits()
        self._environment = {
            name: value
            for name, value in environment.items()
            if name.startswith(_ENVIRONMENT_PREFIXES)
        }
        self._slots = asyncio.Semaphore(self._limits.processes)
        # Each with the timer that will end it; the most recently used one comes last.
        self._idle: dict[Process, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """End all processes."""
        for worker in list(self._idle):
            self._retire(worker)
        await asyncio.gather(*self._ending)

    async def run(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in a worker process; function, arguments and result must be picklable.

        Raises `SourceError` if the function raises an exception, takes too long, uses too much
        memory or crashes.
        """
        task = pickle.dumps((function, arguments))
        async with self._slots:
            worker = self._take_idle() or await self._start()
            try:
                async with asyncio.timeout(self._limits.seconds):
                    outcome: T | SourceError = await _send(worker, task)
            except TimeoutError as error:
                await _end(worker)
                raise SourceError(
                    f"parsing it takes more than {self._limits.seconds:g} seconds"
                ) from error
            except (OSError, EOFError) as error:
                await _end(worker)
                raise SourceError("parsing it crashed the worker process") from error
            except BaseException:
                await _end(worker)
                raise
            self._idle[worker] = asyncio.get_running_loop().call_later(
                self._limits.idle_seconds, self._retire, worker
            )
        if isinstance(outcome, SourceError):
            raise outcome
        return outcome

    def _take_idle(self) -> Process | None:
        if not self._idle:
            return None
        worker, timer = self._idle.popitem()
        timer.cancel()
        return worker

    def _retire(self, worker: Process) -> None:
        """End an idle process."""
        self._idle.pop(worker).cancel()
        ending = asyncio.create_task(_end(worker))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _start(self) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *_COMMAND,
                str(self._limits.megabytes),
                str(math.ceil(self._limits.seconds) + _KILL_DELAY),
                stdin=PIPE,
                stdout=PIPE,
                env=self._environment,
                start_new_session=True,  # so that it does not get our Ctrl+C
            )
        except OSError as error:
            raise SourceError(f"the worker process can't be started: {error.strerror}") from error


async def _send(worker: Process, task: bytes) -> T | SourceError:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(len(task).to_bytes(_LENGTH_SIZE) + task)
    await worker.stdin.drain()
    length = int.from_bytes(await worker.stdout.readexactly(_LENGTH_SIZE))
    outcome: T | SourceError = pickle.loads(await worker.stdout.readexactly(length))  # noqa: S301 - our own program wrote it
    return outcome


async def _end(worker: Process) -> None:
    if worker.returncode is None:
        worker.kill()
    await worker.wait()


def main(megabytes: int, seconds: int, tasks: BinaryIO, results: BinaryIO) -> None:
    """Run tasks until there are no more; exit if one takes longer than `seconds`."""
    _limit_memory(megabytes * 2**20)
    while length := tasks.read(_LENGTH_SIZE):
        function, arguments = pickle.loads(tasks.read(int.from_bytes(length)))  # noqa: S301 - our own program wrote it
        outcome: object
        _kill_after(seconds)
        try:
            outcome = function(*arguments)
        except SourceError as error:
            outcome = SourceError(str(error))
        except MemoryError:
            outcome = SourceError(f"parsing it takes more than {megabytes} MB of memory")
        except Exception as error:  # noqa: BLE001 - parsers raise anything for unusual input
            outcome = SourceError(f"it can't be parsed ({type(error).__name__})")
        _kill_after(0)
        result = pickle.dumps(outcome)
        results.write(len(result).to_bytes(_LENGTH_SIZE) + result)
        results.flush()


def _kill_after(seconds: int) -> None:
    """Have the system kill this process after some seconds; 0 cancels that."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _limit_memory(size: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows does not have it

    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    # Import it so that pickled objects refer to this module by its name, not as `__main__`.
    from bot.ingest.workers import main

    main(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer)
