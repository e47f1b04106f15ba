"""Decides which files of a folder are documents, by patterns for names and paths."""

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from string import ascii_lowercase

# Hidden files, and temporary ones of editors, browsers and synchronisation programs.
_ALWAYS_EXCLUDED = (
    *(".*", "#*", "*#", "*~", "*.tmp", "*.temp", "*.part", "*.bak"),
    *(f"*.sw{letter}" for letter in ascii_lowercase),
)
# Endings of pages: those that can be read, and those that only their generators can.
READABLE_ENDINGS = frozenset(
    (".md", ".markdown", ".mdx", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtext", ".qmd", ".rmd")
)
HTML_ENDINGS = frozenset((".html", ".htm"))
PAGE_ENDINGS = frozenset(
    (*READABLE_ENDINGS, *HTML_ENDINGS, ".rst", ".adoc", ".asciidoc", ".org", ".textile", ".ipynb")
)
_CONTENT_FOLDERS = frozenset(("_posts", "content", "posts", "blog", "_drafts"))
_SPECIAL = re.compile(r"[*?\[]")


class Patterns:
    """Shell patterns, ignoring case. One with a `/` matches the path in the folder, else the name.

    `/`, `./` and `**/` at the beginning and `/` at the end have the same meaning as in a
    `.gitignore`; `*` also matches a `/`.
    """

    def __init__(self, include: Sequence[str], exclude: Sequence[str], folder: str = "") -> None:
        # The source's folder may itself be one of posts, or be in one.
        self._is_content = not _CONTENT_FOLDERS.isdisjoint(folder.split("/")[-2:])
        self._included = _Matcher(include)
        # `*/x` often means "x anywhere". Drafts must not leak, so it does match anywhere.
        anywhere = [f"*{each}" if each.startswith("*/") else each for each in exclude]
        excluded = (*_ALWAYS_EXCLUDED, *anywhere)
        self._excluded = _Matcher(excluded)
        # Leave out patterns that no included file can match: no `*.md` is a `*.tmp`.
        overlapping = [each for each in excluded if self._included.may_overlap(each)]
        self._excluded_files = _Matcher(overlapping)

    def take_file(self, name: str, path: str) -> bool:
        """Whether the file is a document."""
        lowered = name.lower()
        return self._included.match(lowered, path) and not self._excluded_files.match(lowered, path)

    def passes_over(self, name: str, path: str) -> Sequence[str]:
        """Return the ending of a file that may be a page, but is neither included nor excluded."""
        dot = name.rfind(".")
        ending = name[dot:].lower() if dot > 0 else ""
        if ending not in PAGE_ENDINGS or self._excluded.match(name.lower(), path):
            return ()
        # Elsewhere, such a file is a template.
        if (
            ending in HTML_ENDINGS
            and not self._is_content
            and _CONTENT_FOLDERS.isdisjoint(path.split("/")[:-1])
        ):
            return ()
        return (ending,)

    def enter_folder(self, name: str, path: str) -> bool:
        """Whether the folder may contain documents."""
        return not self._excluded.match(name.lower(), path)

    def is_relevant(self, path: str) -> bool:
        """Whether a path within the folder may be a document, or a folder that contains some."""
        parts = path.split("/")
        return all(
            self.enter_folder(name, "/".join(parts[: depth + 1]))
            for depth, name in enumerate(parts)
        )


class _Matcher:
    """Matches names and paths, without regular expressions where possible: every walk needs it."""

    def __init__(self, patterns: Sequence[str]) -> None:
        names, prefixes, suffixes, others = set[str](), list[str](), list[str](), list[str]()
        patterns = [_simplify(pattern) for pattern in patterns]
        for pattern in (each for each in patterns if "/" not in each):
            if _SPECIAL.search(pattern) is None:
                names.add(pattern.lower())
            elif _SPECIAL.search(pattern[:-1]) is None and pattern.endswith("*"):
                prefixes.append(pattern[:-1].lower())
            elif _SPECIAL.search(pattern[1:]) is None and pattern.startswith("*"):
                suffixes.append(pattern[1:].lower())
            else:
                others.append(pattern)
        self._names, self._prefixes, self._suffixes = names, tuple(prefixes), tuple(suffixes)
        self._match_name = _compile(others)
        self._match_path = _compile(
            [path[1:] for pattern in patterns if "/" in pattern for path in _expand(pattern)]
        )

    def may_overlap(self, pattern: str) -> bool:
        """Whether a name may match both this and the pattern; False only if the suffixes differ."""
        suffix = pattern[1:].lower()
        if self._names or self._prefixes or self._match_name or self._match_path:
            return True
        if not pattern.startswith("*") or "/" in suffix or _SPECIAL.search(suffix):
            return True
        return any(each.endswith(suffix) or suffix.endswith(each) for each in self._suffixes)

    def match(self, lowered: str, path: str) -> bool:
        return (
            lowered.endswith(self._suffixes)
            or lowered.startswith(self._prefixes)
            or lowered in self._names
            or (self._match_name is not None and self._match_name(lowered) is not None)
            or (self._match_path is not None and self._match_path(path) is not None)
        )


def _simplify(pattern: str) -> str:
    """Drop parts without a meaning; a pattern for a name in any folder loses its `/`."""
    pattern = (pattern[1:] if pattern.startswith("./") else pattern).rstrip("/")
    folders, _, name = pattern.rpartition("/")
    return name if set(folders.split("/")) == {"**"} else pattern


def _expand(pattern: str) -> Sequence[str]:
    """Patterns, each with a `/` in front, that replace `/**/` by `/` or by `/*/`."""
    before, stars, after = f"/{pattern.lstrip('/')}".partition("/**/")
    if not stars:
        return [before]
    return [f"{before}{between}{rest}" for rest in _expand(after) for between in ("", "/*")]


def _compile(patterns: Sequence[str]) -> Callable[[str], re.Match[str] | None] | None:
    if not patterns:
        return None
    return re.compile("|".join(map(translate, patterns)), re.IGNORECASE).match
