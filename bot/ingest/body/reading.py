"""What an article's text gives if its front matter does not: heading, excerpt, pictures.

Only what is asked for is read, and only of the first part of the text.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from bot.ingest.body.blocks import Block, InlineText, Kind
from bot.ingest.body.cleaning import Format, clean
from bot.ingest.body.excerpts import Choice, choose
from bot.ingest.body.html_blocks import HtmlBlocks, read_html_text
from bot.ingest.body.markdown_blocks import definitions, inline_text, markdown_blocks
from bot.ingest.body.paragraphs import is_short, one_line
from bot.ingest.body.pictures import find_pictures, may_have_picture

logger = logging.getLogger(__name__)

MAX_BYTES = 16 * 1024
_MAX_LINES = 1_000
# Most texts have a paragraph of prose in their first part, in characters.
_FIRST_PART = 1_200
# What may begin in the first part of a text and end after it.
_SPANNING = re.compile(
    r"\{[%{:/#]|:::|<[A-Za-z!/]|\$\$|\\\[|\\begin|^(?:import|export)\b", re.MULTILINE
)
# The end of the excerpt, for the generators and plugins that support one.
_MORE = re.compile(
    r"<!--[ \t]*(?:more|read[ _-]?more|truncate|excerpt|/excerpt|cut|preview|teaser|fold|summary"
    r"|(?:end|e)[ _-]?(?:excerpt|summary|preview|teaser|snippet)|excerpt[ _-]?end"
    r"|(?:excerpt|teaser|summary)[ _-]?(?:end|separator)|pelican_end_summary)\b[^<>]{0,100}-->"
    r"|\{\{<\s*more\s*/?\s*>\}\}|\{/\*[ \t]*(?:truncate|more|excerpt)[ \t]*\*/\}",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})(?:.|\n)*?(?:\n[ \t]*(?P=fence)|\Z)|`[^`\n]{1,300}`",
    re.MULTILINE,
)
_BEGIN = re.compile(
    r"<!--[ \t]*(?:(?:start|begin)[ _-]?(?:excerpt|summary|preview|teaser|snippet)"
    r"|(?:excerpt|teaser)[ _-]?(?:start|begin)|pelican_begin_summary)[ \t]*-->",
    re.IGNORECASE,
)
_BODY = re.compile(r"<body\b[^<>]{0,1000}>", re.IGNORECASE)
T = TypeVar("T")


class BodyReading:
    """The first heading, an excerpt as plain text, and the addresses of the photos as written.

    Texts are empty if there are none. Reading a property never raises an exception.
    """

    def __init__(self, body: bytes, path: str, separator: str = "") -> None:
        self._start = body[:MAX_BYTES]
        self._body = body
        self._separator = separator
        ending = path.rpartition(".")[2].lower()
        self._format = Format(ending in {"html", "htm", "xhtml"}, ending == "mdx")

    @cached_property
    def heading(self) -> str:
        """The text of the first heading."""
        return _safely(self._find_heading, "")

    @cached_property
    def excerpt(self) -> str:
        """What precedes the separator or a mark such as `<!-- more -->`; else the first prose."""
        return _safely(self._find_excerpt, "")

    @cached_property
    def pictures(self) -> Sequence[str]:
        """The addresses of all photos, the first one first."""
        return _safely(self._find_pictures, ())

    def _find_heading(self) -> str:
        text = self._clean(self._text, with_remarks=True)
        for block in self._blocks(text, with_remarks=True):
            if block.kind is Kind.HEADING and (heading := one_line(self._read(block).text)):
                return heading
        return ""

    def _find_excerpt(self) -> str:
        text = self._text
        if self._separator and self._separator in text:
            before, _, after = text.partition(self._separator)
            return self._excerpt_of(before, is_whole=True) or self._excerpt_of(after)
        if begin := _BEGIN.search(text):
            text = text[begin.end() :]
        if mark := _find_mark(text):
            before = self._excerpt_of(text[: mark.start()], is_whole=True)
            return before or self._excerpt_of(text[mark.end() :])
        return self._excerpt_of(text)

    def _find_pictures(self) -> Sequence[str]:
        if not may_have_picture(self._start):
            return ()
        text = self._clean(self._text, with_remarks=True)
        return find_pictures(text, self._references, is_html=self._format.is_html)

    @cached_property
    def _text(self) -> str:
        text = self._start.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        if len(self._body) > MAX_BYTES:
            text = text.rpartition("\n")[0] or text
        if self._format.is_html and (body := _BODY.search(text)):
            text = text[body.end() :]
        return "\n".join(text.replace("\0", "").split("\n", _MAX_LINES)[:_MAX_LINES])

    @cached_property
    def _references(self) -> Mapping[str, str]:
        # They may be at the end of the text.
        return definitions(self._body.decode("utf-8", "replace")) if b"]:" in self._body else {}

    def _excerpt_of(self, text: str, *, is_whole: bool = False) -> str:
        """Return the first paragraph of prose, or with `is_whole` all of the prose.

        Without prose it is a list or a quotation, or what a remark says.
        """
        if not is_whole:
            first_part = _first_part(text)
            if not _SPANNING.search(first_part):
                prose = self._choose(self._clean(first_part)).prose
                if not is_short(prose):
                    return prose
        cleaned = self._clean(text)
        if not is_whole:
            prose = self._choose(_first_part(cleaned)).prose
            if not is_short(prose):
                return prose
        choice = self._choose(cleaned, is_whole=is_whole)
        if choice.prose or is_whole:
            return choice.prose
        if choice.other:
            return choice.other
        remarks = self._choose(self._clean(text, with_remarks=True), with_remarks=True)
        return remarks.prose or remarks.other or choice.weak or remarks.weak

    def _clean(self, text: str, *, with_remarks: bool = False) -> str:
        return clean(text, self._format, with_remarks=with_remarks)

    def _blocks(self, text: str, *, with_remarks: bool = False) -> Iterator[Block]:
        if self._format.is_html:
            return HtmlBlocks(with_remarks=with_remarks).read(text)
        return markdown_blocks(text, with_remarks=with_remarks)

    def _choose(self, text: str, *, with_remarks: bool = False, is_whole: bool = False) -> Choice:
        return choose(self._blocks(text, with_remarks=with_remarks), self._read, is_whole=is_whole)

    def _read(self, block: Block) -> InlineText:
        if self._format.is_html:
            return read_html_text(block.markup)
        return inline_text(block.markup, self._references if "[" in block.markup else ())


def _find_mark(text: str) -> re.Match[str] | None:
    """Return the mark that ends the excerpt, unless a text about marks has it as code."""
    if not (mark := _MORE.search(text)):
        return None
    codes = [code.span() for code in _CODE.finditer(text)]
    marks = _MORE.finditer(text, mark.start())
    return next((m for m in marks if not any(a < m.start() < b for a, b in codes)), None)


def _first_part(text: str) -> str:
    """Return the first blocks of a text, all of them complete; empty if there are no others."""
    return text[:_FIRST_PART].rpartition("\n\n")[0] if len(text) > _FIRST_PART else ""


def _safely(read: Callable[[], T], default: T) -> T:
    """Call a function; an internal error must not keep an article from being read."""
    try:
        return read()
    except Exception:
        logger.exception("The text of a document triggered an internal error")
        return default


def read_body(body: bytes, path: str, separator: str = "") -> BodyReading:
    """Read the text of an article; the ending of its path decides on the format. Never raises.

    `separator` is what the author ends the excerpt with; empty if only the usual marks end it.
    """
    return BodyReading(body, path, separator)
