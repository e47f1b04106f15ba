"""Settings: a YAML file, every key of which `STORYWIRE_<SECTION>__<KEY>` overrides.

The file is the one named by `--config`, else by `STORYWIRE_CONFIG`, else `storywire.yaml` in the
working directory if there is one. Unknown keys are errors. Every key is told in docs/settings.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import yaml
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as BrokenVariable

from bot.errors import SettingsError, TokenError
from bot.source_settings import (
    SOURCE_KINDS,
    AnySource,
    ApiSettings,
    ArticleSettings,
    Duration,
    FeedSettings,
    FileSettings,
    FolderSettings,
    GitSettings,
    Section,
    SourceSettings,
    TopicsSettings,
)

__all__ = [
    "AnnounceSettings",
    "AnySource",
    "ApiSettings",
    "ArticleSettings",
    "DiscordSettings",
    "Duration",
    "FeedSettings",
    "FileSettings",
    "FolderSettings",
    "GitSettings",
    "Settings",
    "SourceSettings",
    "SubscriptionSettings",
    "TopicsSettings",
    "discord_token",
    "load_settings",
]

ENVIRONMENT_PREFIX = "STORYWIRE_"
DEFAULT_FILE = Path("storywire.yaml")
# Read by others than the settings: which file to read, and the tests' description of Discord's API.
OTHER_VARIABLES = frozenset({"STORYWIRE_CONFIG", "STORYWIRE_DISCORD_OPENAPI"})

# What pydantic says of these is about Python.
_WORDS = {
    "model_type": "write keys below it, or leave it out",
    "model_attributes_type": "write keys below it, or leave it out",
    "tuple_type": "write a list: in the file with `- ` before each entry, in a variable as JSON",
}


class AnnounceSettings(Section):
    """What is announced, and how fast."""

    min_quality: int = 70
    max_age: Duration | None = timedelta(days=7)
    catch_up: Annotated[int, Field(ge=0, le=20)] = 3
    max_per_hour: Annotated[int, Field(ge=1)] | None = 30
    withdrawn: Literal["strike", "delete"] = "strike"
    pace: Annotated[float, Field(gt=0, le=50)] = 45


class SubscriptionSettings(Section):
    """How much one server may ask for."""

    max_per_server: Annotated[int, Field(ge=1)] = 50
    max_channels: Annotated[int, Field(ge=1)] = 25


class DiscordSettings(Section):
    """Which Discord, and who we are there."""

    api_url: str | None = None
    token: SecretStr | None = None


class Settings(BaseSettings):
    """Everything that an operator can set."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        env_parse_none_str="null",
    )
    from_file: ClassVar[Mapping[str, object]] = {}

    database: Path = Path("var/storywire.db")
    sources: tuple[AnySource, ...] = ()
    topics: TopicsSettings = TopicsSettings()
    announce: AnnounceSettings = AnnounceSettings()
    subscriptions: SubscriptionSettings = SubscriptionSettings()
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
        return init_settings, env_settings, InitSettingsSource(settings_cls, dict(cls.from_file))

    @property
    def clones(self) -> Path:
        """The folder that keeps the clones of repositories."""
        return self.database.parent / "git"

    @field_validator("sources")
    @classmethod
    def _each_source_once(cls, sources: tuple[AnySource, ...]) -> tuple[AnySource, ...]:
        names = [source.name for source in sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name.replace(':', ' ', 1)} is named twice")
        return sources


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings. Raises `SettingsError` naming the key, the place and the mend."""
    named = file or (Path(path) if (path := os.environ.get("STORYWIRE_CONFIG")) else None)
    if named is not None and not named.is_file():
        raise SettingsError(f"settings file {named} not found; check --config or STORYWIRE_CONFIG")
    used = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    _refuse_unknown_variables()

    class FromFile(Settings):
        from_file = _read_file(used) if used else {}

    where = f"{used} or the environment" if used else "the environment"
    try:
        return FromFile()
    except ValidationError as error:
        raise SettingsError(_explain(error, where)) from error
    except BrokenVariable as error:
        raise SettingsError(
            f"{error}; write lists and sections in the environment as JSON"
        ) from error


def _read_file(path: Path) -> Mapping[str, object]:
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise SettingsError(f"{path}{line} is not valid YAML: {problem}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise SettingsError(f"{path}: write settings as `key: value`; docs/settings.md lists them")
    return content


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
            problem = getattr(error, "strerror", None) or "it is no text"
            raise TokenError(f"DISCORD_TOKEN_FILE: {path} can't be read: {problem}") from error
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


def _place(location: tuple[int | str, ...]) -> list[str]:
    """The keys that lead there; which kind of source was meant is no key."""
    parts = [str(part) for part in location]
    if parts[:1] == ["sources"] and parts[2:3] and parts[2] in SOURCE_KINDS:
        del parts[2]
    return parts


def _explain(error: ValidationError, where: str) -> str:
    """The first problem of several, in one line, without the value (it may be a secret)."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(_place(problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"{place} in {where} is no setting; docs/settings.md lists them"
    message = _WORDS.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    return f"{place} in {where}: {message[:1].lower()}{message[1:]}"
