"""What `storywire check` says about the settings and the token."""

from pathlib import Path

from bot.cli.checks.results import CheckResult, Code, Level
from bot.config.origins import Origin, SettingOrigin, setting_origins
from bot.config.settings import Settings, discord_token, find_settings_file
from bot.config.yaml_file import read_yaml
from bot.errors import TokenError


def check_settings(settings: Settings, file: Path | None) -> CheckResult:
    """List each setting with its origin; `file` is that of `--config`."""
    used = find_settings_file(file)
    origins = list(setting_origins(settings, read_yaml(used) if used else None))
    width = max(len(each.key) for each in origins)
    notes = [f"{each.key:{width}}  {each.value} ({_describe(each)})" for each in origins]
    listed = [
        {"key": each.key, "value": each.value, "origin": each.origin, "place": each.place}
        for each in origins
    ]
    facts = {"file": str(used) if used else None, "settings": listed}
    text = f"{used} is valid" if used else "no file"
    return CheckResult(Level.OK, Code.SETTINGS, "settings", text, notes, facts)


def check_token(settings: Settings, *, online: bool) -> CheckResult:
    """Whether there is something that can be a token."""
    try:
        discord_token(settings)
    except TokenError as error:
        return CheckResult(Level.PROBLEM, Code.TOKEN, "token", str(error))
    text = "set" if online else "set; `storywire check --online` asks Discord whether it is valid"
    return CheckResult(Level.OK, Code.TOKEN, "token", text)


def _describe(setting: SettingOrigin) -> str:
    return "default" if setting.origin is Origin.DEFAULT else setting.place
