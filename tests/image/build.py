"""Builds the image with buildah, on a base image made with debootstrap; needs Debian and root."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
# What the Dockerfile names, as buildah looks it up among local images.
_BASE = "localhost/python:3.11-slim-bookworm"
_IMAGE = "localhost/storywire:test"
_TOOLS = ("buildah", "debootstrap", "unshare", "mount", "chroot")
# The base image of the Dockerfile has a `python` and its certificates.
_PACKAGES = "python3,python3-venv,ca-certificates"
# Images do not keep the packages that they have installed.
_NO_ARCHIVES = 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };\n'
# The network of this machine may need certificates of its own.
_CERTIFICATES = "/etc/ssl/certs:/etc/ssl/certs:ro"
_BUILD_SECONDS = 1200


class BuildError(Exception):
    """The image can't be built; contains the end of the command's output."""


def missing_requirement() -> str | None:
    """Why no image can be built on this machine; None if it can."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return f"{', '.join(missing)} not found" if missing else None


@dataclass(frozen=True, slots=True)
class ImageConfiguration:
    """How an image is run; `user` is `uid:gid`, and `environment` has `NAME=value`."""

    command: tuple[str, ...]
    entrypoint: tuple[str, ...]
    user: str
    environment: tuple[str, ...]
    stop_signal: str
    health_check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Builder:
    """buildah with a storage of its own in a folder, so that no other image is touched."""

    folder: Path

    def make_base_image(self) -> None:
        """Make an image of Debian 12 with Python 3.11, under the name of the Dockerfile's base."""
        root = self.folder / "base"
        _run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(root))
        (root / "usr/bin/python").symlink_to("python3")
        (root / "etc/apt/apt.conf.d/clean").write_text(_NO_ARCHIVES, encoding="utf-8")
        container = self._buildah("from", "scratch")
        self._buildah("add", "--quiet", container, str(root), "/")
        self._buildah("commit", "--quiet", "--rm", container, _BASE)
        shutil.rmtree(root)

    def build(self) -> None:
        """Build the image of the Dockerfile."""
        self._buildah(
            "build-using-dockerfile",
            "--isolation=chroot",
            "--pull-never",
            "--layers",
            "--format=docker",
            f"--volume={_CERTIFICATES}",
            f"--tag={_IMAGE}",
            str(PROJECT),
        )

    def layer_sizes(self) -> list[int]:
        """The sizes of the layers that the Dockerfile adds to its base image, in bytes."""
        target = self.folder / "layers"
        self._buildah("push", "--quiet", "--disable-compression", _IMAGE, f"dir:{target}")
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        return [int(layer["size"]) for layer in manifest["layers"][1:]]

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """The files of a new container."""
        container = self._buildah("from", _IMAGE)
        try:
            yield Path(self._buildah("mount", container))
        finally:
            self._buildah("umount", container)

    def remove(self) -> None:
        """Remove all images and containers."""
        with suppress(BuildError):
            self._buildah("rm", "--all")
            self._buildah("rmi", "--all", "--force")

    def configuration(self) -> ImageConfiguration:
        """What the Dockerfile says about running the image."""
        text = _run("buildah", *self._storage, "inspect", "--type=image", _IMAGE)
        found = json.loads(text)["Docker"]["config"]
        return ImageConfiguration(
            command=(*found["Entrypoint"], *found["Cmd"]),
            entrypoint=tuple(found["Entrypoint"]),
            user=found["User"],
            environment=tuple(found["Env"]),
            stop_signal=found["StopSignal"],
            # The first part says that the rest is a command.
            health_check=tuple(found["Healthcheck"]["Test"][1:]),
        )

    @property
    def _storage(self) -> tuple[str, str]:
        return f"--root={self.folder / 'storage'}", f"--runroot={self.folder / 'run'}"

    def _buildah(self, *arguments: str) -> str:
        output = _run("buildah", *self._storage, *arguments)
        return output.splitlines()[-1] if output else ""


def _run(*command: str) -> str:
    """Run a command; returns what it printed. Raises `BuildError`."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
    )
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise BuildError(f"{' '.join(command[:2])} failed with status {done.returncode}:\n{end}")
    return done.stdout.strip()
