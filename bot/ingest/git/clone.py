"""Bare clones of one branch with only its newest commit."""

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
from urllib.parse import urljoin, urlsplit

from filelock import AsyncFileLock, FileLock, Timeout

from bot.errors import SourceError
from bot.ingest.git.process import (
    NO_ANSWER,
    TRACE_HEADERS,
    GitFailedError,
    GitLimits,
    GitOutputError,
    GitTimeoutError,
    git_command,
    git_environment,
    run_git,
)
from bot.urls.git_repositories import is_local, problem_with_repository
from bot.urls.public_hosts import is_same_server
from bot.urls.redaction import HIDDEN, redact_address
from storage.private_files import create_folder

logger = logging.getLogger(__name__)

# The clone's reference to the branch's newest commit.
HEAD = "refs/storywire/head"
# In seconds. The first clone of a large site takes minutes; a dead connection is detected sooner.
FETCH_SECONDS = 600.0
LOCAL_SECONDS = 120.0
# For asking which commit is the newest. Git has no connection timeout; curl's is 300 seconds.
ASK_SECONDS = 60.0
# In bytes. A million branches take a hundred million; git keeps a large file in memory.
ASK_MEMORY = 512 * 1024 * 1024
FETCH_MEMORY = 2 * 1024 * 1024 * 1024
# The part of the free disk space that a fetch may take: the database needs some, too.
DISK_SHARE = 0.5
MAX_REDIRECTS = 5
# The folder may contain another bot's clones; any clone in use is updated far more often.
UNUSED_AFTER = timedelta(days=30)
# What git asks an https server first: https://git-scm.com/docs/http-protocol#_smart_clients
_REFERENCES = "/info/refs?service=git-upload-pack"
_REDIRECTED = re.compile(r"returned error: 30[12378]\b")
_LOCATION = re.compile(rb"<= Recv header: location:[ \t]*(\S+)", re.IGNORECASE)
# Git writes no more than this at a time, in bytes.
_BLOCK = 64 * 1024
NOTHING_MORE: Mapping[str, str] = {}
# A clone, or one that was never finished. Their lock files are never deleted: a process that holds
# a deleted lock file does not exclude others.
_CLONE_NAME = re.compile(r"([0-9a-f]{16})(?:\.new)?")
# A credential helper that returns the variables' values, and never asks.
_CREDENTIAL_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n"'
    ' "$SOURCE_USER" "$SOURCE_TOKEN"; }; f'
)
# Most servers accept any user name with a token; GitHub apps require this one.
_DEFAULT_USER = "x-access-token"


