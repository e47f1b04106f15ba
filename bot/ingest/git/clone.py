"""Clones of one branch, as shallow as they can be: the newest commit, and no files beside it."""

import asyncio
import logging
import os
import re
import shutil
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

from filelock import AsyncFileLock, FileLock, Timeout

from bot.errors import SourceError
from bot.ingest.git.process import (
    GitFailedError,
    GitOutputError,
    GitTimeoutError,
    git_command,
    git_environment,
    run_git,
)
from bot.urls.git_repositories import is_local

logger = logging.getLogger(__name__)

# Where the clone keeps the branch's newest commit.
HEAD = "refs/storywire/head"
# Seconds. The first clone of a large site takes minutes; a dead connection ends much sooner.
FETCH_SECONDS = 600.0
LOCAL_SECONDS = 120.0
# To be told which commit is the newest. Git has no limit of its own for connecting; curl's is 300.
ASK_SECONDS = 60.0
# Another bot's clones may lie here, too; those that are in use are updated far more often.
UNUSED = timedelta(days=30)
# A clone, one that was being made when its program was killed, and their lock. The lock stays:
# who holds one that is deleted is not alone.
_CLONE = re.compile(r"([0-9a-f]{16})(?:\.new)?")
# Gives what the variables hold to the server that the credentials are for, and never asks.
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n"'
    ' "$SOURCE_USER" "$SOURCE_TOKEN"; }; f'
)
# Most servers want no name beside a token, and take any; GitHub's applications want this one.
_USER = "x-access-token"


