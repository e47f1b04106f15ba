"""HTTP responses as browsers accept them.

aiohttp refuses a response with one malformed header line, and has no option for that. So this
module corrects the head of a response, and aiohttp parses it.
"""

import functools
import re
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

# The size of one header field, of all of them, and their number. Browsers allow some 256 KB:
# https://source.chromium.org/chromium/chromium/src/+/main:net/http/http_stream_parser.h
MAX_FIELD = 64 * 1024
MAX_HEAD = 256 * 1024
MAX_FIELDS = 1000
# Of a head, valid or not.
MAX_LINES = 4 * MAX_FIELDS
# Interim responses and line breaks before a response; more are an attempt to keep us busy.
MAX_SKIPPED = 4_000

_END_OF_HEAD = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t]*(?:HTTP|ICY)(?:/(?P<version>[0-9.]*))?[ \t]+(?P<status>[1-9][0-9]{2})"
    rb"(?![0-9])[^\n]*\n",
    re.IGNORECASE,
)
# https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_OLD_VERSIONS = frozenset({None, b"", b"0.9", b"1", b"1.0"})
_INTERIM_STATUSES = frozenset({100, 102, 103})
_STATUSES_WITHOUT_BODY = frozenset({204, 304})


class LenientConnector(aiohttp.TCPConnector):
    """Makes connections whose responses may have malformed headers."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - aiohttp's options
        super().__init__(**options)
        handler: type[ResponseHandler] = LenientResponseHandler
        self._factory = functools.partial(handler, loop=self._loop)


class LenientResponseHandler(ResponseHandler):
    """Corrects the head of each response, and drops what follows its body."""

    # The bytes of the head so far; None if the head has been passed on.
    _head: bytearray | None = None
    # Interim responses, and line breaks before a response, so far.
    _skipped: int = 0
    # The number of bytes that the rest of the body has; None if the head does not say.
    _rest: int | None = None

    def set_response_params(self, **parameters: Any) -> None:  # noqa: ANN401 - the overridden method
        """Expect a response."""
        self._head, self._rest, self._skipped = bytearray(), None, 0
        super().set_response_params(**parameters)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        if self._head is None or self._parser is None:
            self._pass_on_body(data)
            return
        searched = max(0, len(self._head) - len(b"\n\r"))
        self._head += data
        while self._take_head(self._head, searched):
            searched = 0

    def _take_head(self, head: bytearray, searched: int) -> bool:
        """Pass on the head if it is complete; return whether another one follows it.

        It does not end within the first `searched` bytes.
        """
        if head.startswith((b"\r", b"\n")):
            response = head.lstrip(b"\r\n")
            self._skipped += len(head) - len(response)
            head[:] = response
            searched = 0
        end = _END_OF_HEAD.search(head, searched)
        is_http = b"\n" not in head or _STATUS_LINE.match(head)
        is_short = len(head) <= MAX_HEAD and self._skipped <= MAX_SKIPPED
        if end is None and is_http and is_short:
            return False
        size = end.end() if end else len(head)
        is_bounded = size <= MAX_HEAD and self._skipped <= MAX_SKIPPED
        repaired = repair_head(bytes(head[:size])) if end and is_bounded else None
        if repaired is None:
            self._refuse()
            return False
        self._pass_on(repaired.lines)
        if repaired.status in _INTERIM_STATUSES:
            del head[:size]
            self._skipped += 1
            return True
        self._head, self._rest = None, repaired.body_length
        self._pass_on_body(bytes(head[size:]))
        return False

    def connection_lost(self, exc: BaseException | None) -> None:
        """Take the end of the connection."""
        if self._head and self._parser is not None:
            self._refuse()
        super().connection_lost(exc)

    def _refuse(self) -> None:
        self._head = None
        self.set_exception(HttpProcessingError(message="the head is invalid, too long or cut off"))
        if self.transport is not None:
            self.transport.close()

    def _pass_on_body(self, data: bytes) -> None:
        if self._rest is None:
            self._pass_on(data)
            return
        body, excess = data[: self._rest], data[self._rest :]
        self._rest -= len(body)
        self._pass_on(body)
        if excess and self.transport is not None:
            self.transport.close()

    def _pass_on(self, data: bytes) -> None:
        super().data_received(data)
        payload = self._payload
        if self.exception() is not None and payload is not None and not payload.is_eof():
            # aiohttp would wait for the rest of a body that it can't parse.
            payload.set_exception(aiohttp.ClientError("the body is invalid"))


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a response, and how many bytes follow it; None if it does not say."""

    lines: bytes
    status: int
    body_length: int | None


def repair_head(head: bytes) -> Head | None:
    """Return the head of a response as the standard has it.

    Dropped are lines without a colon, names that are none, and invalid lengths. White space before
    a colon is removed, a folded line is joined, and the same length is given once. If the body has
    no length, it ends with the connection. None is returned for what browsers refuse, too: another
    protocol, different lengths, and far too many lines.
    """
    found = _STATUS_LINE.match(head)
    if found is None:
        return None
    status = int(found["status"])
    if head.count(b"\n") > MAX_LINES:
        return None
    fields = _fields(head[found.end() :])
    codings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
    is_chunked = b",".join(codings).lower().replace(b" ", b"").split(b",")[-1] == b"chunked"
    lengths = {
        int(length)
        for name, value in fields
        if name.lower() == b"content-length"
        for length in map(bytes.strip, value.split(b","))
        if _LENGTH.fullmatch(length)
    }
    length: int | None = None
    lines = [b"HTTP/1.0" if found["version"] in _OLD_VERSIONS else b"HTTP/1.1"]
    lines[0] += b" %d " % status
    framing = {b"transfer-encoding", b"content-length"}
    lines += (name + b": " + value for name, value in fields if name.lower() not in framing)
    if is_chunked:
        lines.append(b"Transfer-Encoding: chunked")
    elif status in _STATUSES_WITHOUT_BODY:
        length = 0
    elif len(lengths) > 1:
        return None
    elif lengths:
        (length,) = lengths
        lines.append(b"Content-Length: %d" % length)
    return Head(b"\r\n".join([*lines, b"", b""]), status, length)


def _fields(lines: bytes) -> list[tuple[bytes, bytes]]:
    fields: list[tuple[bytes, bytes]] = []
    was_valid = False
    for line in lines.split(b"\n"):
        text = line.strip(b"\r \t").replace(b"\r", b" ")
        if line[:1] in (
            b" ",
            b"\t",
        ):  # https://www.rfc-editor.org/rfc/rfc9112#name-obsolete-line-folding
            if was_valid and text:
                fields[-1] = (fields[-1][0], fields[-1][1] + b" " + text)
            continue
        name, colon, value = text.partition(b":")
        name = name.rstrip(b" \t")
        was_valid = bool(colon and _NAME.fullmatch(name)) and b"\0" not in value
        if was_valid:
            fields.append((name, value.lstrip(b" \t")))
    return fields