class Clone:
    """A bare clone in `folder`, which may be deleted at any time: it is then cloned again.

    Without a working tree, links, hooks, filters and file names can do no harm. Several programs
    may use a clone; only one at a time updates it. A program that reads it during an update may
    fail, and starts again.

    Git itself follows no redirects, which may lead anywhere. Those within a server, as for a
    repository that was renamed, are followed here.
    """

    def __init__(
        self,
        folder: Path,
        address: str,
        branch: str | None,
        *,
        environment: Mapping[str, str],
        token_variable: str | None = None,
        time_limit: float = FETCH_SECONDS,
        ask_memory: int = ASK_MEMORY,
        disk_share: float = DISK_SHARE,
    ) -> None:
        self.folder = folder
        local = is_local(address)
        self._address = str(Path(address).absolute()) if local and "://" not in address else address
        self._configured_address = address
        # Where the server has redirected to, as long as that works.
        self._redirected_to: str | None = None
        self._branch = branch
        self._process_environment = environment
        self._token_variable = token_variable
        self._time_limit = time_limit
        self._ask_limits = GitLimits(ask_memory)
        self._disk_share = disk_share
        # The environment for git commands that read the clone.
        self.environment = git_environment(environment, ["file"] if local else ["https", "ssh"])

    async def update(self) -> None:
        """Fetch the newest commit. Raises `SourceError`, and then leaves the clone as it was."""
        async with self._locked():
            if await self._remote_commit() != await self._local_commit():
                try:
                    await self._fetch(self.folder)
                except GitTimeoutError as error:
                    raise self._error(error) from error
                except GitFailedError as error:
                    # The clone may be damaged; only cloning again shows whether it was the server.
                    logger.debug("Fetching from %s failed: %s", self._configured_address, error)
                    await self._clone_again()
            os.utime(self.folder)  # marks it as used for `remove_unused_clones`

    async def recreate(self) -> None:
        """Clone again, because the existing clone can't be read."""
        logger.warning("The clone of %s is damaged; cloning again", self._configured_address)
        async with self._locked():
            await self._clone_again()

    async def probe(self) -> None:
        """Check that the branch can be fetched, without fetching it. Raises `SourceError`."""
        await self._remote_commit()

    async def _remote_commit(self) -> str:
        """The newest commit on the server. Raises `SourceError`."""
        try:
            listed = await self._list_remote()
        except (GitFailedError, GitTimeoutError, GitOutputError) as error:
            self._redirected_to = None
            raise self._error(error) from error
        # git also lists other references whose names end the same.
        for line in listed.decode("utf-8", "replace").splitlines():
            commit, _, name = line.partition("\t")
            if name == self._remote_branch:
                return commit
        raise self._error(GitFailedError("couldn't find remote ref"))

    async def _list_remote(self) -> bytes:
        """List the branch on the server, following redirects within that server.

        Raises a `Git…Error`, or `SourceError` for another redirect.
        """
        for _ in range(MAX_REDIRECTS + 1):
            command = ["ls-remote", "--quiet", "--", self._current_address, self._remote_branch]
            limit = min(self._time_limit, ASK_SECONDS)
            try:
                return await self._run_with_credentials(command, limit, self._ask_limits)
            except GitFailedError as error:
                if _REDIRECTED.search(str(error)) is None:
                    raise
            try:
                return await self._run_with_credentials(
                    command, limit, self._ask_limits, TRACE_HEADERS
                )
            except GitFailedError as error:
                self._redirected_to = self._redirect_target(error.error_output)
        raise GitFailedError(f"redirects more than {MAX_REDIRECTS} times")

    def _redirect_target(self, trace: bytes) -> str:
        """Return the repository that the response redirects to. Raises `SourceError`."""
        target = redirect_target(self._current_address, trace)
        if is_same_server(self._configured_address, target):
            return target
        where = f"to {redact_address(target)}" if target else "to something else"
        self._redirected_to = None
        raise SourceError(
            f"{self._configured_address} redirects {where}, which is not followed; if it has moved,"
            " change its address in the settings"
        )

    @property
    def _current_address(self) -> str:
        return self._redirected_to or self._address

    async def _local_commit(self) -> str | None:
        """The commit in the clone; None if there is none or it can't be read."""
        try:
            return (await self.read("rev-parse", "--verify", HEAD)).decode().strip()
        except (GitFailedError, GitTimeoutError):
            return None

    async def read(self, *arguments: str) -> bytes:
        """Run git on the clone. Raises `GitFailedError` if the clone is damaged."""
        return await run_git(
            _with_git_dir(self.folder, *arguments), self.environment, time_limit=LOCAL_SECONDS
        )

    def reading_command(self, *arguments: str) -> list[str]:
        """The command line for running git on the clone."""
        return git_command(_with_git_dir(self.folder, *arguments))

    def delete(self) -> None:
        """Delete a clone that can't be read; the next update clones again. Blocks."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _clone_again(self) -> None:
        """Clone into a new folder, so that the old clone stays if the server can't be reached."""
        fresh = self.folder.with_suffix(".new")
        try:
            await asyncio.to_thread(_remove, fresh)
            await run_git(
                ["init", "--quiet", "--bare", "--template=", str(fresh)],
                self.environment,
                time_limit=LOCAL_SECONDS,
            )
            await self._fetch(fresh)
            await asyncio.to_thread(_replace_folder, fresh, self.folder)
        except (GitFailedError, GitTimeoutError) as error:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
            raise self._error(error) from error
        except SourceError:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
            raise
        except OSError as error:
            raise SourceError(
                f"the clone of {self._configured_address} can't be stored in {self.folder}:"
                f" {error.strerror}"
            ) from error

    async def _fetch(self, folder: Path) -> None:
        command = _with_git_dir(
            folder,
            *("fetch", "--quiet", "--depth=1", "--no-tags", "--force", "--update-shallow"),
            *(
                "--no-write-fetch-head",
                "--",
                self._current_address,
                f"{self._remote_branch}:{HEAD}",
            ),
        )
        # Git leaves files when the system ends it.
        await asyncio.to_thread(_remove_unfinished, folder)
        free = await asyncio.to_thread(shutil.disk_usage, folder.parent)
        limits = GitLimits(FETCH_MEMORY, int(free.free * self._disk_share))
        try:
            await self._run_with_credentials(command, self._time_limit, limits)
        except GitFailedError as error:
            largest = await asyncio.to_thread(_remove_unfinished, folder)
            if largest <= (limits.file or 0) - _BLOCK:
                raise
            raise SourceError(
                f"{self._configured_address} can't be fetched: there is not enough free disk space"
                " for it; free some, or use a smaller repository"
            ) from error

    @property
    def _remote_branch(self) -> str:
        return f"refs/heads/{self._branch}" if self._branch else "HEAD"

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Exclude other processes that would change the clone. Raises `SourceError`."""
        lock = AsyncFileLock(self.folder.with_suffix(".lock"), timeout=self._time_limit)
        try:
            await asyncio.to_thread(create_folder, self.folder.parent)
            async with lock:
                yield
        except Timeout as error:
            raise SourceError(
                f"another program has been updating the clone in {self.folder} for"
                f" {self._time_limit:.0f} seconds; does it hang?"
            ) from error
        except OSError as error:
            raise SourceError(f"{self.folder.parent} can't be used: {error.strerror}") from error

    async def _run_with_credentials(
        self,
        command: Sequence[str],
        time_limit: float,
        limits: GitLimits,
        more: Mapping[str, str] = NOTHING_MORE,
    ) -> bytes:
        """Run git with the token, if there is one, and with more environment variables.

        Git uses the helper only for the address's server. The token is neither in the command line
        nor in the clone.
        """
        environment = {**self.environment, **more}
        if self._token_variable is None:
            return await run_git(command, environment, time_limit=time_limit, limits=limits)
        token = self._process_environment.get(self._token_variable, "").strip()
        if not token or not token.isprintable():
            # The name of a missing variable may be the token itself.
            is_name = self._token_variable in self._process_environment
            name = self._token_variable if is_name else "that `token_variable` names"
            raise SourceError(
                f"{self._configured_address} needs a token, but the variable {name} contains none;"
                " set it, or change `token_variable`"
            )
        user, colon, password = token.partition(":")
        server = f"https://{urlsplit(self._current_address).netloc}"
        credentials = {
            "SOURCE_USER": user if colon else _DEFAULT_USER,
            "SOURCE_TOKEN": password if colon else token,
        }
        try:
            return await run_git(
                command,
                {**environment, **credentials},
                configuration=(f"credential.{server}.helper={_CREDENTIAL_HELPER}",),
                time_limit=time_limit,
                limits=limits,
            )
        except GitFailedError as error:
            # A server may repeat what it got.
            message = str(error).replace(credentials["SOURCE_TOKEN"], HIDDEN)
            raise GitFailedError(message, error.error_output) from None

    def _error(self, error: SourceError) -> SourceError:
        return SourceError(f"{self._configured_address} {_explain(str(error), self._branch)}")


def redirect_target(address: str, trace: bytes) -> str:
    """Return the repository that a traced response redirects to; empty if it is none. Pure."""
    locations = _LOCATION.findall(trace)
    try:
        target: str = urljoin(address.rstrip("/") + _REFERENCES, locations[-1].decode())
    except (IndexError, ValueError):  # includes UnicodeError
        return ""
    repository = target.removesuffix(_REFERENCES)
    if repository == target or problem_with_repository(repository, allow_local=False):
        return ""
    return repository


def _with_git_dir(folder: Path, *arguments: str) -> list[str]:
    return [f"--git-dir={folder.absolute()}", *arguments]


def _explain(git_error: str, branch: str | None) -> str:
    """An error message of git for a server, with a remedy."""
    if "couldn't find remote ref" in git_error:
        if branch is None:
            return "is empty or has no default branch; set `branch`"
        return f"has no branch {branch}; check `branch`"
    if "terminal prompts disabled" in git_error or "Authentication failed" in git_error:
        return (
            "requires a password; set `token_variable` to the name of a variable that contains a"
            " token (storywire docs sources)"
        )
    if "Permission denied" in git_error or "Host key verification failed" in git_error:
        return f"can't be reached: {git_error}; check that `ssh` connects without a prompt"
    if "does not appear to be a git repository" in git_error or "not found" in git_error:
        return f"is not a repository, or access is denied ({git_error}); check the address"
    if "dubious ownership" in git_error:
        return "belongs to another user of this machine; make the bot's user its owner"
    if "ut of memory" in git_error:
        return "can't be fetched: git needs too much memory for it; use a smaller repository"
    return git_error if git_error.startswith(NO_ANSWER) else f"can't be fetched: {git_error}"


def _remove_unfinished(folder: Path) -> int:
    """Remove the temporary files of git, and return the size of the largest, in bytes."""
    largest = 0
    for file in folder.glob("objects/pack/tmp_*"):
        largest = max(largest, file.stat().st_size)
        file.unlink()
    return largest


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _replace_folder(fresh: Path, folder: Path) -> None:
    _remove(folder)
    fresh.rename(folder)


def clone_folder(clones: Path, source: str) -> Path:
    """The folder for the clone of a source, by its name."""
    return clones / blake2b(source.encode(), digest_size=8).hexdigest()


async def remove_unused_clones(clones: Path, sources: Collection[str], now: datetime) -> None:
    """Delete clones that belong to none of the sources and were not updated for a long time.

    Clones that were never finished are deleted as well. What can't be deleted stays.
    """
    await asyncio.to_thread(_remove_unused, clones, sources, now)


def _remove_unused(clones: Path, sources: Collection[str], now: datetime) -> None:
    used = {clone_folder(clones, source) for source in sources}
    try:
        folders = sorted(clones.iterdir())
    except OSError:
        return  # Usually there are no clones; otherwise, the next update reports the error.
    for folder in folders:
        name = _CLONE_NAME.fullmatch(folder.name)
        if name is None or folder in used:
            continue
        try:
            with FileLock(clones / f"{name[1]}.lock", timeout=0):
                if now.timestamp() - folder.stat().st_mtime > UNUSED_AFTER.total_seconds():
                    shutil.rmtree(folder)
                    logger.info("Removed the clone %s, which no source uses", folder)
        except Timeout:
            logger.debug("Another program is using the clone %s", folder)
        except OSError as error:
            logger.warning("The clone %s can't be removed: %s", folder, error.strerror)
