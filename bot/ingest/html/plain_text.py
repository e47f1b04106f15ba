"""Turns the texts of a feed into plain text, whether they contain HTML or not. Pure.

Feeds often don't say, or say it wrongly: titles are plain text with entities, summaries are HTML
that was escaped twice.
"""

import html
import re
from dataclasses import replace
from enum import Enum, auto

from bot.ingest.html.html_to_text import ConvertedHtml, HtmlConverter
from bot.ingest.text import clean_text

# Longer texts are cut before they are read; more than any title, or any excerpt, shows.
_MAX_LENGTH = 4_000
_MAX_TEXT = 20_000
# The elements of HTML, also obsolete ones. Anything else in angle brackets is text: `Vec<T>`.
_ELEMENTS = frozenset(
    {
        *("a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b"),
        *("base", "basefont", "bdi", "bdo", "big", "blink", "blockquote", "body", "br", "button"),
        *("canvas", "caption", "center", "cite", "code", "col", "colgroup", "data", "datalist"),
        *("dd", "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed"),
        *("fieldset", "figcaption", "figure", "font", "footer", "form", "frame", "frameset", "h1"),
        *("h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe"),
        *("img", "input", "ins", "kbd", "label", "legend", "li", "link", "main", "map", "mark"),
        *("marquee", "menu", "meta", "meter", "nav", "nobr", "noframes", "noscript", "object"),
        *("ol", "optgroup", "option", "output", "p", "param", "picture", "pre", "progress", "q"),
        *("rp", "rt", "ruby", "s", "samp", "script", "search", "section", "select", "slot"),
        *("small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg"),
        *("table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title"),
        *("tr", "track", "tt", "u", "ul", "var", "video", "wbr"),
    }
)
# Elements without an end tag. They rarely are what a title is about.
_VOID = frozenset({"br", "hr", "img", "wbr"})
# Elements within a word, whose tags become nothing; others become a space.
_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em"),
        *("font", "i", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike"),
        *("strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    }
)
# A value of an attribute may contain tags.
_TAG = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z0-9]{0,15})(\s(?>=\s*"[^"]*"|=\s*'[^']*'|[^<>])*+)?/?>"""
)
# Comments, also unfinished ones, other declarations, and code.
_NOT_SHOWN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<!DOCTYPE[^>]*>"
    r"|<(script|style)(?:\s[^<>]*)?>.*?</\1\s*>",
    re.DOTALL | re.IGNORECASE,
)
# Only with a semicolon: `?id=5&copy=1` contains none.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_IMAGE = re.compile(r"""<img\s(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"""\salt\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
# What remains of texts that were escaped twice. `&lt;` may be what the text is about.
_ESCAPED_TWICE = re.compile(
    r"&(?:amp|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|laquo|raquo|bull|middot|trade|copy|reg"
    r"|euro|pound|[aeiouyAEIOUY](?:acute|grave|circ|uml)|[anoANO]tilde|[cC]cedil|szlig|[ao]ring"
    r"|oslash|aelig|#[0-9]{2,7}|#[xX][0-9A-Fa-f]{2,6});"
)
# At least a few words, up to a mark that ends a sentence; in Chinese and Japanese no space follows.
# A full stop may be that of an abbreviation: of an initial, a title, or `e.g.`.
_SENTENCE_END = (
    r"(?:(?:[!?…‽؟।]|(?<![\s(][A-Z])(?<![\s(][A-Z]\w)(?<!\.\w)(?<!\bMrs)(?<!\bProf)"
    r"(?<!\bGen)(?<!\bSen)(?<!\bGov)(?<!\bvs)(?<!\bca)(?<!\betc)(?<!\binkl)(?<!\bbzw)(?<!\bapprox)\.)"
    r"[\"'”’»)]*(?=\s)|[。！？])"
)
_SENTENCE = re.compile(rf".{{20,}}?{_SENTENCE_END}", re.DOTALL)
_ENDS = re.compile(_SENTENCE_END)


class Markup(Enum):
    """What a text is declared to be."""

    HTML = auto()
    PLAIN = auto()
    UNKNOWN = auto()


