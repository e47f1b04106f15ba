"""How git reaches a repository: over ssh and https, without prompts, with a time limit."""

import asyncio
import logging
import os
import resource
import shutil
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.ingest.git import clone, process
from bot.ingest.git.process import GitOutputError, git_environment, run_git
from storage.models import NO_DOCUMENTS
from tests.ingest.git_server import GitServer, make_certificate
from tests.ingest.git_support import Repository, git_source

PATH = {"PATH": os.environ["PATH"]}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one story."""
    made = Repository(tmp_path / "site")
    made.write("a.md")
    made.commit()
    return made


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """The folder for clones."""
    return tmp_path / "clones"


@pytest.fixture
def server(tmp_path: Path, repository: Repository) -> GitServer:
    """A server of that repository, which is not started yet."""
    return GitServer(repository.folder.parent, make_certificate(tmp_path))


@pytest.fixture
def ssh(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Makes an environment in which ssh is a script; what it is called with is in `called`."""

    def make(script: str) -> dict[str, str]:
        path = tmp_path / "ssh.sh"
        path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/called\n{script}\n')
        path.chmod(0o755)
        return {**PATH, "GIT_SSH_COMMAND": str(path), "GIT_SSH_VARIANT": "ssh"}

    return make


# A stand-in for ssh that runs the remote command on this machine.
HERE = 'for last; do :; done; exec sh -c "$last"'


@pytest.mark.parametrize("form", ["ssh://git@news.example{}", "git@news.example:{}"])
async def test_a_repository_can_be_read_over_ssh(
    repository: Repository, clones: Path, ssh: Callable[[str], dict[str, str]], form: str
) -> None:
    """It uses the keys of the environment, and ssh must not prompt."""
    address = form.format(repository.folder)
    change_set = await git_source(address, clones, environment=ssh(HERE)).read(NO_DOCUMENTS, None)
    assert change_set.changed == 1
    called = (clones.parent / "called").read_text()
    assert "-o BatchMode=yes" in called
    assert "git@news.example git-upload-pack" in called


async def alive(path: Path) -> int:
    """Wait for the process id that a script writes to a file."""
    async with asyncio.timeout(60):
        while True:
            if (written := text_of(path)).endswith("\n"):
                return int(written)
            await asyncio.sleep(0.01)  # The script is a real process.


async def ended(process: int) -> None:
    """Wait until a process has ended, or is a zombie."""
    async with asyncio.timeout(60):
        while True:
            status = text_of(Path(f"/proc/{process}/stat"))
            if not status or status.rpartition(")")[2].split()[0] == "Z":
                return
            await asyncio.sleep(0.01)  # It is not a child process, so asyncio can't wait for it.


def text_of(path: Path) -> str:
    """The content of a file; empty if it does not exist."""
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError, IsADirectoryError):
        return ""


def text_below(folder: Path) -> str:
    """The content of all files in a folder."""
    return "".join(map(text_of, folder.rglob("*")))


HANG = "sleep 300 & echo $! > {}/pid; wait"


