"""Settings: a YAML file, every key of which `STORYWIRE_<SECTION>__<KEY>` overrides.

The file is the one named by `--config`, else by `STORYWIRE_CONFIG`, else `storywire.yaml` in the
working directory if there is one. Unknown keys are errors. Every key is told in docs/settings.md.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from bot.errors import SettingsError, TokenError

ENVIRONMENT_PREFIX = "STORYWIRE_"
DEFAULT_FILE = Path("storywire.yaml")
# Read by others than the settings: which file to read, and the tests' description of Discord's API.
OTHER_VARIABLES = frozenset({"STORYWIRE_CONFIG", "STORYWIRE_DISCORD_OPENAPI"})

_DURATION = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _parse_duration(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write a duration as a number and a unit: 30s, 10m, 12h, 7d or 2w")  # noqa: TRY004 - pydantic reports ValueError
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("write a duration as a number and a unit: 30s, 10m, 12h, 7d or 2w")
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError as error:
        raise ValueError("that is longer than can be counted") from error


Duration = Annotated[timedelta, BeforeValidator(_parse_duration)]


class Section(BaseModel):
    """A part of the settings; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FolderSettings(Section):
    """A folder of Markdown files, read with all folders in it."""

    folder: Path
    unpublished: Literal["skip", "announce"] = "skip"
    include: tuple[str, ...] = ("*.md", "*.markdown")
    exclude: tuple[str, ...] = ("README.md",)

    @property
    def name(self) -> str:
        """What the source is called in reports and in the database."""
        return f"folder:{self.folder.as_posix()}"


class AnnounceSettings(Section):
    """What is announced, and how fast."""

    min_quality: int = 70
    max_age: Duration | None = timedelta(days=7)
    catch_up: Annotated[int, Field(ge=0, le=20)] = 3
    pace: Annotated[float, Field(gt=0, le=50)] = 45


class DiscordSettings(Section):
    """Which Discord, and who we are there."""

    api_url: str | None = None
    token: SecretStr | None = None


class Settings(BaseSettings):
    """Everything that an operator can set."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__"
    )
    yaml_file: ClassVar[Path | None] = None

    database: Path = Path("var/storywire.db")
    sources: tuple[FolderSettings, ...] = ()
    announce: AnnounceSettings = AnnounceSettings()
    discord: DiscordSettings = DiscordSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the overridden signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the overridden signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file; there are no other places."""
        file = YamlConfigSettingsSource(settings_cls, yaml_file=cls.yaml_file)
        return init_settings, env_settings, file


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings. Raises `SettingsError` naming the key, the place and the mend."""
    named = file or (Path(path) if (path := os.environ.get("STORYWIRE_CONFIG")) else None)
    if named is not None and not named.is_file():
        raise SettingsError(f"settings file {named} not found; check --config or STORYWIRE_CONFIG")
    used = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    _refuse_unknown_variables()

    class FromFile(Settings):
        yaml_file = used

    where = f"{used} or the environment" if used else "the environment"
    try:
        return FromFile()
    except ValidationError as error:
        raise SettingsError(_explain(error, where)) from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f", line {place.line + 1}" if place else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise SettingsError(f"{used}{line} is not valid YAML: {problem}") from error
    except (ValueError, OSError) as error:
        raise SettingsError(f"the settings in {where} can't be read: {error}") from error


def discord_token(settings: Settings) -> SecretStr:
    """The bot's token: `DISCORD_TOKEN`, else the file in `DISCORD_TOKEN_FILE`, else the settings.

    Raises `TokenError` if there is none.
    """
    if token := os.environ.get("DISCORD_TOKEN", "").strip():
        return SecretStr(token)
    if path := os.environ.get("DISCORD_TOKEN_FILE"):
        try:
            token = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise TokenError(f"DISCORD_TOKEN_FILE: {path} can't be read: {error}") from error
        if token:
            return SecretStr(token)
        raise TokenError(f"DISCORD_TOKEN_FILE: {path} is empty; put the bot's token into it")
    if settings.discord.token:
        return settings.discord.token
    raise TokenError(
        "no Discord token; set DISCORD_TOKEN (or DISCORD_TOKEN_FILE) to the bot's token,"
        " or try it without one: storywire sandbox"
    )


def _refuse_unknown_variables() -> None:
    """A misspelt variable would be passed over in silence; say so instead."""
    sections = Settings.model_fields
    for variable in sorted(os.environ):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in OTHER_VARIABLES:
            continue
        section = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")[0]
        if section not in sections:
            raise SettingsError(
                f"{variable} is no setting; the settings are {', '.join(sections)}"
                " (docs/settings.md)"
            )


def _explain(error: ValidationError, where: str) -> str:
    """The first problem of several, in one line, without the value (it may be a secret)."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{place} in {where} is no setting; docs/settings.md lists them"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{place} in {where}: {message[:1].lower()}{message[1:]}"
