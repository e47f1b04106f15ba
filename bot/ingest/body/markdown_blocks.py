"""Finds the blocks of text in Markdown, and the text of a paragraph, with markdown-it. Pure."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.ingest.body.blocks import Block, InlineText, Kind
from bot.ingest.body.html_blocks import MAX_BLOCK, HtmlBlocks, html_text
from bot.ingest.body.marks import remove_marks, remove_wiki_links

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# More levels than authors use. Lines that are nested more deeply take the library long.
_MAX_NESTING = 12
_TOO_NESTED = re.compile(
    rf"^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{{1,9}}[.)](?=[ \t]))){{{_MAX_NESTING}}}.*$", re.MULTILINE
)
_MAX_PARAGRAPH = 1_500
_MAX_ITEMS = 8
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)([^\[\]\n]{1,200})\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|(\S[^\n]*))", re.MULTILINE
)
_ALERT = re.compile(r"\s*(?:\*\*|__)?\[![\w|-]{1,50}\]")
_LINK_TO_HEADING = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])?\s*\[[^\n]{0,300}\]\(#")
# Emphasis runs and brackets take the library quadratic time; no text has so many in one place.
_RUNS = re.compile(r"([*_~`\[\]!<>&\\])\1{7,}")
_FOOTNOTE_LINK = re.compile(
    r"<sup\b[^>]{0,200}>\s*(?:<a\b[^>]{0,300}>)\s*\[?[\w*†‡]{1,4}\]?\s*</a>\s*</sup>", re.IGNORECASE
)
_STYLE_TAG = re.compile(r"<(/?)(a|b|em|i|small|strong|su[bp])[\s>]", re.IGNORECASE)
_CODE_MARK = re.compile("\ue001(\\d+)\ue002")


def definitions(text: str) -> Mapping[str, str]:
    """Return the addresses of references, `[label]: address`, by their labels in lower case.

    An address may be followed by a title.
    """
    found: dict[str, str] = {}
    for label, bracketed, address in _DEFINITION.findall(text):
        found.setdefault(
            " ".join(label.split()).casefold(), bracketed.replace(" ", "%20") or address
        )
    return found


def markdown_blocks(text: str, *, with_remarks: bool) -> Iterator[Block]:
    """Yield the blocks of a text in Markdown."""
    tokens = _block_parser().parse(_TOO_NESTED.sub("", text), {})
    html_blocks = HtmlBlocks(with_remarks=with_remarks)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.type == "html_block":
            yield from html_blocks.read(token.content)
        elif token.type in {"heading_open", "paragraph_open"}:
            kind = Kind.HEADING if token.type == "heading_open" else html_blocks.kind
            if kind is not Kind.OMITTED:
                yield Block(kind, tokens[index].content[:MAX_BLOCK])
        elif token.nesting == 1:
            end = _end(tokens, index, token.level)
            if token.type != "table_open" and html_blocks.kind is not Kind.OMITTED:
                yield from _other(tokens[index:end], with_remarks=with_remarks)
            index = end


def _end(tokens: Sequence["Token"], index: int, level: int) -> int:
    while index < len(tokens) and not (
        tokens[index].nesting == -1 and tokens[index].level == level
    ):
        index += 1
    return index + 1


def _other(tokens: Sequence["Token"], *, with_remarks: bool) -> Iterator[Block]:
    """Yield the text of a list or a quotation, unless it is a remark or a table of contents."""
    texts = [token.content for token in tokens if token.type == "inline"][:_MAX_ITEMS]
    if not texts or all(map(_LINK_TO_HEADING.match, texts)):
        return
    if alert := _ALERT.match(texts[0]):
        if not with_remarks:
            return
        texts[0] = texts[0][alert.end() :]
    for text in texts:
        yield Block(Kind.OTHER, text[:MAX_BLOCK])


def inline_text(markup: str, labels: Iterable[str]) -> InlineText:
    """Return the text of a paragraph in Markdown; `labels` are those of all references."""
    if len(markup) > _MAX_PARAGRAPH:
        markup = markup[:_MAX_PARAGRAPH].rpartition(" ")[0] or markup[:_MAX_PARAGRAPH]
    if "<sup" in markup:
        markup = _FOOTNOTE_LINK.sub("", markup)
    parse = _inline_parser(tuple(labels) if "[" in markup else ())
    return _Reader(parse(_RUNS.sub(r"\1", markup))).read()


class _Reader:
    """Puts the parts of a paragraph together."""

    def __init__(self, tokens: Sequence["Token"]) -> None:
        self._tokens = tokens
        self._has_html = any(token.type == "html_inline" for token in tokens)
        self._parts: list[str] = []
        self._outside: list[str] = []
        self._codes: list[str] = []
        self._links = self._emphasis = self._strong = 0
        self._is_emphasised = self._is_strong = True

    def read(self) -> InlineText:
        for token in self._tokens:
            self._read(token)
        text = self._finish(self._parts)
        outside = self._finish([remove_wiki_links("".join(self._outside))])
        is_text = bool(text.strip())
        return InlineText(
            text, outside, self._is_emphasised and is_text, self._is_strong and is_text
        )

    def _finish(self, parts: Sequence[str]) -> str:
        text = "".join(parts)
        if self._has_html:
            text = html_text(text)
        return _CODE_MARK.sub(lambda found: self._codes[int(found[1])], remove_marks(text))

    def _read(self, token: "Token") -> None:
        match token.type:
            case "text" | "text_special":
                self._add(token.content)
            case "code_inline":
                # What looks like a mark within code is none.
                self._codes.append(token.content)
                self._add(f"\ue001{len(self._codes) - 1}\ue002")
            case "softbreak":
                self._add("\n")
            case "hardbreak":
                self._add(" \v ")
            case "html_inline":
                self._add_tag(token.content)
            case "link_open" | "link_close":
                self._links += token.nesting
            case "em_open" | "em_close":
                self._emphasis += token.nesting
            case "strong_open" | "strong_close":
                self._strong += token.nesting

    def _add(self, text: str) -> None:
        if any(map(str.isalnum, text)):
            self._is_emphasised &= self._emphasis > 0
            self._is_strong &= self._strong > 0
        self._add_markup(html.escape(text, quote=False) if self._has_html else text)

    def _add_markup(self, markup: str) -> None:
        self._parts.append(markup)
        if self._links <= 0:
            self._outside.append(markup)

    def _add_tag(self, tag: str) -> None:
        if found := _STYLE_TAG.match(tag):
            step = -1 if found[1] else 1
            match found[2].lower():
                case "a":
                    self._links += step
                case "b" | "strong":
                    self._strong += step
                case _:
                    self._emphasis += step
        self._add_markup(tag)


@lru_cache(maxsize=1)
def _block_parser() -> "MarkdownIt":
    # 4 MB and some milliseconds that only sites without excerpts or pictures need.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


@lru_cache(maxsize=1)
def _inline_parser_of_markdown_it() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return MarkdownIt("commonmark").enable("strikethrough")


def _inline_parser(labels: Sequence[str]) -> Callable[[str], Sequence["Token"]]:
    from markdown_it.common.utils import normalizeReference  # noqa: PLC0415

    references = {normalizeReference(label): {"href": "", "title": ""} for label in labels}

    def parse(markup: str) -> Sequence["Token"]:
        environment = {"references": references}
        [token] = _inline_parser_of_markdown_it().parseInline(markup, environment)
        return token.children or ()

    return parse
