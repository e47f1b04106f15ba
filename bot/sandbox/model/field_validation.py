"""Validation of the fields of a request's body, with Discord's error messages.

Lengths are counted in UTF-16 code units after trimming, which is the strictest reading of
Discord's rules: a body that is accepted here is accepted by Discord.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import FieldError, invalid_form
from bot.sandbox.model.entities import Json

Path = tuple[str | int, ...]

_WEB_SCHEMES = ("http", "https")
# Names of hosts as https://www.rfc-editor.org/rfc/rfc1123#section-2.1 has them: letters, digits and
# hyphens. DNS allows underscores, but Discord calls such an address "not a well formed URL".
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*",
    re.ASCII | re.IGNORECASE,
)


def length(text: str) -> int:
    """The length of a text in UTF-16 code units, as Discord counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Form:
    """Collects the problems of one body, because Discord's "Invalid Form Body" lists them all."""

    def __init__(self) -> None:
        self.problems: list[FieldError] = []

    def fail(self, path: Path, code: str, message: str) -> None:
        """Add a problem."""
        self.problems.append(FieldError(path, code, message))

    def missing(self, path: Path) -> None:
        """Add that a required field is missing."""
        self.fail(path, "BASE_TYPE_REQUIRED", "This field is required")

    def raise_problems(self) -> None:
        """Raise 50035 if there is a problem."""
        if self.problems:
            raise invalid_form(self.problems)

    def text(
        self,
        path: Path,
        value: object,
        max_length: int,
        *,
        min_length: int = 0,
        required: bool = False,
    ) -> str:
        """Check a text's length and trim it; "" if there is none."""
        if value is None or value == "":
            if required:
                self.missing(path)
            return ""
        if not isinstance(value, str):
            self.fail(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
            return ""
        trimmed = value.strip()
        if required and not trimmed:
            self.missing(path)
        else:
            self._check_length(path, length(trimmed), min_length, max_length)
        return trimmed

    def _check_length(self, path: Path, actual: int, minimum: int, maximum: int) -> None:
        if minimum <= actual <= maximum:
            return
        if minimum:
            message = f"Must be between {minimum} and {maximum} in length."
            self.fail(path, "BASE_TYPE_BAD_LENGTH", message)
        else:
            message = f"Must be {maximum} or fewer in length."
            self.fail(path, "BASE_TYPE_MAX_LENGTH", message)

    def integer(self, path: Path, value: object, low: int, high: int) -> int | None:
        """Check an integer's bounds; None if there is none."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if value > high:
            message = f"int value should be less than or equal to {high}."
            self.fail(path, "NUMBER_TYPE_MAX", message)
        elif value < low:
            message = f"int value should be greater than or equal to {low}."
            self.fail(path, "NUMBER_TYPE_MIN", message)
        return value

    def items(self, path: Path, value: object, max_items: int, *, min_items: int = 0) -> list[Any]:
        """Check a list's number of items; [] if there is none."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return []
        self._check_length(path, len(value), min_items, max_items)
        return value

    def mapping(self, path: Path, value: object) -> Json:
        """Check that a value is an object; {} if there is none."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType.")
            return {}
        return value

    def choice(self, path: Path, value: object, allowed: tuple[int, ...]) -> int:
        """Check that a value is one of the allowed numbers; else returns the first of them."""
        if value in allowed and isinstance(value, int):
            return value
        message = f"Value must be one of {{{', '.join(map(str, allowed))}}}."
        self.fail(path, "BASE_TYPE_CHOICES", message)
        return allowed[0]

    def url(
        self, path: Path, value: object, *, max_length: int = 2048, attachment: bool = False
    ) -> str:
        """Check a web address (or, for images, `attachment://`); "" if there is none."""
        text = self.text(path, value, max_length)
        if not text:
            return ""
        schemes = (*_WEB_SCHEMES, "attachment") if attachment else _WEB_SCHEMES
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            self.fail(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            return ""
        is_file = attachment and parts.scheme == "attachment"
        if parts.scheme and parts.scheme.lower() not in schemes:
            message = f'Scheme "{parts.scheme}" is not supported. Scheme must be one of {schemes}.'
            self.fail(path, "URL_TYPE_INVALID_SCHEME", message)
        elif (
            not parts.scheme
            or not host
            or len(text.split()) > 1
            or not (is_file or _HOST.fullmatch(host))
        ):
            self.fail(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return text
