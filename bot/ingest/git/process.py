"""Runs the `git` program: without prompts, without the user's configuration, with a timeout."""

import asyncio
import os
import re
import shlex
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import SourceError

# Settings for every run; the command line overrides all other configuration.
_CONFIGURATION = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.logAllRefUpdates=false",
    "core.askPass=",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "transfer.bundleURI=false",
    # Delete old objects in the same run, not in the background: see `Clone`.
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
    "fetch.unpackLimit=1",
    "gc.autoPackLimit=20",
    "gc.pruneExpire=1.hour.ago",
    # A connection slower than this (bytes per second) for this time (seconds) is dead.
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=60",
    # See `Clone`: a redirect may lead to a private network.
    "http.followRedirects=false",
)
# Writes the headers of responses to standard error, without bodies and credentials:
# https://git-scm.com/docs/git#Documentation/git.txt-GITTRACECURL
TRACE_HEADERS = {"GIT_TRACE_CURL": "1", "GIT_TRACE_CURL_NO_DATA": "1"}
_SSH_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=30",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
)
# git's own variables for reaching a server are kept; others could make it do something else.
_KEPT = re.compile(r"GIT_(?:SSL_.*|SSH_VARIANT|HTTP_.*|CONFIG_(?:COUNT|(?:KEY|VALUE)_\d+))")
_DROPPED = re.compile(r"(?:GIT|STORYWIRE|DISCORD)_.*|(?:SSH_)?ASKPASS|LC_.*|LANG|LANGUAGE|DISPLAY")
_NON_PRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]+")

# The address, which the message names anyway, and a number that differs in every message.
_NOISE = re.compile(r"unable to access '[^']*': | after \d+ ms")
# The shell's statuses for a program that can't be started, or does not exist.
_SHELL_FAILED = frozenset({126, 127})
# Begins the message of our own timeout.
NO_ANSWER = "did not answer"
_TIMED_OUT = re.compile(r"timed? ?out|too slow", re.IGNORECASE)
_ERROR_PREFIXES = ("fatal: ", "error: ", "ERROR: ")

# In bytes. A list of 100,000 files takes a tenth of it; a few nested trees that repeat each other
# can list billions of files.
MAX_OUTPUT = 64 * 1024 * 1024
MAX_ERROR_OUTPUT = 64 * 1024
# In characters.
MAX_MESSAGE = 300
_CHUNK = 64 * 1024
# Time for git to clean up after SIGTERM.
GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class GitLimits:
    """What git and each of its processes may use, in bytes: a server can send without end.

    `memory` holds on Linux only. `file` is the size of a file that is written.
    """

    memory: int
    file: int | None = None

    def command(self, command: Sequence[str]) -> list[str]:
        """The command line that applies the limits, and then becomes git."""
        # In units of 1 KB and 512 bytes: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ulimit.html
        script = f"ulimit -d {self.memory // 1024} 2>/dev/null; "
        if self.file is not None:
            script += f"ulimit -f {self.file // 512} || exit; "
        return ["/bin/sh", "-c", f'{script}exec "$@"', "sh", *command]


class GitFailedError(SourceError):
    """git failed; the message is git's own, from the end of its standard error."""

    def __init__(self, message: str, error_output: bytes = b"") -> None:
        super().__init__(message)
        self.error_output = error_output


class GitOutputError(SourceError):
    """git wrote more than `MAX_OUTPUT`."""


class GitTimeoutError(SourceError):
    """git took too long and was terminated, or reported a timeout itself."""


def git_environment(variables: Mapping[str, str], protocols: Sequence[str]) -> dict[str, str]:
    """The environment for git, from ours: without secrets, and with all prompts disabled."""
    kept = {
        name: value
        for name, value in variables.items()
        if _KEPT.fullmatch(name) or not _DROPPED.fullmatch(name)
    }
    ssh = variables.get("GIT_SSH_COMMAND") or shlex.quote(variables.get("GIT_SSH", "ssh"))
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": ":".join(protocols),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        # ssh uses the first value of an option, so the operator's command takes precedence.
        "GIT_SSH_COMMAND": " ".join([ssh, *(f"-o {option}" for option in _SSH_OPTIONS)]),
    }


