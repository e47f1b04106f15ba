"""Parses names, times, quiet hours and counts that admins type. Pure.

Invalid text raises `InvalidInputError`. Times are local times in the subscription's time zone.
"""

import contextlib
import difflib
import re
from collections.abc import Collection, Iterable
from datetime import time
from string import Formatter

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.messages import input_errors
from bot.discordapp.messages.input_errors import InvalidInputError
from storage.models import MAX_NAMES, Digest, DigestDays, Fact, QuietHours

MAX_NAME_LENGTH = 100
MAX_QUALITY = 1000
MAX_CATCH_UP = 20
MAX_BEST = 20
MAX_FOOTER = 100
MAX_LINE = 200
PLACEHOLDERS = ("title", "topic", "provider", "role")

DEFAULT_TIME = time(9)
DEFAULT_BEST = 10
INSTANT = "instant"
# The colours of Discord's roles.
COLOURS = {
    "red": 0xE74C3C,
    "orange": 0xE67E22,
    "gold": 0xF1C40F,
    "green": 0x2ECC71,
    "teal": 0x1ABC9C,
    "blue": 0x3498DB,
    "purple": 0x9B59B6,
    "pink": 0xE91E63,
    "grey": 0x95A5A6,
}
# English, as in files.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2}))?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE
)
_HEX_COLOUR = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE | re.ASCII)
_RANGE_SEPARATOR = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b|\buntil\b)\s*", re.IGNORECASE)
_NONE_WORDS = {"", "-", "no", "none", "never", "off"}
_NOON = 12
_RANGE_PARTS = 2
_SHORTEST_WEEKDAY = 3


def split_names(typed: str) -> tuple[str, ...]:
    """Split names at commas, without duplicates that differ in case only."""
    names: dict[str, str] = {}
    for part in re.split(r"[,\n]", typed):
        if name := plain(part, discord_length(part)):
            names.setdefault(name.casefold(), name)
    if len(names) > MAX_NAMES:
        raise InvalidInputError(input_errors.too_many_names(typed, MAX_NAMES))
    for name in names.values():
        if discord_length(name) > MAX_NAME_LENGTH:
            raise InvalidInputError(input_errors.name_too_long(name, MAX_NAME_LENGTH))
    return tuple(names.values())


def parse_tags(typed: str) -> tuple[tuple[str, str], ...]:
    """Parse the tags of topics: `AI = Machines, Space = Astronomy`."""
    return make_tags(
        (topic, tag)
        for part in re.split(r"[,\n]", typed)
        if part.strip()
        for topic, _, tag in [part.partition("=")]
    )


