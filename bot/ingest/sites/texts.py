"""Turns titles, excerpts and topics of front matter into plain text. Pure.

Themes show them as HTML, many also as Markdown, so they contain entities, tags and marks. What only
looks like one stays: `C++ <T> generics`, `snake_case`, `2 * 3`.
"""

import re

from bot.ingest.html.plain_text import Markup, one_line_text
from bot.ingest.text import clean_text

# Longer texts are cut before they are read; more than any title or excerpt shows.
_MAX_LENGTH = 5_000
_FLAGS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "nil", "none", "~"})
_MAY_BE_MARKED = re.compile(r"[<&*_`~\[\]\\{#>]")
_CODE = re.compile(r"(`{1,3})(?!`)([^`]{1,1000})\1(?!`)")
# It encloses the number of a piece that is put aside while the rest is read.
_ASIDE = "\ue000"
_NUMBER = re.compile(rf"{_ASIDE}(\d+){_ASIDE}")
# Liquid, and shortcodes of Hugo.
_TEMPLATE = re.compile(r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}")
_TARGET = r"\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s+(?:\"[^\"]{0,300}\"|'[^']{0,300}'))?\s*\)"
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!~<>|-])")
# Text that begins like this is HTML, even if the end of a paragraph is missing.
_BLOCK = re.compile(
    r"\s*+<(?:article|blockquote|div|h[1-6]|li|ol|p|section|span|ul)[\s>]", re.IGNORECASE
)
_EMPHASISED = r"(?=[^\s_])((?:[^_]|(?<=\w)_(?=\w)){1,1000})(?<=\S)"
# What each pattern matches, and what stays of it.
_MARKS = (
    (re.compile(r"<(https?://[^<>\s]{1,2000})>"), r"\1"),
    (re.compile(rf"!\[[^\[\]]{{0,300}}\](?:{_TARGET}|\[[^\[\]]{{0,300}}\])"), ""),
    (re.compile(r"\[\^[^\[\]]{1,100}\]"), ""),
    (re.compile(rf"\[([^\[\]]{{1,500}})\](?:{_TARGET}|\[[^\[\]]{{0,300}}\])"), r"\1"),
    (re.compile(r"\*\*(?=[^\s*])([^*]{1,1000})(?<=\S)\*\*"), r"\1"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]{1,1000})(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(rf"(?<![\w_])__{_EMPHASISED}__(?![\w_])"), r"\1"),
    (re.compile(rf"(?<![\w_])_{_EMPHASISED}_(?![\w_])"), r"\1"),
    (re.compile(r"~~(?=\S)([^~]{1,1000})(?<=\S)~~"), r"\1"),
    (re.compile(r"(?m)^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]+)"), ""),
)


def is_flag(value: object) -> bool:
    """Whether a value is a flag: `image: false` says that there is none."""
    return isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in _FLAGS)


def plain_title(text: str) -> str:
    """Return a title or a name without entities and tags."""
    return one_line_text(text) if "<" in text or "&" in text else text


def plain_excerpt(text: str) -> str:
    """Return an excerpt without entities, tags and the marks of Markdown."""
    if not _MAY_BE_MARKED.search(text):
        return text
    pieces: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        pieces.append(match[match.lastindex or 0].strip())
        return f"{_ASIDE}{len(pieces) - 1}{_ASIDE}"

    markup = Markup.HTML if _BLOCK.match(text) else Markup.UNKNOWN
    text = _CODE.sub(put_aside, text[:_MAX_LENGTH].replace(_ASIDE, ""))
    text = _ESCAPED.sub(put_aside, _TEMPLATE.sub("", text))
    for pattern, rest in _MARKS:
        text = pattern.sub(rest, text)
    text = _NUMBER.sub(lambda match: pieces[int(match[1])], one_line_text(text, markup))
    return clean_text(text, _MAX_LENGTH)
