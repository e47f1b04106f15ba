"""Checks and repairs the bytes of a feed before they are parsed. Pure."""

import re
from email.message import Message

from bot.errors import SourceError

# The parser takes some 30 µs for each tag; a feed of 10,000 entries has a tenth of this.
MAX_TAGS = 1_000_000
# The number of bytes by which the entities that a feed declares may enlarge it.
MAX_GROWTH = 10 * 1024 * 1024

_ENTITY = re.compile(rb"<!ENTITY\s[^\"'<>]*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY_REFERENCE = re.compile(rb"&[A-Za-z_:]")
_DECLARES_UTF_8 = re.compile(
    rb"""\A\s*<\?xml\s[^>]{0,200}?encoding=["']utf-?8["']""", re.IGNORECASE
)
_DECLARES_ENCODING = re.compile(rb"\A\s*<\?xml\s[^>]{0,200}?encoding=")
_CHARACTER_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
_SURROGATES = range(0xD800, 0xE000)
_LOW_SURROGATES = range(0xDC00, 0xE000)
_MAX_CODE_POINT = 0x10FFFF


def reject_bombs(body: bytes) -> None:
    """Raises `SourceError` for a feed that would expand enormously or that is mostly tags."""
    plain = body.replace(b"\0", b"")  # also finds them in UTF-16 and UTF-32
    if plain.count(b"<") > MAX_TAGS:
        raise SourceError(f"it contains more than {MAX_TAGS:,} tags, which no normal feed does")
    if b"<!ENTITY" not in plain:
        return
    values = [double or single for double, single in _ENTITY.findall(plain)]
    growth = max(map(len, values), default=0) * plain.count(b"&")
    if growth > MAX_GROWTH or any(map(_ENTITY_REFERENCE.search, values)):
        raise SourceError("it declares entities that expand too much, which no normal feed does")


def repair_feed(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return the bytes and the Content-Type with frequent mistakes corrected.

    Corrected are references to characters that don't exist, single broken characters in UTF-8
    (the parser would take the whole feed for another encoding), and unknown encoding names.
    """
    message = Message()
    message["Content-Type"] = content_type
    charset = str(message.get_content_charset(""))
    if charset and not _is_text_encoding(charset):
        content_type, charset = message.get_content_type(), ""
    other_charset = charset if charset != "utf-8" else ""
    if _DECLARES_UTF_8.match(body) or not (other_charset or _DECLARES_ENCODING.match(body)):
        body = _repair_utf_8(body)
    return _repair_references(body), content_type


def _is_text_encoding(charset: str) -> bool:
    """Whether Python knows the name as a text encoding; it also has encodings of bytes."""
    try:
        b"<".decode(charset)
    except (LookupError, ValueError):
        return False
    return True


def _repair_utf_8(body: bytes) -> bytes:
    """Replace invalid bytes, if most of the non-ASCII characters are valid."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        invalid = text.count("\N{REPLACEMENT CHARACTER}")
        valid = sum(not character.isascii() for character in text) - invalid
        return text.encode() if invalid <= valid else body
    return body


def _repair_references(body: bytes) -> bytes:
    """Join two references to a surrogate pair; drop other references to invalid characters."""
    repaired = bytearray()
    end, high = 0, 0
    for reference in _CHARACTER_REFERENCE.finditer(body):
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        if 0 < code <= _MAX_CODE_POINT and code not in _SURROGATES:
            continue
        repaired += body[end : reference.start()]
        follows_high = bool(high) and reference.start() == end
        end = reference.end()
        if code in _LOW_SURROGATES and follows_high:
            repaired += b"&#%d;" % (0x10000 + ((high & 0x3FF) << 10) + (code & 0x3FF))
        high = code if code in _SURROGATES and code not in _LOW_SURROGATES else 0
    return bytes(repaired + body[end:]) if end else body