def make_tags(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Topics with their tags, without duplicates that differ in case only."""
    tags: dict[str, tuple[str, str]] = {}
    for pair in pairs:
        topic, tag = (plain(name, discord_length(name)) for name in pair)
        if not topic or not tag:
            raise InvalidInputError(input_errors.invalid_tag(topic or tag))
        for name in (topic, tag):
            if discord_length(name) > MAX_NAME_LENGTH:
                raise InvalidInputError(input_errors.name_too_long(name, MAX_NAME_LENGTH))
        tags.setdefault(topic.casefold(), (topic, tag))
    if len(tags) > MAX_NAMES:
        raise InvalidInputError(input_errors.too_many_tags(MAX_NAMES))
    return tuple(tags.values())


def format_tags(tags: Iterable[tuple[str, str]]) -> str:
    """Return `AI = Machines, Space = Astronomy`, as in forms."""
    return ", ".join(f"{topic} = {tag}" for topic, tag in tags)


def parse_name(typed: str) -> str | None:
    """Parse a single name; None for an empty text."""
    name = plain(typed, discord_length(typed))
    if discord_length(name) > MAX_NAME_LENGTH:
        raise InvalidInputError(input_errors.name_too_long(name, MAX_NAME_LENGTH))
    return name or None


def parse_time(typed: str) -> time:
    """Parse a time of day: `9`, `09:00`, `18.30`, `6:30 pm`."""
    found = _TIME.fullmatch(typed.strip())
    if found is not None:
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        half = (found["half"] or "").lower()[:1]
        if half and not 1 <= hour <= _NOON:
            hour = 99
        elif half:
            hour = hour % _NOON + (_NOON if half == "p" else 0)
        with contextlib.suppress(ValueError):  # such as 25:00; refused below
            return time(hour, minute)
    raise InvalidInputError(input_errors.invalid_time(typed))


def format_time(at: time) -> str:
    """Return `09:00`, as in files and forms."""
    return at.strftime("%H:%M")


def parse_quiet(typed: str) -> QuietHours | None:
    """Parse quiet hours: `22:00-08:00`; None for `none`."""
    if typed.strip().casefold() in _NONE_WORDS:
        return None
    parts = _RANGE_SEPARATOR.split(typed.strip())
    if len(parts) != _RANGE_PARTS:
        raise InvalidInputError(input_errors.invalid_quiet_hours(typed))
    begin, end = map(parse_time, parts)
    if begin == end:
        raise InvalidInputError(input_errors.WHOLE_DAY_IS_QUIET)
    return QuietHours(begin, end)


def format_quiet(quiet: QuietHours | None) -> str:
    """Return `22:00-08:00`, or an empty text, as in files and forms."""
    return f"{format_time(quiet.begin)}-{format_time(quiet.end)}" if quiet else ""


def parse_weekday(typed: str) -> int:
    """Parse a day of the week by the beginning of its English name; Monday is 0."""
    name = typed.strip().casefold()
    for number, weekday in enumerate(WEEKDAYS):
        if len(name) >= _SHORTEST_WEEKDAY and weekday.casefold().startswith(name):
            return number
    raise InvalidInputError(input_errors.invalid_weekday(typed))


def parse_colour(typed: str) -> int | None:
    """Parse a colour: `#1f8b4c` or the name of one; None for `none`."""
    name = typed.strip().casefold()
    if name in _NONE_WORDS:
        return None
    if name in COLOURS:
        return COLOURS[name]
    if found := _HEX_COLOUR.fullmatch(name):
        return int(found[1], 16)
    raise InvalidInputError(input_errors.invalid_colour(typed, list(COLOURS)))


def format_colour(colour: int) -> str:
    """Return `#1f8b4c`, as in files and forms."""
    return f"#{colour:06x}"


def parse_footer(typed: str) -> str:
    """The text below a message, as it is shown."""
    return plain(typed, MAX_FOOTER)


def parse_line(typed: str) -> str:
    """Check the template of a line: text with some of the `PLACEHOLDERS` in braces."""
    template = plain(typed, discord_length(typed))
    try:
        fields = list(Formatter().parse(template))
    except ValueError:
        raise InvalidInputError(input_errors.LONELY_BRACE) from None
    for _, name, form, conversion in fields:
        if name in PLACEHOLDERS and (form or conversion):
            raise InvalidInputError(input_errors.formatted_placeholder(name))
        if name is None or name in PLACEHOLDERS:
            continue
        close = difflib.get_close_matches(name.casefold(), PLACEHOLDERS, n=1)
        raise InvalidInputError(input_errors.unknown_placeholder(name, close or PLACEHOLDERS))
    return template


def sort_facts(facts: Collection[Fact]) -> tuple[Fact, ...]:
    """The facts in their usual order, each once."""
    return tuple(fact for fact in Fact if fact in facts)


def parse_count(typed: str, least: int, most: int) -> int:
    """Parse a whole number within bounds."""
    digits = typed.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(most)):
        count = int(digits)
        if least <= count <= most:
            return count
    raise InvalidInputError(input_errors.invalid_count(typed, least, most))


def make_digest(
    mode: str | None, at: time | None, weekday: int | None, best: int | None
) -> Digest | None:
    """Return the digest that the options ask for; None if each story is posted at once.

    Without a mode, a time, a weekday or a number of stories implies a digest. Raises
    `InvalidInputError` if they contradict the mode.
    """
    nothing_given = at is None and weekday is None and best is None
    if mode is None and not nothing_given:
        mode = DigestDays.DAILY if weekday is None else DigestDays.WEEKLY
    if mode in {None, INSTANT}:
        if not nothing_given:
            raise InvalidInputError(input_errors.DIGEST_ONLY)
        return None
    days = DigestDays(mode)
    if weekday is not None and days is not DigestDays.WEEKLY:
        raise InvalidInputError(input_errors.WEEKDAY_ONLY_WEEKLY)
    return Digest(
        days,
        DEFAULT_TIME if at is None else at,
        weekday or 0,
        DEFAULT_BEST if best is None else min(best, MAX_BEST),
    )
