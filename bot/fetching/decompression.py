"""Bounded decompression: some responses expand to a thousand times their size. Pure."""

import re
import zlib

# A response may be compressed by a program and again by a server.
MAX_LAYERS = 3
_GZIP = zlib.MAX_WBITS | 16
_DEFLATE = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b\x08"
# The usual first bytes of zlib's format (RFC 1950), with which no text begins.
_DEFLATE_MAGIC = (b"x\x01", b"x\x9c", b"x\xda")
_MAX_MEMBERS = 10_000
_CHUNK_SIZE = 64 * 1024
# https://www.iana.org/assignments/http-parameters/http-parameters.xhtml#content-coding
_UNSUPPORTED = frozenset(
    {"br", "zstd", "compress", "dcb", "dcz", "exi", "pack200-gzip", "bzip2", "lzma", "xz"}
)
_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 1000


class DecompressionError(Exception):
    """The response can't be decompressed; the text is the predicate of a sentence about it."""


class TooLargeError(Exception):
    """The response exceeds the limit."""


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Decompress a response to at most `limit` bytes.

    `encoding` is its Content-Encoding: https://www.rfc-editor.org/rfc/rfc9110#section-8.4. But many
    servers declare one that they do not apply, or none, so gzip and zlib are recognised by their
    first bytes, and text is returned as it is. Raises `TooLargeError` and `DecompressionError`.
    """
    body, is_inflated = _inflate_all(body, limit)
    if is_inflated or not body:
        return body
    names = [name.strip().lower().removeprefix("x-") for name in encoding.split(",")]
    if "deflate" in names:
        return _inflate_raw(body, limit)
    unsupported = next((name for name in names if name in _UNSUPPORTED), None)
    if _is_text(body) or not ("gzip" in names or unsupported):
        return body
    if unsupported:
        raise DecompressionError(
            f"is compressed with {unsupported}, which was not requested and can't be read"
        )
    is_cut_off = _GZIP_MAGIC.startswith(body)
    problem = "ends in the middle of its" if is_cut_off else "contains broken"
    raise DecompressionError(f"{problem} gzip data")


def _inflate_all(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Decompress what is recognised by its first bytes; return whether anything was."""
    is_inflated = False
    for _ in range(MAX_LAYERS):
        if body.startswith(_GZIP_MAGIC):
            body = _inflate(body, _GZIP, "gzip", limit)
        elif body.startswith(_DEFLATE_MAGIC):
            body = _inflate(body, _DEFLATE, "deflate", limit)
        else:
            break
        is_inflated = True
    return body, is_inflated


def _inflate_raw(body: bytes, limit: int) -> bytes:
    """Some servers omit the two bytes of zlib's header."""
    has_header = body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    try:
        return _inflate(body, _DEFLATE if has_header else _RAW_DEFLATE, "deflate", limit)
    except DecompressionError:
        if _is_text(body):
            return body
        raise


def _inflate(body: bytes, window: int, name: str, limit: int) -> bytes:
    inflater = zlib.decompressobj(window)
    result = bytearray()
    members = 1
    for start in range(0, len(body), _CHUNK_SIZE):
        chunk = body[start : start + _CHUNK_SIZE]
        while chunk:
            if inflater.eof:
                # A gzip file may have several members; anything else after one is padding.
                if not body.startswith(_GZIP_MAGIC) or not _GZIP_MAGIC.startswith(chunk[:3]):
                    return bytes(result)
                members += 1
                if members > _MAX_MEMBERS:
                    raise TooLargeError
                inflater = zlib.decompressobj(window)
            try:
                result += inflater.decompress(chunk, limit - len(result) + 1)
            except zlib.error as error:
                raise DecompressionError(f"contains broken {name} data") from error
            if len(result) > limit:
                raise TooLargeError
            chunk = inflater.unused_data
    if not inflater.eof:
        raise DecompressionError(f"ends in the middle of its {name} data")
    return bytes(result)


def _is_text(body: bytes) -> bool:
    """Whether a body is text, as opposed to compressed data."""
    sample = body[:_SAMPLE]
    return sample.lstrip(_BEFORE_MARKUP).startswith(b"<") or _CONTROL.search(sample) is None
