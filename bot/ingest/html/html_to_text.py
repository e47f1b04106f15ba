"""Reads untrusted HTML: its visible text, and the pictures in it. Pure.

It looks at one tag after the other, by the rules of https://html.spec.whatwg.org/#tokenization.
It builds no tree, as browsers do, because that takes quadratic time for deeply nested elements.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.ingest.html.addresses import resolve
from bot.ingest.html.html_pictures import element_pictures, is_emoji
from bot.ingest.html.pictures import Candidate

_MAX_TEXT = 5_000  # characters of markup; more than any excerpt shows
_MAX_PICTURES = 100

# A tag, a comment, the mark of a CDATA section or another declaration. What is not closed ends with
# the text, so that nothing is looked at twice.
_VALUE = r"""(?>"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+|)"""
_ATTRIBUTES = rf"(?>[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+{_VALUE})?+|=)*+"
_MARKUP = re.compile(
    rf"<(?:(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?P<attributes>{_ATTRIBUTES})(?:>|\Z)"
    r"|!--(?:-?>|.*?(?:--!?>|\Z))|!\[CDATA\[|[!?/][^>]*+(?:>|\Z))",
    re.IGNORECASE | re.DOTALL,
)
# Tags that only change how words look. Without them, there is half as much to read.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|cite|code|em|font|i|kbd|mark|q|s|small|span|strong|sub|sup|time|tt|u)"
    rf"(?=[\s/>]){_ATTRIBUTES}(?:>|\Z)",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"([^\s/>=][^\s/>=]*+)"
    r"""(?:\s*+=\s*+(?>"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\s>]*+)))?+"""
)
# In an attribute, `&copy=1` is not a reference.
_REFERENCE = re.compile(r"&(?:#\w{1,10};?|\w{1,32};)")
_SELF_CLOSING = re.compile(r"""(?:\A|[\s"'])/\Z""")
_END_TAG = re.compile(r"</([a-z][^\s/>]*+)", re.IGNORECASE)

# Elements that separate words.
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details"),
        *("dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1"),
        *("h2", "h3", "h4", "h5", "h6", "header", "hr", "image", "img", "input", "legend", "li"),
        *("main", "nav", "ol", "p", "picture", "pre", "section", "summary", "table", "tbody", "td"),
        *("tfoot", "th", "thead", "tr", "ul", "amp-img", "amp-anim"),
    }
)
# Elements that contain no elements: everything up to their end tag is characters.
_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title"})
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_CODE = frozenset({"script", "style"})
# Elements whose text is not shown or is not of the article: code, the words of controls, and what
# browsers show instead of media.
_WITHOUT_TEXT = _RAW | {
    *("amp-audio", "amp-iframe", "amp-video", "applet", "audio", "button", "canvas", "datalist"),
    *("head", "math", "meter", "noscript", "object", "progress", "select", "svg", "template"),
    *("video", "xml"),  # Word writes its settings into `<xml>`.
}
_WITHOUT_PICTURES = frozenset({"head", "svg", "template"})
_PICTURES = frozenset({"amp-anim", "amp-img", "amp-video", "image", "img", "source", "video"})
_SPECIAL = _PICTURES | _WITHOUT_TEXT | {"base"}
# Elements that end where the next one of their name begins.
_NOT_NESTED = frozenset({"dd", "dt", "li", "p", "td", "th", "tr"})
_VOID = frozenset(
    {"base", "br", "col", "embed", "hr", "image", "img", "input", "source", "track", "wbr"}
)
# Attributes that may hide an element, or give it a picture as its background.
_NOTABLE = re.compile(
    r"hidden|display\s*+:|screen-reader-text|sr-only|background|data-bg|data-src", re.IGNORECASE
)
_NOTABLE_WORDS = (
    *("hidden", "display", "screen-reader", "sr-only", "background", "data-bg", "data-src"),
)
# Words of media elements, in texts from which a program removed the tags of the elements.
_INSTEAD_OF_MEDIA = re.compile(
    r"(?:(?:Sorry, y|Y)our|This) (?:web )?browser (?:does(?: not|n.t)|can(?:not|.t))"
    r" (?:display|play|support) (?:(?:the|this|embedded|inline|HTML ?5) |<)*"
    r"(?:audio|canvas|element|frame|HTML ?5|iframe|object|video)[^.!?]{0,60}(?:[.!]|\Z)"
    r"|To view this (?:audio|video) please enable JavaScript, and consider upgrading to a web"
    r" browser that supports HTML5 (?:audio|video)\.?"
    r"|(?:Ihr|Dein) Browser unterstützt (?:das|den|die|kein|keine|dieses)? ?"
    r"(?:Audio|HTML ?5|iframe|Video)[^.!?]{0,60}(?:[.!]|\Z)"
)
_HIDDEN_STYLE = re.compile(
    r"(?:\A|;)\s*+(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden)", re.IGNORECASE
)
_HIDDEN_CLASSES = frozenset({"screen-reader-text", "sr-only", "visually-hidden"})


@dataclass(frozen=True, slots=True)
class ConvertedHtml:
    """The visible text of a piece of HTML, and its pictures."""

    text: str
    pictures: tuple[Candidate, ...] = ()


