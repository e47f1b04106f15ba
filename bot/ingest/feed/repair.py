"""What is mended in the bytes of a feed before they are parsed, and what is refused. Pure."""

import re
from email.message import Message

from bot.errors import SourceError

# The parser takes some 30 µs for each; a feed of 10,000 entries has a tenth of it.
MAX_TAGS = 1_000_000
# Bytes that a feed may grow by through the entities that it declares.
MAX_GROWTH = 10 * 1024 * 1024

_ENTITY = re.compile(rb"<!ENTITY\s[^\"'<>]*(?:\"([^\"]*)\"|'([^']*)')")
_REFERS = re.compile(rb"&[A-Za-z_:]")
_UTF_8 = re.compile(rb"""\A\s*<\?xml\s[^>]{0,200}?encoding=["']utf-?8["']""", re.IGNORECASE)
_DECLARED = re.compile(rb"\A\s*<\?xml\s[^>]{0,200}?encoding=")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
_HALVES = range(0xD800, 0xE000)
_LOWER_HALVES = range(0xDC00, 0xE000)
_LARGEST = 0x10FFFF


def refuse_bombs(body: bytes) -> None:
    """Raises `SourceError` for what is small but would grow, or is tags and little else."""
    plain = body.replace(b"\0", b"")  # UTF-16 and UTF-32 as well
    if plain.count(b"<") > MAX_TAGS:
        raise SourceError(f"it holds more than {MAX_TAGS:,} tags; that is no feed for readers")
    if b"<!ENTITY" not in plain:
        return
    values = [double or single for double, single in _ENTITY.findall(plain)]
    growth = max(map(len, values), default=0) * plain.count(b"&")
    if growth > MAX_GROWTH or any(map(_REFERS.search, values)):
        raise SourceError("it declares entities that make it grow; that is no feed for readers")


def mend(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The bytes and the Content-Type with what many feeds get wrong put right.

    References to signs that don't exist, a broken sign or two in UTF-8 (the parser would take all
    of it for another encoding), and names of encodings that nobody knows.
    """
    message = Message()
    message["Content-Type"] = content_type
    charset = str(message.get_content_charset(""))
    if charset and not _is_known(charset):
        content_type, charset = message.get_content_type(), ""
    declared = charset if charset != "utf-8" else ""
    if _UTF_8.match(body) or not (declared or _DECLARED.match(body)):
        body = _mend_utf_8(body)
    return _mend_references(body), content_type


def _is_known(charset: str) -> bool:
    """Whether it is the name of an encoding of text; Python knows others, too."""
    try:
        b"<".decode(charset)
    except (LookupError, ValueError):
        return False
    return True


def _mend_utf_8(body: bytes) -> bytes:
    """With what can't be decoded replaced, if that is the smaller part; else as it is."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        broken = text.count("\N{REPLACEMENT CHARACTER}")
        whole = sum(not sign.isascii() for sign in text) - broken
        return text.encode() if broken <= whole else body
    return body


def _mend_references(body: bytes) -> bytes:
    """Halves of one sign in two references become that sign; what is no sign becomes none."""
    mended = bytearray()
    end, half = 0, 0
    for reference in _REFERENCE.finditer(body):
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        if 0 < code <= _LARGEST and code not in _HALVES:
            continue
        mended += body[end : reference.start()]
        follows = bool(half) and reference.start() == end
        end = reference.end()
        if code in _LOWER_HALVES and follows:
            mended += b"&#%d;" % (0x10000 + ((half & 0x3FF) << 10) + (code & 0x3FF))
        half = code if code in _HALVES and code not in _LOWER_HALVES else 0
    return bytes(mended + body[end:]) if end else body
