"""Titles of pages whose front matter has none. Pure."""

import re

from bot.ingest.body.reading import read_body
from bot.ingest.field_values import parse_text

_ENDING = re.compile(r"(?:(?:\A|/)_?index(?:\.[a-z]{2,3}(?:-[A-Za-z]{2,4})?)?)?\.[^./]+\Z")
_LONGEST = 1_000
_DATE = re.compile(r"(?:\d{4}([-_.])\d\d?\1\d\d?|\d{8})[-_. ]+(?=.)")
_SEPARATORS = re.compile(r"[-_\s]+")


def title_of_text(body: bytes, path: str) -> str:
    """Return the first heading of the text, else a title made from the name of the file."""
    return parse_text(read_body(body, path).heading, _LONGEST) or title_of_path(path)


def title_of_path(path: str) -> str:
    """Return a title made from the name of a file, or of its folder if the file is an index."""
    return words_of_name(_ENDING.sub("", path).rpartition("/")[2] or path.partition(".")[0])


def words_of_name(name: str) -> str:
    """Return a name without the date before it, with spaces, the first letter in upper case."""
    words = _SEPARATORS.sub(" ", _DATE.sub("", name)).strip()
    return words[:1].upper() + words[1:]
