"""Settings come from a YAML file; a variable `STORYWIRE_<SECTION>__<KEY>` overrides a key.

The file is the one named by `--config`, else by `STORYWIRE_CONFIG`, else `storywire.yaml` in the
working directory if it exists. Unknown keys are errors. docs/settings.md lists all keys.
"""

import os
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal, cast

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as InvalidVariableError

from bot.config.error_messages import ENVIRONMENT_PREFIX, error_lines, variable_problems
from bot.config.sources import (
    AnySource,
    ConfiguredSource,
    Duration,
    FilePath,
    PushSettings,
    Section,
    TopicsSettings,
)
from bot.config.token_shape import token_problem
from bot.config.yaml_file import YamlFile, read_yaml
from bot.errors import SettingsError, TokenError
from bot.urls.redaction import contains_secret, redact

DEFAULT_FILE = Path("storywire.yaml")
# A message is kept up to date for so long (`bot.announce.delivery.EDIT_WINDOW`).
SHORTEST_RETENTION = timedelta(days=14)


class AnnounceSettings(Section):
    """What is announced, and how fast."""

    min_quality: int = 70
    """The minimum quality of a new subscription; an admin can set another one."""
    max_age: Duration | None = timedelta(days=7)
    """A story that is older than this is not announced; null means no limit."""
    catch_up: Annotated[int, Field(ge=0, le=20)] = 3
    """How many of the best existing stories a new subscription posts, whatever their age."""
    max_per_hour: Annotated[int, Field(ge=1)] | None = 30
    """How many stories a subscription gets in an hour; null means no limit."""
    withdrawn: Literal["strike", "delete"] = "strike"
    """What happens to the message of a withdrawn story: strike it through, or delete it."""
    pace: Annotated[float, Field(gt=0, le=50)] = 45
    """Messages per second of the whole bot; Discord's own limit is 50."""


class SubscriptionSettings(Section):
    """Limits per server."""

    max_per_server: Annotated[int, Field(ge=1)] = 50
    """How many subscriptions a server may have."""
    max_channels: Annotated[int, Field(ge=1)] = 25
    """In how many channels of a server stories may be posted."""


