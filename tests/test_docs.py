"""The documentation is complete, and names no path of the machine it was written on."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from bot.cli import COMMANDS, main
from bot.config.settings import Settings
from bot.config.sources import ApiSettings, FeedSettings, FolderSettings, GitSettings
from bot.discordapp.permissions import INVITE_PERMISSIONS
from tests.test_packaging import normal

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# Where the examples in the documentation install. In a checkout there, the test of paths is
# meaningless.
EXAMPLES = ("/opt/storywire", "/app")
# Python files of other programs.
OTHER_MODULES = {"discord.py", "pelicanconf.py", "publishconf.py"}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of all settings of a model, each with `prefix` before it."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def documented_settings() -> dict[str, str]:
    """The rows of the tables in docs/settings.md by key."""
    rows = re.findall(r"^\| `([a-z_.\[\]]+)` \|(.*)\|$", read(DOCS / "settings.md"), re.MULTILINE)
    return dict(rows)


def test_settings_page_lists_exactly_the_settings() -> None:
    """docs/settings.md has a row for each key, and no others."""
    expected = set(keys(Settings))
    for kind in (FolderSettings, GitSettings, FeedSettings, ApiSettings):
        expected |= set(keys(kind, "sources[]."))
    assert expected == set(documented_settings())


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_settings_page_names_the_variable(key: str) -> None:
    """Each row names the environment variable of its key."""
    variable = "STORYWIRE_" + key.upper().replace(".", "__")
    assert f"`{variable}`" in documented_settings()[key]


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_settings_page_states_the_default(key: str) -> None:
    """Each row has the default as it is written in the file; a duration may have any unit."""
    value: object = Settings()
    for part in key.split("."):
        value = getattr(value, part)
    documented = documented_settings()[key].split("|")[0].strip(" `")
    if value == ():
        assert documented == "none"
    else:
        section: object = documented
        for part in reversed(key.split(".")):
            section = {part: None if section == "null" else section}
        parsed: object = Settings.model_validate(section)
        for part in key.split("."):
            parsed = getattr(parsed, part)
        assert parsed == value


def test_each_release_has_upgrade_notes() -> None:
    """Those of the next one name the version to which the database is migrated."""
    upgrading = read(DOCS / "upgrading.md")
    releases = re.findall(r"^## \[?(\d+\.\d+\.\d+)", read(ROOT / "CHANGELOG.md"), re.MULTILINE)
    notes = re.findall(r"^### (\d+\.\d+\.\d+)", upgrading, re.MULTILINE)
    assert releases == notes != []
    newest = max(path.name for path in (ROOT / "storage/sqlite/migrations").glob("*.sql"))
    assert f"The database is migrated to version {int(newest[:4])}." in upgrading


def test_every_command_and_option_is_documented() -> None:
    """Each command and option of `storywire` occurs in the README or in docs/."""
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    text = "\n".join(read(page) for page in pages)
    context = click.Context(main)
    wanted = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        wanted.append(f"storywire {name}")
        wanted += [option for parameter in command.params for option in parameter.opts]
    assert [] == [each for each in wanted if f"`{each}" not in text and f" {each}" not in text]


def test_help_describes_every_command() -> None:
    """Commands are loaded lazily; the help has the same names and descriptions as they have."""
    context = click.Context(main)
    assert list(COMMANDS) == main.list_commands(context)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert COMMANDS[name] in main.get_help(context)


def test_messages_name_pages_that_every_installation_has() -> None:
    """By the command that shows them, as an installed program has no folder docs/."""
    named, paths = set(), []
    for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")):
        tree = ast.parse(read(path))
        documentation = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named |= set(re.findall(r"storywire docs ([\w/-]+)", node.value))
                if node not in documentation and re.search(r"\bdocs/\S*\.md", node.value):
                    paths.append(f"{path.name}: {node.value}")
    assert paths == []
    assert {"settings", "sources", "database"} <= named
    assert [] == [page for page in named if not (DOCS / f"{page}.md").is_file()]


def test_every_dependency_has_a_reason() -> None:
    """docs/decisions/0001-dependencies.md has a row for each direct dependency, and no others."""
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    groups = project["dependency-groups"]
    direct = [*project["project"]["dependencies"], *groups["build"], *groups["dev"]]
    documented = re.findall(
        r"^\| `([^`]+)` \|", read(DOCS / "decisions" / "0001-dependencies.md"), re.MULTILINE
    )
    assert {normal(each) for each in direct} == {normal(each) for each in documented}


def test_invite_link_requests_the_needed_permissions() -> None:
    """The number in docs/running-on-discord.md is the one in the code."""
    text = read(DOCS / "running-on-discord.md")
    assert f"permissions={INVITE_PERMISSIONS.value}\n" in text
    assert "scope=bot+applications.commands&" in text


def test_links_between_pages_work() -> None:
    """Files, pictures and headings that the documentation links to exist."""
    broken = []
    for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")):
        for target, heading in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", read(page)):
            if "://" in target:
                continue
            path = page.parent / target if target else page
            if not path.exists() or (heading and heading not in anchors(path)):
                broken.append(f"{page.name}: {target}#{heading}")
    assert broken == []


def test_documentation_names_existing_modules() -> None:
    """Each Python file that a page mentions exists in the project, unless in an address."""
    existing = {
        path.name for name in ("bot", "storage", "tests") for path in (ROOT / name).rglob("*.py")
    }
    missing = [
        f"{page.name}: {name}"
        for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
        for name in re.findall(r"\b\w+\.py\b", re.sub(r"https://\S+", "", read(page)))
        if name not in existing | OTHER_MODULES
    ]
    assert missing == []


def test_no_file_names_a_path_of_this_machine() -> None:
    """No file contains the path of this checkout, which nobody else has."""
    if str(ROOT) in EXAMPLES or len(ROOT.parts) < 3:
        pytest.skip("the path of the checkout also occurs in the documentation")
    git = shutil.which("git") or pytest.skip("no git")
    which = ("--cached", "--others", "--exclude-standard")
    listed = subprocess.run(  # noqa: S603 - git, and nothing from outside
        [git, "-c", "safe.directory=*", "ls-files", "-z", *which],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    needle = re.compile(re.escape(str(ROOT)) + r"\b")
    files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    assert [] == [
        file.relative_to(ROOT).as_posix()
        for file in files
        if file.is_file() and needle.search(file.read_text(encoding="utf-8", errors="replace"))
    ]
