"""Checking the fields of a request's body, with the sentences that Discord uses.

Lengths are counted in UTF-16 code units after trimming: the strictest reading of Discord's rules,
so that what passes here passes there.
"""

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import FieldError, invalid_form
from bot.sandbox.model.entities import Json

Path = tuple[str | int, ...]

_WEB_SCHEMES = ("http", "https")


def length(text: str) -> int:
    """How long Discord takes a text to be: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Form:
    """Collects what is wrong with a body, so that one answer names everything."""

    def __init__(self) -> None:
        self.problems: list[FieldError] = []

    def fail(self, path: Path, code: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(FieldError(path, code, message))

    def missing(self, path: Path) -> None:
        """Note that a required field is not there."""
        self.fail(path, "BASE_TYPE_REQUIRED", "This field is required")

    def raise_problems(self) -> None:
        """Raise 50035 if there was a problem."""
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
        """A text within its length, trimmed; "" if there is none."""
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
        elif not min_length <= length(trimmed) <= max_length:
            if min_length:
                sentence = f"Must be between {min_length} and {max_length} in length."
                self.fail(path, "BASE_TYPE_BAD_LENGTH", sentence)
            else:
                sentence = f"Must be {max_length} or fewer in length."
                self.fail(path, "BASE_TYPE_MAX_LENGTH", sentence)
        return trimmed

    def integer(self, path: Path, value: object, low: int, high: int) -> int | None:
        """A whole number within bounds, or None if there is none."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if value > high:
            sentence = f"int value should be less than or equal to {high}."
            self.fail(path, "NUMBER_TYPE_MAX", sentence)
        elif value < low:
            sentence = f"int value should be greater than or equal to {low}."
            self.fail(path, "NUMBER_TYPE_MIN", sentence)
        return value

    def items(self, path: Path, value: object, max_items: int, *, min_items: int = 0) -> list[Any]:
        """A list with a bounded number of items; [] if there is none."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return []
        if not min_items <= len(value) <= max_items:
            if min_items:
                sentence = f"Must be between {min_items} and {max_items} in length."
                self.fail(path, "BASE_TYPE_BAD_LENGTH", sentence)
            else:
                sentence = f"Must be {max_items} or fewer in length."
                self.fail(path, "BASE_TYPE_MAX_LENGTH", sentence)
        return value

    def mapping(self, path: Path, value: object) -> Json:
        """An object; {} if there is none."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType.")
            return {}
        return value

    def choice(self, path: Path, value: object, allowed: tuple[int, ...]) -> int:
        """One of a few numbers."""
        if value in allowed and isinstance(value, int):
            return value
        sentence = f"Value must be one of {{{', '.join(map(str, allowed))}}}."
        self.fail(path, "BASE_TYPE_CHOICES", sentence)
        return allowed[0]

    def url(
        self, path: Path, value: object, *, max_length: int = 2048, attachment: bool = False
    ) -> str:
        """A web address (or, for images, `attachment://`); "" if there is none."""
        text = self.text(path, value, max_length)
        if not text:
            return ""
        schemes = (*_WEB_SCHEMES, "attachment") if attachment else _WEB_SCHEMES
        try:
            parts = urlsplit(text)
        except ValueError:
            self.fail(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            return ""
        if parts.scheme and parts.scheme.lower() not in schemes:
            sentence = f'Scheme "{parts.scheme}" must be one of {schemes}.'
            self.fail(path, "URL_TYPE_INVALID_SCHEME", sentence)
        elif not parts.scheme or not parts.hostname or len(text.split()) > 1:
            self.fail(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return text