def one_line_text(value: str, markup: Markup = Markup.UNKNOWN) -> str:
    """Return a title, a name or a category as it is meant, on one line.

    In HTML, tags are removed. In plain text they are what the text is about. If it is unknown,
    they are HTML if they occur as they do in HTML: in pairs, with attributes, or as `<br>`.
    """
    text = value[:_MAX_LENGTH]
    if markup is not Markup.PLAIN:
        text = _NOT_SHOWN.sub("", text)
    without_tags = _remove_tags(text, markup)
    decoded = _decode(without_tags)
    if markup is Markup.UNKNOWN and without_tags == text:
        decoded = _remove_tags(decoded, markup)  # it was escaped twice
    return " ".join(decoded.split())


def convert_text(
    value: str, markup: Markup, converter: HtmlConverter, base: str = ""
) -> ConvertedHtml:
    """Convert the text of an entry. Tags of plain text count as HTML if they occur as in HTML.

    Addresses of pictures are relative to `base`.
    """
    if markup is Markup.HTML or _has_tags(value[:_MAX_TEXT]):
        if not _TAG.search(value) and _has_tags(decoded := html.unescape(value[:_MAX_TEXT])):
            value = decoded  # it was escaped twice
    else:
        value = html.escape(_decode(value[:_MAX_TEXT]), quote=False)
    converted = converter.convert(value, base)
    text = _ESCAPED_TWICE.sub(_character, converted.text)
    return replace(converted, text=" ".join(text.split()))


def alternative_text(markup: str) -> str:
    """Return what the first image with a description shows."""
    for image in _IMAGE.finditer(markup[:_MAX_TEXT]):
        if (found := _ALTERNATIVE.search(image[0])) and (text := one_line_text(found[1][1:-1])):
            return text
    return ""


def first_sentence(text: str, limit: int) -> str:
    """Return the first sentence of a text, or its beginning, cut between two words."""
    text = clean_text(text, len(text) + 1)
    if sentence := _SENTENCE.match(text[: limit + 1]):
        return sentence[0]
    return _cut(text, limit)


def first_sentences(text: str, limit: int) -> str:
    """Return as many sentences of a text as fit, or if they are few words, its beginning."""
    text = clean_text(text, len(text) + 1)
    if len(text) <= limit:
        return text
    end = max((found.end() for found in _ENDS.finditer(text[: limit + 1])), default=0)
    return text[:end] if limit // 3 <= end <= limit else _cut(text, limit)


def _cut(text: str, limit: int) -> str:
    """Cut a text between two words."""
    if len(text) <= limit:
        return text
    words = text[:limit].rpartition(" ")[0].rstrip(" ,;:–—-")
    return f"{words if len(words) > limit // 2 else text[: limit - 1]}…"


def _decode(text: str) -> str:
    """Replace references by their characters; also those that were escaped twice."""
    if "&" not in text:
        return text
    return _ESCAPED_TWICE.sub(_character, _REFERENCE.sub(_character, text))


def _character(reference: re.Match[str]) -> str:
    return html.unescape(reference[0])


def _remove_tags(text: str, markup: Markup) -> str:
    if "<" not in text or markup is Markup.PLAIN:
        return text
    paired = _paired(text)

    def remove(tag: re.Match[str]) -> str:
        if not _is_element(tag) or not (markup is Markup.HTML or _is_markup(tag, paired)):
            return tag[0]
        return "" if tag[2].lower() in _INLINE else " "

    return _TAG.sub(remove, text)


def _has_tags(text: str) -> bool:
    paired = _paired(text)
    return any(_is_element(tag) and _is_markup(tag, paired) for tag in _TAG.finditer(text))


def _paired(text: str) -> frozenset[str]:
    """Return the names of which there are start and end tags."""
    names: dict[str, set[str]] = {"": set(), "/": set()}
    for tag in _TAG.finditer(text):
        names[tag[1]].add(tag[2].lower())
    return frozenset(names[""] & names["/"])


def _is_element(tag: re.Match[str]) -> bool:
    return tag[2].lower() in _ELEMENTS


def _is_markup(tag: re.Match[str], paired: frozenset[str]) -> bool:
    """Whether a tag occurs as in HTML: in a pair, with an attribute, or without an end tag."""
    name = tag[2].lower()
    return name in paired or name in _VOID or "=" in (tag[3] or "")