class Clone:
    """A bare clone in `folder`, which may be thrown away at any time: it is then made anew.

    Without a working tree there are no links, hooks, filters or file names to beware of. Several
    programs may use it; one at a time updates it. Who is reading what it held before may then fail
    to, and begins again.
    """

    def __init__(
        self,
        folder: Path,
        address: str,
        branch: str | None,
        *,
        machine: Mapping[str, str],
        token_variable: str | None = None,
        seconds: float = FETCH_SECONDS,
    ) -> None:
        self.folder = folder
        local = is_local(address)
        self._address = str(Path(address).absolute()) if local and "://" not in address else address
        self._called = address
        self._branch = branch
        self._machine = machine
        self._token_variable = token_variable
        self._seconds = seconds
        # What git is run with to read the clone.
        self.environment = git_environment(machine, ["file"] if local else ["https", "ssh"])

    async def update(self) -> None:
        """Bring the newest commit here. Raises `SourceError`; what was here before then stays."""
        async with self._alone():
            if await self._ask() != await self._here():
                try:
                    await self._fetch(self.folder)
                except GitTimeoutError as error:
                    raise self._error(error) from error
                except GitFailedError as error:
                    # Whose fault it is, git's words don't tell; a new clone does.
                    logger.debug("Fetching from %s failed: %s", self._called, error)
                    await self._make_anew()
            os.utime(self.folder)  # it is in use: see `remove_unused_clones`

    async def remake(self) -> None:
        """Make the clone anew, because the one that is here can't be read."""
        logger.warning("The clone of %s is damaged; making it anew", self._called)
        async with self._alone():
            await self._make_anew()

    async def probe(self) -> None:
        """See whether the branch can be had, changing nothing. Raises `SourceError`."""
        await self._ask()

    async def _ask(self) -> str:
        """The branch's newest commit. Raises `SourceError`."""
        command = ["ls-remote", "--quiet", "--", self._address, self._remote_branch]
        try:
            listed = await self._ask_server(command, min(self._seconds, ASK_SECONDS))
        except (GitFailedError, GitTimeoutError, GitOutputError) as error:
            raise self._error(error) from error
        # Other names that end so are listed, too.
        for line in listed.decode("utf-8", "replace").splitlines():
            commit, _, name = line.partition("\t")
            if name == self._remote_branch:
                return commit
        raise self._error(GitFailedError("couldn't find remote ref"))

    async def _here(self) -> str | None:
        """The commit that the clone holds, if it can be told."""
        try:
            return (await self.read("rev-parse", "--verify", HEAD)).decode().strip()
        except (GitFailedError, GitTimeoutError):
            return None

    async def read(self, *arguments: str) -> bytes:
        """Run git on the clone. Raises `GitFailedError`, which means that it is damaged."""
        return await run_git(_in(self.folder, *arguments), self.environment, seconds=LOCAL_SECONDS)

    def reading_command(self, *arguments: str) -> list[str]:
        """The command line that reads the clone."""
        return git_command(_in(self.folder, *arguments))

    def discard(self) -> None:
        """Forget a clone that can't be read; the next update makes it anew. Blocks."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _make_anew(self) -> None:
        """In a folder beside it: while the remote can't be had, the old clone stays."""
        fresh = self.folder.with_suffix(".new")
        try:
            await asyncio.to_thread(_remove, fresh)
            await run_git(
                ["init", "--quiet", "--bare", "--template=", str(fresh)],
                self.environment,
                seconds=LOCAL_SECONDS,
            )
            await self._fetch(fresh)
            await asyncio.to_thread(_put_in_place, fresh, self.folder)
        except (GitFailedError, GitTimeoutError) as error:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
            raise self._error(error) from error
        except OSError as error:
            raise SourceError(
                f"the clone of {self._called} can't be kept in {self.folder}: {error.strerror}"
            ) from error

    async def _fetch(self, folder: Path) -> None:
        command = _in(
            folder,
            *("fetch", "--quiet", "--depth=1", "--no-tags", "--force", "--update-shallow"),
            *("--no-write-fetch-head", "--", self._address, f"{self._remote_branch}:{HEAD}"),
        )
        await self._ask_server(command, self._seconds)

    @property
    def _remote_branch(self) -> str:
        return f"refs/heads/{self._branch}" if self._branch else "HEAD"

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Be the only one that changes the clone. Raises `SourceError`."""
        lock = AsyncFileLock(self.folder.with_suffix(".lock"), timeout=self._seconds)
        try:
            await asyncio.to_thread(self.folder.parent.mkdir, parents=True, exist_ok=True)
            async with lock:
                yield
        except Timeout as error:
            raise SourceError(
                f"another program has been updating the clone in {self.folder} for"
                f" {self._seconds:.0f} seconds; is one hanging?"
            ) from error
        except OSError as error:
            raise SourceError(f"{self.folder.parent} can't be used: {error.strerror}") from error

    async def _ask_server(self, command: Sequence[str], seconds: float) -> bytes:
        """Run git with the token, if there is one.

        Git asks the helper for the address's own server only, not for one that it is sent on to.
        Neither the command line nor the clone holds the token.
        """
        if self._token_variable is None:
            return await run_git(command, self.environment, seconds=seconds)
        token = self._machine.get(self._token_variable, "").strip()
        if not token or not token.isprintable():
            raise SourceError(
                f"{self._called} needs a token, and the variable {self._token_variable} holds none;"
                " put it there, or change `token_variable`"
            )
        user, colon, password = token.partition(":")
        server = f"https://{urlsplit(self._address).netloc}"
        credentials = {
            "SOURCE_USER": user if colon else _USER,
            "SOURCE_TOKEN": password if colon else token,
        }
        return await run_git(
            command,
            {**self.environment, **credentials},
            configuration=(f"credential.{server}.helper={_HELPER}",),
            seconds=seconds,
        )

    def _error(self, error: SourceError) -> SourceError:
        return SourceError(f"{self._called} {_in_words(str(error), self._branch)}")


def _in(folder: Path, *arguments: str) -> list[str]:
    return [f"--git-dir={folder.absolute()}", *arguments]


def _in_words(complaint: str, branch: str | None) -> str:
    """What git said of a server, with what to do about it."""
    if "couldn't find remote ref" in complaint:
        if branch is None:
            return "is empty, or names no branch as its own; name one with `branch`"
        return f"has no branch {branch}; check `branch`"
    if "terminal prompts disabled" in complaint or "Authentication failed" in complaint:
        return (
            "asks for a password; name the variable that holds a token with `token_variable`"
            " (docs/sources.md)"
        )
    if "Permission denied" in complaint or "Host key verification failed" in complaint:
        return f"can't be reached: {complaint}; see that `ssh` itself gets there without asking"
    if "does not appear to be a git repository" in complaint or "not found" in complaint:
        return f"is no repository, or none for us ({complaint}); check the address"
    if "dubious ownership" in complaint:
        return "belongs to another user of this machine; let the user of the bot own it"
    if complaint.startswith("gave no answer"):
        return complaint
    return f"can't be had: {complaint}"


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _put_in_place(fresh: Path, folder: Path) -> None:
    _remove(folder)
    fresh.rename(folder)


def clone_folder(clones: Path, source: str) -> Path:
    """Where the clone of the source of that name lies."""
    return clones / blake2b(source.encode(), digest_size=8).hexdigest()


async def remove_unused_clones(clones: Path, sources: Collection[str], now: datetime) -> None:
    """Delete clones that belong to none of the sources and were not updated for long.

    So are those of any source that were never finished. What can't be deleted stays.
    """
    await asyncio.to_thread(_remove_unused, clones, sources, now)


def _remove_unused(clones: Path, sources: Collection[str], now: datetime) -> None:
    used = {clone_folder(clones, source) for source in sources}
    try:
        folders = sorted(clones.iterdir())
    except OSError:
        return  # mostly there are none; whoever needs them says what is wrong
    for folder in folders:
        name = _CLONE.fullmatch(folder.name)
        if name is None or folder in used:
            continue
        try:
            with FileLock(clones / f"{name[1]}.lock", timeout=0):
                if now.timestamp() - folder.stat().st_mtime > UNUSED.total_seconds():
                    shutil.rmtree(folder)
                    logger.info("removed the clone %s, which no source uses", folder)
        except Timeout:
            logger.debug("another program is at work on %s", folder)
        except OSError as error:
            logger.warning("the clone %s can't be removed: %s", folder, error.strerror)
