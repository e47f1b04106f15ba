"""Makes text fit for addresses, as Hugo and the URL package of Go do. Pure.

https://gohugo.io/functions/urls/urlize, https://pkg.go.dev/net/url.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus, unquote_to_bytes

_OTHERS_IN_PATHS = frozenset("./\\_#+~-@")
_CODE = re.compile(r"%[0-9A-Fa-f]{2}")
# The same for letters of ASCII, as few runs as possible.
_NOT_ALLOWED = re.compile(r"(?:[^A-Za-z0-9./\\_#+~@%-]|%(?![0-9A-Fa-f]{2}))+")
_WRONG_CODE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A path that Go leaves as it is.
_VALID_PATH = re.compile(r"(?:[A-Za-z0-9!$&'()*+,;=:@\[\]/._~-]|%[0-9A-Fa-f]{2})*+")
_UNESCAPED_IN_PATH = "$&+,/:;=@"


def lower(text: str) -> str:
    """Change to lower case letter by letter, so that their number stays the same."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := each.lower()) == 1 else small[0] for each in text)


def sanitise(text: str) -> str:
    """Leave out what Hugo has in no path; one hyphen takes the place of spaces."""
    if text.isascii():
        return _NOT_ALLOWED.sub(_hyphen_or_nothing, text)
    kept: list[str] = []
    hyphen_before_next = was_hyphen = False
    for position, character in enumerate(text):
        if _is_allowed(text, position, character):
            was_hyphen = character == "-"
            if hyphen_before_next and not was_hyphen:
                kept.append("-")
            hyphen_before_next = False
            kept.append(character)
        elif kept and not was_hyphen and character.isspace():
            hyphen_before_next = True
    return "".join(kept)


def _hyphen_or_nothing(left_out: re.Match[str]) -> str:
    """What takes the place of characters: a hyphen between words if one was a space."""
    text, start, end = left_out.string, left_out.start(), left_out.end()
    is_between = start > 0 and end < len(text) and text[start - 1] != "-" and text[end] != "-"
    return "-" if is_between and any(each.isspace() for each in left_out[0]) else ""


def _is_allowed(text: str, position: int, character: str) -> bool:
    if character.isascii():
        return (
            character.isalnum()
            or character in _OTHERS_IN_PATHS
            or (character == "%" and _CODE.match(text, position) is not None)
        )
    return character.isdecimal() or unicodedata.category(character)[0] in "LM"


@dataclass(frozen=True, slots=True)
class PathRules:
    """How a site makes paths: https://gohugo.io/configuration/all/#disablepathtolower.

    With `without_accents`, accents are removed.
    """

    keep_case: bool = False
    without_accents: bool = False

    def apply(self, text: str) -> str:
        """Make a text part of a path."""
        path = sanitise(text)
        if self.without_accents:
            letters = unicodedata.normalize("NFD", path)
            path = "".join(each for each in letters if unicodedata.category(each) != "Mn")
            path = unicodedata.normalize("NFC", path)
        return path if self.keep_case else lower(path)

    def urlize(self, text: str) -> str:
        """Make a text part of an address."""
        path, sign, fragment = self.apply(text).partition("#")
        return escape_path(path) + sign + escape_path(fragment)


def escape_path(path: str) -> str:
    """Percent-encode a path; what is encoded already stays so if all of it is valid."""
    if _VALID_PATH.fullmatch(path):
        return path
    return quote(unquote_to_bytes(path), safe=_UNESCAPED_IN_PATH)


def query_unescape(text: str) -> str:
    """Decode percent-encoding and plus signs; empty if the text is not valid."""
    if "%" not in text and "+" not in text:
        return text
    return "" if _WRONG_CODE.search(text) else unquote_plus(text)