@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "])
async def test_a_silent_server_is_given_up(
    clones: Path,
    ssh: Callable[[str], dict[str, str]],
    deaf: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No started process is left, whether or not it reacts to signals."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.2)
    environment = ssh(deaf + HANG.format(clones.parent))
    source = git_source("ssh://news.example/site", clones, environment=environment, time_limit=0.5)
    with pytest.raises(
        SourceError,
        match=r"^ssh://news.example/site did not answer within \d+ seconds$",
    ):
        await source.read(NO_DOCUMENTS, None)
    await ended(await alive(clones.parent / "pid"))


@pytest.mark.parametrize("there", [False, True])
async def test_a_hanging_server_is_asked_once(
    clones: Path, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit for asking is far below that for fetching, with and without a clone."""
    monkeypatch.setattr(clone, "ASK_SECONDS", 0.5)
    if there:
        bare = Repository(clones / "site")
        bare.git("init", "--quiet", "--bare", ".")
    silent: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: silent.append(writer), "127.0.0.1")
    async with server:
        port = server.sockets[0].getsockname()[1]
        source = git_source(f"https://127.0.0.1:{port}/site", clones, environment=PATH)
        with pytest.raises(SourceError, match="did not answer within 0 seconds"):
            await source.read(NO_DOCUMENTS, None)
        for writer in silent:
            writer.close()
    assert len(silent) == 1


async def test_a_dead_connection_does_not_clone_again(
    repository: Repository, clones: Path, ssh: Callable[[str], dict[str, str]]
) -> None:
    """Git's own timeout says nothing about the clone."""
    await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)
    repository.write("b.md")
    repository.commit()
    asked = clones.parent / "asked"
    silent = "echo 'fatal: Operation too slow; connection timed out' >&2; exit 1"
    once = f"if [ -e {asked} ]; then {silent}; fi; touch {asked}; {HERE}"
    source = git_source(f"ssh://git@news.example{repository.folder}", clones, environment=ssh(once))
    with pytest.raises(SourceError, match="timed out"):
        await source.read(NO_DOCUMENTS, None)
    assert len((clones.parent / "called").read_text().splitlines()) == 2


async def test_an_unchanged_branch_is_not_fetched(
    repository: Repository, clones: Path, ssh: Callable[[str], dict[str, str]]
) -> None:
    source = git_source(f"git@news.example:{repository.folder}", clones, environment=ssh(HERE))
    for calls in (2, 3, 4):
        assert (await source.read(NO_DOCUMENTS, None)).changed == 1
        assert len((clones.parent / "called").read_text().splitlines()) == calls


async def test_a_cancelled_read_ends_git(
    clones: Path, ssh: Callable[[str], dict[str, str]]
) -> None:
    """The bot may be stopped while a fetch hangs."""
    environment = ssh(HANG.format(clones.parent))
    source = git_source("ssh://news.example/site", clones, environment=environment)
    reading = asyncio.create_task(source.read(NO_DOCUMENTS, None))
    process = await alive(clones.parent / "pid")
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    await ended(process)


async def test_a_helper_that_outlives_git_is_ended(
    clones: Path, ssh: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps git's output pipe open, so that reading would not end."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.2)
    helper = "(trap '' TERM; exec sleep 300) > /dev/null & echo $! > {}/pid; exit 1"
    environment = ssh(helper.format(clones.parent))
    source = git_source("ssh://news.example/site", clones, environment=environment, time_limit=0.5)
    with pytest.raises(SourceError, match="did not answer"):
        await source.read(NO_DOCUMENTS, None)
    await ended(await alive(clones.parent / "pid"))


async def test_cancellation_during_start_ends_git(
    tmp_path: Path,
) -> None:
    """Git may have started processes before `create_subprocess_exec` returns."""
    git, pipe = tmp_path / "git", tmp_path / "pipe"
    git.write_text(f"#!/bin/sh\n/bin/sleep 300 & echo $! > {pipe}; wait\n")
    git.chmod(0o755)
    os.mkfifo(pipe)
    running = asyncio.create_task(run_git([], {"PATH": str(tmp_path)}, time_limit=60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    process = int(text_of(pipe))  # blocks, so that the loop does not know yet that git has started
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await ended(process)


async def test_error_messages_of_a_server_are_limited(
    clones: Path, ssh: Callable[[str], dict[str, str]]
) -> None:
    """Megabytes with control characters become one short line."""
    flood = (
        "head -c 3000000 /dev/zero | tr '\\0' y >&2; printf '\\n\\033[31mfatal: no\\n' >&2; exit 1"
    )
    source = git_source("ssh://news.example/site", clones, environment=ssh(flood))
    with pytest.raises(SourceError) as raised:
        await source.read(NO_DOCUMENTS, None)
    assert len(str(raised.value)) < 500
    assert str(raised.value).isprintable()


async def test_a_refused_ssh_login_names_the_remedy(
    clones: Path, ssh: Callable[[str], dict[str, str]]
) -> None:
    """The error contains ssh's own message."""
    refusal = "echo 'git@news.example: Permission denied (publickey).' >&2; exit 255"
    source = git_source("git@news.example:site", clones, environment=ssh(refusal))
    with pytest.raises(SourceError, match=r"Permission denied \(publickey\).*without a prompt"):
        await source.read(NO_DOCUMENTS, None)


async def test_a_repository_can_be_read_over_https(server: GitServer, clones: Path) -> None:
    """It needs no credentials if the server asks for none."""
    async with server.serve():
        address = f"{server.url}/site/.git"
        change_set = await git_source(address, clones, environment=server.environment).read(
            NO_DOCUMENTS, None
        )
    assert change_set.changed == 1
    assert set(server.asked_as) == {""}


@pytest.mark.parametrize(
    ("token", "sent"), [("c4nary", "x-access-token:c4nary"), ("ada:c4:nary", "ada:c4:nary")]
)
async def test_a_token_comes_from_the_environment(
    server: GitServer, clones: Path, token: str, sent: str
) -> None:
    """It is sent on request, and is stored nowhere."""
    server.credentials = sent
    environment = {**server.environment, "SITE_TOKEN": token}
    async with server.serve():
        source = git_source(
            f"{server.url}/site/.git", clones, environment=environment, token_variable="SITE_TOKEN"
        )
        assert (await source.read(NO_DOCUMENTS, None)).changed == 1
    assert server.asked_as[0] == ""
    assert "bare = true" in text_below(clones)
    assert "cret" not in text_below(clones)


async def test_no_program_prompts_for_a_password(server: GitServer, clones: Path) -> None:
    """Neither git nor its helpers may prompt; the error names the remedy."""
    server.credentials = "ada:secret"
    asking = clones.parent / "ask.sh"
    asking.write_text(f"#!/bin/sh\ntouch {clones.parent}/asked\necho secret\n")
    asking.chmod(0o755)
    programs = {"GIT_ASKPASS": str(asking), "SSH_ASKPASS": str(asking), "DISPLAY": ":0"}
    async with server.serve():
        source = git_source(
            f"{server.url}/site/.git", clones, environment={**server.environment, **programs}
        )
        with pytest.raises(SourceError, match="requires a password; set `token_variable`"):
            await source.read(NO_DOCUMENTS, None)
    assert not (clones.parent / "asked").exists()


async def test_a_token_is_not_sent_to_other_servers(server: GitServer, clones: Path) -> None:
    """A redirect to another server does not carry it along."""
    other = GitServer(server.root, server.certificate, credentials="x-access-token:c4nary")
    environment = {**server.environment, "SITE_TOKEN": "c4nary"}
    async with other.serve(), server.serve():
        server.redirected_to = other.url
        source = git_source(
            f"{server.url}/site/.git", clones, environment=environment, token_variable="SITE_TOKEN"
        )
        with pytest.raises(SourceError, match="which is not followed; if it has moved") as caught:
            await source.read(NO_DOCUMENTS, None)
    assert other.asked_as == []
    assert f"redirects to {other.url}/site/.git" in str(caught.value)


@pytest.mark.parametrize("credentials", [None, "x-access-token:c4nary"])
async def test_a_renamed_repository_is_found(
    server: GitServer, clones: Path, credentials: str | None
) -> None:
    """Redirects within a server are followed, with the token, as long as there are some."""
    server.credentials = credentials
    server.renamed = {"/old/": "/older/", "/older/": "/site/"}
    environment = {**server.environment, "SITE_TOKEN": "c4nary"}
    async with server.serve():
        source = git_source(
            f"{server.url}/old/.git",
            clones,
            environment=environment,
            token_variable="SITE_TOKEN" if credentials else None,
        )
        assert (await source.read(NO_DOCUMENTS, None)).changed == 1
        server.renamed = {}
        (server.root / "site").rename(server.root / "old")
        with pytest.raises(SourceError, match="not a repository"):
            await source.read(NO_DOCUMENTS, None)
        assert (await source.read(NO_DOCUMENTS, None)).changed == 1


@pytest.mark.parametrize(
    "target", ["http://localhost:1", "https://10.0.0.1", "https://localhost:1", "file:///", "ftp:"]
)
async def test_redirects_to_elsewhere_are_not_followed(
    server: GitServer, clones: Path, target: str
) -> None:
    """Not to another host, port or protocol, and not to a file."""
    async with server.serve():
        server.redirected_to = target
        source = git_source(f"{server.url}/site/.git", clones, environment=server.environment)
        with pytest.raises(SourceError, match="which is not followed; if it has moved"):
            await source.read(NO_DOCUMENTS, None)
    assert len(server.asked_as) == 2


async def test_redirects_of_git_are_bounded(server: GitServer, clones: Path) -> None:
    async with server.serve():
        server.renamed = {"/site/": "/site/x/"}
        source = git_source(f"{server.url}/site/.git", clones, environment=server.environment)
        with pytest.raises(SourceError, match="redirects more than 5 times"):
            await source.read(NO_DOCUMENTS, None)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "the variable that `token_variable` names contains none; set it"),
        ({"SITE_TOKEN": ""}, "the variable SITE_TOKEN contains none; set it"),
        ({"SITE_TOKEN": "a\nb"}, "the variable SITE_TOKEN contains none; set it"),
    ],
)
async def test_a_variable_without_a_token_is_named(
    clones: Path, environment: dict[str, str], words: str
) -> None:
    """The error comes before any request. The name of a missing variable may be the token."""
    source = git_source(
        "https://news.example/x",
        clones,
        environment={**PATH, **environment},
        token_variable="SITE_TOKEN",
    )
    with pytest.raises(SourceError, match=words):
        await source.read(NO_DOCUMENTS, None)


async def test_a_server_can_not_reveal_the_token(
    server: GitServer, clones: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Git shows what a server says; a server may repeat the password."""
    caplog.set_level(logging.DEBUG)
    server.credentials = "x-access-token:other"
    server.reason = "no c4nary-of-the-desk here"
    environment = {**server.environment, "SITE_TOKEN": "c4nary-of-the-desk"}
    async with server.serve():
        source = git_source(
            f"{server.url}/site/.git", clones, environment=environment, token_variable="SITE_TOKEN"
        )
        with pytest.raises(SourceError) as caught:
            await source.read(NO_DOCUMENTS, None)
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "c4nary-of-the-desk" not in shown


async def test_a_missing_git_is_reported(repository: Repository, clones: Path) -> None:
    source = git_source(repository.folder, clones, environment={"PATH": str(clones)})
    with pytest.raises(SourceError, match="git is not installed; install it"):
        await source.read(NO_DOCUMENTS, None)


@pytest.mark.parametrize(("mode", "words"), [(0o644, "Permission denied"), (0o755, "Exec format")])
async def test_a_git_that_cannot_start_keeps_the_clone(
    repository: Repository, clones: Path, mode: int, words: str
) -> None:
    """The error contains the system's message."""
    change_set = await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)
    broken = clones.parent / "bin/git"
    broken.parent.mkdir()
    broken.write_text("no program")
    broken.chmod(mode)
    environment = {"PATH": str(broken.parent)}
    source = git_source(repository.folder, clones, environment=environment)
    with pytest.raises(SourceError, match=f"git can't be started: {words}"):
        await source.read(NO_DOCUMENTS, None)
    with pytest.raises(SourceError, match=f"git can't be started: {words}"):
        await source.probe()
    assert len(list(change_set.documents)) == 1


@pytest.mark.parametrize(
    ("path", "words"), [("a" * 200_000, "Argument list too long"), ("a\0b", "embedded null byte")]
)
async def test_an_impossible_address_is_an_error(
    repository: Repository, clones: Path, path: str, words: str
) -> None:
    with pytest.raises(SourceError, match=f"git can't be started: {words}"):
        await git_source(repository.folder, clones, path=path).read(NO_DOCUMENTS, None)


async def test_too_many_open_files_keep_the_clone(repository: Repository, clones: Path) -> None:
    """Git can't be started, which says nothing about the clone."""
    change_set = await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    try:
        with pytest.raises(SourceError, match="git can't be started: Too many open files"):
            next(change_set.documents)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (clones / "site/HEAD").is_file()


async def test_git_ignores_user_configuration(repository: Repository, clones: Path) -> None:
    """It also ignores variables such as a hook sets."""
    home = clones.parent / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[url "/nowhere"]\n  insteadOf = {repository.folder}\n[fetch]\n  prune = broken\n'
    )
    environment = {
        **PATH,
        "HOME": str(home),
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_OBJECT_DIRECTORY": "/nowhere",
        "GIT_TRACE": str(clones.parent / "trace"),
        "GIT_TEMPLATE_DIR": "/nowhere",
    }
    assert (
        await git_source(repository.folder, clones, environment=environment).read(
            NO_DOCUMENTS, None
        )
    ).changed == 1
    assert not (clones.parent / "trace").exists()


