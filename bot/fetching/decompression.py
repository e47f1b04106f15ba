"""Bounded decompression: some responses expand to a thousand times their size."""

import zlib

_GZIP = zlib.MAX_WBITS | 16
_DEFLATE = zlib.MAX_WBITS
_BARE_DEFLATE = -zlib.MAX_WBITS
_GZIP_MARK = b"\x1f\x8b"


class DecompressionError(Exception):
    """The response can't be decompressed; the text says why, as the end of a sentence."""


class TooLargeError(Exception):
    """The response exceeds the limit."""


class Decompressor:
    """Collects a response piece by piece, at most `limit` bytes of it after decompression.

    `encoding` is its Content-Encoding: https://www.rfc-editor.org/rfc/rfc9110#section-8.4. Raises
    `DecompressionError` for an encoding that was not requested.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-") or "identity"
        if self._encoding not in {"identity", "gzip", "deflate"}:
            raise DecompressionError("is packed in a way that was not asked for")
        self._limit = limit
        self._body = bytearray()
        self._packed = 0
        self._beginning = b""
        self._inflater = zlib.decompressobj(_GZIP)
        self._begun = False

    def take(self, piece: bytes) -> None:
        """Add the next piece. Raises `TooLargeError` and `DecompressionError`."""
        if self._encoding == "identity":
            self._add(piece)
            return
        self._packed += len(piece)
        if self._packed > self._limit:  # compressed data may expand to nothing
            raise TooLargeError
        if not self._begun:
            piece = self._beginning + piece
            self._beginning = piece
            if len(piece) < len(_GZIP_MARK):
                return
            self._begun = True
            if self._encoding == "deflate":
                self._inflater = zlib.decompressobj(_deflate_kind(piece))
        padding = self._inflater.eof and len(self._inflater.unused_data) >= len(_GZIP_MARK)
        if not padding:
            self._inflate(piece)

    def _inflate(self, piece: bytes) -> None:
        while piece:
            try:
                self._add(self._inflater.decompress(piece, self._limit - len(self._body) + 1))
            except zlib.error as error:
                raise DecompressionError(f"is broken {self._encoding} data") from error
            piece = self._inflater.unused_data
            if piece:
                # A gzip file may have several members; anything else after one is padding.
                if not piece.startswith(_GZIP_MARK):
                    return
                self._inflater = zlib.decompressobj(_GZIP)

    def finish(self) -> bytes:
        """The whole body. Raises `DecompressionError` if its end is missing."""
        if self._encoding != "identity" and not self._inflater.eof:
            raise DecompressionError(f"breaks off in the middle of its {self._encoding} data")
        return bytes(self._body)

    def _add(self, piece: bytes) -> None:
        self._body += piece
        if len(self._body) > self._limit:
            raise TooLargeError


def _deflate_kind(beginning: bytes) -> int:
    """Some servers omit the two header bytes that the standard requires (RFC 1950, section 2.2)."""
    wrapped = beginning[0] & 0x0F == zlib.DEFLATED and int.from_bytes(beginning[:2]) % 31 == 0
    return _DEFLATE if wrapped else _BARE_DEFLATE
