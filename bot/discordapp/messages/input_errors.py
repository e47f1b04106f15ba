"""Why a typed value is invalid, and what to type instead, with markdown."""

from collections.abc import Collection, Sequence

from bot.discordapp.markdown import escaped, plain

WHOLE_DAY_IS_QUIET = (
    "Quiet hours can't cover the whole day. Use a range like 22:00-08:00, or “none”."
)
DIGEST_ONLY = (
    "Time, weekday and number of stories are for digests only. Choose another `mode:` or leave"
    " them out."
)
WEEKDAY_ONLY_WEEKLY = "Only a weekly digest has a weekday. Choose `mode:weekly`."
MENTION_MISSING = "To use `mention_quality:`, choose a role with `mention:`."
OWN_CHANNEL = (
    "A channel never gets a story twice, so `not_in:` is for other channels. Choose another one."
)

TAGS_BY_TOPIC = "Use topics with their tags, like `AI: Machines`."
LONELY_BRACE = "A brace has no partner. Write a placeholder like `{title}`, and a brace as `{{`."

_SHOWN = 60


class InvalidInputError(ValueError):
    """A typed value is invalid; the message, with markdown, says what to type instead.

    It is an error of its own because an admin reads it; the messages of other errors are not for
    admins.
    """


def invalid_time(typed: str) -> str:
    """Not a time of day."""
    return f"“{escaped(typed, _SHOWN)}” isn't a valid time. Use 24-hour time, like 18:30."


def invalid_quiet_hours(typed: str) -> str:
    """Not a span of time."""
    return (
        f"“{escaped(typed, _SHOWN)}” isn't a valid time range. Use a range like 22:00-08:00, or"
        " “none”."
    )


def invalid_weekday(typed: str) -> str:
    """Not a day of the week."""
    return f"“{escaped(typed, _SHOWN)}” isn't a day of the week. Use a name like Monday."


def invalid_tag(typed: str) -> str:
    """Not a topic and its tag."""
    return f"“{escaped(typed, _SHOWN)}” isn't a topic and its tag. Use `AI = Machines`."


def too_many_tags(most: int) -> str:
    """More topics with a tag than a subscription may have."""
    return f"Choose tags for at most {most} topics."


def invalid_colour(typed: str, names: Sequence[str]) -> str:
    """Neither a number nor the name of a colour."""
    return (
        f"“{escaped(typed, _SHOWN)}” isn't a known colour. Use a number like #1f8b4c, or"
        f" {_alternatives(names)}."
    )


def formatted_placeholder(name: str) -> str:
    """A placeholder with a format, as Python has them."""
    return f"`{{{name}}}` can't have a format. Leave out what follows the name."


def unknown_placeholder(name: str, known: Sequence[str]) -> str:
    """Not a placeholder of the line above a message; `known` are those that may be meant."""
    shown = plain(name, _SHOWN).replace("`", "")
    return f"`{{{shown}}}` isn't a placeholder. {_do_you_mean([f'`{{{each}}}`' for each in known])}"


def invalid_timezone(typed: str) -> str:
    """Not a time zone."""
    return (
        f"“{escaped(typed, _SHOWN)}” isn't a known time zone. Use the nearest big city, like"
        " Europe/Berlin, or your country."
    )


def without_daylight_saving(
    typed: str, candidates: Sequence[str], unchanging: Collection[str]
) -> str:
    """An abbreviation of a standard time; the clocks of `unchanging` candidates never change."""
    noted = [
        f"{zone} (no daylight saving time)" if zone in unchanging else zone for zone in candidates
    ]
    return f"“{escaped(typed, _SHOWN)}” has no daylight saving time. {_do_you_mean(noted)}"


def only_daylight_saving(typed: str, candidates: Sequence[str]) -> str:
    """An abbreviation of a daylight saving time."""
    return (
        f"“{escaped(typed, _SHOWN)}” is used only during daylight saving time."
        f" {_do_you_mean(candidates)}"
    )


def ambiguous_abbreviation(typed: str, candidates: Sequence[str]) -> str:
    """An abbreviation of the time at these places."""
    problem = "is an abbreviation" if len(candidates) == 1 else "has several meanings"
    return f"“{escaped(typed, _SHOWN)}” {problem}. {_do_you_mean(candidates)}"


def several_timezones(typed: str, candidates: Sequence[str]) -> str:
    """A country with several time zones, or several places with the same name."""
    return f"“{escaped(typed, _SHOWN)}” has several time zones. {_do_you_mean(candidates)}"


def offset_without_place(typed: str, candidates: Sequence[str]) -> str:
    """An offset from UTC, which the candidates have now."""
    return (
        f"“{escaped(typed, _SHOWN)}” doesn't say when the clocks change. Use the nearest big city,"
        f" like {_alternatives(candidates)}."
    )


def _do_you_mean(candidates: Sequence[str]) -> str:
    return f"Do you mean {_alternatives(candidates)}?"


def _alternatives(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def invalid_count(typed: str, least: int, most: int) -> str:
    """Not a number within bounds."""
    return f"“{escaped(typed, _SHOWN)}” isn't valid. Use a whole number from {least} to {most}."


def too_many_names(typed: str, most: int) -> str:
    """More names in a list than allowed."""
    return f"“{escaped(typed, _SHOWN)}” has too many entries. Use at most {most}."


def name_too_long(name: str, most: int) -> str:
    """A name with more characters than allowed."""
    return f"“{escaped(name, _SHOWN)}” is too long. Use at most {most} characters."
