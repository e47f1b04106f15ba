"""Data from Discord that can't be read: one piece is skipped, the bot goes on."""

import logging

import discord

from bot.errors import one_line

logger = logging.getLogger(__name__)

# What discord.py raises while it converts JSON of a shape that it does not expect: a field that is
# missing, null or of another type, a number that is too large, or JSON that is nested too deeply.
# Catch it only around a call of the library that converts one piece of data: one event, one
# response, one message of a history.
MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    discord.InvalidData,
)
# Kinds contain names from Discord, so their number has a limit.
_MOST_KINDS = 200


def json_kind(value: object) -> str:
    """The type of a value in JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"


class MalformedData:
    """Logs skipped data once per kind, so that a repeated fault does not fill the log."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def skip(self, kind: str, error: BaseException, kept: str) -> None:
        """Log that data was skipped, unless this kind was logged before.

        `kind` names the data, such as `gateway event GUILD_CREATE`; `kept` says what still works.
        """
        if kind in self._seen or len(self._seen) >= _MOST_KINDS:
            logger.debug("skipped again: %s (%s)", kind, one_line(error))
            return
        self._seen.add(kind)
        logger.warning(
            "skipped a %s that can't be read (%s); %s; later ones are not logged",
            kind[:100],
            one_line(error),
            kept,
        )
