"""Makes the addresses of pages from patterns, as Jekyll does. Pure.

https://jekyllrb.com/docs/permalinks
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from bot.ingest.frontmatter import RejectedError
from bot.ingest.text import clean_text
from bot.urls.safety import MAX_LENGTH

_PLAIN = re.compile(r"[A-Za-z0-9./-]*")
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]+")
# General categories: https://www.unicode.org/reports/tr44/#General_Category_Values.
_LETTERS_AND_MARKS = frozenset("LM")
# Of the mode "pretty": https://jekyllrb.com/docs/liquid/filters/#options-for-the-slugify-filter.
_PRETTY = frozenset("._~!$&'()+,;=@")
# Characters of a path that are not percent-encoded: https://www.rfc-editor.org/rfc/rfc3986#section-3.3.
_PATH = "/:@!$&'()*+,;=-._~"
# Those of a complete address that may be encoded already.
_ADDRESS = f"{_PATH}%?#"


def slugify(text: str) -> str:
    """Return text in lower case, with hyphens for what is neither a letter nor a digit."""
    if text.isascii():
        return _NOT_ALPHANUMERIC.sub("-", text).strip("-").lower()
    return lower(_hyphenate(text, frozenset()))


def slugify_pretty(text: str) -> str:
    """Like `slugify`, but keep upper case, and characters that are usual in addresses."""
    return _hyphenate(text, _PRETTY)


def _hyphenate(text: str, kept: frozenset[str]) -> str:
    """Replace characters other than letters, marks, digits and those that are `kept`."""
    words = "".join(
        char
        if char in kept or char.isdecimal() or unicodedata.category(char)[0] in _LETTERS_AND_MARKS
        else "-"
        for char in text
    )
    return re.sub("-+", "-", words).strip("-")


def titleize(slug: str) -> str:
    """Return the title of a document without one: each word of its name in title case."""
    return " ".join(word[:1].title() + lower(word[1:]) for word in slug.split("-"))


def lower(text: str) -> str:
    """Return text in lower case as Ruby has it: each letter on its own, without a final sigma."""
    return text.lower() if text.isascii() else "".join(map(str.lower, text))


def expand(pattern: str, value_of: Callable[[str], str | None]) -> str:
    """Return the address by a pattern with placeholders such as `:title`.

    `value_of` returns None for an unknown placeholder. Raises `RejectedError` for one of those,
    and if the address is too long.
    """

    def fill(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        value = value_of(name)
        if value is not None:
            return escape(value)
        # `:month_:day`: the underscore is part of the pattern.
        value = value_of(name[:-1]) if name.endswith("_") else None
        if value is None:
            raise RejectedError(
                f"can't be made from permalink {clean_text(pattern, 100)}: Jekyll has no"
                f" placeholder :{clean_text(name, 100)}",
                field="webUrl",
            )
        return f"{escape(value)}_"

    if len(pattern) > MAX_LENGTH:
        raise _too_long()
    return clean(_PLACEHOLDER.sub(fill, pattern))


def expand_page(pattern: str, folder: str, name: str, extension: str) -> str:
    """Return the address of a page that is not in a collection; `folder` begins with a `/`."""
    if len(pattern) > MAX_LENGTH:
        raise _too_long()
    for placeholder, value in ((":path", folder), (":basename", name), (":output_ext", extension)):
        if placeholder in pattern:
            pattern = pattern.replace(placeholder, escape(value))
    return clean(pattern)


def clean(address: str) -> str:
    """Return an address within the site with one `/` at its beginning, and none doubled."""
    address = re.sub("/+", "/", f"/{address}".replace("..", "/").replace("./", ""))
    # A permalink may contain letters and spaces as they are.
    return quote(address, safe=_ADDRESS, errors="replace")


def escape(text: str) -> str:
    """Percent-encode the value of a placeholder; a question mark stays."""
    if _PLAIN.fullmatch(text):
        return text
    if len(text) > MAX_LENGTH:
        raise _too_long()
    return quote(text, safe=f"{_PATH}?", errors="replace")


def _too_long() -> RejectedError:
    return RejectedError(f"would have more than {MAX_LENGTH} characters", field="webUrl")
