"""Worker processes that parse untrusted content, since parsers may hang, use up memory or crash.

A parser may hold the GIL for minutes over a few kilobytes, and a thread can't be killed. A process
can. `bot.ingest.worker_process` is the program of these processes.
"""

import asyncio
import math
import pickle
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from typing import Any, Generic, Self, TypeVar, get_type_hints

from pydantic import TypeAdapter

from bot.errors import SourceError
from bot.ingest.text import clean_text
from bot.ingest.worker_process import ERROR, LENGTH_SIZE

T = TypeVar("T")

# -P: do not import modules named `bot` or `html` from the current folder.
_COMMAND = (sys.executable, "-P", "-m", "bot.ingest.worker_process")
# A worker kills itself this many seconds after the limit, in case the bot no longer can.
_KILL_DELAY = 5
# Seconds for which a process that has closed its output may take to end.
_END_DELAY = 1
# Prefixes of the environment variables that Python needs. Workers get none of our secrets.
_ENVIRONMENT_PREFIXES = ("PATH", "PYTHON", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_")
_CHUNK_SIZE = 256 * 1024
_MAX_ERROR = 500
_PIECE_OVERHEAD = 100  # bytes that a piece occupies besides its content


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """The number of processes, and the time and memory that each may use for one task.

    `result_megabytes` is the size of the largest result that is accepted.
    A process that had no task for `idle_seconds` is ended, since it occupies 30 MB. Starting one
    takes a quarter of a second of CPU time, so feeds that change all the time keep theirs running.
    """

    processes: int = 2
    seconds: float = 10.0
    megabytes: int = 1024
    result_megabytes: int = 64
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
        """Call a function in a worker process; function and arguments must be picklable.

        The result must be of the type that the function is annotated with: a dataclass, or anything
        else that JSON can express. Raises `SourceError` if the function raises an exception, takes
        too long, uses too much memory or crashes.
        """
        decoder: _Decoder[T] = _decoder(function)
        task = pickle.dumps((function, arguments))
        async with self._slots:
            worker = self._take_idle() or await self._start()
            try:
                async with asyncio.timeout(self._limits.seconds):
                    await _send(worker, task)
                    del task
                    pieces = await _receive(worker, self._limits.result_megabytes)
                # In a thread: decoding one piece is fast, but there may be hundreds.
                outcome = await asyncio.to_thread(decoder.decode, pieces)
            except TimeoutError as error:
                await _end(worker)
                raise SourceError(
                    f"parsing it takes more than {self._limits.seconds:g} seconds"
                ) from error
            except (OSError, EOFError) as error:
                status = await _exit_status(worker)
                raise SourceError(f"parsing it crashed the worker process ({status})") from error
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
                stderr=DEVNULL,  # what happened is in our errors; a traceback would frighten people
                env=self._environment,
                start_new_session=True,  # so that it does not get our Ctrl+C
            )
        except OSError as error:
            raise SourceError(f"the worker process can't be started: {error.strerror}") from error


class _Decoder(Generic[T]):
    """Decodes the results of a function, as the type that the function is annotated with."""

    def __init__(self, function: Callable[..., T]) -> None:
        self._type: Any = get_type_hints(function)["return"]
        self._is_dataclass = is_dataclass(self._type)
        hints = get_type_hints(self._type) if self._is_dataclass else {"": self._type}
        self._adapters: Mapping[str, TypeAdapter[Any]] = {
            name: TypeAdapter(hint) for name, hint in hints.items()
        }

    def decode(self, pieces: Iterable[bytes]) -> T | SourceError:
        """Return the result, or the error that the function raised. Raises `SourceError`."""
        values: dict[str, Any] = {}
        elements: dict[str, list[Any]] = {}
        try:
            for piece in pieces:
                line, _, text = piece.partition(b"\n")
                name = line.decode()
                if name == ERROR:
                    return SourceError(clean_text(_ERROR_TEXT.validate_json(text), _MAX_ERROR))
                value = self._adapters[name].validate_json(text, strict=True)
                if self._is_dataclass and isinstance(value, tuple):
                    elements.setdefault(name, []).extend(value)
                else:
                    values[name] = value
            values |= {name: tuple(listed) for name, listed in elements.items()}
            result: T = self._type(**values) if self._is_dataclass else values[""]
        except (ValueError, LookupError, TypeError) as error:
            raise SourceError("parsing it returned an invalid result") from error
        return result


_ERROR_TEXT = TypeAdapter(str)


@lru_cache
def _decoder(function: Callable[..., T]) -> _Decoder[T]:
    return _Decoder(function)


async def _send(worker: Process, task: bytes) -> None:
    assert worker.stdin is not None
    worker.stdin.write(len(task).to_bytes(LENGTH_SIZE))
    view = memoryview(task)
    for start in range(0, len(task), _CHUNK_SIZE):
        worker.stdin.write(view[start : start + _CHUNK_SIZE])
        await worker.stdin.drain()


async def _receive(worker: Process, megabytes: int) -> list[bytes]:
    assert worker.stdout is not None
    pieces: list[bytes] = []
    size = 0
    while length := int.from_bytes(await worker.stdout.readexactly(LENGTH_SIZE)):
        size += length + _PIECE_OVERHEAD
        if size > megabytes * 2**20:
            raise SourceError(f"parsing it results in more than {megabytes} MB")
        pieces.append(await worker.stdout.readexactly(length))
    return pieces


async def _exit_status(worker: Process) -> str:
    """Wait for the end of a process that ends by itself; end it if it doesn't."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_DELAY):
            await _read_to_end(worker)
    await _end(worker)
    status = worker.returncode or 0
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


async def _end(worker: Process) -> None:
    if worker.returncode is None:
        worker.kill()
    # A process that another one has started may still have its output.
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_DELAY):
            await _read_to_end(worker)


async def _read_to_end(worker: Process) -> None:
    """Wait for the end of a process. asyncio notices it only after all output was read."""
    assert worker.stdout is not None
    while await worker.stdout.read(_CHUNK_SIZE):
        pass
    await worker.wait()
