"""Answers of `/subscriptions export` and `import`, with markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.discordapp.markdown import escaped, plain
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.fitting import MESSAGE_LENGTH, fit_entries

DOWNLOAD_FAILED = "I couldn't download that file from Discord. Try again."
CHANNEL_MISSING = "Add a `channel`."
EMPTY_FILE = (
    "That file is empty. It needs a list under `subscriptions:`, like a file from"
    f" {command('subscriptions export')}."
)
NOT_A_LIST = (
    "That file isn't a list of subscriptions. It needs a list under `subscriptions:`, like a file"
    f" from {command('subscriptions export')}."
)

_NAME = 100
_REASON = 300
_FIELD = 50
_PROBLEM = 200
MOST_PROBLEMS = 8
# By pydantic's type of error: https://docs.pydantic.dev/latest/errors/validation_errors/
_VALUE_PROBLEMS = {
    "model_type": "Write it as `channel: …` with the other fields below.",
    "int_parsing": "Use a whole number.",
    "int_parsing_size": "Use a smaller number.",
    "bool_parsing": "Use yes or no.",
    "string_type": "Use text.",
    "string_too_short": "Can't be empty.",
    "string_too_long": "Use at most {max_length} characters.",
    "tuple_type": "Use a list of names.",
    "too_long": "Use at most {max_length} entries.",
    "greater_than_equal": "Use a number that is at least {ge}.",
    "greater_than": "Use a number greater than {gt}.",
    "less_than_equal": "Use a number that is at most {le}.",
    "literal_error": "Use {expected}.",
    "enum": "Use {expected}.",
}
_OTHER_VALUE_PROBLEM = (
    f"Use another value. Compare it with a file from {command('subscriptions export')}."
)


def confirm_exported(count: int) -> str:
    """Above the exported file."""
    exported = "Exported 1 subscription." if count == 1 else f"Exported {count} subscriptions."
    return (
        f"{exported} To add them here or in another server, use {command('subscriptions import')}."
    )


def confirm_imported(added: int, skipped: Sequence[tuple[str, str]]) -> str:
    """How many subscriptions were added, and the channel names of the others with the reasons."""
    what = "1 subscription" if added == 1 else f"{added} subscriptions"
    if not skipped:
        return f"Added {what}."
    heading = f"Added {what}, skipped {len(skipped)}:\n"
    entries = [f"• #{escaped(name, _NAME)}: {reason[:_REASON]}" for name, reason in skipped]
    return heading + fit_entries(entries, MESSAGE_LENGTH - len(heading))


def channel_not_found(name: str) -> str:
    """The server lacks a channel that an entry names."""
    return (
        f"There's no channel “{escaped(name, _NAME)}” in this server. Create it, or change the name"
        " in the file."
    )


def role_not_found(name: str) -> str:
    """The server lacks the role that an entry mentions."""
    return (
        f"There's no role “{escaped(name, _NAME)}” in this server. Create it, or remove the mention"
        " from the file."
    )


def file_too_large(limit: int) -> str:
    """More bytes than `limit`."""
    return f"That file is too large. The limit is {limit // 1024} KB."


def too_many_entries(limit: int) -> str:
    """More entries than `limit`."""
    return f"That file has too many entries. The limit is {limit}."


def several_documents(line: int) -> str:
    """A second YAML document begins in a line."""
    return f"I can't read that file (line {line}): it has more than one document."


def duplicate_field(field: str, line: int | None) -> str:
    """The same field is set twice in one entry."""
    name = escaped(field, _FIELD).replace("`", "")
    where = "" if line is None else f" (line {line})"
    return f"I can't read that file{where}: it sets `{name}` twice."


def invalid_yaml(remedy: str, line: int | None) -> str:
    """The file is not YAML; `remedy` is a phrase, or empty if nothing better is known."""
    where = "" if line is None else f" (line {line})"
    remedy = remedy or "compare the indentation, colons and quotation marks with the lines above"
    return f"I can't read that file{where}: it isn't valid YAML; {remedy}."


def unreadable_file(reason: str, line: int | None) -> str:
    """The YAML parser refused the file; `reason` is the rest of a sentence about it."""
    where = "" if line is None else f" (line {line})"
    return f"I can't read that file{where}: it {escaped(reason, _PROBLEM)}."


def describe_problems(problems: Sequence[str]) -> str:
    """Every entry must be valid; `problems` are those of `describe_problem`.

    Only `MOST_PROBLEMS` are shown, so nobody needs to look for more.
    """
    lines = ["Nothing was added. Fix this first:", *problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        lines.append("… and more")
    return "\n".join(lines)


def describe_problem(entry: int, field: str | None, problem: str) -> str:
    """What is wrong with an entry, counted from 1, or with one of its fields."""
    if field is None:
        return f"• Entry {entry}: {problem}"
    return f"• Entry {entry}, `{plain(field, _FIELD).replace('`', '')}`: {problem}"


def unknown_key(similar: Sequence[str]) -> str:
    """A key that no subscription has; `similar` are keys that it may be meant for."""
    if similar:
        return f"Unknown key. Did you mean {' or '.join(f'`{key}`' for key in similar)}?"
    return f"Unknown key. Compare it with a file from {command('subscriptions export')}."


def describe_value_problem(kind: str, context: Mapping[str, Any]) -> str:
    """Why pydantic refuses a value, by the kind and context of its error."""
    return _VALUE_PROBLEMS.get(kind, _OTHER_VALUE_PROBLEM).format_map(context)
