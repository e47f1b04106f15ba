"""Which picture of an entry is shown: the largest photo. Pure.

`choose_pictures` orders the candidates of an entry, whatever its format is. The tables say what is
no photo although it is a picture.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import chain, islice
from typing import NamedTuple

from bot.ingest.html.addresses import resolve
from bot.urls.pictures import may_be_picture

MIN_SIDE = 64  # pixels; less is an icon, a separator or a tracking pixel
MAX_SIDE = 4096  # pixels; more is a poster, which may be too large for Discord
# Square pixels. A smaller picture is a thumbnail, which one of unknown size probably is not.
_SMALL = 100_000
_MAX_CANDIDATES = 1000


_DIGITS = 5
_PIXELS = re.compile(rf"\s*+(\d{{1,{_DIGITS}}})(?:\.\d*+)?\s*+(?:px)?\s*+\Z", re.IGNORECASE)


class Origin(IntEnum):
    """Where a candidate is from; of equals, the first is the best."""

    MEDIA = 0
    ENCLOSURE = 1
    IMAGE = 2
    THUMBNAIL = 3
    TEXT = 4


class Candidate(NamedTuple):
    """A picture that an entry mentions, with its size in pixels and bytes; 0 is unknown."""

    address: str
    base: str
    origin: Origin
    width: int = 0
    height: int = 0
    media_type: str = ""
    length: int = 0
    is_default: bool = False


def pixels(value: object) -> int:
    """Return a length such as 300, "300" or "300px"; 0 if it is unknown, as `100%` is."""
    if isinstance(value, str) and len(value) <= _DIGITS and value.isdecimal():
        return int(value)
    found = _PIXELS.match(str(value)) if isinstance(value, str | int) else None
    return int(found[1]) if found else 0


def choose_pictures(candidates: Iterable[Candidate], limit: int) -> tuple[str, ...]:
    """Return the complete addresses of those that can be shown, the best first.

    Large ones come first, then those of unknown size, then thumbnails. Of equals, one that the
    publisher names outside the text comes first, then the one with the larger file.
    """
    listed = [*islice(candidates, _MAX_CANDIDATES)]
    chosen: dict[str, None] = {}
    written = set()
    for candidate in (listed[number] for number in by_size(listed)):
        if candidate.address in written:
            continue
        written.add(candidate.address)
        if address := _usable_address(candidate):
            chosen.setdefault(address)
            if len(chosen) == limit:
                break
    return tuple(chosen)


def is_photo(candidate: Candidate) -> bool:
    """Whether a picture may be shown, by its address (which may be relative) and its size."""
    address = candidate.address.strip()
    if address.startswith("#") or address.lower() in _NO_ADDRESS:
        return False
    declared = (candidate.width, candidate.height)
    if _is_tiny(_size_in_address(address)) or _is_tiny(declared):
        return False
    complete = address if _COMPLETE.match(address) else f"/{address}"
    return may_be_picture(address, candidate.media_type) and _is_photo(complete)


def is_small(candidate: Candidate) -> bool:
    """Whether a picture is a thumbnail, as far as its size is known."""
    named = _size_in_address(candidate.address)
    size = named if any(named) else (candidate.width, candidate.height)
    return any(size) and _rank(candidate, *size)[0] > 1


def by_size(candidates: Sequence[Candidate]) -> Sequence[int]:
    """Return the indexes of the candidates, the best first, without those that are tiny."""
    ranked = []
    for number, candidate in enumerate(candidates):
        named = _size_in_address(candidate.address)
        declared = (candidate.width, candidate.height)
        if _is_tiny(named) or _is_tiny(declared):
            continue
        # A page may show a picture in another size than it has.
        first, second = (named, declared) if candidate.origin is Origin.TEXT else (declared, named)
        ranked.append((_rank(candidate, *(first if any(first) else second)), number))
    return [number for _, number in sorted(ranked, key=lambda pair: pair[0])]


def _is_tiny(size: tuple[int, int]) -> bool:
    return 0 < size[0] < MIN_SIDE or 0 < size[1] < MIN_SIDE


def _rank(candidate: Candidate, width: int, height: int) -> tuple[int, ...]:
    of_equals = (candidate.origin, not candidate.is_default, -candidate.length)
    if not (width or height):
        return 1, 0, *of_equals
    # Most photos are 3:2.
    width, height = width or height * 3 // 2, height or width * 2 // 3
    area = width * height
    if max(width, height) > MAX_SIDE:
        return 3, area, *of_equals
    return (0 if area >= _SMALL else 2), -area, *of_equals


def _usable_address(candidate: Candidate) -> str:
    """Return the complete address; empty if it is none of a photo."""
    written = candidate.address.strip()
    if written.startswith("#") or written.lower() in _NO_ADDRESS:
        return ""
    address = resolve(candidate.base, written)
    if not may_be_picture(address, candidate.media_type) or not _is_photo(address):
        return ""
    return address


_COMPLETE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
# What scripts write where an address is missing.
_NO_ADDRESS = frozenset({"", "null", "none", "undefined", "false", "nan"})

# Hosts without photos of stories, as patterns of their last labels.
_HOSTS = {
    "faces": (
        r"gravatar\.\w+",
        r"libravatar\.org",
        r"(?<=//)avatars?\d*(?:-[\w-]+)?\.[^/]+",
        r"(?:ui-avatars|dicebear|multiavatar)\.com",
        r"unavatar\.io",
        r"pravatar\.cc",
        r"robohash\.org",
        r"yt\d\.ggpht\.com",
        r"graph\.facebook\.com",
        r"platform-lookaside\.fbsbx\.com",
    ),
    "badges": (
        r"shields\.io",
        r"badge\.fury\.io",
        r"badgen\.net",
        r"travis-ci\.(?:com|org)",
        r"(?:codecov|coveralls|snyk|sonarcloud)\.io",
        r"(?:circleci|codeclimate|isitmaintained)\.com",
        r"ci\.appveyor\.com",
        r"deps\.rs",
    ),
    "buttons": (
        r"(?:addthis|addtoany|feedblitz|feedsportal|flattr|ko-fi|paypalobjects|sharethis)\.com",
        r"buymeacoffee\.com",
    ),
    "counters of readers": (
        r"(?:doubleclick|imrworldwide|moatads)\.(?:com|net)",
        r"(?:google-analytics|googleadservices|googlesyndication|googletagmanager)\.com",
        r"(?:pixel|stats)\.(?:wp|wordpress)\.com",
        r"(?:adnxs|amazon-adsystem|buysellads|chartbeat|invitemedia|list-manage|outbrain)\.com",
        r"(?:pheedo|quantserve|rfihub|scorecardresearch|statcounter|taboola|xiti)\.com",
        r"(?:ioam|vgwort)\.de",
        r"follow\.it",
        # Names such as pixel.news.example.
        r"(?<=//)(?:analytics|beacons?|(?:hit)?counters?|matomo|piwik|pixels?|telemetry"
        r"|track(?:er|ing)?)\.[^/.]+\.[^/]+",
    ),
    "placeholders": (
        r"(?:dummyimage|placeholder|placekitten)\.com",
        r"placehold\.(?:co|it)",
        r"fakeimg\.pl",
    ),
}

# Hosts without photos of stories under certain paths.
_HOST_PATHS = {
    "faces": (
        r"bsky\.app/img/avatar",
        r"github\.com/[\w-]+\.png",
        r"githubusercontent\.com/u/",
        r"googleusercontent\.com/a[/-]",
        r"(?:jtvnw\.net|redditmedia\.com)/.*profile[_i]",
        r"redditstatic\.com/avatars",
        r"twimg\.com/(?:profile|sticky)",
    ),
    "buttons": (r"feeds\.wordpress\.com/1\.0/", r"s\d?\.wp\.com/i/"),
    "counters of readers": (
        r"facebook\.com/tr\b",
        r"medium\.com/_/stat",
    ),
}

# Names of folders without photos of stories.
_FOLDERS = {
    "faces": (
        r"(?:(?:author|default|letter|member|profile|user)[-_]?)?avatars?(?:[-_]proxy)?",
        r"(?:author|profile|staff)[-_]?(?:headshot|icon|image|photo|pic|picture)s?",
        r"user[-_]?(?:icon|pic)s?",
        r"(?:byline|gravatar|headshot|identicon)s?",
    ),
    "emoji": (
        r"(?:tw)?emoji(?:one|s)?",
        r"(?:emoticon|smil(?:e|ey|ie))s?",
        r"emoji\.php",
    ),
    "icons": (r"icons?",),
    "badges": (r"badges?",),
    "buttons": (
        # FeedBurner, which is also found under names of the publishers.
        r"~(?:at|ff?|r)",
        r"(?:(?:share|sharing|social)[-_]?)?(?:btn|button|icon)s?",
    ),
    "counters of readers": (r"tracker|tracking|republication-tracker[\w-]*",),
    "placeholders": (r"(?:[^/]*,)?(?:e_blur|t_lqip)[^/]*",),
}

# Beginnings of names of files that are no photos of stories.
_FILES = {
    "faces": (
        r"(?:(?:author|default|member|my|profile|user)[-_]?)?avatar"
        r"(?:[-_.]?(?:\d++(?:x\d++)?|default|large|medium|normal|small|thumb))*+\.\w+\Z",
        r"(?:author|byline|headshot|profile)(?:[-_](?:icon|image|photo|pic|picture))?"
        r"(?:[-_.]?\d++(?:x\d++)?)*+\.\w+\Z",
    ),
    "icons": (
        r"(?:apple-touch-icon|favicon)",
        r"(?:[\w-]+[-_])?icon(?:[-_.]?\d++(?:x\d++)?)*+\.(?:gif|png|webp)\Z",
    ),
    "badges": (r"badge\.\w+\Z",),
    "buttons": (
        r"(?:share|sharing|social)[-_]?(?:button|icon)s?[-_.]",
        r"(?=[\w-]*+\.(?:gif|png|webp)\Z)(?:[\w-]+[-_])?(?:btn|button)s?[-_.]",
    ),
    "counters of readers": (
        r"(?:beacon|count|counter|hit|imp|impression|log|matomo|open|piwik|ping|pixels?|stats?"
        r"|track|tracker|tracking)(?:\.(?:ashx|aspx?|cgi|gif|php))?\Z",
        r"(?:1px|1x1|__utm|b|c|e|imp|o|p|pix|px|t)\.gif\Z",
    ),
    "placeholders": (
        r".*placeholder",
        r"(?:1px|1x1|blank|clear|default[-_]image|dot|dummy|empty|gr[ae]y|lazy(?:[-_]?load)?"
        r"|loader|loading|missing|no[-_]?(?:image|img|photo|pic(?:ture)?|thumb(?:nail)?)|null"
        r"|pixel|spacer|trans|transparent|undefined)"
        r"(?:[-_.]?(?:\d++(?:x\d++)?|image|img|pixel|px|transparent|trans))*+"
        r"\.(?:avif|gif|jpe?g|png|webp)\Z",
        r"(?=.*\.gif\Z).*(?:1x1|blank|lazyload|loader|loading|pixel|spacer|spinner|transparent)",
    ),
}

# Parameters of pictures that are not photos of a story.
_PARAMETERS = {
    "faces": (r"d(?:efault)?=(?:identicon|mm|monsterid|mp|mystery|retro|robohash|wavatar)\b",),
    "counters of readers": (r"noscript=1\b",),
    "placeholders": (r"(?:blur|lqip|placeholder)=(?!0\b)",),
}


def _any_of(*tables: Mapping[str, Iterable[str]]) -> str:
    return "|".join(chain.from_iterable(chain.from_iterable(each.values() for each in tables)))


_NO_PHOTO_HOST = re.compile(
    rf"https?://(?:[^/]*\.)?(?:(?:{_any_of(_HOSTS)})[:/]|{_any_of(_HOST_PATHS)})"
)
_NO_PHOTO_FOLDER = re.compile(rf"/(?:{_any_of(_FOLDERS)})/")
_NO_PHOTO_FILE = re.compile(_any_of(_FILES))
_NO_PHOTO_QUERY = re.compile(rf"(?:\A|&)(?:{_any_of(_PARAMETERS)})")


def _is_photo(address: str) -> bool:
    path, _, query = address.lower().partition("#")[0].partition("?")
    folders, slash, file = path.rpartition("/")
    return not (
        _NO_PHOTO_HOST.match(path)
        or _NO_PHOTO_FOLDER.search(folders + slash)
        or _NO_PHOTO_FILE.match(file)
        or (query and _NO_PHOTO_QUERY.search(query))
    )


# Sizes in addresses: `-300x200.jpg` (WordPress), `/140x90/`, `?resize=300,200`, `/w640-h400/`.
_WIDTH_AND_HEIGHT = (
    re.compile(r"[-_/](\d{2,4})x(\d{2,4})(?![\w%])"),
    re.compile(r"[?&;](?:crop|dimensions?|fit|resize|size)=(\d{1,4})(?:,|%2c|x|\*)(\d{1,4})(?!\d)"),
    re.compile(r"[/=]w(\d{2,4})-h(\d{2,4})(?!\d)"),
)
# `?w=700`, `/w_700,h_400/` (Cloudinary), `/width=700/` (Cloudflare), `/250px-Name.jpg` (MediaWiki).
_WIDTH = re.compile(
    r"[?&;](?:imwidth|max-?w(?:idth)?|s|size|sz|w|wid|width)=(\d{1,4})(?:px)?(?![\w.%])"
    r"|[/,](?:w_|width=|w=)(\d{1,4})(?!\d)|/(\d{2,4})px-|[/=]s(\d{2,4})(?:-[a-z]+\d*)*(?:/|\Z)"
)
_HEIGHT = re.compile(
    r"[?&;](?:h|hei|height|imheight|max-?h(?:eight)?)=(\d{1,4})(?:px)?(?![\w.%])"
    r"|[/,](?:h_|height=|h=)(\d{1,4})(?!\d)"
)
# What each of these patterns needs, so that most addresses are searched only once.
_SIZE_MARK = re.compile(r"=\d|\dx\d|[/=][sw]\d|[hw]_\d|\dpx-")
_ASPECT = 20  # a ratio, as in `/16x9/`, has smaller numbers than a size


def _size_in_address(address: str) -> tuple[int, int]:
    """Return width and height as far as an address names them."""
    address = address[:2000].lower().replace("&amp;", "&")
    if not _SIZE_MARK.search(address):
        return 0, 0
    for pattern in _WIDTH_AND_HEIGHT:
        for found in pattern.finditer(address):
            width, height = int(found[1]), int(found[2])
            if width >= _ASPECT and height >= _ASPECT:
                return width, height
    return _side(_WIDTH.search(address)), _side(_HEIGHT.search(address))


def _side(found: re.Match[str] | None) -> int:
    return int(next(filter(None, found.groups()), 0)) if found else 0
