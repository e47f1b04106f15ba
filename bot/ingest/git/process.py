"""Running the `git` program: without prompts, without anybody's configuration, and not for ever."""

import asyncio
import os
import re
import shlex
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bot.errors import SourceError

# What git is told at every run; the command line goes before all other configuration.
_CONFIGURATION = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.logAllRefUpdates=false",
    "core.askPass=",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "transfer.bundleURI=false",
    # Old objects go in the same run, not behind our back: see `Clone`.
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
    "fetch.unpackLimit=1",
    "gc.autoPackLimit=20",
    "gc.pruneExpire=1.hour.ago",
    # A connection that gives less than this for so many seconds is dead.
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=60",
)
_SSH_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=30",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
)
# Of git's own variables those that say how to reach a server; others could lead git elsewhere.
_KEPT = re.compile(r"GIT_(?:SSL_.*|SSH_VARIANT|HTTP_.*|CONFIG_(?:COUNT|(?:KEY|VALUE)_\d+))")
_DROPPED = re.compile(r"(?:GIT|STORYWIRE|DISCORD)_.*|(?:SSH_)?ASKPASS|LC_.*|LANG|LANGUAGE|DISPLAY")
_UNSEEN = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]+")

# The address, which is told anyway, and a number that makes every error another one.
_IDLE = re.compile(r"unable to access '[^']*': | after \d+ ms")
_TIMED_OUT = re.compile(r"timed? ?out|too slow", re.IGNORECASE)
_ERRORS = ("fatal: ", "error: ", "ERROR: ")

# Bytes. A list of 100,000 files has a tenth of it; a few trees that hold each other many times over
# list files without end.
MAX_OUTPUT = 64 * 1024 * 1024
MAX_COMPLAINT = 4_096
MAX_SENTENCE = 300
_CHUNK = 64 * 1024
# Seconds that git has to clean up behind itself when it is told to end.
GRACE_SECONDS = 2.0


class GitFailedError(SourceError):
    """Git ended with an error, which the message repeats."""


class GitOutputError(SourceError):
    """Git wrote more than can be read."""


class GitTimeoutError(SourceError):
    """Git did not end in time, and was ended, or it gave up waiting itself."""


def git_environment(machine: Mapping[str, str], protocols: Sequence[str]) -> dict[str, str]:
    """The variables that git gets of the machine's: no secrets of ours, and nothing that asks."""
    kept = {
        name: value
        for name, value in machine.items()
        if _KEPT.fullmatch(name) or not _DROPPED.fullmatch(name)
    }
    ssh = machine.get("GIT_SSH_COMMAND") or shlex.quote(machine.get("GIT_SSH", "ssh"))
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
        # What the operator's own command says of these comes first, and so it counts.
        "GIT_SSH_COMMAND": " ".join([ssh, *(f"-o {option}" for option in _SSH_OPTIONS)]),
    }


async def run_git(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    seconds: float,
    configuration: Sequence[str] = (),
) -> bytes:
    """What git writes. Raises a `Git…Error` of this module, or `SourceError` without git.

    It has no standard input and no terminal; when it takes too long or nobody waits any more, it
    is ended with all that it has started.
    """
    process = await _start(git_command(arguments, configuration), environment)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(seconds):
            output, complaint, status = await asyncio.gather(
                _all_of(process.stdout, process.pid), _last_of(process.stderr), process.wait()
            )
    except TimeoutError as error:
        await _end(process)
        raise GitTimeoutError(f"gave no answer within {seconds:.0f} seconds") from error
    except BaseException:
        await _end(process)
        raise
    if len(output) > MAX_OUTPUT:
        raise GitOutputError(f"lists more than {MAX_OUTPUT // 1024 // 1024} MB of names")
    if status:
        words = _sentence(complaint) or f"git ended with status {status}"
        raise GitTimeoutError(words) if _TIMED_OUT.search(words) else GitFailedError(words)
    return output


async def _start(
    command: Sequence[str], environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Start git. Raises `SourceError` if that can't be done."""
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
        # It may run already, and what it has started would be left behind.
        with suppress(OSError, ValueError):
            await _end(await starting)
        raise
    except FileNotFoundError as error:
        raise SourceError(
            "the program git is not here; install it (Debian and Ubuntu: apt install git)"
        ) from error
    except (OSError, ValueError) as error:  # a ValueError: no program takes NUL in its arguments
        raise SourceError(f"git can't be started: {said_by(error)}") from error


def git_command(arguments: Sequence[str], configuration: Sequence[str] = ()) -> list[str]:
    """The command line of a run."""
    told = [part for each in (*_CONFIGURATION, *configuration) for part in ("-c", each)]
    return ["git", *told, *arguments]


async def _all_of(stream: asyncio.StreamReader, group: int) -> bytes:
    """What somebody says, who is ended if it is more than `MAX_OUTPUT`: then all but the rest."""
    said = bytearray()
    while chunk := await stream.read(_CHUNK):
        if len(said) <= MAX_OUTPUT:
            said += chunk
        else:
            _signal(group, signal.SIGKILL)
    return bytes(said)


async def _last_of(stream: asyncio.StreamReader) -> bytes:
    """The end of what somebody says, however much they say."""
    said = b""
    while chunk := await stream.read(_CHUNK):
        said = (said + chunk)[-MAX_COMPLAINT:]
    return said


async def _end(process: asyncio.subprocess.Process) -> None:
    """End git and what it has started: with time to remove its lock files, then without."""
    _signal(process.pid, signal.SIGTERM)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
    finally:
        # Also if git itself has ended: what it has started may still hold its pipes.
        _signal(process.pid, signal.SIGKILL)
    await process.wait()
    # A pipe that is not read to its end stays open.
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            for stream in (process.stdout, process.stderr):
                while stream is not None and await stream.read(_CHUNK):
                    pass


def said_by(error: OSError | ValueError) -> str:
    """The system's words for why a program can't be started."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _sentence(complaint: bytes) -> str:
    """The line that tells most, as one that can be printed: git's first error."""
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line]
    errors = (place for place, line in enumerate(lines) if line.startswith(_ERRORS))
    place = next(errors, len(lines) - 1)
    if place > 0 and "Could not read from remote repository" in lines[place]:
        # What ssh said before says it better.
        place -= 1
    line = re.sub(r"^(?:fatal|error|ERROR): ", "", lines[place]) if lines else ""
    line = _UNSEEN.sub(" ", _IDLE.sub("", line)).strip()
    return line[:MAX_SENTENCE]
