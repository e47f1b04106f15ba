"""HTML of other people as text."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

# More than any excerpt shows. The cleaner takes quadratic time for what is nested absurdly deep.
MAX_LENGTH = 20_000

_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("ul", "img"),
    }
)
_NO_TEXT = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "title"}
)
# What the cleaner writes; everything else that looks like a tag is escaped there.
_TAG = re.compile(r'</?([a-z][a-z0-9]*)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
# WordPress's pictures of letters, whose text is the letter.
_EMOJI = {"emoji", "wp-smiley"}
_SMALLEST_PICTURE = 32  # pixels; what is smaller counts readers or separates lines


@dataclass(frozen=True, slots=True)
class ConvertedHtml:
    """The text of a piece of HTML, and the address of the first picture in it as it is given."""

    text: str
    picture: str = ""


class HtmlConverter:
    """Turns HTML into text, by a cleaner that knows what browsers make of broken HTML."""

    def __init__(self) -> None:
        import nh3  # noqa: PLC0415 - 1.5 MB that only the processes that parse feeds need

        self._cleaner = nh3.Cleaner(
            tags=_BLOCKS,
            clean_content_tags=_NO_TEXT,
            attributes={"img": {"src", "width", "height", "alt", "class"}},
            link_rel=None,
        )

    def convert(self, markup: str) -> ConvertedHtml:
        """What a reader would see; blocks are apart by a space, words in pieces stay whole."""
        # The cleaner refuses halves of surrogate pairs.
        cleaned = self._cleaner.clean(markup[:MAX_LENGTH].encode("utf-8", "ignore").decode())
        pictures: list[str] = []

        def see(tag: re.Match[str]) -> str:
            if tag[1] != "img":
                return " "
            image = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag[2])}
            if not _EMOJI.isdisjoint(image.get("class", "").split()):
                return html.escape(image.get("alt", ""))
            if not pictures and (source := _picture(image)):
                pictures.append(source)
            return " "

        text = html.unescape(_TAG.sub(see, cleaned))
        return ConvertedHtml(text.strip(), pictures[0] if pictures else "")


def _picture(image: Mapping[str, str]) -> str:
    for side in ("width", "height"):
        size = image.get(side, "")
        if size.isascii() and size.isdigit() and len(size) < 9 and int(size) < _SMALLEST_PICTURE:  # noqa: PLR2004 - no picture is larger
            return ""
    return image.get("src", "")
