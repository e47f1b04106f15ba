"""Which files of a folder are documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate

# What is hidden, and what editors, browsers and synchronising programs write beside a file.
_PASSED_OVER = (".*", "#*", "*#", "*~", "*.sw[a-z]", "*.tmp", "*.temp", "*.part", "*.bak")


class Patterns:
    """Shell patterns in any case. One with a `/` matches the path in the folder, else the name."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._included = _Matcher(include)
        self._excluded = _Matcher((*_PASSED_OVER, *exclude))

    def take_file(self, name: str, path: str) -> bool:
        """Whether the file is a document."""
        return self._included.match(name, path) and not self._excluded.match(name, path)

    def enter_folder(self, name: str, path: str) -> bool:
        """Whether to look into the folder."""
        return not self._excluded.match(name, path)


class _Matcher:
    def __init__(self, patterns: Sequence[str]) -> None:
        self._name = _compile([pattern for pattern in patterns if "/" not in pattern])
        self._path = _compile([pattern.lstrip("/") for pattern in patterns if "/" in pattern])

    def match(self, name: str, path: str) -> bool:
        # Every file passes here: the path is looked at only where a pattern asks for it.
        if self._name is not None and self._name(name):
            return True
        return self._path is not None and self._path(path) is not None


def _compile(patterns: Sequence[str]) -> Callable[[str], re.Match[str] | None] | None:
    if not patterns:
        return None
    return re.compile("|".join(map(translate, patterns)), re.IGNORECASE).match
