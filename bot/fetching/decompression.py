"""Bounded decompression: some responses expand to a thousand times their size."""

import zlib

_GZIP = zlib.MAX_WBITS | 16
_DEFLATE = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"


class DecompressionError(Exception):
    """The response can't be decompressed; the text is the predicate of a sentence about it."""


class TooLargeError(Exception):
    """The response exceeds the limit."""


class Decompressor:
    """Decompresses a response chunk by chunk, up to `limit` bytes of output.

    `encoding` is the response's Content-Encoding:
    https://www.rfc-editor.org/rfc/rfc9110#section-8.4. Raises `DecompressionError` for an encoding
    that was not requested.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-") or "identity"
        if self._encoding not in {"identity", "gzip", "deflate"}:
            raise DecompressionError("is compressed in a way that was not requested")
        self._limit = limit
        self._body = bytearray()
        self._compressed_size = 0
        self._beginning = b""
        self._inflater = zlib.decompressobj(_GZIP)
        self._started = False

    def feed(self, chunk: bytes) -> None:
        """Add the next chunk. Raises `TooLargeError` and `DecompressionError`."""
        if self._encoding == "identity":
            self._append(chunk)
            return
        self._compressed_size += len(chunk)
        if self._compressed_size > self._limit:  # compressed data may expand to nothing
            raise TooLargeError
        if not self._started:
            chunk = self._beginning + chunk
            self._beginning = chunk
            if len(chunk) < len(_GZIP_MAGIC):
                return
            self._started = True
            if self._encoding == "deflate":
                self._inflater = zlib.decompressobj(_deflate_format(chunk))
        is_padding = self._inflater.eof and len(self._inflater.unused_data) >= len(_GZIP_MAGIC)
        if not is_padding:
            self._inflate(chunk)

    def _inflate(self, chunk: bytes) -> None:
        while chunk:
            try:
                self._append(self._inflater.decompress(chunk, self._limit - len(self._body) + 1))
            except zlib.error as error:
                raise DecompressionError(f"contains broken {self._encoding} data") from error
            chunk = self._inflater.unused_data
            if chunk:
                # A gzip file may have several members; anything else after one is padding.
                if not chunk.startswith(_GZIP_MAGIC):
                    return
                self._inflater = zlib.decompressobj(_GZIP)

    def finish(self) -> bytes:
        """Return the whole body. Raises `DecompressionError` if the end is missing."""
        if self._encoding != "identity" and not self._inflater.eof:
            raise DecompressionError(f"ends in the middle of its {self._encoding} data")
        return bytes(self._body)

    def _append(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > self._limit:
            raise TooLargeError


def _deflate_format(beginning: bytes) -> int:
    """Some servers omit the two header bytes that the standard requires (RFC 1950, section 2.2)."""
    has_header = beginning[0] & 0x0F == zlib.DEFLATED and int.from_bytes(beginning[:2]) % 31 == 0
    return _DEFLATE if has_header else _RAW_DEFLATE
