"""Which files of a folder are documents."""

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from string import ascii_lowercase

# What is hidden, and what editors, browsers and synchronising programs write beside a file.
_PASSED_OVER = (
    *(".*", "#*", "*#", "*~", "*.tmp", "*.temp", "*.part", "*.bak"),
    *(f"*.sw{letter}" for letter in ascii_lowercase),
)
_SPECIAL = re.compile(r"[*?\[]")


class Patterns:
    """Shell patterns in any case. One with a `/` matches the path in the folder, else the name.

    What begins or ends with `/`, `./` or `**/` means what it means in a `.gitignore`; `*` also
    stands for a `/`.
    """

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._included = _Matcher(include)
        # A draft must not leak: what seems to mean "anywhere" does.
        anywhere = [f"*{each}" if each.startswith("*/") else each for each in exclude]
        excluded = (*_PASSED_OVER, *anywhere)
        self._excluded = _Matcher(excluded)
        # No `*.md` is a `*.tmp`: what is never excluded need not be looked at.
        meeting = [each for each in excluded if self._included.meets(each)]
        self._excluded_files = _Matcher(meeting)

    def take_file(self, name: str, path: str) -> bool:
        """Whether the file is a document."""
        lowered = name.lower()
        return self._included.match(lowered, path) and not self._excluded_files.match(lowered, path)

    def enter_folder(self, name: str, path: str) -> bool:
        """Whether to look into the folder."""
        return not self._excluded.match(name.lower(), path)

    def concern(self, path: str) -> bool:
        """Whether a document may be at the path within the folder, or in it."""
        parts = path.split("/")
        return all(
            self.enter_folder(name, "/".join(parts[: depth + 1]))
            for depth, name in enumerate(parts)
        )


class _Matcher:
    """Every file passes here at every look: what needs no regular expression gets none."""

    def __init__(self, patterns: Sequence[str]) -> None:
        names, beginnings, endings, others = set[str](), list[str](), list[str](), list[str]()
        patterns = [_plain(pattern) for pattern in patterns]
        for pattern in (each for each in patterns if "/" not in each):
            if _SPECIAL.search(pattern) is None:
                names.add(pattern.lower())
            elif _SPECIAL.search(pattern[:-1]) is None and pattern.endswith("*"):
                beginnings.append(pattern[:-1].lower())
            elif _SPECIAL.search(pattern[1:]) is None and pattern.startswith("*"):
                endings.append(pattern[1:].lower())
            else:
                others.append(pattern)
        self._names, self._beginnings, self._endings = names, tuple(beginnings), tuple(endings)
        self._name = _compile(others)
        self._path = _compile(
            [path[1:] for pattern in patterns if "/" in pattern for path in _paths(pattern)]
        )

    def meets(self, pattern: str) -> bool:
        """Whether a name may match these and the pattern; False only if the endings differ."""
        ending = pattern[1:].lower()
        if self._names or self._beginnings or self._name or self._path:
            return True
        if not pattern.startswith("*") or "/" in ending or _SPECIAL.search(ending):
            return True
        return any(each.endswith(ending) or ending.endswith(each) for each in self._endings)

    def match(self, lowered: str, path: str) -> bool:
        return (
            lowered.endswith(self._endings)
            or lowered.startswith(self._beginnings)
            or lowered in self._names
            or (self._name is not None and self._name(lowered) is not None)
            or (self._path is not None and self._path(path) is not None)
        )


def _plain(pattern: str) -> str:
    """Without what changes nothing; what is to match a name anywhere has no `/`."""
    pattern = (pattern[1:] if pattern.startswith("./") else pattern).rstrip("/")
    folders, _, name = pattern.rpartition("/")
    return name if set(folders.split("/")) == {"**"} else pattern


def _paths(pattern: str) -> Sequence[str]:
    """The patterns, with `/` in front, that together mean this one if `**` is like `*`."""
    before, stars, after = f"/{pattern.lstrip('/')}".partition("/**/")
    if not stars:
        return [before]
    return [f"{before}{between}{rest}" for rest in _paths(after) for between in ("", "/*")]


def _compile(patterns: Sequence[str]) -> Callable[[str], re.Match[str] | None] | None:
    if not patterns:
        return None
    return re.compile("|".join(map(translate, patterns)), re.IGNORECASE).match
