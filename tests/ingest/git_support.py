"""Creates real repositories with git."""

import os
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.ingest.article import Unpublished
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.git.clone import ASK_MEMORY, DISK_SHARE, FETCH_SECONDS, Clone
from bot.ingest.git.source import BATCH_BYTES, GitSource
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock

INTERVAL = timedelta(minutes=10)

PERSON = {
    **{f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "ada@news.example" for role in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repository:
    """A repository with a working tree, on the branch `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git in it, and return the output."""
        done = subprocess.run(  # noqa: S603 - git, and nothing from outside
            ["git", *arguments],  # noqa: S607 - whichever there is
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], **PERSON},
            input=stdin,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def write(self, name: str, content: bytes | None = None) -> Path:
        """Write a file, by default with a story of that name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_markdown(name=name) if content is None else content)
        return path

    def commit(self) -> str:
        """Commit all files, and return the object name of the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")
        return self.git("rev-parse", "HEAD")


def git_source(
    address: Path | str,
    clones: Path,
    *,
    branch: str | None = None,
    path: str = "",
    unpublished: Unpublished = "skip",
    environment: Mapping[str, str] | None = None,
    token_variable: str | None = None,
    time_limit: float = FETCH_SECONDS,
    ask_memory: int = ASK_MEMORY,
    disk_share: float = DISK_SHARE,
    clock: Clock | None = None,
    defaults: Defaults = NO_DEFAULTS,
    batch_bytes: int = BATCH_BYTES,
) -> GitSource:
    """A source as the factory makes it, with its clone in a folder of the test."""
    clone = Clone(
        clones / "site",
        str(address),
        branch,
        environment=os.environ if environment is None else environment,
        token_variable=token_variable,
        time_limit=time_limit,
        ask_memory=ask_memory,
        disk_share=disk_share,
    )
    return GitSource(
        clone,
        name="git:site",
        path=path,
        unpublished=unpublished,
        include=("*.md",),
        exclude=("README.md",),
        every=INTERVAL,
        clock=clock or FakeClock(auto_advance=True),
        random=lambda: 0.5,
        defaults=defaults,
        batch_bytes=batch_bytes,
    )
