"""What `storywire check` says about scheduled backups."""

from datetime import datetime
from pathlib import Path

from bot.cli.checks.folders import problem_with_folder
from bot.cli.checks.results import CheckResult, Code, Level
from bot.cli.tables import short_time
from bot.clock import Clock
from bot.config.schema import format_duration
from bot.config.settings import BackupSettings, Settings
from bot.scheduled_backups import LAST_BACKUP, parse_last_backup
from storage.errors import StorywireError
from storage.open import inspect_store


async def check_backups(settings: Settings, clock: Clock) -> list[CheckResult]:
    """Whether backups can be made, and were; nothing if none are wanted."""
    if (folder := settings.backup.folder) is None:
        return []
    if (problem := problem_with_folder(folder, "backup.folder")) is not None:
        return [CheckResult(Level.PROBLEM, Code.BACKUPS, "backups", problem)]
    try:
        last = parse_last_backup(await inspect_store(settings.database).inspect_value(LAST_BACKUP))
    except StorywireError:
        return []  # the check of the database reports the problem
    return [judge_backups(settings.backup, folder, last, clock.now())]


def judge_backups(
    backup: BackupSettings, folder: Path, last: datetime | None, now: datetime
) -> CheckResult:
    """Whether the last backup is recent. Pure."""
    if last is None:
        text = f"none in {folder} yet; the running bot makes them"
        return CheckResult(Level.OK, Code.BACKUPS, "backups", text)
    facts = {"last": last.isoformat()}
    text = f"the last one in {folder} is of {short_time(last)} UTC"
    if now - last > 2 * backup.every:
        text += f", but there should be one every {format_duration(backup.every)}; see the log"
        return CheckResult(Level.WARNING, Code.BACKUPS, "backups", text, facts=facts)
    return CheckResult(Level.OK, Code.BACKUPS, "backups", text, facts=facts)
