"""The results of a check, and how they are printed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from bot.cli.tables import printable
from bot.ingest.text import pluralize

JSON_VERSION = 1


class Level(StrEnum):
    """How serious a result is: a warning needs attention, a problem keeps the bot from working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Code(StrEnum):
    """What a result is about. Programs read the values, so they never change."""

    SETTINGS = "settings"
    TOKEN = "token"  # noqa: S105 - no password
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - no password
    DISCORD = "discord"
    INTENTS = "intents"
    INVITE = "invite"
    INTERACTIONS_ENDPOINT = "interactions_endpoint"
    LOGINS = "logins"
    CLOCK = "clock"
    TOPICS = "topics"
    SOURCES_MISSING = "sources_missing"
    SOURCE = "source"
    SOURCE_EMPTY = "source_empty"
    SOURCE_FAILED = "source_failed"
    SOURCE_REJECTIONS = "source_rejections"
    SITE_UNSUPPORTED = "site_unsupported"
    STORIES_ORPHANED = "stories_orphaned"
    CLONES = "clones"
    DATABASE = "database"
    DATABASE_EXPOSED = "database_exposed"
    UPGRADE_UNFINISHED = "upgrade_unfinished"
    DAMAGE = "damage"
    SUBSCRIPTIONS_PAUSED = "subscriptions_paused"
    POSTS_UNSETTLED = "posts_unsettled"
    COMMANDS = "commands"
    POSTING_PAUSED = "posting_paused"
    PORT = "port"
    BACKUPS = "backups"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A result: what it is about, a sentence about it, more lines, and values for programs."""

    level: Level
    code: Code
    subject: str
    text: str
    notes: Sequence[str] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


_LABELS = {Level.OK: "ok", Level.WARNING: "WARNING", Level.PROBLEM: "PROBLEM"}
_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}
_INDENT = 8


def print_result(console: Console, result: CheckResult) -> None:
    """Print a result; lines that don't fit into a terminal are continued below its text.

    Addresses are not broken, so that a terminal recognises them.
    """
    label = _LABELS[result.level]
    for text in (f"{result.subject}: {result.text}", *result.notes):
        for part in wrap(
            printable(text).plain,
            console.width - _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        ):
            line = Text.assemble((label.ljust(_INDENT), _STYLES[result.level]), part)
            console.print(line, soft_wrap=True)
            label = ""


def plain_lines(result: CheckResult) -> Sequence[str]:
    """What is printed about a result, without wrapping."""
    first = f"{_LABELS[result.level]} {result.subject}: {result.text}"
    return [printable(each).plain for each in (first, *result.notes)]


def to_json(results: Sequence[CheckResult]) -> str:
    """All results as JSON, without secrets and control characters."""
    content = {"version": JSON_VERSION, "results": [asdict(each) for each in results]}
    return json.dumps(_without_secrets(content), indent=2, ensure_ascii=False)


def _without_secrets(value: object) -> object:
    match value:
        case str():
            return printable(value).plain
        case Mapping():
            return {key: _without_secrets(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_secrets(each) for each in value]
        case _:
            return value


def describe_problems(results: Sequence[CheckResult]) -> str | None:
    """How many problems there are, as the start of a sentence; None if there are none."""
    number = sum(each.level is Level.PROBLEM for each in results)
    return f"{pluralize(number, 'problem')} to fix before `storywire run`" if number else None
