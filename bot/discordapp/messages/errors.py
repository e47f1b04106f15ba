"""Answers to interactions that failed."""

from datetime import datetime

from bot.discordapp.markdown import relative_time

TOO_SLOW = "That takes too long to look up. Try other words."
FORM_TOO_LATE = "That took too long. Please try again."
NO_DATABASE = "I can't access my database right now. Please try again in a minute."
SLOW_DOWN = "That was a lot at once."
SERVER_SLOW_DOWN = "The members of this server ask a lot right now."
UNREADABLE = "I can't read what Discord sent me. Please try again."
OUTDATED = "This command has changed. Restart Discord (Ctrl+R), then try again."
NOT_IN_SERVER = "I'm not in this server. An admin has to add me first."
DAMAGED = (
    "That is damaged in my database, so I can't read it. The people who run this bot can find it in"
    " their log."
)
GONE = "That no longer exists. Please try again."
INTERNAL = "Something went wrong on my side. The people who run this bot can find it in their log."
SERVERS_ONLY = "This only works in a server."
SERVER_LOADING = "I'm still loading this server. Please try again in a moment."


def slow_down(retry_at: datetime, *, server: bool) -> str:
    """The member, or all members of the `server` together, asked too often."""
    why = SERVER_SLOW_DOWN if server else SLOW_DOWN
    return f"{why} Try again {relative_time(retry_at)}."


def impossible_value(option: str) -> str:
    """The value of an option is not among those that Discord offers."""
    return f"`{option}:` can't have that value. Choose another one."
