"""Converts untrusted HTML to plain text."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.urls.pictures import may_be_picture

# More than any excerpt shows. The cleaner takes quadratic time for deeply nested HTML.
MAX_LENGTH = 20_000

_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("ul", "img"),
    }
)
_WITHOUT_TEXT = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "title"}
)
# The tags that the cleaner writes; it escapes everything else that looks like one.
_TAG = re.compile(r'</?([a-z][a-z0-9]*)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
# The classes of WordPress's images of emoji, whose alternative text is the emoji.
_EMOJI = {"emoji", "wp-smiley"}
_MIN_PICTURE_SIZE = 32  # pixels; smaller images are tracking pixels or separators


@dataclass(frozen=True, slots=True)
class ConvertedHtml:
    """The text of a piece of HTML, and the address of its first picture as written there."""

    text: str
    picture: str = ""


class HtmlConverter:
    """Converts HTML to text with a cleaner that treats broken HTML as browsers do."""

    def __init__(self) -> None:
        import nh3  # noqa: PLC0415 - 1.5 MB that only the processes that parse feeds need

        self._cleaner = nh3.Cleaner(
            tags=_BLOCKS,
            clean_content_tags=_WITHOUT_TEXT,
            attributes={"img": {"src", "width", "height", "alt", "class"}},
            link_rel=None,
        )

    def convert(self, markup: str) -> ConvertedHtml:
        """Return the visible text: a space between blocks, none between the parts of a word."""
        # The cleaner rejects lone surrogates.
        cleaned = self._cleaner.clean(markup[:MAX_LENGTH].encode("utf-8", "ignore").decode())
        pictures: list[str] = []

        def replace_tag(tag: re.Match[str]) -> str:
            if tag[1] != "img":
                return " "
            image = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag[2])}
            if not _EMOJI.isdisjoint(image.get("class", "").split()):
                return html.escape(image.get("alt", ""))
            if not pictures and (address := _picture_address(image)):
                pictures.append(address)
            return " "

        text = html.unescape(_TAG.sub(replace_tag, cleaned))
        return ConvertedHtml(text.strip(), pictures[0] if pictures else "")


def _picture_address(image: Mapping[str, str]) -> str:
    for side in ("width", "height"):
        size = image.get(side, "")
        if size.isascii() and size.isdigit() and len(size) < 9 and int(size) < _MIN_PICTURE_SIZE:  # noqa: PLR2004 - no picture is larger
            return ""
    address = image.get("src", "")
    return address if may_be_picture(address) else ""