async def run_git(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    time_limit: float,
    configuration: Sequence[str] = (),
    limits: GitLimits | None = None,
) -> bytes:
    """Run git and return its output.

    git gets no standard input and no terminal. After `time_limit` seconds or on cancellation, it is
    ended with all processes that it has started. Raises a `Git…Error` of this module, or
    `SourceError` if git is not installed.
    """
    command = git_command(arguments, configuration)
    process = await _start(limits.command(command) if limits else command, environment)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(time_limit):
            output, error_output, status = await asyncio.gather(
                _read_output(process.stdout, process.pid),
                _read_tail(process.stderr),
                process.wait(),
            )
    except TimeoutError as error:
        await _terminate(process)
        raise GitTimeoutError(f"{NO_ANSWER} within {time_limit:.0f} seconds") from error
    except BaseException:
        await _terminate(process)
        raise
    if len(output) > MAX_OUTPUT:
        raise GitOutputError(f"lists more than {MAX_OUTPUT // 1024 // 1024} MB of names")
    if status in _SHELL_FAILED and limits:
        # Without the shell, the system says why git can't be started.
        await run_git(["--version"], environment, time_limit=time_limit)
    if status:
        message = _error_message(error_output) or f"git exited with status {status}"
        if _TIMED_OUT.search(message):
            raise GitTimeoutError(message)
        raise GitFailedError(message, error_output)
    return output


async def _start(
    command: Sequence[str], environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Start git. Raises `SourceError` if that fails."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # git may be running already, with processes of its own.
        with suppress(OSError, ValueError):
            await _terminate(await starting)
        raise
    except FileNotFoundError as error:
        raise SourceError(
            "git is not installed; install it (Debian and Ubuntu: apt install git)"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: an argument contains a NUL
        raise SourceError(f"git can't be started: {start_error(error)}") from error


def git_command(arguments: Sequence[str], configuration: Sequence[str] = ()) -> list[str]:
    """The command line for running git with our configuration."""
    options = [part for each in (*_CONFIGURATION, *configuration) for part in ("-c", each)]
    return ["git", *options, *arguments]


async def _read_output(stream: asyncio.StreamReader, process_group: int) -> bytes:
    """Read all output; beyond `MAX_OUTPUT`, kill the process group and drop the rest."""
    output = bytearray()
    while chunk := await stream.read(_CHUNK):
        if len(output) <= MAX_OUTPUT:
            output += chunk
        else:
            _signal(process_group, signal.SIGKILL)
    return bytes(output)


async def _read_tail(stream: asyncio.StreamReader) -> bytes:
    """Read everything, and keep the last `MAX_ERROR_OUTPUT` bytes."""
    tail = b""
    while chunk := await stream.read(_CHUNK):
        tail = (tail + chunk)[-MAX_ERROR_OUTPUT:]
    return tail


async def _terminate(process: asyncio.subprocess.Process) -> None:
    """End git and all processes it has started, after a grace period to remove its lock files."""
    _signal(process.pid, signal.SIGTERM)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
    finally:
        # Also if git itself has ended: processes it has started may still hold its pipes.
        _signal(process.pid, signal.SIGKILL)
    await process.wait()
    # A pipe stays open until it is read to its end.
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            for stream in (process.stdout, process.stderr):
                while stream is not None and await stream.read(_CHUNK):
                    pass


def start_error(error: OSError | ValueError) -> str:
    """The system's message for a program that can't be started."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _signal(process_group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process_group, number)


def _error_message(error_output: bytes) -> str:
    """The most informative line: git's first error, without non-printable characters."""
    lines = [line.strip() for line in error_output.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line]
    errors = (index for index, line in enumerate(lines) if line.startswith(_ERROR_PREFIXES))
    index = next(errors, len(lines) - 1)
    if index > 0 and "Could not read from remote repository" in lines[index]:
        # The line before it is ssh's own message, which is more specific.
        index -= 1
    line = re.sub(r"^(?:fatal|error|ERROR): ", "", lines[index]) if lines else ""
    line = _NON_PRINTABLE.sub(" ", _NOISE.sub("", line)).strip()
    return line[:MAX_MESSAGE]
