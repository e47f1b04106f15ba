"""Runs commands in the files of an image, restricted as in compose.yaml.

The root file system is read-only, the user is the image's, and there are no capabilities. The
network is this machine's, so that the bot reaches a sandbox on loopback.
"""

import asyncio
import signal
from dataclasses import dataclass, field
from pathlib import Path

from tests.image.build import ImageConfiguration

# $1: the files of the image; $2: the folder of the volume; $3: articles; $4 and $5: the user.
_ENTER = """
set -e
root=$1 var=$2 articles=$3 uid=$4 gid=$5
shift 5
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$var" "$root/app/var"
mount --bind "$articles" "$root/articles"
mount -t tmpfs tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" /usr/bin/setpriv --reuid "$uid" --regid "$gid" --clear-groups \
    --no-new-privs --bounding-set=-all --inh-caps=-all \
    /usr/bin/env --chdir=/app --ignore-environment "$@"
"""


@dataclass(frozen=True, slots=True)
class Container:
    """The files of an image, a folder for its volume and one for articles."""

    root: Path
    configuration: ImageConfiguration
    var: Path
    articles: Path
    environment: dict[str, str] = field(default_factory=dict)

    async def start(self, *command: str) -> "ContainerProcess":
        """Start a command, which finds programs in the PATH of the image."""
        uid, gid = self.configuration.user.split(":")
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        process = await asyncio.create_subprocess_exec(
            *("unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "enter"),
            *(str(self.root), str(self.var), str(self.articles), uid, gid),
            *self.configuration.environment,
            *variables,
            *command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return ContainerProcess(process)

    async def run(self, *command: str, seconds: float = 60) -> tuple[int, str]:
        """Run a command until it ends; returns its exit status and what it printed."""
        process = await self.start(*command)
        status = await process.wait(seconds)
        return status, process.output


class ContainerProcess:
    """A running command and what it printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    @property
    def output(self) -> str:
        """What the command printed."""
        return "".join(self._lines)

    def user_id(self) -> int:
        """The user as which it runs."""
        return Path(f"/proc/{self._process.pid}").stat().st_uid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def wait(self, seconds: float) -> int:
        """Its exit status. Raises `TimeoutError`, and kills it, if it is still running then."""
        try:
            async with asyncio.timeout(seconds):
                await self._reading
                return await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
            self._reading.cancel()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode(errors="replace"))
