"""Where each setting comes from: its default, the file, or the environment."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, SecretStr
from pydantic_settings import EnvSettingsSource

from bot.config.error_messages import ENVIRONMENT_PREFIX
from bot.config.schema import format_duration
from bot.config.settings import Settings
from bot.config.yaml_file import KeyPath, YamlFile
from bot.urls.redaction import redact

# Variables without the prefix that take precedence, the first of them over the second.
_OTHER_VARIABLES: Mapping[KeyPath, tuple[str, ...]] = {
    ("discord", "api_url"): ("DISCORD_API_URL",),
    ("discord", "token"): ("DISCORD_TOKEN", "DISCORD_TOKEN_FILE"),
}


class Origin(StrEnum):
    """What a setting can come from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class SettingOrigin:
    """A setting, its value without secrets, and its origin.

    `place` is the file with the line, or the variable; "" for a default.
    """

    key: str
    value: str
    origin: Origin
    place: str = ""


def setting_origins(settings: Settings, file: YamlFile | None) -> Iterator[SettingOrigin]:
    """Yield every setting in the order of the documentation; `file` is the one that was read."""
    environment = EnvSettingsSource(Settings)()
    for path, value in _leaves(settings):
        key, shown = ".".join(map(str, path)), redact(_describe(value))
        if variable := _other_variable(path):
            shown = _describe_variable(variable)
            yield SettingOrigin(key, shown, Origin.ENVIRONMENT, variable)
        elif _contains(environment, path):
            yield SettingOrigin(key, shown, Origin.ENVIRONMENT, _variable(path))
        elif file is not None and file.contains(path):
            yield SettingOrigin(key, shown, Origin.FILE, file.location(path))
        else:
            yield SettingOrigin(key, shown, Origin.DEFAULT)


def _leaves(section: BaseModel, above: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _describe(value: object) -> str:
    """A value as in the file; of a list only its length, of a secret only that it is set."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case timedelta():
            return format_duration(value)
        case SecretStr():
            return "set"
        case tuple():
            return "none" if not value else f"{len(value)} listed"
        case _:
            return str(value)


def _describe_variable(variable: str) -> str:
    return redact(os.environ[variable]) if variable == "DISCORD_API_URL" else "set"


def _other_variable(path: KeyPath) -> str | None:
    """The variable without the prefix that has the setting, if there is one."""
    names = _OTHER_VARIABLES.get(path, ())
    return next((name for name in names if os.environ.get(name, "").strip()), None)


def _contains(values: object, path: KeyPath) -> bool:
    for part in path:
        if not isinstance(values, Mapping) or part not in values:
            return False
        values = values[part]
    return True


def _variable(path: KeyPath) -> str:
    """The variable that has the setting, or its section as JSON; names are in any case."""
    for length in range(len(path), 0, -1):
        wanted = ENVIRONMENT_PREFIX + "__".join(map(str, path[:length])).upper()
        for name in os.environ:
            if name.upper() == wanted:
                return name
    return "the environment"
