"""What the bot logs, and how: lines of text, or an object of JSON for each event."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from typing_extensions import override

from bot.urls.redaction import redact

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
# What an event may be about, besides its message; see docs/logs.md.
FIELDS = ("source", "stories", "channel", "channel_name", "server", "server_name")


def logging_options(command: CommandT) -> CommandT:
    """Add `--log-format` and `--log-level` to a command, as `set_up_logging` takes them."""
    level = click.option(
        "--log-level",
        type=click.Choice(LEVELS),
        default="info",
        show_default=True,
        help="Log nothing that matters less; `debug` includes every request to Discord.",
    )
    layout = click.option(
        "--log-format",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="`json`: an object on each line of standard error.",
    )
    return layout(level(command))


def set_up_logging(log_format: str, log_level: str) -> None:
    """Log to standard error: JSON, or text, which is in colour on a terminal."""
    handler: logging.Handler
    if log_format == "json":
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
    elif sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415 - takes 1 MB, only for terminals
        from rich.logging import RichHandler  # noqa: PLC0415 - as above

        handler = RichHandler(
            console=Console(stderr=True),
            show_path=False,
            omit_repeated_times=False,
            log_time_format="%Y-%m-%d %H:%M:%S",
        )
        handler.setFormatter(TextFormatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = logging.getLevelNamesMapping()[log_level.upper()]
    # At DEBUG, other libraries log every step, and with it texts of articles.
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    for ours in ("bot", "storage"):
        logging.getLogger(ours).setLevel(level)
    # At INFO, the libraries log the same events as the bot.
    quiet = level == logging.INFO
    logging.getLogger("discord").setLevel(logging.WARNING if quiet else level)
    logging.getLogger("watchfiles").setLevel(max(level, logging.WARNING))
    logging.getLogger("discord.client").addFilter(_is_not_about_voice)


def print_warnings() -> None:
    """Print warnings, and the progress of upgrades, as the messages of a command."""
    handler = logging.StreamHandler()
    handler.setFormatter(TextFormatter("storywire: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # It says how far an upgrade of the database is.
    logging.getLogger("storage").setLevel(logging.INFO)


class TextFormatter(logging.Formatter):
    """An event as a line, followed by its traceback, if any; without secrets."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        # Names of servers and texts of libraries can't begin lines of their own.
        return _on_one_line(super().formatMessage(record))


class JsonFormatter(logging.Formatter):
    """An event as an object of JSON in one line; without secrets."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        content = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                content[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info:
            content["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(content)


def _on_one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _is_not_about_voice(record: logging.LogRecord) -> bool:
    return "voice will NOT be supported" not in record.msg
