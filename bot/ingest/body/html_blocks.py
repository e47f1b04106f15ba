"""Finds the blocks of text in HTML: headings, paragraphs, others. Pure."""

import re
from collections.abc import Iterator

from bot.ingest.body.blocks import Block, InlineText, Kind
from bot.ingest.html.html_to_text import HtmlConverter

# Longer blocks are cut before they are read; more than any excerpt has.
MAX_BLOCK = 4_000
_MAX_DEPTH = 100
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][\w:-]{0,50})"
    r"(?P<attributes>(?:\s(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^<>\"']){0,1000})?)/?>"
)
_COMMENT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
# Elements whose tags are within a paragraph.
_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "picture", "q"),
        *("rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub"),
        *("sup", "time", "tt", "u", "var", "wbr"),
    }
)
_VOID = frozenset(
    {*("area", "base", "col", "embed", "hr", "image", "input", "link", "meta", "param", "track")}
)
# Elements without text of the article.
_OMITTED = frozenset(
    {
        *("applet", "audio", "button", "canvas", "dialog", "fieldset", "figcaption", "figure"),
        *(
            "footer",
            "form",
            "head",
            "header",
            "iframe",
            "map",
            "math",
            "menu",
            "nav",
            "noscript",
            "object",
        ),
        *("pre", "select", "svg", "table", "template", "textarea", "title", "video"),
        *("amp-iframe", "amp-video", "amp-audio", "amp-embed", "amp-youtube"),
    }
)
_REMARKS = frozenset({"aside", "details"})
_NOT_ARTICLE = re.compile(
    r"\b(?:class|id|role)\s*=\s*[\"'][^\"']*(?:(?<![a-z])(?:admonition|alert|aside|box|byline"
    r"|callout|caption|caution|danger|disclaimer|info|message|meta|note|notice|notification|panel"
    r"|sidebar|sidenote|success|tip|toc|warning|well|credit|share|tags?|date|author|pull-?quote"
    r"|table-of-contents|nav|footnotes?)(?![a-z]))",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"\shidden(?:[\s=]|\Z)|display\s*:\s*none", re.IGNORECASE)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_OTHERS = frozenset({"blockquote", "dd", "dl", "dt", "li", "ol", "ul", "q"})
_NOT_NESTED = frozenset({"dd", "dt", "li", "p"})
_LINK = re.compile(r"<a\b[^<>]*>.*?(?:</a\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_STYLED = re.compile(
    r"\s*<(em|i|small|sub|sup|b|strong)\b[^<>]{0,300}>(?:(?!</\1).)*</\1>\s*\Z",
    re.DOTALL | re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"<sup\b[^>]{0,200}>\s*(?:<a\b[^>]{0,300}>)\s*\[?[\w*†‡]{1,4}\]?\s*</a>\s*</sup>", re.IGNORECASE
)
_converter = HtmlConverter()


class HtmlBlocks:
    """Reads pieces of HTML, between which there may be others, such as paragraphs of Markdown."""

    def __init__(self, *, with_remarks: bool) -> None:
        self._with_remarks = with_remarks
        # The open elements that decide on what text in them is, and what it is.
        self._open: list[tuple[str, Kind]] = []

    @property
    def kind(self) -> Kind:
        """What text at this place is."""
        return max((kind for _, kind in self._open), default=Kind.PROSE)

    def read(self, markup: str) -> Iterator[Block]:
        """Yield the blocks of a piece."""
        markup = _COMMENT.sub(" ", markup)
        start = 0
        for tag in _TAG.finditer(markup):
            name = tag["name"].lower()
            if name in _INLINE:
                continue
            yield from self._block(markup[start : tag.start()])
            start = tag.end()
            if tag["end"]:
                self._close(name)
            elif name not in _VOID and not tag[0].endswith("/>"):
                self._open_element(name, tag["attributes"])
        yield from self._block(markup[start:])

    def _block(self, markup: str) -> Iterator[Block]:
        if markup and not markup.isspace() and self.kind is not Kind.OMITTED:
            yield Block(self.kind, markup[:MAX_BLOCK], is_html=True)

    def _open_element(self, name: str, attributes: str) -> None:
        if self._open and self._open[-1][0] == "p":
            self._open.pop()
        if name in _NOT_NESTED and self._open and self._open[-1][0] == name:
            self._open.pop()
        kind = self._kind_of(name, attributes)
        if len(self._open) < _MAX_DEPTH:
            self._open.append((name, kind))

    def _kind_of(self, name: str, attributes: str) -> Kind:
        if name in _HEADINGS:
            return Kind.HEADING
        if name in _OMITTED or (attributes and _HIDDEN.search(attributes)):
            return Kind.OMITTED
        is_remark = name in _REMARKS or (attributes and _NOT_ARTICLE.search(attributes))
        if is_remark and not self._with_remarks:
            return Kind.OMITTED
        return Kind.OTHER if name in _OTHERS else Kind.PROSE

    def _close(self, name: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == name:
                del self._open[place:]
                break


def read_html_text(markup: str) -> InlineText:
    """Return the visible text of a block."""
    markup = _FOOTNOTE.sub("", markup)
    text = html_text(markup)
    outside = html_text(_LINK.sub("", markup)) if "<a" in markup else text
    styled = _STYLED.match(markup)
    is_strong = bool(styled) and styled[1].lower() in {"b", "strong"} if styled else False
    return InlineText(text, outside, bool(styled) and not is_strong, is_strong)


def html_text(markup: str) -> str:
    """Return the visible text of HTML."""
    return _converter.convert(markup).text
