"""The documentation tells everything there is, and nothing about the machine it was written on."""

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
# Where the documentation's examples install; a checkout that lies there tells nothing.
EXAMPLES = ("/opt/storywire", "/app")


def read(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of all settings; those of an entry of `sources` after `sources[].`."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def documented_settings() -> dict[str, str]:
    """The rows of the tables in docs/settings.md, by their key."""
    rows = re.findall(r"^\| `([a-z_.\[\]]+)` \|(.*)\|$", read(DOCS / "settings.md"), re.MULTILINE)
    return dict(rows)


def test_every_setting_is_documented_and_no_other() -> None:
    """docs/settings.md has a row for each key."""
    expected = set(keys(Settings))
    for kind in (FolderSettings, GitSettings, FeedSettings, ApiSettings):
        expected |= set(keys(kind, "sources[]."))
    assert expected == set(documented_settings())


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_the_variable_of_a_setting_is_documented(key: str) -> None:
    """Beside its key."""
    variable = "STORYWIRE_" + key.upper().replace(".", "__")
    assert f"`{variable}`" in documented_settings()[key]


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_the_default_of_a_setting_is_documented(key: str) -> None:
    """As one would write it into the file; a duration in any unit."""
    value: object = Settings()
    for part in key.split("."):
        value = getattr(value, part)
    told = documented_settings()[key].split("|")[0].strip(" `")
    if value == ():
        assert told == "none"
    else:
        section: object = told
        for part in reversed(key.split(".")):
            section = {part: None if section == "null" else section}
        again: object = Settings.model_validate(section)
        for part in key.split("."):
            again = getattr(again, part)
        assert again == value


def test_every_command_and_option_is_documented() -> None:
    """In the README or in docs/."""
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


def test_the_help_names_every_command() -> None:
    """The group loads them when they are asked for; each is the one that it is called."""
    context = click.Context(main)
    assert list(COMMANDS) == main.list_commands(context)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert COMMANDS[name] in main.get_help(context)


def test_every_dependency_has_its_reason() -> None:
    """docs/decisions/0001-dependencies.md has a row for each direct one, and no other."""
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    groups = project["dependency-groups"]
    direct = [*project["project"]["dependencies"], *groups["build"], *groups["dev"]]
    told = re.findall(
        r"^\| `([^`]+)` \|", read(DOCS / "decisions" / "0001-dependencies.md"), re.MULTILINE
    )
    assert {normal(each) for each in direct} == {normal(each) for each in told}


def test_the_invite_link_asks_for_what_the_bot_needs() -> None:
    """The number in docs/running-on-discord.md is that of the code."""
    text = read(DOCS / "running-on-discord.md")
    assert f"permissions={INVITE_PERMISSIONS.value}\n" in text
    assert "scope=bot+applications.commands&" in text


def test_links_between_pages_lead_somewhere() -> None:
    """Files and pictures that the documentation names are there."""
    broken = [
        f"{page.name}: {target}"
        for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
        for target in re.findall(r"\]\(([^)#\s]+)", read(page))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_no_file_names_a_path_of_this_machine() -> None:
    """Whatever was tried here, nobody else has this folder."""
    if str(ROOT) in EXAMPLES or len(ROOT.parts) < 3:
        pytest.skip("the checkout lies in a place that everybody has")
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
