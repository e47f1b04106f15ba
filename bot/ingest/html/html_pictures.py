"""Finds the pictures of an element of HTML, also those that scripts would load. Pure."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from bot.ingest.html.pictures import MAX_SIDE, MIN_SIDE, Candidate, Origin, pixels

_MAX_SRCSET = 5_000
_MAX_OF_ELEMENT = 20
_MAX_ADDRESS = 2000
# Attributes for the real address of a picture, which a script loads when it is needed. Many others
# end with `src`.
_LAZY = frozenset(
    {
        *("data-actual", "data-delayed-url", "data-echo", "data-flickity-lazyload", "data-image"),
        *("data-image-url", "data-img", "data-img-url", "data-lazy", "data-lazy-load"),
        *("data-lazy-original", "data-lazyload", "data-original", "data-src-lazy", "data-srclazy"),
        *("data-srcfallback", "data-url", "file"),
    }
)
# Attributes for a picture in its best quality.
_BEST = frozenset(
    {
        *("data-orig-file", "data-large-file", "data-large_image", "data-full-url", "zoomfile"),
        *("data-hi-res-src", "data-hires", "data-highres", "data-full-src", "data-fullsrc"),
        *("data-zoom-src", "data-large-src", "data-src-large", "data-src-retina", "data-retina"),
        *("data-2000src", "data-1000src", "data-800src"),
    }
)
_IMAGES = frozenset({"amp-anim", "amp-img", "image", "img", "source"})
_MEDIA = frozenset({"amp-video", "video"})
_NOT_LAZY = _BEST | {"src"}
# Attributes of which only `src` is an address.
_PLAIN = frozenset(
    {
        *("align", "alt", "border", "class", "decoding", "fetchpriority", "height", "hspace", "id"),
        *("loading", "referrerpolicy", "sizes", "src", "style", "title", "vspace", "width"),
    }
)
_ADDRESS_OF_PICTURE = re.compile(
    r"\s*+(?:https?:)?/[^\s,]*\.(?:avif|gif|jpe?g|png|webp)(?:[?#]\S*)?\s*\Z", re.IGNORECASE
)
_BACKGROUNDS = ("data-background-image", "data-background", "data-bg", "data-bg-src")
_BACKGROUND = re.compile(r"background(?:-image)?\s*+:[^;]*?url\(\s*+([^)]+)\)", re.IGNORECASE)
_STYLE_SIZE = re.compile(
    r"(?:\A|;)\s*+(width|height)\s*+:\s*+(\d{1,5}(?:\.\d*)?(?:px)?)\s*+(?:!\s*+important\s*+)?(?=;|\Z)",
    re.IGNORECASE,
)
_SRCSET_ADDRESS = re.compile(r"[\s,]*+(\S++)")
_SRCSET_DESCRIPTORS = re.compile(r"([^,]*+),?")
_ANY_DESCRIPTOR = re.compile(r"[\d.eE+-]{1,20}[wxh]", re.IGNORECASE)
_DESCRIPTOR = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)([wx])", re.IGNORECASE)
_EMOJI = re.compile(
    r"(?:\A|\s)(?:[\w-]*-)?(?:emoji|emojione|emote|smiley|twemoji)(?:\s|\Z|-)", re.IGNORECASE
)
_FACE = re.compile(
    r"(?:\A|\s)(?:[\w-]+[-_])?(?:avatar|gravatar|headshot|author-(?:image|photo|pic))(?:\s|\Z|[-_])",
    re.IGNORECASE,
)


def is_emoji(attributes: Mapping[str, str]) -> bool:
    """Whether a picture is a character of the text, as its class says; `alt` is that character."""
    return "class" in attributes and bool(_EMOJI.search(attributes["class"]))


def element_pictures(name: str, attributes: Mapping[str, str], base: str) -> list[Candidate]:
    """Return the pictures of an element of HTML, the best of equals first."""
    width, height = shown_size(attributes)
    if 0 < width < MIN_SIDE or 0 < height < MIN_SIDE:
        return []
    if "class" in attributes and _FACE.search(attributes["class"]):
        return []
    found: list[tuple[str, int]] = []
    if name in _MEDIA:
        found = [(attributes.get(key, ""), 0) for key in ("data-poster", "poster")]
    elif name in _IMAGES and name != "source" and attributes.keys() <= _PLAIN:
        found = [(attributes.get("src", ""), 0)]
    elif name in _IMAGES:
        found = list(islice(_addresses(name, attributes, width), _MAX_OF_ELEMENT))
    elif lazy := [each for each in _lazy_addresses(attributes, width) if _is_picture(each[0])]:
        found = lazy
    elif background := _BACKGROUND.search(attributes.get("style", "")[:_MAX_ADDRESS]):
        found = [(background[1].strip(" \"'"), 0)]
    found += [(attributes[key], 0) for key in _BACKGROUNDS if key in attributes]
    return [
        Candidate(
            address,
            base,
            Origin.TEXT,
            own_width or width,
            own_width * height // width if own_width and width else height * (not own_width),
            attributes.get("type", "") if name == "source" else "",
        )
        for address, own_width in found
        if address and not address.isspace() and not _is_embedded(address)
    ]


def _addresses(name: str, attributes: Mapping[str, str], width: int) -> Iterator[tuple[str, int]]:
    """Yield the addresses of an image with the widths of their files, 0 if unknown."""
    yield from ((value, 0) for key, value in attributes.items() if key in _BEST)
    lazy = [each for each in _lazy_addresses(attributes, width) if not _is_embedded(each[0])]
    yield from lazy
    # Where a script loads the picture, these are placeholders.
    if not lazy:
        yield from _largest_of_srcset(attributes.get("srcset", ""), width)
        if name != "source" or attributes.get("type", "").startswith("image/"):
            yield attributes.get("src", ""), 0
    for key, value in attributes.items():
        if key.startswith("data-") and _is_picture(value):
            yield value, 0


def _lazy_addresses(attributes: Mapping[str, str], width: int) -> Iterator[tuple[str, int]]:
    for key, value in attributes.items():
        if key.endswith("srcset") and key != "srcset":
            yield from _largest_of_srcset(value, width)
        elif key in _LAZY or (key.endswith("src") and key not in _NOT_LAZY):
            is_address = "/" in value or "." in value  # not `data-lazy="true"`
            if is_address:
                yield value, 0


def _largest_of_srcset(srcset: str, shown_width: int) -> Iterator[tuple[str, int]]:
    """Yield the address with the largest descriptor, by the rules of browsers."""
    best: tuple[float, str, int] | None = None
    position = 0
    for _ in range(_MAX_SRCSET):
        found = _SRCSET_ADDRESS.match(srcset, position)
        if not found:
            break
        address, position = found[1], found.end()
        size, width = 1.0, 0
        if address.endswith(","):
            address = address.rstrip(",")
        elif descriptors := _SRCSET_DESCRIPTORS.match(srcset, position):
            position = descriptors.end()
            if not all(map(_ANY_DESCRIPTOR.fullmatch, descriptors[1].split())):
                continue  # Such as an address with a space.
            for number, unit in _DESCRIPTOR.findall(descriptors[1]):
                size = float(number)
                width = int(size if unit in "wW" else size * shown_width)
        if size > MAX_SIDE:
            size = 0.0
        if not _is_embedded(address) and (best is None or size > best[0]):
            best = size, address, width
    if best:
        yield best[1:]


def _is_picture(address: str) -> bool:
    """Whether this is the address of a picture, as it would be in an attribute of any name."""
    return len(address) <= _MAX_ADDRESS and bool(_ADDRESS_OF_PICTURE.match(address))


def _is_embedded(address: str) -> bool:
    return address.lstrip()[:5].lower() == "data:"


def shown_size(attributes: Mapping[str, str]) -> tuple[int, int]:
    """Return the width and height that attributes or a style declare, 0 if unknown."""
    sizes = attributes
    if "style" in attributes:
        styled = _STYLE_SIZE.findall(attributes["style"])
        sizes = {**attributes, **{name.lower(): value for name, value in styled}}
    return _shown(sizes.get("width", "")), _shown(sizes.get("height", ""))


def _shown(length: str) -> int:
    if not length:
        return 0
    return pixels(length) or int(length.strip() in {"0", "0px"})
