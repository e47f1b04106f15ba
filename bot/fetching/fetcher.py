"""Bounded requests to web servers."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import responses
from typing import Self
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from bot.clock import Clock
from bot.errors import FetchError
from bot.fetching.decompression import DecompressionError, Decompressor, TooLargeError
from bot.fetching.resolver import GuardedResolver, Lookup, PrivateAddressError, SystemLookup
from bot.urls.public_hosts import is_private_literal
from bot.urls.safety import problem_with_web_address, redact_address

MAX_REDIRECTS = 5
MAX_VALIDATOR = 1024
# A server's Retry-After counts up to this.
LONGEST_RETRY_AFTER = timedelta(days=1)
_PIECE = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ADVICE = {
    401: "it wants a password; only open addresses can be read",
    403: "it may not want to be read by programs",
    404: "check the address",
    410: "it is gone for good; take it out of the settings",
    429: "it is asked less often for a while",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request. `total_seconds` applies to each redirect separately.

    Hosts whose last request failed or took more than `slow_seconds` share `slots_for_troubled`, so
    that they delay no others.
    """

    connect_seconds: float = 10.0
    slow_seconds: float = 3.0
    total_seconds: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    slots: int = 8
    slots_for_troubled: int = 2


@dataclass(frozen=True, slots=True)
class Validators:
    """A server's validators for conditional requests; empty if it sent none."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> Mapping[str, str]:
        """The request headers: https://www.rfc-editor.org/rfc/rfc9110#section-13."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `body` is None if nothing has changed; `url` is the address after redirects.

    `moved_to` is the new address if every redirect on the way was permanent.
    """

    url: str
    body: bytes | None
    content_type: str = ""
    validators: Validators = NO_VALIDATORS
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class _Redirect:
    to: str
    permanent: bool


class Fetcher:
    """Fetches web addresses, one per host at a time and a few at once; use it with `async with`.

    Hosts outside the public internet are refused unless `allow_private` is given. Those requests
    have a session of their own, so that no other request uses a connection that they opened.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        user_agent: str,
        limits: Limits | None = None,
        lookup: Lookup | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._user_agent = user_agent
        self._system_lookup = SystemLookup()
        self._lookup = lookup or self._system_lookup
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._slots = asyncio.Semaphore(self._limits.slots)
        self._slots_for_troubled = asyncio.Semaphore(self._limits.slots_for_troubled)
        self._hosts: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._troubled: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        self._system_lookup.close()

    async def get(
        self,
        address: str,
        *,
        accept: str = "*/*",
        validators: Validators = NO_VALIDATORS,
        allow_private: bool = False,
    ) -> Response:
        """Request an address, following redirects. Raises `FetchError`."""
        place, moved_to, for_good = address, None, True
        for _ in range(MAX_REDIRECTS + 1):
            headers = {"Accept": accept, **validators.headers()}
            step = await self._step(place, headers, allow_private=allow_private)
            if isinstance(step, Response):
                return Response(step.url, step.body, step.content_type, step.validators, moved_to)
            place = step.to
            for_good = for_good and step.permanent
            moved_to = place if for_good else moved_to
        raise FetchError(
            f"{redact_address(address)} redirects more than {MAX_REDIRECTS} times; check it"
        )

    async def _step(
        self, address: str, headers: Mapping[str, str], *, allow_private: bool
    ) -> Response | _Redirect:
        """One request to one host, as soon as a slot is free."""
        if problem := problem_with_web_address(address):
            raise FetchError(f"{redact_address(address)} {problem}")
        url = URL(address)
        host = url.raw_host or ""
        if not allow_private and is_private_literal(host):
            raise _refused(address)
        async with self._turn(host):
            begun = self._clock.monotonic()
            try:
                async with asyncio.timeout(self._limits.total_seconds):
                    answer = await self._ask(url, headers, allow_private=allow_private)
            except TimeoutError as error:
                self._troubled.add(host)
                connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
                seconds = self._limits.connect_seconds if connecting else self._limits.total_seconds
                raise FetchError(
                    f"{redact_address(address)} did not answer within {seconds:g} seconds"
                ) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                if not isinstance(error, aiohttp.ClientPayloadError):
                    self._troubled.add(host)
                raise _unreachable(address, error) from error
            if self._clock.monotonic() - begun > self._limits.slow_seconds:
                self._troubled.add(host)
            else:
                self._troubled.discard(host)
            return answer

    @asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        lock = self._hosts.setdefault(host, asyncio.Lock())
        async with lock:
            slots = self._slots_for_troubled if host in self._troubled else self._slots
            async with slots:
                yield

    async def _ask(
        self, url: URL, headers: Mapping[str, str], *, allow_private: bool
    ) -> Response | _Redirect:
        session = self._session(allow_private=allow_private)
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            status = response.status
            validators = Validators(
                _usable(response.headers.get("ETag", "")),
                _usable(response.headers.get("Last-Modified", "")),
            )
            if status == HTTPStatus.NOT_MODIFIED:
                return Response(str(url), None, validators=validators)
            if status in _REDIRECTS:
                return _redirect(url, response.headers.get("Location", ""), status)
            if status != HTTPStatus.OK:
                raise self._refusal(url, status, response.headers.get("Retry-After", ""))
            body = await self._read(response)
            return Response(
                str(url), body, response.headers.get("Content-Type", ""), validators=validators
            )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            unpacker = Decompressor(
                response.headers.get("Content-Encoding", ""), self._limits.max_bytes
            )
            async for piece in response.content.iter_chunked(_PIECE):
                unpacker.take(piece)
            return unpacker.finish()
        except DecompressionError as error:
            raise FetchError(
                f"the answer of {redact_address(str(response.url))} {error}"
            ) from error
        except TooLargeError as error:
            raise FetchError(
                f"{redact_address(str(response.url))} is larger than"
                f" {self._limits.max_bytes / 1024 / 1024:g} MB"
            ) from error

    def _refusal(self, url: URL, status: int, retry_after: str) -> FetchError:
        named = f"{status} {responses.get(status, '')}".rstrip()
        advice = f"; {_ADVICE[status]}" if status in _ADVICE else ""
        return FetchError(
            f"{redact_address(str(url))} answers {named}{advice}",
            retry_after=read_retry_after(retry_after, self._clock.now()),
        )

    def _session(self, *, allow_private: bool) -> aiohttp.ClientSession:
        if allow_private not in self._sessions:
            self._sessions[allow_private] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=GuardedResolver(self._lookup, allow_private=allow_private),
                    use_dns_cache=False,
                ),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._limits.connect_seconds
                ),
                headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._sessions[allow_private]


