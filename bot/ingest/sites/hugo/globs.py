"""Patterns of paths, kinds and languages in configuration and front matter. Pure.

https://gohugo.io/quick-reference/glob-patterns
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.ingest.sites.hugo.values import group, text, texts

_MAX_ALTERNATIVES = 64
_MAX_PATTERN = 500
# What takes time in proportion to the length of a path.
_MAX_PATTERNS = 8
_MAX_STARS = 16
_STARS = ("*", "**")
_WILDCARD = re.compile(r"[*?\[\\]")
_RANGE = re.compile(r".-.", re.DOTALL)
ENVIRONMENT = "production"


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern; `*` matches no slash, `**` does. Takes time in proportion to both lengths.

    It matches `texts`, what begins with one of `beginnings`, and what one of `patterns` matches.
    """

    texts: frozenset[str]
    beginnings: tuple[str, ...]
    patterns: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, pattern: str) -> "Glob":
        """A pattern with `{a,b}` becomes several ones without."""
        texts: set[str] = set()
        beginnings: list[str] = []
        patterns: list[tuple[str, ...]] = []
        for each in _alternatives(pattern[:_MAX_PATTERN]):
            if not _WILDCARD.search(each):
                texts.add(each)
            elif each.endswith("/**") and not _WILDCARD.search(each[:-2]):
                beginnings.append(each[:-2])
            elif len(patterns) < _MAX_PATTERNS and each.count("*") <= _MAX_STARS:
                patterns.append(tuple(_tokens(each)))
        return cls(frozenset(texts), tuple(beginnings), tuple(patterns))

    def matches(self, subject: str) -> bool:
        """Return whether the whole subject is as the pattern says."""
        return (
            subject in self.texts
            or subject.startswith(self.beginnings)
            or any(_matches(tokens, subject) for tokens in self.patterns)
        )


def _alternatives(pattern: str) -> Sequence[str]:
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= _MAX_ALTERNATIVES:
        each = waiting.pop()
        close = each.find("}")
        start = each.rfind("{", 0, close)
        if close < 0 or start < 0:
            done.append(each)
            continue
        options = each[start + 1 : close].split(",")
        waiting += [each[:start] + option + each[close + 1 :] for option in options]
    return done


def _matches(tokens: Sequence[str], subject: str) -> bool:
    # The positions in `tokens` that are reached after each character.
    reached = _with_stars_skipped({0}, tokens)
    for character in subject:
        reached = _with_stars_skipped(
            {
                position + (0 if token in _STARS else 1)
                for position in reached
                if position < len(tokens) and _accepts(token := tokens[position], character)
            },
            tokens,
        )
        if not reached:
            return False
    return len(tokens) in reached


def _tokens(pattern: str) -> Sequence[str]:
    """Single characters (also after a backslash), `*`, `**`, `?` and sets such as `[a-z]`."""
    tokens: list[str] = []
    position = 0
    while position < len(pattern):
        end = position + 1
        if pattern.startswith("**", position):
            end += 1
        elif pattern[position] == "\\":
            end = min(position + 2, len(pattern))
        elif pattern[position] == "[" and (close := pattern.find("]", position + 1)) > 0:
            end = close + 1
        tokens.append(pattern[position:end])
        position = end
    return tokens


def _with_stars_skipped(positions: set[int], tokens: Sequence[str]) -> set[int]:
    for each in sorted(positions):
        following = each
        while following < len(tokens) and tokens[following] in _STARS:
            following += 1
            positions.add(following)
    return positions


def _accepts(part: str, character: str) -> bool:
    if part in _STARS or part == "?":
        return part == _STARS[1] or character != "/"
    if len(part) > 1 and part.startswith("["):
        inside = part[1:-1]
        negated = inside.startswith("!")
        return _is_in_set(inside.removeprefix("!"), character) is not negated
    return part[-1] == character


def _is_in_set(inside: str, character: str) -> bool:
    if _RANGE.fullmatch(inside):
        return inside[0] <= character <= inside[-1]
    return character in inside


@dataclass(frozen=True, slots=True)
class PageMatcher:
    """Which pages something is for: https://gohugo.io/content-management/front-matter/#target."""

    path: Glob | None = None
    kind: Glob | None = None
    languages: tuple[Glob, ...] = ()
    environment: Glob | None = None

    @classmethod
    def parse(cls, target: Mapping[str, object]) -> "PageMatcher":
        """`target` has keys in lower case."""
        matrix = group(group(target.get("sites")).get("matrix"))
        languages = [*texts(target.get("lang")), *texts(matrix.get("languages"))]
        return cls(
            _glob(text(target.get("path")).lower()),
            _glob(text(target.get("kind")).lower()),
            tuple(Glob.parse(each) for each in languages),
            _glob(text(target.get("environment"))),
        )

    def matches(self, kind: str, path: str, language: str) -> bool:
        """Return whether it is for a page, whose path is like `/posts/harvest`."""
        return (
            (self.kind is None or self.kind.matches(kind))
            and (self.environment is None or self.environment.matches(ENVIRONMENT))
            and (not self.languages or any(each.matches(language) for each in self.languages))
            and (self.path is None or self.path.matches(path or "/"))
        )


def _glob(pattern: str) -> Glob | None:
    return Glob.parse(pattern) if pattern else None
