"""What is installed: a wheel with everything that the program reads, and locked packages."""

import re
import shutil
import subprocess
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

from tests.cli.support import Terminal, settings
from tests.cli.test_load import counts
from tests.cli.test_running import Page
from tests.support.articles import make_news_markdown

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "contrib" / "storywire.service"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DATA = (".sql", ".yaml", ".html", ".css", ".js", ".svg", ".md")


@pytest.fixture(scope="module")
def built_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as `pip install .` builds it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


@pytest.fixture(scope="module")
def wheel(built_wheel: Path) -> zipfile.Path:
    """The files in the wheel."""
    return zipfile.Path(built_wheel)


def names(wheel: zipfile.Path) -> set[str]:
    """The files in a wheel."""
    return {name for name in wheel.root.namelist() if not name.endswith("/")}


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.Path) -> None:
    """Code, migrations, sample stories and articles, the page and the docs; nothing else."""
    places = {"bot": "bot", "storage": "storage", "docs": "bot/docs", "seeds": "bot/seeds"}
    expected = {
        (place / path.relative_to(ROOT / folder)).as_posix()
        for folder, place in ((folder, Path(place)) for folder, place in places.items())
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix not in {".png", ".webp"}
    }
    packed = {name for name in names(wheel) if ".dist-info/" not in name}
    assert expected == packed
    assert {
        "bot/sandbox/samples/stories.yaml",
        "bot/sandbox/page/static/index.html",
        "storage/sqlite/migrations/0001_initial.sql",
        "bot/docs/settings.md",
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


@pytest.fixture(scope="module")
def installed(built_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`storywire` of the wheel, installed without a checkout or a network.

    Its dependencies are those of this environment.
    """
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    install = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile")
    subprocess.run([python, *install, built_wheel], cwd=environment, check=True)  # noqa: S603 - our own wheel
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment / "bin" / "storywire"


@pytest.fixture
def empty_folder(installed: Path, tmp_path: Path) -> Terminal:
    """A terminal in an empty folder, with `storywire` of the wheel."""
    return Terminal(tmp_path, (str(installed),))


def test_an_installed_wheel_reads_articles(empty_folder: Terminal) -> None:
    version = empty_folder.run("--version")
    assert (0, f"storywire, version {PROJECT['project']['version']}\n") == (
        version.status,
        version.out,
    )
    empty_folder.write("storywire.yaml", settings(["articles"]))
    empty_folder.write("articles/one.md", make_news_markdown("one"))
    load = empty_folder.run("load")
    assert (0, counts(new=1), "") == (load.status, load.out, load.err)
    check = empty_folder.run("check", DISCORD_TOKEN="made-up")
    assert (0, "") == (check.status, check.err)
    assert "contains 1 story" in check.out


async def test_the_sandbox_of_a_wheel_posts_sample_articles(
    empty_folder: Terminal,
) -> None:
    """They, the page and the migrations are in the wheel."""
    async with empty_folder.start("sandbox", "--port", "0") as program:
        page = Page(await program.ready())
        await page.subscribe()
        assert 3 == len(await page.messages(at_least=3))
        await page.drop_story()
        assert 4 == len(await page.messages(at_least=4))


def test_an_installed_wheel_shows_its_documentation(empty_folder: Terminal) -> None:
    """Pages are listed with their titles."""
    listed = [tuple(line.split(maxsplit=1)) for line in empty_folder.run("docs").out.splitlines()]
    assert ("settings", "Settings") in listed
    assert len(listed) == len(list((ROOT / "docs").rglob("*.md")))
    shown = empty_folder.run("docs", "settings")
    assert (0, (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").rstrip()) == (
        shown.status,
        shown.out.rstrip(),
    )
    unknown = empty_folder.run("docs", "nothing")
    assert unknown.status == 2
    assert "there is no page nothing; `storywire docs` lists all pages" in unknown.err


def test_bash_completes_commands_and_pages(empty_folder: Terminal) -> None:
    """With the documented line, and the functions that it defines."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^eval .*bash_source.*$", page, re.MULTILINE)
    script = f"""
        PATH="{Path(empty_folder.program[0]).parent}:$PATH"
        {line}
        complete -p storywire
        complete_words() {{
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _storywire_completion storywire && echo "${{COMPREPLY[@]}}"
        }}
        complete_words storywire sc
        complete_words storywire docs set
        complete_words storywire load --str
    """
    bash = shutil.which("bash") or pytest.skip("no bash")
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _storywire_completion storywire",
        "schema",
        "settings",
        "--strict",
    ]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_their_script(empty_folder: Terminal, shell: str) -> None:
    script = empty_folder.run(_STORYWIRE_COMPLETE=f"{shell}_source")
    assert (0, "") == (script.status, script.err)
    assert f"_STORYWIRE_COMPLETE={shell}_complete" in script.out


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


def test_make_install_installs_the_bot_alone(tmp_path: Path) -> None:
    """The locked packages that run needs, and none for development."""
    make = shutil.which("make") or pytest.skip("no make")
    command = [make, "--dry-run", "--always-make", f"VENV={tmp_path}/venv", "install"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own file
    assert "--require-hashes --requirement requirements.lock" in done.stdout
    assert "--no-deps --no-build-isolation --editable ." in done.stdout
    assert "requirements-dev.lock" not in done.stdout


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


def test_the_documented_systemd_unit_is_the_file() -> None:
    """Installed programs have the page only."""
    page = (ROOT / "docs" / "running-on-discord.md").read_text(encoding="utf-8")
    assert re.findall(r"^```ini\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) == [
        UNIT.read_text(encoding="utf-8")
    ]


def test_systemd_finds_no_mistake_in_the_unit(tmp_path: Path) -> None:
    """Its program and its user are replaced by some that exist."""
    analyze = shutil.which("systemd-analyze") or pytest.skip("no systemd")
    text = UNIT.read_text(encoding="utf-8")
    for key, value in {"ExecStart": "/bin/true", "User": "root"}.items():
        text, replaced = re.subn(rf"^{key}=.*$", f"{key}={value}", text, flags=re.MULTILINE)
        assert replaced == 1
    unit = tmp_path / UNIT.name
    unit.write_text(text, encoding="utf-8")
    unit.chmod(0o644)
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)  # noqa: S603 - systemd, and our own file
    assert UNIT.name not in done.stdout + done.stderr


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
