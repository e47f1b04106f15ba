"""Patterns of files as in a `.gitignore`, by which MkDocs leaves files out. Pure.

https://git-scm.com/docs/gitignore#_pattern_format,
https://www.mkdocs.org/user-guide/configuration/#exclude_docs
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_MAX_PATTERNS = 500
_MAX_LENGTH = 500
_MAX_PARTS = 50
_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class _Pattern:
    parts: tuple[str, ...]
    includes: bool
    folders_only: bool

    def matches(self, parts: Sequence[str], *, is_folder: bool) -> bool:
        """Whether it matches a path. `**` stands for any number of folders, including none."""
        if self.folders_only and not is_folder:
            return False
        # The numbers of parts that the pattern may have matched so far.
        ends = {0}
        for position, wanted in enumerate(self.parts):
            if wanted == "**":
                is_last = position == len(self.parts) - 1
                first = min(ends) + (1 if is_last else 0)
                ends = set(range(first, len(parts) + 1))
            else:
                ends = {
                    end + 1 for end in ends if end < len(parts) and fnmatchcase(parts[end], wanted)
                }
            if not ends:
                return False
        return len(parts) in ends


@dataclass(frozen=True, slots=True)
class FilePatterns:
    """A list of patterns, the later ones of which take precedence."""

    patterns: tuple[_Pattern, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "FilePatterns":
        """Read one pattern per line; those that are too long are left out."""
        lines = text.splitlines()[:_MAX_PATTERNS]
        return cls(tuple(pattern for line in lines if (pattern := _parse(line)) is not None))

    def match(self, path: str) -> bool:
        """Return whether a file is matched, or a folder that contains it."""
        parts = path.split("/")[:_MAX_PARTS]
        matched = by_folder = False
        for pattern in self.patterns:
            as_file = pattern.matches(parts, is_folder=False)
            as_folder = any(
                pattern.matches(parts[:depth], is_folder=True) for depth in range(1, len(parts))
            )
            if as_file or as_folder:
                # What excludes a file by its own name is not undone by a pattern of a folder.
                if pattern.includes and not as_file and matched and not by_folder:
                    continue
                matched, by_folder = not pattern.includes, not as_file
        return matched


def _parse(line: str) -> _Pattern | None:
    text = line.strip()
    if not text or text.startswith("#") or len(text) > _MAX_LENGTH:
        return None
    includes = text.startswith("!")
    text = text.removeprefix("!")
    folders_only = text.endswith("/")
    parts = text.strip("/").split("/")
    if not text.strip("/") or len(parts) > _MAX_PARTS:
        return None
    if "/" not in text.rstrip("/"):
        parts = ["**", *parts]
    return _Pattern(tuple(map(_as_fnmatch, parts)), includes, folders_only)


def _as_fnmatch(part: str) -> str:
    """The part of a pattern, with escapes as `fnmatch` has them."""
    return _ESCAPED.sub(
        lambda match: f"[{match[1]}]" if _SPECIAL.match(match[1]) else match[1], part
    )
