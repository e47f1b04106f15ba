"""Settings: a YAML file; the environment variable `STORYWIRE_<SECTION>__<KEY>` overrides a key.

The file is the one named by `--config`, else by `STORYWIRE_CONFIG`, else `storywire.yaml` in the
working directory if there is one. Unknown keys are errors. docs/settings.md lists all keys.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal, cast

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as BrokenVariable

from bot.config.error_messages import ENVIRONMENT_PREFIX, explain, variable_problems
from bot.config.sources import AnySource, Duration, Section, TopicsSettings
from bot.config.yaml_file import YamlFile, read_yaml
from bot.errors import SettingsError, TokenError

DEFAULT_FILE = Path("storywire.yaml")


class AnnounceSettings(Section):
    """What is announced, and how fast."""

    min_quality: int = 70
    max_age: Duration | None = timedelta(days=7)
    catch_up: Annotated[int, Field(ge=0, le=20)] = 3
    max_per_hour: Annotated[int, Field(ge=1)] | None = 30
    withdrawn: Literal["strike", "delete"] = "strike"
    pace: Annotated[float, Field(gt=0, le=50)] = 45


class SubscriptionSettings(Section):
    """Limits per server."""

    max_per_server: Annotated[int, Field(ge=1)] = 50
    max_channels: Annotated[int, Field(ge=1)] = 25


class DiscordSettings(Section):
    """Which Discord API to connect to, and the bot's token."""

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
        """The environment takes precedence over the file; no other source is read."""
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
    """Read the settings. Raises `SettingsError`: a line per problem with key, place and remedy."""
    named = file or (Path(path) if (path := os.environ.get("STORYWIRE_CONFIG")) else None)
    if named is not None and not named.is_file():
        raise SettingsError(f"settings file {named} not found; check --config or STORYWIRE_CONFIG")
    used = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    read = _read_file(used) if used else None

    class FromFile(Settings):
        from_file = cast("Mapping[str, object]", read.content) if read and read.content else {}

    problems = list(variable_problems(Settings.model_fields))
    try:
        settings = FromFile()
    except ValidationError as error:
        raise SettingsError("\n".join([*problems, *explain(error, read)])) from error
    except BrokenVariable as error:
        lines = problems or [f"{error}; write lists and sections in the environment as JSON"]
        raise SettingsError("\n".join(lines)) from error
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _read_file(path: Path) -> YamlFile:
    read = read_yaml(path)
    content = read.content
    if content is not None and not (
        isinstance(content, dict) and all(isinstance(key, str) for key in content)
    ):
        raise SettingsError(f"{path}: write settings as `key: value`; docs/settings.md lists them")
    return read


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
