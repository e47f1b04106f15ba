"""The metadata at the top of Pelican's Markdown files.

Pelican reads it with Python-Markdown, whose format looks like YAML and is not:
https://python-markdown.github.io/extensions/meta_data/#syntax.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo

from bot.ingest.field_values import MAX_DATE_LENGTH
from bot.ingest.frontmatter import BOM, MAX_BYTES, FrontMatter, RejectedError, Value
from bot.ingest.frontmatter_formats import read_any_front_matter

_LINE = re.compile(rb"([^\r\n]*+)(?:\r\n|\r|\n|\Z)")
_BEGIN = re.compile(r"---(?:\s.*)?")
_END = re.compile(r"(?:---|\.\.\.)(?:\s.*)?")
_KEY = re.compile(r" {0,3}([A-Za-z0-9_-]+):\s*(.*)")
_CONTINUATION = re.compile(r" {4,}(.*)")
# What is missing of a date. Only one that names no year differs between the two.
_DEFAULTS = (datetime(2000, 1, 1), datetime(2004, 1, 1))  # noqa: DTZ001 - zones come later
_PLAIN_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?", re.ASCII)


def read_metadata(content: bytes) -> FrontMatter:
    """Read the metadata: values of one line are text, others lists of lines.

    Keys with the same letters in another case are one, in its first spelling.

    A block between lines `---` that Python-Markdown does not read to its end is read as YAML, as
    Pelican's plugin `yaml_metadata` does. Raises `RejectedError`.
    """
    spellings: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    key = ""
    is_fenced = is_closed = False
    end = 0
    for number, start, after, line in _lines(content.removeprefix(BOM)):
        if number == 1 and _BEGIN.fullmatch(line):
            is_fenced = True
        elif not line.strip() or _END.fullmatch(line):
            is_closed = True
            end = after
            break
        elif match := _KEY.fullmatch(line):
            key = spellings.setdefault(match[1].lower(), match[1])
            values.setdefault(key, []).append(match[2].strip())
            lines.setdefault(key, number)
        elif key and (match := _CONTINUATION.fullmatch(line)):
            values[key].append(match[1].strip())
        else:
            end = start
            break
        end = after
        if end > MAX_BYTES:
            raise RejectedError(f"has more than {MAX_BYTES // 1024} KB of metadata")
    if is_fenced and not is_closed:
        return read_any_front_matter(content)
    if not values:
        raise RejectedError("has no metadata; the first lines must be like Title: …", line=1)
    fields: dict[str, Value] = {
        name: found[0] if len(found) == 1 else [*found] for name, found in values.items()
    }
    return FrontMatter(fields, lines, content.removeprefix(BOM)[end:])


def _lines(content: bytes) -> Iterator[tuple[int, int, int, str]]:
    """The number, start, end (with its line break) and text of each line."""
    position = number = 0
    while position < len(content):
        number += 1
        match = _LINE.match(content, position)
        assert match is not None
        if match.end(1) - position > MAX_BYTES:
            raise RejectedError(f"has more than {MAX_BYTES // 1024} KB of metadata")
        try:
            line = match[1].decode("utf-8")
        except UnicodeDecodeError as error:
            raise RejectedError("is not UTF-8 text; save the file as UTF-8", line=number) from error
        yield number, position, match.end(), line.expandtabs(4)
        position = match.end()


def parse_pelican_date(text: str) -> datetime:
    """Return a date in any form that Pelican takes, with a time zone if it names an offset.

    What is missing of a date is its first: midnight, the first day. Raises `ValueError`.
    """
    text = re.sub(" +", " ", text).strip()
    if len(text) > MAX_DATE_LENGTH:
        raise ValueError("is too long for a date")
    if _PLAIN_DATE.fullmatch(text):
        return datetime.fromisoformat(text)
    from dateutil import parser  # noqa: PLC0415 - for sites of Pelican only

    try:
        first, second = (
            parser.parse(text, default=default, tzinfos=_zone) for default in _DEFAULTS
        )
    except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise ValueError("is not a date") from error
    if first != second:
        raise ValueError("is not a date with a year")
    return first


def _zone(_: str | None, offset: int | None) -> tzinfo | None:
    return None if offset is None else timezone(timedelta(seconds=offset))