def test_git_does_not_get_our_secrets() -> None:
    """It gets the operator's variables for reaching a server, but none that prompt."""
    environment = {
        "DISCORD_TOKEN": "x",
        "STORYWIRE_DISCORD__TOKEN": "x",
        "GIT_CONFIG_PARAMETERS": "x",
        "GIT_SSH": "/opt/my ssh",
        "https_proxy": "http://proxy.example",
        "SSH_AUTH_SOCK": "/run/agent",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": "y",
    }
    given = git_environment(environment, ["https", "ssh"])
    assert "x" not in given.values()
    assert given["GIT_ALLOW_PROTOCOL"] == "https:ssh"
    assert given["GIT_SSH_COMMAND"].startswith("'/opt/my ssh' -o BatchMode=yes ")
    assert {"https_proxy", "SSH_AUTH_SOCK", "GIT_CONFIG_VALUE_0"} <= given.keys()


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c 'touch {}'",
        "--upload-pack=touch {}",
        "-u touch {}",
        "ssh://-oProxyCommand=touch {}/x",
        "-oProxyCommand=touch {}:x",
        "fd::17/touch {}",
    ],
)
async def test_an_address_cannot_run_a_command(clones: Path, address: str) -> None:
    """Besides the check of the settings, git gets a list of protocols and the end of options."""
    touched = clones.parent / "touched"
    source = git_source(address.format(touched), clones, environment=PATH)
    with pytest.raises(SourceError):
        await source.read(NO_DOCUMENTS, None)
    with pytest.raises(SourceError):
        await source.probe()
    assert not touched.exists()


