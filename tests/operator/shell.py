"""Runs shell commands as an operator types them, in a folder."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, STDOUT, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

# The installation downloads packages.
_MAX_SECONDS = 300.0


class CommandError(Exception):
    """A command ended otherwise than the documentation says."""


@dataclass
class Shell:
    """A folder; its virtual environment is active if there is one."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    async def run(self, commands: str, *, status: int = 0) -> str:
        """Run commands, stopping at the first that fails; return what they print.

        Raises `CommandError` if they end with another status.
        """
        process = await self._start(commands)
        async with asyncio.timeout(_MAX_SECONDS):
            output, _ = await process.communicate()
        text = output.decode()
        if process.returncode != status:
            raise CommandError(f"status {process.returncode} of\n{commands}\n{text}")
        return text

    @asynccontextmanager
    async def running(self, commands: str, ready: str) -> AsyncIterator[list[str]]:
        """Run commands that don't end, from when they have printed `ready`; then press Ctrl+C.

        Yields the lines that were printed so far. Raises `CommandError`.
        """
        process = await self._start(commands)
        lines, is_ready = list[str](), asyncio.Event()
        reading = asyncio.create_task(_read(process, lines, ready, is_ready))
        try:
            async with asyncio.timeout(_MAX_SECONDS):
                await is_ready.wait()
            if not any(ready in line for line in lines):
                raise CommandError(f"{commands}\nended with\n{''.join(lines)}")
            yield lines
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGINT)
            async with asyncio.timeout(_MAX_SECONDS):
                await reading
                await process.wait()

    async def _start(self, commands: str) -> Process:
        activate = "if [ -f .venv/bin/activate ]; then . .venv/bin/activate; fi\n"
        return await create_subprocess_exec(
            *("bash", "-e", "-c", activate + commands),
            cwd=self.folder,
            env={**_environment(), **self.variables},
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )


async def _read(process: Process, lines: list[str], ready: str, is_ready: asyncio.Event) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(line.decode())
        if ready in lines[-1]:
            is_ready.set()
    is_ready.set()


def _environment() -> Mapping[str, str]:
    """The environment without the settings and the virtual environment of this process."""
    names = {"HOME", "LANG", "PIP_CONFIG_FILE", "PIP_INDEX_URL", "SSL_CERT_FILE"}
    kept = {name: value for name, value in os.environ.items() if name in names}
    own = f"{os.environ.get('VIRTUAL_ENV', '')}/bin"
    return kept | {
        "PATH": ":".join(each for each in os.environ["PATH"].split(":") if each != own),
        "COLUMNS": "100",
    }
