"""Finds the photos in a text in Markdown or HTML. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from bot.ingest.body.tags import UNKNOWN
from bot.ingest.html.html_to_text import HtmlConverter
from bot.ingest.html.pictures import Candidate, Origin, is_photo, is_small

_MAX_PICTURES = 10
# One of these is in every text with a picture that can be found.
_SIGNS = (b"![", b"<im", b".jp", b".png", b".webp", b".gif", b".avif")
_PICTURE = re.compile(
    r"``[^\n]{1,300}?``|`[^`\n]{1,300}`"
    r"|!\[\[(?P<embedded>[^\[\]|#\n]{1,300})[^\[\]\n]{0,200}\]\]"
    r"|!\[(?P<words>(?:[^\[\]\\]|\\.|\[[^\[\]]{0,300}\]){0,500})\]"
    r"(?:\(\s*(?:<(?P<bracketed>[^<>\n]{0,1000})>"
    r"|(?P<address>(?:[^\s()]|\([^\s()]{0,300}\)){1,1500}+)(?=\s*\)|\s+\")"
    r"|(?P<spaced>(?:[^()]|\([^()]{0,300}\)){1,1500}+)\))"
    r"|\[(?P<label>[^\[\]]{0,200})\]|(?P<short>)(?![(\[]))"
    r"|<(?P<element>img|image|picture|amp-img|video|source)(?=[\s/])"
    r"(?P<attributes>(?:\"[^\"]{0,3000}\"|'[^']{0,3000}'|[^<>\"']){0,1000})>",
    re.IGNORECASE | re.DOTALL,
)
# What may follow the address within the parentheses: a title, or the size.
_TITLE = re.compile(r"\s+(?:\".*|'.*'|\([^()]*\)|=\d*x\d*)\s*\Z", re.DOTALL)
_PICTURE_FILE = re.compile(r"[^\n]+\.(?:avif|gif|jpe?g|png|webp)(?:[?#]\S*)?", re.IGNORECASE)
_OTHER_FILE = re.compile(r"\.\w{1,5}\Z")
# https://docusaurus.io/docs/static-assets
_OF_DOCUSAURUS = re.compile(r"@site/static/|pathname:///?")
# https://docs.getpelican.com/en/latest/content.html#linking-to-internal-content
_OF_PELICAN = re.compile(r"\{(?:static|filename|attach)\}|\|(?:static|filename|attach)\|")
# Addresses that only a generator knows: with variables, placeholders, aliases.
_NOT_AN_ADDRESS = re.compile(r"[{}$|\n]|\A[~@#]")
_converter = HtmlConverter()


def may_have_picture(body: bytes) -> bool:
    """Whether a text may have a picture at all."""
    lower = body.lower()
    return any(sign in lower for sign in _SIGNS)


def find_pictures(
    text: str, references: Mapping[str, str], *, is_html: bool = False
) -> Sequence[str]:
    """Return the addresses of the photos, as written, in their order; small ones come last.

    `references` are addresses by labels in lower case. HTML has no pictures of Markdown but those
    that tags were replaced by.
    """
    photos: dict[str, bool] = {}
    for candidate in islice(_candidates(text, references, is_html=is_html), 10 * _MAX_PICTURES):
        if is_photo(candidate):
            photos.setdefault(candidate.address, is_small(candidate))
            if len(photos) == _MAX_PICTURES:
                break
    return sorted(photos, key=photos.__getitem__)


def _candidates(text: str, references: Mapping[str, str], *, is_html: bool) -> Iterator[Candidate]:
    for found in _PICTURE.finditer(text):
        if found["element"]:
            converted = _converter.convert(f"<{found['element']} {found['attributes']}>")
            for picture in converted.pictures[:3]:
                if address := _as_published(picture.address):
                    yield picture._replace(address=address, base="")
        elif is_html and found["bracketed"] is None:
            continue
        elif address := _as_published(_written(found, references)):
            yield Candidate(address, "", Origin.TEXT)


def _written(found: re.Match[str], references: Mapping[str, str]) -> str:
    written = found["embedded"] or found["bracketed"] or found["address"]
    if written:
        return written.strip()
    if found["spaced"]:
        return _without_title(found["spaced"].strip())
    if found["label"] is None and found["short"] is None:
        return ""
    label = found["label"] or found["words"] or ""
    return _without_title(references.get(" ".join(label.split()).casefold(), ""))


def _without_title(written: str) -> str:
    """Return the address that precedes a title; empty if it is not known where it ends.

    Names of files may have spaces, although those of Markdown may not.
    """
    address = _TITLE.sub("", written[:2_000], count=1).strip()
    first, *others = address.split(maxsplit=1)[:2] or [""]
    if not others or _PICTURE_FILE.fullmatch(address):
        return address
    is_file = _PICTURE_FILE.fullmatch(first) and not _OTHER_FILE.search(address)
    return first if is_file else ""


def _as_published(address: str) -> str:
    """Return an address as a page has it; empty if that is not known.

    Links of Pelican stay as they are, because the place of their files has to be known.
    """
    address = _OF_DOCUSAURUS.sub("/", address.strip(), count=1)
    rest = _OF_PELICAN.sub("", address, count=1)
    return "" if UNKNOWN in address or _NOT_AN_ADDRESS.search(rest) else address
