"""Makes text fit for addresses, as Hugo and the URL package of Go do. Pure.

https://gohugo.io/functions/urls/urlize, https://pkg.go.dev/net/url.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus, unquote_to_bytes

_OTHERS_IN_PATHS = frozenset("./\\_#+~-@")
_CODE = re.compile(r"%[0-9A-Fa-f]{2}")
# Characters that Go leaves as they are in a path, besides letters and digits.
_VALID_IN_PATH = frozenset("!$&'()*+,;=:@[]/-._~")
_UNESCAPED_IN_PATH = "$&+,/:;=@"


def lower(text: str) -> str:
    """Change to lower case letter by letter, so that their number stays the same."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := each.lower()) == 1 else small[0] for each in text)


def sanitise(text: str) -> str:
    """Leave out what Hugo has in no path; one hyphen takes the place of spaces."""
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


def _is_allowed(text: str, position: int, character: str) -> bool:
    if character.isascii():
        return (
            character.isalnum()
            or character in _OTHERS_IN_PATHS
            or (character == "%" and _is_code(text, position))
        )
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def _is_code(text: str, position: int) -> bool:
    """Whether a percent sign and what follows stand for a byte."""
    return _CODE.match(text, position) is not None


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
    if _is_valid(path):
        return path
    return quote(unquote_to_bytes(path), safe=_UNESCAPED_IN_PATH)


def _is_valid(path: str) -> bool:
    for position, character in enumerate(path):
        if character == "%":
            if not _is_code(path, position):
                return False
        elif not (character.isascii() and character.isalnum()) and character not in _VALID_IN_PATH:
            return False
    return True


def query_unescape(text: str) -> str:
    """Decode percent-encoding and plus signs; empty if the text is not valid."""
    positions = (position for position, character in enumerate(text) if character == "%")
    if all(_is_code(text, position) for position in positions):
        return unquote_plus(text)
    return ""
