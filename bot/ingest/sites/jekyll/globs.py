"""Patterns of file names in Jekyll's configuration, which Ruby defines. Pure."""

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import lru_cache

# More are not expected, and a page is compared with each of them.
_MAX_PATTERNS = 500
_MAX_LENGTH = 500
_SPECIAL = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*)\}")


class PathList:
    """`include` or `exclude`: paths, their beginnings, or patterns whose `*` also matches a `/`.

    https://jekyllrb.com/docs/configuration/options, https://docs.ruby-lang.org/en/3.1/File.html
    (fnmatch).
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        usable = [
            stripped
            for pattern in patterns[:_MAX_PATTERNS]
            if (stripped := pattern.lstrip("/")) and len(stripped) <= _MAX_LENGTH
        ]
        self._beginnings = tuple(usable)
        self._folders = frozenset(each.removesuffix("/") for each in usable)
        globs = [_as_regex(each) for each in usable if _SPECIAL.search(each)]
        self._glob = re.compile("|".join(globs)) if globs else None

    def names(self, path: str) -> bool:
        """Whether exactly this path is listed."""
        return path in self._folders

    def match(self, path: str, *, is_folder: bool) -> bool:
        """Whether the path of a file or folder is listed."""
        return bool(self._beginnings) and (
            path.startswith(self._beginnings)
            or (is_folder and path in self._folders)
            or (self._glob is not None and self._glob.match(path) is not None)
        )


@lru_cache(maxsize=1_000)
def matching_folders(pattern: str, path: str) -> Sequence[str]:
    """Return those of a path and the folders above it that match a pattern.

    It is one of Ruby's `Dir.glob`: `*` matches no `/`, but `**/` any number of folders. Hidden
    files match only if the pattern names the dot.
    """
    if len(pattern) > _MAX_LENGTH:
        return ()
    parts = path.split("/")
    depths = {
        depth for each in _expand_braces(pattern) for depth in _match_depths(each.split("/"), parts)
    }
    return ["/".join(parts[:depth]) for depth in sorted(depths) if depth]


def _match_depths(patterns: Sequence[str], parts: Sequence[str]) -> set[int]:
    """The numbers of parts at the beginning that all patterns match."""
    depths = {0}
    for pattern in patterns:
        if pattern == "**":
            depths = {after for depth in depths for after in _visible_depths(parts, depth)}
        elif pattern:
            match = _part_matcher(pattern)
            depths = {
                depth + 1
                for depth in depths
                if depth < len(parts)
                and (parts[depth][:1] != "." or pattern[0] == ".")
                and match.match(parts[depth])
            }
    return depths


def _visible_depths(parts: Sequence[str], depth: int) -> Sequence[int]:
    depths = [depth]
    while depth < len(parts) and not parts[depth].startswith("."):
        depth += 1
        depths.append(depth)
    return depths


@lru_cache(maxsize=1_000)
def _part_matcher(pattern: str) -> re.Pattern[str]:
    return re.compile(_as_regex(pattern))


def _as_regex(pattern: str) -> str:
    return translate(pattern.replace("[^", "[!"))


def _expand_braces(pattern: str) -> Sequence[str]:
    """Patterns without braces: `{a,b}c` stands for `ac` and `bc`."""
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= _MAX_PATTERNS:
        pattern = waiting.pop()
        if braces := _BRACES.search(pattern):
            before, after = pattern[: braces.start()], pattern[braces.end() :]
            waiting += [f"{before}{choice}{after}" for choice in braces[1].split(",")]
        else:
            done.append(pattern)
    return done