class HtmlConverter:
    """Converts HTML to text."""

    def convert(self, markup: str, base: str = "") -> ConvertedHtml:
        """Return the visible text: a space between blocks, none between the parts of a word.

        Addresses of pictures are relative to `base`.
        """
        reader = _Reader(markup.encode("utf-8", "ignore").decode(), base)
        reader.read()
        text = "".join(reader.text)
        if "<![CDATA[" in markup:
            text = text.replace("]]>", "")
        text = html.unescape(text[:_MAX_TEXT])
        if "rowser" in text:
            text = _INSTEAD_OF_MEDIA.sub("", text)
        return ConvertedHtml(text.strip(), tuple(reader.pictures))


class _Reader:
    """Reads a piece of HTML from its beginning to its end."""

    def __init__(self, markup: str, base: str) -> None:
        # The visible parts of the text, in which characters may be escaped.
        self.text: list[str] = [""]
        self.pictures: list[Candidate] = []
        is_notable = _has_notable_words(markup)
        self._may_be_notable = _NOTABLE.search if is_notable else _never
        self._markup = markup if is_notable else _INLINE.sub("", markup)
        self._base = base
        self._room = _MAX_TEXT
        # The element whose text is not shown, and how many elements of its name are open.
        self._unread, self._depth, self._hides_pictures = "", 0, False
        # Where the pictures of the last element begin; None if text follows it.
        self._placeholder: int | None = None
        self._end_tags: Mapping[str, int] | None = None

    def read(self) -> None:
        markup = self._markup
        position = 0
        while found := _MARKUP.search(markup, position):
            start = found.start()
            if start > position and not self._unread:
                self._add(markup[position:start])
            position = found.end()
            is_end, name, attributes = found.groups()
            if name is None:
                continue
            name = name.lower()
            if (
                self._unread
                or name in _SPECIAL
                or (attributes and self._may_be_notable(attributes))
            ):
                position = self._special(name, is_end, attributes, position)
            elif name in _BLOCKS:
                self._separate()
        if position < len(markup) and not self._unread:
            self._add(markup[position:])

    def _add(self, text: str) -> None:
        if text.isspace():
            self._separate()
        else:
            self._placeholder = None
            if self._room > 0:
                self.text.append(text)
                self._room -= len(text)

    def _separate(self) -> None:
        if self.text[-1] != " ":
            self.text.append(" ")

    def _special(self, name: str, is_end: str, written: str, position: int) -> int:
        """Read a tag of an element that may have a picture, or text that is not shown.

        Return where to go on.
        """
        if name == self._unread and (is_end or name in _NOT_NESTED):
            self._depth -= 1
            if not self._depth:
                self._unread, self._hides_pictures = "", False
        if is_end:
            return position
        is_needed = written and (name not in _PICTURES or len(self.pictures) < _MAX_PICTURES)
        attributes = _read_attributes(written) if is_needed else {}
        if name in _PICTURES and is_emoji(attributes):
            self.text.append("" if self._unread else html.escape(attributes.get("alt", "")))
            return position
        is_hidden = _is_hidden(attributes)
        if attributes and not (is_hidden or self._hides_pictures):
            self._add_pictures(name, attributes)
        is_open = name not in _VOID and not (written[-1:] == "/" and _SELF_CLOSING.search(written))
        if self._unread:
            self._depth += is_open and name == self._unread
        elif is_hidden or name in _WITHOUT_TEXT:
            self._separate()
            if is_open and (name in _NOT_NESTED or self._has_end_tag(name, position)):
                self._unread, self._depth = name, 1
                self._hides_pictures = is_hidden or name in _WITHOUT_PICTURES
        elif name in _BLOCKS:
            self._separate()
        return self._end_of_characters(name, position) if is_open and name in _RAW else position

    def _end_of_characters(self, name: str, position: int) -> int:
        """Where an element without elements in it ends."""
        if self._has_end_tag(name, position):
            end_tag = _RAW_ENDS[name].search(self._markup, position)
            return end_tag.start() if end_tag else position
        return len(self._markup) if name in _CODE else position

    def _has_end_tag(self, name: str, position: int) -> bool:
        """Whether an element ends at all: programs that shorten a text cut off end tags."""
        if self._end_tags is None:
            self._end_tags = {
                found[1].lower(): found.start() for found in _END_TAG.finditer(self._markup)
            }
        return self._end_tags.get(name, -1) >= position

    def _add_pictures(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "base":
            self._base = resolve(self._base, attributes.get("href", "")) or self._base
        pictures = element_pictures(name, attributes, self._base)
        if not pictures:
            return
        place = len(self.pictures)
        if self._unread == "noscript":
            # It is what a script would show instead of the picture before.
            place = place if self._placeholder is None else self._placeholder
        else:
            self._placeholder = place
        self.pictures[place:place] = pictures


def _has_notable_words(markup: str) -> bool:
    lower = markup.lower()
    return any(word in lower for word in _NOTABLE_WORDS)


def _never(_: str) -> None:
    """Stand in for a search that can't find anything."""


def _read_attributes(written: str) -> Mapping[str, str]:
    """Return the attributes of a tag; of two with the same name, the first counts."""
    attributes: dict[str, str] = {}
    for name, double_quoted, single_quoted, unquoted in _ATTRIBUTE.findall(written):
        value = double_quoted or single_quoted or unquoted
        if "&" in value:
            value = _REFERENCE.sub(_character, value)
        attributes.setdefault(name.lower(), value)
    return attributes


def _character(reference: re.Match[str]) -> str:
    return html.unescape(reference[0])


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return (
        ("hidden" in attributes and attributes["hidden"].lower() != "until-found")
        or ("class" in attributes and not _HIDDEN_CLASSES.isdisjoint(attributes["class"].split()))
        or ("style" in attributes and bool(_HIDDEN_STYLE.search(attributes["style"])))
    )
