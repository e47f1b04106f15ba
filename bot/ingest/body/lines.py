"""Removes what extensions of Markdown add line by line: code, remarks, footnotes, imports. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(`{3,}|~{3,})([^`]*)\Z")
# https://squidfunk.github.io/mkdocs-material/reference/admonitions, .../reference/content-tabs
_REMARK = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]|===[!+]?[ \t]+\"")
# https://python-markdown.github.io/extensions/footnotes, .../extensions/abbreviations
_DEFINITION = re.compile(
    r" {0,3}\[[^\]\n]{1,200}\]:[ \t]*(?:<[^<>]*>|[^\s<]\S*)"
    r"(?:[ \t]+(?:\".*\"|'.*'|\(.*\)))?[ \t]*\Z"
)
# Older programs need no space; `#word` is a tag.
_HEADING_WITHOUT_SPACE = re.compile(r"#{2,6}(?=[^\s#])")
_FOOTNOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,100}\]:")
_ABBREVIATION = re.compile(r" {0,3}\*\[[^\]]{1,100}\]:")
# Pandoc's fenced divisions, the remarks of Docusaurus and VitePress, and
# https://facelessuser.github.io/pymdown-extensions/extensions/blocks.
_CONTAINER = re.compile(r" {0,3}(?::{3,}[ \t]*(.*)|/{3,}((?:[ \t]+[\w-].*)?))\Z")
_ENDS_OF_CONTAINERS = frozenset(character * length for character in ":/" for length in range(3, 9))
_TRANSPARENT_CONTAINERS = re.compile(
    r"lead|intro|center|column|content|section|div|text", re.IGNORECASE
)
_CONTENTS = re.compile(
    r"[ \t]*(?:[-*+]|1\.)?[ \t]*(?:\[TOC\]|\[\[_?toc_?\]\]|\{:\s*toc\s*\}|\$\{toc\}|@\[toc\].*"
    r"|<!-- toc .*|\[toc\]|:toc:|\{\{toc\}\}|TOC)[ \t]*\Z",
    re.IGNORECASE,
)
# https://kramdown.gettalong.org/syntax.html#attribute-list-definitions, and Pandoc's.
_ATTRIBUTES = re.compile(r"[ \t]*\{(?:::?|[.#])[^{}]{0,500}\}[ \t]*\Z")
_EXTENSION = re.compile(r"[ \t]*\{::(?:comment|nomarkdown)\}")
# https://mdxjs.com/docs/what-is-mdx/#esm
_IMPORT = re.compile(r"import\s(?:[^'\"]{1,500}\sfrom\s*)?['\"][^'\"]{1,300}['\"]\s*;?\s*\Z")
_STATEMENT = re.compile(r"(?:import|export)\s+(?:[\w{*]|default\b)")
_MATHS = re.compile(r"[ \t]*(?:\$\$|\\\[|\\begin\{)")
_MATHS_ENDS = {"$$": "$$", "\\[": "\\]", "\\b": "\\end{"}


def remove_extensions(text: str, *, with_remarks: bool, has_statements: bool) -> str:
    """Return the text without them; remarks are ordinary text if `with_remarks`.

    `has_statements`: it is a module in MDX.
    """
    scanner = _Scanner(text.split("\n"), with_remarks=with_remarks, has_statements=has_statements)
    return "\n".join(scanner.scan())


class _Scanner:
    """Goes through the lines once."""

    def __init__(self, lines: Sequence[str], *, with_remarks: bool, has_statements: bool) -> None:
        self._lines = lines
        self._with_remarks = with_remarks
        self._has_statements = has_statements
        self._kept: list[str] = []
        self._at = 0
        # Whether each open container is a remark.
        self._containers: list[bool] = []
        self._last_end_of_container = max(
            (place for place, line in enumerate(lines) if line.strip(" ") in _ENDS_OF_CONTAINERS),
            default=-1,
        )
        self._missing_ends: set[str] = set()

    def scan(self) -> Sequence[str]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            # Most lines begin with a letter.
            if line[:1].isalpha() and not line.startswith(("import", "export", "TOC", "toc")):
                self._keep(line)
            elif not line or line.isspace():
                self._keep("")
            else:
                self._read(line)
        return self._kept

    def _keep(self, line: str) -> None:
        if not any(self._containers):
            self._kept.append(line)

    def _read(self, line: str) -> None:
        for pattern, read in self._extensions:
            if found := pattern.match(line):
                read(self, found)
                return
        if heading := _HEADING_WITHOUT_SPACE.match(line):
            self._keep(f"{heading[0]} {line[heading.end() :]}")
        elif self._has_statements and _STATEMENT.match(line):
            self._skip_statement(line)
        else:
            self._keep(line)

    def _skip_code(self, found: re.Match[str]) -> None:
        fence = found[1]
        self._keep("")
        while self._at < len(self._lines):
            line = self._lines[self._at].strip()
            self._at += 1
            if len(line) >= len(fence) and line == fence[0] * len(line):
                break

    def _read_remark(self, _: re.Match[str]) -> None:
        """Skip its title, and either skip its indented text or move that to the left."""
        self._keep("")
        if not self._with_remarks:
            self._skip_indented()
            return
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.startswith(("    ", "\t")) and line.strip():
                break
            self._kept.append(line.removeprefix("\t").removeprefix("    "))
            self._at += 1

    def _skip_indented(self, _: re.Match[str] | None = None) -> None:
        """Skip what belongs to the line before: up to the next that is not indented."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and not line.startswith(("    ", "\t")):
                break
            self._at += 1
        self._keep("")

    def _read_container(self, found: re.Match[str]) -> None:
        self._keep("")
        title = (found[1] or found[2] or "").strip(" \t:/")
        if title:
            is_remark = not (self._with_remarks or _TRANSPARENT_CONTAINERS.search(title))
            if is_remark and self._last_end_of_container < self._at:
                return
            self._containers.append(is_remark)
        elif self._containers:
            self._containers.pop()
        self._keep("")

    def _skip_extension(self, _: re.Match[str]) -> None:
        self._skip_until("{:/")

    def _skip_maths(self, found: re.Match[str]) -> None:
        line, start = found.string, found.end()
        end = _MATHS_ENDS[line.strip()[:2]]
        if end not in line[start:]:
            self._skip_until(end)
        elif not line.rstrip().endswith(end) and not line.strip().startswith("\\b"):
            self._keep(line)
        self._keep("")

    def _skip_until(self, end: str) -> None:
        """Skip the lines up to one with the end; none if there is no end."""
        self._keep("")
        if end in self._missing_ends:
            return
        for place in range(self._at, len(self._lines)):
            if end in self._lines[place]:
                self._at = place + 1
                return
        self._missing_ends.add(end)

    def _skip_statement(self, line: str) -> None:
        """Skip a statement, which ends when all its braces are closed, before an empty line."""
        depth = _depth(line)
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip() and depth <= 0:
                break
            depth += _depth(line)
            self._at += 1
        self._keep("")

    def _skip_line(self, _: re.Match[str]) -> None:
        self._keep("")

    # What is looked for in a line, in this order, and what is done with it.
    _extensions: ClassVar[
        Sequence[tuple[re.Pattern[str], Callable[["_Scanner", re.Match[str]], None]]]
    ] = (
        (_FENCE, _skip_code),
        (_REMARK, _read_remark),
        (_FOOTNOTE, _skip_indented),
        (_CONTAINER, _read_container),
        (_MATHS, _skip_maths),
        (_EXTENSION, _skip_extension),
        (_IMPORT, _skip_line),
        (_CONTENTS, _skip_line),
        (_ATTRIBUTES, _skip_line),
        (_ABBREVIATION, _skip_line),
        (_DEFINITION, _skip_line),
    )


def _depth(line: str) -> int:
    return sum(map(line.count, "{([")) - sum(map(line.count, "})]"))
