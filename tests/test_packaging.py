"""What is installed: a wheel with everything that the program reads, and locked packages."""

import re
import tomllib
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DATA = (".sql", ".yaml", ".html", ".css", ".js", ".svg")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, as `pip install .` builds it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return zipfile.Path(built)


def names(wheel: zipfile.Path) -> set[str]:
    """The files in a wheel."""
    return {name for name in wheel.root.namelist() if not name.endswith("/")}


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.Path) -> None:
    """Code, migrations, sample stories and the page; nothing else."""
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "storage")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in names(wheel) if ".dist-info/" not in name}
    assert expected == packed
    assert {
        "bot/sandbox/samples/stories.yaml",
        "bot/sandbox/page/static/index.html",
        "storage/sqlite/migrations/0001_initial.sql",
    } <= packed
    assert set() == {name for name in packed if not name.endswith((".py", *DATA))}


def test_the_wheel_has_the_command_and_the_licence(wheel: zipfile.Path) -> None:
    """And says which Python it needs."""
    (info,) = (each for each in wheel.iterdir() if each.name.endswith(".dist-info"))
    assert "storywire = bot.cli:main" in (info / "entry_points.txt").read_text(encoding="utf-8")
    metadata = (info / "METADATA").read_text(encoding="utf-8")
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: MIT" in metadata
    assert any(name.endswith("/licenses/LICENSE") for name in names(wheel))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_index(lock: str) -> None:
    """Direct dependencies and the build backend are in it; so pip needs no other source."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?! )", text) if block.strip()]
    assert [] == [block for block in blocks if "==" not in block or "--hash=sha256:" not in block]
    assert "://" not in text
    assert "--index" not in text
    groups = PROJECT["dependency-groups"]
    wanted = [*PROJECT["project"]["dependencies"], *groups["build"]]
    wanted += groups["dev"] if "dev" in lock else []
    pinned = {normal(block) for block in blocks}
    assert {normal(each) for each in wanted} <= pinned


def test_lock_pins_packages_with_their_requested_extras() -> None:
    """Without them, pip 23 looks at the newest release of the package and refuses its hash."""
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    pinned = [Requirement(line) for line in re.findall(r"^\S+==[^\s;]+", lock, re.MULTILINE)]
    extras = {normal(each.name): each.extras for each in pinned}
    asked_for = {
        (normal(wanted.name), extra)
        for each in pinned
        if any(distributions(name=each.name))
        for wanted in map(Requirement, distribution(each.name).requires or ())
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        for extra in wanted.extras
    }
    assert ("coverage", "toml") in asked_for
    assert set() == {(name, extra) for name, extra in asked_for if extra not in extras[name]}


def test_the_locks_agree() -> None:
    """What is tested is what runs."""
    run, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert run <= dev


def test_the_image_is_built_by_the_steps_of_the_makefile() -> None:
    """Locked packages by hash, then the project; it runs as nobody in particular."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for step in (
        "--require-hashes --requirement requirements.lock",
        "--no-deps --no-build-isolation",
    ):
        assert step in dockerfile
        assert step in makefile
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert sources == let_in
    assert [] == [source for source in sources if not (ROOT / source).exists()]
    assert dockerfile.index("\nUSER 10001:10001") < dockerfile.index("\nENTRYPOINT")


def test_compose_gives_the_bot_no_more_than_it_needs() -> None:
    """The token by file, articles to read only, no capabilities."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["storywire"]
    assert service["environment"]["DISCORD_TOKEN_FILE"] == "/run/secrets/discord-token"
    assert set(service["secrets"]) == set(compose["secrets"]) == {"discord-token"}
    assert service["volumes"] == ["./articles:/articles:ro", "storywire:/app/var"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"


def normal(requirement: str) -> str:
    """A package's name as registries compare it (PEP 503)."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()
