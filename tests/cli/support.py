"""Runs `storywire` as a separate process, with its own folder and environment."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.urls.redaction import contains_secret
from tests.support.log_check import CANARY

PROGRAM = (sys.executable, "-m", "bot")
READY_SECONDS = 60.0
END_SECONDS = 60.0
# discord.py 2.7 imports `audioop` for voice, which Python 3.11 and 3.12 call deprecated.
WARNINGS = "error,ignore:'audioop' is deprecated:DeprecationWarning"


@dataclass(frozen=True, slots=True)
class Result:
    """The exit status and the output of a process."""

    status: int
    out: str
    err: str

    def __post_init__(self) -> None:
        """Check that no secret is logged, or in an error."""
        assert CANARY not in self.err
        assert not contains_secret(self.err), self.err

    @property
    def complaint(self) -> str:
        """The error message of a failed command; checks the status, and that it is a single line.

        Lines that `run` logged before it are left out.
        """
        assert self.status == 1, (self.status, self.err)
        (line,) = [line for line in self.err.splitlines() if " INFO " not in line]
        assert line.startswith("storywire: ")
        return line.removeprefix("storywire: ")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A working directory without settings, and an environment without variables of Storywire."""

    folder: Path
    program: tuple[str, ...] = PROGRAM

    def run(self, *arguments: str, **environment: str) -> Result:
        """Run `storywire` to its end."""
        done = subprocess.run(  # noqa: S603 - our own program
            [*self.program, *arguments],
            cwd=self.folder,
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=END_SECONDS,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    @asynccontextmanager
    async def start(self, *arguments: str, **environment: str) -> "AsyncIterator[Running]":
        """Run `storywire` until the block ends; its standard error is in `err.txt`."""
        with (self.folder / "err.txt").open("w", encoding="utf-8") as err:
            process = await asyncio.create_subprocess_exec(
                *self.program,
                *arguments,
                cwd=self.folder,
                env=self._environment(environment),
                stdout=asyncio.subprocess.PIPE,
                stderr=err,
            )
        try:
            yield Running(process, self.folder / "err.txt")
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    def interrupt(self, *arguments: str, when: str, **environment: str) -> Result:
        """Run `storywire` with a terminal as standard error; press Ctrl+C when it shows `when`."""
        shows, screen = os.openpty()
        with subprocess.Popen(  # noqa: S603 - our own program
            [*self.program, *arguments],
            cwd=self.folder,
            env=self._environment({"TERM": "xterm", "COLUMNS": "100", **environment}),
            stdout=subprocess.PIPE,
            stderr=screen,
            text=True,
        ) as process:
            os.close(screen)
            err, pressed = b"", False
            # Linux reports the end of a terminal as an error.
            with suppress(OSError):
                while part := os.read(shows, 4096):
                    err += part
                    if not pressed and when in err.decode(errors="replace"):
                        pressed = True
                        process.send_signal(signal.SIGINT)
            os.close(shows)
            out, _ = process.communicate(timeout=END_SECONDS)
        return Result(process.returncode, out, err.decode())

    def write(self, name: str, text: str) -> Path:
        """Write a file into the working directory."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def _environment(self, ours: Mapping[str, str]) -> dict[str, str]:
        kept = ("PATH", "HOME", "TMPDIR", "LANG", "VIRTUAL_ENV")
        machine = {
            name: value
            for name, value in os.environ.items()
            if name in kept or name.startswith("COVERAGE_")
        }
        return {**machine, "PYTHONWARNINGS": WARNINGS, **ours}


@dataclass(frozen=True, slots=True)
class Running:
    """A running process."""

    process: asyncio.subprocess.Process
    err_file: Path

    async def ready(self) -> str:
        """Wait until the sandbox is ready, and return the address of its page."""
        assert self.process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            line = (await self.process.stdout.readline()).decode()
        assert line.startswith("The bot is ready, open http://127.0.0.1:"), (line, self.err)
        return next(word for word in line.split() if word.startswith("http://"))

    async def terminate(self) -> Result:
        """Send SIGTERM and wait for the end."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(END_SECONDS):
            out, _ = await self.process.communicate()
            return Result(await self.process.wait(), out.decode(), self.err)

    @property
    def err(self) -> str:
        """The standard error output so far."""
        return self.err_file.read_text(encoding="utf-8")


def port_of(address: str) -> int:
    """The port of an address that has one."""
    port = urlsplit(address).port
    assert port is not None
    return port


def settings(folders: Sequence[str], *more: str, unpublished: str = "skip") -> str:
    """A settings file that reads these folders."""
    lines = ["sources:"]
    for folder in folders:
        lines += [f"  - folder: {folder}", f"    unpublished: {unpublished}"]
    return "\n".join([*lines, *more, ""])