async def test_a_branch_is_not_an_option(repository: Repository, clones: Path) -> None:
    """A branch can't name a place to write to either."""
    for branch in ("--upload-pack=touch x", "main:refs/heads/other", "-", "*"):
        with pytest.raises(SourceError):
            await git_source(repository.folder, clones, branch=branch).read(NO_DOCUMENTS, None)


async def test_git_is_ended_when_it_writes_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No pipe is left open."""
    monkeypatch.setattr(process, "MAX_OUTPUT", 1_000_000)
    before = open_files()
    for _ in range(5):
        with pytest.raises(GitOutputError):
            await run_git(["-c", "alias.x=!yes", "x"], PATH, time_limit=10)
    async with asyncio.timeout(60):
        while open_files() > before:  # noqa: ASYNC110 - there is no event for a closed pipe
            await asyncio.sleep(0.01)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't limit this memory")
async def test_an_endless_list_of_branches_is_given_up(
    clones: Path, ssh: Callable[[str], dict[str, str]]
) -> None:
    """Git keeps all of it in memory, at a gigabyte in a few seconds."""
    first = r"printf '003b%040d HEAD\0symref=x\n' 0"
    others = r"yes 0041$(printf '%040d refs/heads/%08d' 0 0)"
    environment = ssh(f"{first}; {others}")
    source = git_source("news.example:x", clones, environment=environment, ask_memory=16 * 2**20)
    with pytest.raises(SourceError, match="git needs too much memory for it"):
        await source.read(NO_DOCUMENTS, None)


def unfinished(folder: Path) -> int:
    """The number of files of interrupted fetches."""
    return len(list(folder.rglob("tmp_*")))


async def test_a_fetch_leaves_half_of_the_disk_free(repository: Repository, clones: Path) -> None:
    """A repository that is larger is an error, and what was fetched of it is removed."""
    repository.write("large.bin", os.urandom(300_000))
    repository.commit()
    none = 100_000 / shutil.disk_usage(clones.parent).free
    with pytest.raises(SourceError, match="there is not enough free disk space for it"):
        await git_source(repository.folder, clones, disk_share=none).read(NO_DOCUMENTS, None)
    assert unfinished(clones) == 0
    assert (await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)).changed == 1
    repository.write("larger.bin", os.urandom(300_000))
    repository.commit()
    for _ in range(3):
        with pytest.raises(SourceError, match="there is not enough free disk space for it"):
            await git_source(repository.folder, clones, disk_share=none).read(NO_DOCUMENTS, None)
        assert unfinished(clones) == 0
    await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)
    assert unfinished(clones) == 0
