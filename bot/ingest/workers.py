"""Reading what strangers wrote in processes of its own, which may hang, grow or crash.

A parser may hold Python's lock for minutes over a few kilobytes, and no thread can be ended. A
process can. `python -m bot.ingest.workers` is one: it answers tasks on its standard input.
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

# Without the current folder (-P): whatever is called `bot` or `html` there is none of ours.
_COMMAND = (sys.executable, "-P", "-m", "bot.ingest.workers")
# How much later a worker ends itself, whose bot can't do it any more.
_LATER = 5
# Of the machine's variables only what Python needs: none of our secrets.
_KEPT = ("PATH", "PYTHON", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_")
_LENGTH = 8  # bytes that say how long a message is


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How many processes there are at most, and what each may take for one task.

    One that had no task for `idle_seconds` ends: it holds 30 MB. Starting another takes a
    quarter of a second of the processor, so feeds that change all the time keep theirs.
    """

    processes: int = 2
    seconds: float = 10.0
    megabytes: int = 1024
    idle_seconds: float = 60.0


class Workers:
    """Processes that are started when they are needed and kept; use it with `async with`."""

    def __init__(self, machine: Mapping[str, str], limits: WorkerLimits | None = None) -> None:
        self._limits = limits or WorkerLimits()
        self._environment = {
            name: value for name, value in machine.items() if name.startswith(_KEPT)
        }
        self._slots = asyncio.Semaphore(self._limits.processes)
        # With the timer that ends each of them; the one that was used last comes last.
        self._idle: dict[Process, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """End all processes; the next task would start a new one."""
        for worker in list(self._idle):
            self._retire(worker)
        await asyncio.gather(*self._ending)

    async def run(self, function: Callable[..., T], *arguments: object) -> T:
        """What a function of a module answers; both it and its arguments can be pickled.

        Raises `SourceError` if it does, and also if it raises anything else, takes too long or too
        much memory, or crashes.
        """
        task = pickle.dumps((function, arguments))
        async with self._slots:
            worker = self._take_idle() or await self._start()
            try:
                async with asyncio.timeout(self._limits.seconds):
                    outcome: T | SourceError = await _ask(worker, task)
            except TimeoutError as error:
                await _end(worker)
                raise SourceError(
                    f"it can't be read within {self._limits.seconds:g} seconds"
                ) from error
            except (OSError, EOFError) as error:
                await _end(worker)
                raise SourceError("it crashes the program that reads it") from error
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
        """End a process that has no task."""
        self._idle.pop(worker).cancel()
        ending = asyncio.create_task(_end(worker))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _start(self) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *_COMMAND,
                str(self._limits.megabytes),
                str(math.ceil(self._limits.seconds) + _LATER),
                stdin=PIPE,
                stdout=PIPE,
                env=self._environment,
                start_new_session=True,  # Ctrl+C is for us alone
            )
        except OSError as error:
            raise SourceError(
                f"the process that reads it can't be started: {error.strerror}"
            ) from error


async def _ask(worker: Process, task: bytes) -> T | SourceError:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(len(task).to_bytes(_LENGTH) + task)
    await worker.stdin.drain()
    length = int.from_bytes(await worker.stdout.readexactly(_LENGTH))
    outcome: T | SourceError = pickle.loads(await worker.stdout.readexactly(length))  # noqa: S301 - our own program wrote it
    return outcome


async def _end(worker: Process) -> None:
    if worker.returncode is None:
        worker.kill()
    await worker.wait()


def main(megabytes: int, seconds: int, tasks: BinaryIO, answers: BinaryIO) -> None:
    """Answer tasks until there are no more, or one takes longer than so many seconds."""
    _limit_memory(megabytes * 2**20)
    while length := tasks.read(_LENGTH):
        function, arguments = pickle.loads(tasks.read(int.from_bytes(length)))  # noqa: S301 - our own program wrote it
        outcome: object
        _end_after(seconds)
        try:
            outcome = function(*arguments)
        except SourceError as error:
            outcome = SourceError(str(error))
        except MemoryError:
            outcome = SourceError(f"it takes more than {megabytes} MB of memory to read")
        except Exception as error:  # noqa: BLE001 - parsers trip over what their authors never saw
            outcome = SourceError(f"it can't be read ({type(error).__name__})")
        _end_after(0)
        answer = pickle.dumps(outcome)
        answers.write(len(answer).to_bytes(_LENGTH) + answer)
        answers.flush()


def _end_after(seconds: int) -> None:
    """Let the system end this process, whatever it does then; 0 lets it live."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _limit_memory(size: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not every system has it

    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    # What is pickled is to be known by the module's name, not as `__main__`.
    from bot.ingest.workers import main

    main(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer)
