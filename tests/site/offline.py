"""Finds what a built site requests from elsewhere."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from typing_extensions import override

# Attributes whose address a browser requests by itself; it follows links only when asked.
_REQUESTED = {"src", "srcset", "poster", "data"}
_REQUESTED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


class _Requests(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found += [value for name, value in given.items() if name in _REQUESTED]
        if tag == "link" and _REQUESTED_LINKS & set(given.get("rel", "").split()):
            self.found.append(given.get("href", ""))


def external_requests(site: Path) -> Iterator[tuple[Path, str]]:
    """The files of a site and the addresses elsewhere that they make a browser request."""
    for page in sorted(site.rglob("*.html")):
        parser = _Requests()
        parser.feed(page.read_text(encoding="utf-8"))
        for address in parser.found:
            if "//" in address and not address.startswith("data:"):
                yield page.relative_to(site), address
    for style in sorted(site.rglob("*.css")):
        text = style.read_text(encoding="utf-8")
        for part in text.split("url(")[1:]:
            address = part.split(")")[0].strip("'\" ")
            if address.startswith(("http:", "https:", "//")):
                yield style.relative_to(site), address
