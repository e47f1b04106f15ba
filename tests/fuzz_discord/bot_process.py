"""Runs of the real program, one after the other, and what each of them logs."""

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.sandbox import Sandbox
from tests.fuzz_discord.program import SECONDS

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 30.0
_KEPT_LINES = 400


@dataclass
class BotProcess:
    """The program with its database and settings; `on_line` gets every line that it logs."""

    sandbox: Sandbox
    folder: Path
    database: Path
    withdrawn: str
    on_line: Callable[[str], None]
    runs: int = 0
    log: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))

    def __post_init__(self) -> None:
        self._clock = self.database.with_name("clock")
        self._ahead = timedelta()
        self._clock.write_bytes(SECONDS.pack(0.0))
        self._config = self.database.with_name("storywire.yaml")
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def status(self) -> int | None:
        """The exit status of the current run; None while it runs."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Start the program."""
        settings = {
            "database": str(self.database),
            "sources": [{"folder": str(self.folder)}],
            "announce": {"pace": 50, "max_per_hour": None, "withdrawn": self.withdrawn},
            "discord": {"api_url": self.sandbox.api_url},
        }
        self._config.write_text(json.dumps(settings), encoding="utf-8")
        self.runs += 1
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fuzz_discord.program",
            str(self._clock),
            "run",
            "--config",
            str(self._config),
            cwd=ROOT,
            env={**os.environ, "DISCORD_TOKEN": self.sandbox.token},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # A line may contain what Discord sent.
            limit=2**24,
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            text = line.decode(errors="replace").rstrip("\n")
            self.log.append(text[:500])
            self.on_line(text[:2_000])

    async def stop(self) -> int | None:
        """Stop the program as an operator does; returns its status, or None if it goes on."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Kill the program."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> int | None:
        process = self._process
        if process is None:
            return None
        if process.returncode is None:
            process.send_signal(how)
        stopped = True
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            stopped = False
            process.kill()
            await process.wait()
        await self.finish_reading()
        return process.returncode if stopped else None

    async def finish_reading(self) -> None:
        """Wait for the last lines of a run that has ended."""
        if self._reading is not None:
            await self._reading

    def skip(self, time: timedelta) -> None:
        """Move the clocks of the program and of the sandbox forward."""
        self._ahead += time
        # In place: the program has mapped the file.
        with self._clock.open("r+b") as file:
            file.write(SECONDS.pack(self._ahead.total_seconds()))
        self.sandbox.faults.move_clock(time)
