"""Matches paths with the patterns that generators written in JavaScript use. Pure.

https://github.com/micromatch/micromatch: `*` stops at a `/`, `**` does not, `{a,b}` are
alternatives, `[^a]` is any character but one, and names with a dot in front have to be named.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

MAX_ALTERNATIVES = 50
MAX_PARTS = 50
MAX_PATTERN = 500
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path matches one of the patterns as a whole, and none that begins with `!`."""
    parts = path.split("/")
    matched = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if _matches_pattern(parts, pattern[1:]):
                return False
        else:
            matched = matched or _matches_pattern(parts, pattern)
    return matched


def _matches_pattern(parts: Sequence[str], pattern: str) -> bool:
    return len(pattern) <= MAX_PATTERN and any(
        _matches(parts, expanded.split("/"))
        for expanded in _expand(pattern.removeprefix("./").replace("[^", "[!"))
    )


def _expand(pattern: str) -> Sequence[str]:
    """Replace braces by their alternatives."""
    expanded = [pattern]
    while len(expanded) <= MAX_ALTERNATIVES and (braces := _BRACES.search(expanded[0])):
        expanded = [
            each[: found.start()] + alternative + each[found.end() :]
            for each in expanded
            if (found := _BRACES.search(each))
            for alternative in braces[1].split(",")
        ]
    return expanded[:MAX_ALTERNATIVES]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Match part by part; `reached` are the numbers of parts that the pattern may have matched."""
    if len(pattern) > MAX_PARTS:
        return False
    reached = {0}
    for wanted in pattern:
        if wanted == "**":
            reached = _extend(parts, reached)
        else:
            reached = {
                start + 1
                for start in reached
                if start < len(parts) and _matches_name(parts[start], wanted)
            }
    return len(parts) in reached


def _extend(parts: Sequence[str], reached: Collection[int]) -> set[int]:
    """Add what `**` reaches: any number of parts, but none with a dot in front."""
    extended: set[int] = set()
    for end in range(len(parts) + 1):
        follows = end - 1 in extended and not parts[end - 1].startswith(".")
        if follows or end in reached:
            extended.add(end)
    return extended


def _matches_name(name: str, wanted: str) -> bool:
    if name.startswith(".") and not wanted.startswith("."):
        return False
    return fnmatchcase(name, wanted)