def read_retry_after(value: str, now: datetime) -> timedelta | None:
    """How long to wait by a Retry-After header, which is seconds or a date; at most a day.

    None if the value is invalid or not in the future:
    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    value = value.strip()
    try:
        wait = (
            timedelta(seconds=min(int(value), LONGEST_RETRY_AFTER.total_seconds()))
            if value.isascii() and value.isdigit()
            else parsedate_to_datetime(value) - now
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return min(wait, LONGEST_RETRY_AFTER) if wait > timedelta(0) else None


def _usable(validator: str) -> str:
    """The validator if it can be sent back unchanged, else an empty string."""
    return validator if validator.isprintable() and len(validator) <= MAX_VALIDATOR else ""


def _redirect(url: URL, location: str, status: int) -> _Redirect:
    try:
        to = url.join(URL(location))
    except (ValueError, IndexError) as error:  # IndexError: the library's own
        raise FetchError(f"{redact_address(str(url))} redirects to what is no address") from error
    if not location or to == url:
        raise FetchError(
            f"{redact_address(str(url))} redirects to itself or to nowhere; check the address"
        )
    return _Redirect(str(to), status in _PERMANENT)


def _unreachable(address: str, error: Exception) -> FetchError:
    """An error in our own words: text from the server or the library may contain anything."""
    name = redact_address(address)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PrivateAddressError):
            return _refused(address)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError(f"{name}: no such host is known at the moment; check the address")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return FetchError(f"{name} has no valid certificate; the server's owner has to mend it")
    if isinstance(error, aiohttp.ClientConnectorError):
        return FetchError(f"{name} can't be connected to: {error.strerror or 'no answer'}")
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError | OSError):
        return FetchError(f"{name} broke off in the middle of its answer")
    return FetchError(f"{name} gave an answer that is not HTTP as it should be")


def _refused(address: str) -> FetchError:
    return FetchError(
        f"{redact_address(address)} is on a private network; write `allow_private: true` beside the"
        " source if that is meant"
    )
