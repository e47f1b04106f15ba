"""Why Discord has not registered the bot's commands, as a value that is stored. Pure.

A run of the bot records it; `/subscriptions status` and `storywire check` read it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

STORED_AS = "commands_problem"
"""The name under which the problem of the last attempt is stored; its value is "" if none."""


class Obstacle(StrEnum):
    """What kept the commands from being registered. The values are stored, so they never change."""

    REJECTED = "rejected"
    DAILY_LIMIT = "daily_limit"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    # Discord answered, but the answer does not confirm the commands.
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class CommandsProblem:
    """Why the last attempt failed; `detail` is Discord's text or the network library's.

    `since` is the first attempt that failed, `retry_at` the next one, both in UTC.
    """

    obstacle: Obstacle
    detail: str
    since: datetime
    retry_at: datetime


_PROBLEM = TypeAdapter(CommandsProblem)


def encode_problem(problem: CommandsProblem | None) -> str:
    """Encode a problem for the store."""
    return "" if problem is None else _PROBLEM.dump_json(problem).decode()


def decode_problem(text: str | None) -> CommandsProblem | None:
    """Decode what `encode_problem` wrote; None for anything else, as a later version may write."""
    try:
        return _PROBLEM.validate_json(text) if text else None
    except ValueError:
        return None
