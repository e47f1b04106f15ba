"""Regular expressions from the configuration of a site, which may be hostile."""

import re
from collections.abc import Mapping

import regex

from bot.ingest.frontmatter import RejectedError
from bot.ingest.text import clean_text

MAX_PATTERN = 500
MAX_REPLACEMENT = 100
MAX_RESULT = 2_000
# Processor time of all threads; an honest expression takes microseconds.
SECONDS = 2.0
_TOKEN = re.compile(r"\\.|\[\^?\]?|\]", re.DOTALL)
# What Python means by `\w`; for the package `regex`, accents without a letter belong to it.
_WORD = r"\p{L}\p{N}_"


def _with_python_words(pattern: str) -> str:
    in_class = False

    def translate(token: re.Match[str]) -> str:
        nonlocal in_class
        text = token[0]
        if text == r"\w":
            return _WORD if in_class else f"[{_WORD}]"
        if text == r"\W" and not in_class:
            return f"[^{_WORD}]"
        if text.startswith("[") and not in_class:
            in_class = True
        elif not text.startswith("\\") and text.endswith("]"):
            in_class = False
        return text

    return _TOKEN.sub(translate, pattern)


class SiteExpression:
    """A compiled expression of which every use takes a limited time.

    Once it has taken too long, it is not used again. Creating one raises `ValueError` if the
    pattern is not valid or too long.
    """

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        self._source = pattern
        self._is_too_slow = False
        if len(pattern) > MAX_PATTERN:
            raise ValueError("too long")
        try:
            self._compiled = regex.compile(
                _with_python_words(pattern), regex.IGNORECASE if ignore_case else 0
            )
        except (regex.error, RecursionError, OverflowError) as error:
            raise ValueError(str(error)) from error

    def match(self, text: str) -> Mapping[str, str]:
        """Return the text of the named groups if the beginning of a text matches, else nothing.

        Raises `RejectedError` if it takes too long.
        """
        if self._is_too_slow:
            raise self._too_slow()
        try:
            match = self._compiled.match(text, timeout=SECONDS)
        except TimeoutError as error:
            raise self._too_slow() from error
        groups = match.groupdict() if match else {}
        return {name: value for name, value in groups.items() if value is not None}

    def replace(self, replacement: str, text: str) -> str:
        """Replace all matches; the replacement may name groups, as in `re.sub`.

        Raises `RejectedError` if it takes too long, or the result is too long.
        """
        if self._is_too_slow:
            raise self._too_slow()
        try:
            replaced = self._compiled.sub(replacement, text, timeout=SECONDS)
        except TimeoutError as error:
            raise self._too_slow() from error
        except (regex.error, IndexError) as error:
            raise RejectedError(
                f"can't be made: the replacement {clean_text(replacement, 100)} in the site's"
                " configuration is not valid",
                field="webUrl",
            ) from error
        if len(replaced) > MAX_RESULT:
            raise RejectedError("is too long, as the site's configuration makes it", field="webUrl")
        return replaced

    def _too_slow(self) -> RejectedError:
        self._is_too_slow = True
        return RejectedError(
            f"can't be made: the regular expression {clean_text(self._source, 100)} in the site's"
            " configuration takes too long",
            field="webUrl",
        )