class RetentionSettings(Section):
    """When articles leave the archive."""

    articles: Duration | None = None
    """Articles that are older than this leave the archive; null keeps all of them."""

    @field_validator("articles")
    @classmethod
    def _check_articles(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < SHORTEST_RETENTION:
            raise ValueError("write at least 14d, for which messages are kept up to date")
        return value


class DiscordSettings(Section):
    """Which Discord API to connect to, and the bot's token."""

    api_url: str | None = None
    """The server that the bot connects to instead of Discord."""
    owner_server: Annotated[int, Field(gt=0, lt=2**63)] | None = None
    """The id of the server that has the owner commands; null means that every server has them."""
    token: SecretStr | None = None
    """The bot's token. Better put it into a file of its own, named by DISCORD_TOKEN_FILE."""


def _check_backup_interval(every: timedelta) -> timedelta:
    if not timedelta(hours=1) <= every <= timedelta(weeks=52):
        raise ValueError("write a duration between 1h and 52w")
    return every


class BackupSettings(Section):
    """Backups of the database that the running bot makes."""

    folder: FilePath | None = None
    """The folder for scheduled backups of the database; null means that none are made."""
    every: Annotated[Duration, AfterValidator(_check_backup_interval)] = timedelta(days=1)
    """How often a backup is made, from 1h to 52w."""
    keep: Annotated[int, Field(ge=1)] = 7
    """How many backups are kept; older ones are deleted when a new one is complete."""


class TelemetrySettings(Section):
    """Health, metrics and a status page for operators, over HTTP; off without a `port`."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """The port of the health checks, the metrics and the status page; null means off."""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """The address to listen on. Others than those of this machine let everybody read it."""


class Settings(BaseSettings):
    """The settings of Storywire."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        env_parse_none_str="null",
        use_attribute_docstrings=True,
    )
    from_file: ClassVar[Mapping[str, object]] = {}

    database: FilePath = Path("var/storywire.db")
    """The file with the stories, the subscriptions and the record of what was posted."""
    sources: tuple[AnySource, ...] = ()
    """What is read. If several sources have the same story, the first one's article is shown."""
    push: PushSettings = PushSettings()
    """Articles that other programs send to the bot."""
    topics: TopicsSettings = TopicsSettings()
    """Rules that give topics to articles without topics."""
    announce: AnnounceSettings = AnnounceSettings()
    """What is announced, when, and how fast."""
    subscriptions: SubscriptionSettings = SubscriptionSettings()
    """How many subscriptions and channels a server may have."""
    backup: BackupSettings = BackupSettings()
    """Scheduled backups of the database."""
    retention: RetentionSettings = RetentionSettings()
    """How long articles stay in the archive."""
    discord: DiscordSettings = DiscordSettings()
    """Which server to connect to, and the bot's token."""
    telemetry: TelemetrySettings = TelemetrySettings()
    """Health, metrics and a status page for operators; off without a `port`."""

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
    def all_sources(self) -> tuple[ConfiguredSource, ...]:
        """Where stories come from, in order of precedence: a pushed article is preferred."""
        return self.sources if self.push.port is None else (self.push, *self.sources)

    @property
    def clones(self) -> Path:
        """The folder for the clones of repositories."""
        return self.database.parent / "git"

    @field_validator("sources")
    @classmethod
    def _check_duplicates(cls, sources: tuple[AnySource, ...]) -> tuple[AnySource, ...]:
        for name, times in Counter(source.name for source in sources).items():
            if times > 1:
                raise ValueError(f"{name.replace(':', ' ', 1)} is listed twice; remove one")
        return sources

    @field_validator("retention")
    @classmethod
    def _check_retention(cls, value: RetentionSettings, info: ValidationInfo) -> RetentionSettings:
        """An article that left the archive must be too old to be announced."""
        announce = info.data.get("announce")
        if value.articles is None or announce is None:
            return value
        if announce.max_age is None or value.articles < announce.max_age:
            raise ValueError(
                "an article that is removed must be too old to be announced;"
                " make announce.max_age shorter, or articles longer"
            )
        return value


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings. Raises `SettingsError`: a line per problem, with key, place and remedy."""
    used_file = find_settings_file(file)
    yaml_file = _read_file(used_file) if used_file else None

    class FromFile(Settings):
        from_file = (
            cast("Mapping[str, object]", yaml_file.content)
            if yaml_file and yaml_file.content
            else {}
        )

    problems = list(variable_problems(Settings.model_fields))
    try:
        settings = FromFile()
    except ValidationError as error:
        # It contains keys, and so do the errors below; each may be a secret.
        raise SettingsError("\n".join([*problems, *error_lines(error, yaml_file)])) from None
    except InvalidVariableError as error:
        lines = problems or [f"{error}; write lists and sections in the environment as JSON"]
        raise SettingsError("\n".join(lines)) from None
    if problems := problems + error_lines(None, yaml_file):
        raise SettingsError("\n".join(problems))
    return settings


def find_settings_file(file: Path | None) -> Path | None:
    """The file that has the settings; None if there is none. `file` is that of `--config`.

    Raises `SettingsError` if a file is named that does not exist.
    """
    named_file = file or (Path(path) if (path := os.environ.get("STORYWIRE_CONFIG")) else None)
    if named_file is not None and not named_file.is_file():
        raise SettingsError(
            f"settings file {redact(str(named_file))} not found; check --config or STORYWIRE_CONFIG"
        )
    return named_file or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def _read_file(path: Path) -> YamlFile:
    yaml_file = read_yaml(path)
    content = yaml_file.content
    if content is not None and not (
        isinstance(content, dict) and all(isinstance(key, str) for key in content)
    ):
        raise SettingsError(
            f"{path}: write settings as `key: value`; `storywire docs settings` lists them"
        )
    return yaml_file


def discord_api_url(settings: Settings) -> str | None:
    """The server to connect to instead of Discord; the variable DISCORD_API_URL comes first."""
    return os.environ.get("DISCORD_API_URL") or settings.discord.api_url


def _checked(token: str, place: str) -> SecretStr:
    if problem := token_problem(token):
        raise TokenError(f"{place} {problem}")
    return SecretStr(token)


def discord_token(settings: Settings) -> SecretStr:
    """The bot's token: `DISCORD_TOKEN`, else the file in `DISCORD_TOKEN_FILE`, else the settings.

    Raises `TokenError` if there is no token, or something else in its place.
    """
    if token := os.environ.get("DISCORD_TOKEN", "").strip():
        return _checked(token, "DISCORD_TOKEN")
    if path := os.environ.get("DISCORD_TOKEN_FILE"):
        try:
            token = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            if contains_secret(path):
                raise TokenError(
                    "DISCORD_TOKEN_FILE looks like a token, not the path of a file that contains"
                    " it; put the token into DISCORD_TOKEN"
                ) from None  # The error contains the token.
            problem = getattr(error, "strerror", None) or "it is not text"
            raise TokenError(f"DISCORD_TOKEN_FILE: {path} can't be read: {problem}") from error
        if token:
            return _checked(token, f"DISCORD_TOKEN_FILE: {path}")
        raise TokenError(f"DISCORD_TOKEN_FILE: {path} is empty; put the bot's token into it")
    if settings.discord.token and (token := settings.discord.token.get_secret_value().strip()):
        return _checked(token, "the setting discord.token")
    raise TokenError(
        "no Discord token; set DISCORD_TOKEN to the bot's token, or DISCORD_TOKEN_FILE to a file"
        " that contains it, or try the bot without one: storywire sandbox"
    )
