"""Bounded HTTP requests."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import responses
from typing import Self
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from bot.clock import Clock
from bot.errors import FetchError
from bot.fetching.challenges import (
    challenge_in_headers,
    challenge_in_page,
    describe_challenge,
)
from bot.fetching.cookies import HostCookies
from bot.fetching.decompression import DecompressionError, TooLargeError, decompress
from bot.fetching.lenient_http import MAX_FIELD, MAX_FIELDS, LenientConnector
from bot.fetching.resolver import (
    GuardedResolver,
    Lookup,
    PrivateAddressError,
    SystemLookup,
    public_socket,
)
from bot.urls.hosts import parse_url
from bot.urls.public_hosts import is_private_literal, is_same_server
from bot.urls.redaction import redact_address
from bot.urls.safety import problem_with_web_address

MAX_REDIRECTS = 5
MAX_VALIDATOR_LENGTH = 1024
# A longer Retry-After counts as this.
MAX_RETRY_AFTER = timedelta(days=1)
_CHUNK_SIZE = 64 * 1024
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
# Statuses that ask for a pause may do so for all of the host.
_BUSY = frozenset({429, 503})
_STATUSES_OF_CHALLENGES = frozenset({403, 429, 503})
# Statuses of success without the whole content: https://www.rfc-editor.org/rfc/rfc9110#section-15.3
_WITHOUT_CONTENT = frozenset({204, 205, 206})
_ADVICE = {
    204: "there is nothing at this address; check it",
    205: "there is nothing at this address; check it",
    206: "that is only a part, although all of it was requested",
    401: "it requires a password; only addresses without a login can be read",
    402: "only addresses that are free can be read",
    403: "it refuses programs, or requires a login; ask the site's owner to let feed readers in",
    404: "check the address",
    406: "check the address",
    410: "it is permanently gone; remove it from the settings",
    429: "it is polled less often for a while",
    451: "its owner may not publish it",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request. `total_seconds` applies to each redirect separately.

    Hosts whose last request failed or took more than `slow_seconds` share the few
    `slots_for_slow_hosts`, so that they do not delay the others.
    """

    connect_seconds: float = 10.0
    slow_seconds: float = 3.0
    total_seconds: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    slots: int = 8
    slots_for_slow_hosts: int = 2


@dataclass(frozen=True, slots=True)
class Validators:
    """The values that a server sent for conditional requests; empty if it sent none."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> Mapping[str, str]:
        """Return the request headers: https://www.rfc-editor.org/rfc/rfc9110#section-13."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `body` is None if nothing has changed; `url` is the address after redirects.

    `moved_to` is the address that the permanent redirects before the first temporary one lead to.
    """

    url: str
    body: bytes | None
    content_type: str = ""
    validators: Validators = NO_VALIDATORS
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class _Redirect:
    target: str
    permanent: bool


class Fetcher:
    """Requests web addresses, one per host at a time and a few in total; use it with `async with`.

    Hosts outside the public internet are refused, except those that an operator has named and
    permitted. Permitted requests use a separate session, so that no other request reuses their
    connections.
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
        self._slots_for_slow_hosts = asyncio.Semaphore(self._limits.slots_for_slow_hosts)
        self._host_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._slow_hosts: set[str] = set()
        # When each host that asked for a pause may be asked again, in monotonic time.
        self._pauses: dict[str, float] = {}

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
        named: Sequence[str] = (),
    ) -> Response:
        """Request an address, following redirects. Raises `FetchError`.

        `allow_private` permits the servers of the addresses that the settings name, by default that
        of `address`, to be in private networks. It permits no other server, such as one that they
        redirect to (`is_same_server`).
        Cookies are kept until the last redirect, and are sent only to the host that set them.
        """
        url, moved_to, permanent = address, None, True
        cookies = HostCookies()
        for _ in range(MAX_REDIRECTS + 1):
            headers = {"Accept": accept, **validators.headers()}
            is_named = any(is_same_server(each, url) for each in named or (address,))
            try:
                result = await self._get_once(
                    url, headers, cookies, allow_private=allow_private and is_named
                )
            except PrivateAddressError as error:
                raise _private_network_error(url, is_named=is_named) from error
            if isinstance(result, Response):
                # Redirects may lead back, as by way of a page that asks for consent to cookies.
                leads_back = moved_to is not None and parse_url(url) == parse_url(address)
                return replace(result, moved_to=None if leads_back else moved_to)
            url = result.target
            permanent = permanent and result.permanent
            moved_to = url if permanent else moved_to
        raise FetchError(
            f"{redact_address(address)} redirects more than {MAX_REDIRECTS} times;"
            " check the address"
        )

    async def _get_once(
        self,
        address: str,
        headers: Mapping[str, str],
        cookies: HostCookies,
        *,
        allow_private: bool,
    ) -> Response | _Redirect:
        """Make one request to one host, as soon as a slot is free.

        Raises `FetchError` and `PrivateAddressError`.
        """
        if problem := problem_with_web_address(address):
            raise FetchError(f"{redact_address(address)} {problem}")
        url = parse_url(address)
        host = url.raw_host or ""
        if not allow_private and is_private_literal(host):
            raise PrivateAddressError(host)
        async with self._slot(host):
            started_at = self._clock.monotonic()
            if (pause := self._pauses.get(host, 0.0) - started_at) > 0:
                raise FetchError(
                    f"{redact_address(address)} was not requested, because its host asked for a"
                    " pause",
                    retry_after=timedelta(seconds=pause),
                )
            try:
                async with asyncio.timeout(self._limits.total_seconds):
                    result = await self._request(url, headers, cookies, allow_private=allow_private)
            except TimeoutError as error:
                self._slow_hosts.add(host)
                is_connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
                seconds = (
                    self._limits.connect_seconds if is_connecting else self._limits.total_seconds
                )
                raise FetchError(
                    f"{redact_address(address)} did not respond within {seconds:g} seconds"
                ) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                if (private := _private_address_error(error)) is not None:
                    raise private from error
                if not isinstance(error, aiohttp.ClientPayloadError):
                    self._slow_hosts.add(host)
                raise _connection_error(address, error) from error
            if self._clock.monotonic() - started_at > self._limits.slow_seconds:
                self._slow_hosts.add(host)
            else:
                self._slow_hosts.discard(host)
            return result

    @asynccontextmanager
    async def _slot(self, host: str) -> AsyncIterator[None]:
        lock = self._host_locks.setdefault(host, asyncio.Lock())
        async with lock:
            slots = self._slots_for_slow_hosts if host in self._slow_hosts else self._slots
            async with slots:
                yield

    async def _request(
        self,
        url: URL,
        headers: Mapping[str, str],
        cookies: HostCookies,
        *,
        allow_private: bool,
    ) -> Response | _Redirect:
        session = self._session(allow_private=allow_private)
        sent = cookies.header(url)
        headers = {**headers, "Cookie": sent} if sent else headers
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            status = response.status
            validators = Validators(
                _valid_or_empty(response.headers.get("ETag", "")),
                _valid_or_empty(response.headers.get("Last-Modified", "")),
            )
            if status == HTTPStatus.NOT_MODIFIED:
                return Response(str(url), None, validators=validators)
            if status in _REDIRECTS:
                cookies.update(url, response)
                may_repeat = cookies.header(url) != sent
                return _redirect(url, response.headers.get("Location", ""), status, may_repeat)
            if (
                not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
                or status in _WITHOUT_CONTENT
            ):
                raise await self._status_error(url, response)
            body = await self._read_body(response)
            return Response(
                str(url), body, response.headers.get("Content-Type", ""), validators=validators
            )

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._limits.max_bytes
        try:
            body = await _read_at_most(limit, response.content)
            encoding = ",".join(response.headers.getall("Content-Encoding", ()))
            return await asyncio.to_thread(decompress, body, encoding, limit)
        except DecompressionError as error:
            raise FetchError(
                f"the response from {redact_address(str(response.url))} {error}"
            ) from error
        except TooLargeError as error:
            raise FetchError(
                f"{redact_address(str(response.url))} is larger than"
                f" {self._limits.max_bytes / 1024 / 1024:g} MB"
            ) from error

    async def _status_error(self, url: URL, response: aiohttp.ClientResponse) -> FetchError:
        status = response.status
        retry_after = parse_retry_after(response.headers.get("Retry-After", ""), self._clock.now())
        if retry_after is not None and status in _BUSY:
            self._pause_host(url.raw_host or "", retry_after)
        name = f"{redact_address(str(url))} returned {status} {responses.get(status, '')}".rstrip()
        challenge = challenge_in_headers(response.headers) or await self._challenge(response)
        if challenge:
            message = f"{name}: {describe_challenge(challenge)}"
        else:
            message = f"{name}; {_ADVICE[status]}" if status in _ADVICE else name
        return FetchError(message, retry_after=retry_after)

    async def _challenge(self, response: aiohttp.ClientResponse) -> str:
        """Return who sent a challenge instead of the page, if anybody did."""
        is_page = "html" in response.headers.get("Content-Type", "")
        if not is_page or response.status not in _STATUSES_OF_CHALLENGES:
            return ""
        try:
            return challenge_in_page(await self._read_body(response))
        except (FetchError, aiohttp.ClientError, OSError):
            return ""  # the status is what matters

    def _pause_host(self, host: str, retry_after: timedelta) -> None:
        now = self._clock.monotonic()
        self._pauses = {name: until for name, until in self._pauses.items() if until > now}
        self._pauses[host] = now + retry_after.total_seconds()

    def _session(self, *, allow_private: bool) -> aiohttp.ClientSession:
        if allow_private not in self._sessions:
            self._sessions[allow_private] = aiohttp.ClientSession(
                connector=LenientConnector(
                    resolver=GuardedResolver(self._lookup, allow_private=allow_private),
                    use_dns_cache=False,
                    socket_factory=None if allow_private else public_socket,
                ),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._limits.connect_seconds
                ),
                headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=MAX_FIELD,
                max_field_size=MAX_FIELD,
                max_headers=MAX_FIELDS,
            )
        return self._sessions[allow_private]


async def _read_at_most(limit: int, content: aiohttp.StreamReader) -> bytes:
    """Read a body. Raises `TooLargeError`."""
    body = bytearray()
    async for chunk in content.iter_chunked(_CHUNK_SIZE):
        body += chunk
        if len(body) > limit:
            raise TooLargeError
    return bytes(body)


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header (seconds or a date) requests; at most a day.

    None if the value is invalid or not in the future:
    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        seconds = min(float(value), MAX_RETRY_AFTER.total_seconds())
        return timedelta(seconds=seconds) if seconds > 0 else None
    try:
        date = parsedate_to_datetime(value)
        # A date without a zone is in UTC: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(wait, MAX_RETRY_AFTER) if wait > timedelta(0) else None


def _valid_or_empty(validator: str) -> str:
    """Return the validator if it can be sent back unchanged, else an empty string."""
    return validator if validator.isprintable() and len(validator) <= MAX_VALIDATOR_LENGTH else ""


def _redirect(url: URL, location: str, status: int, may_repeat: bool) -> _Redirect:
    try:
        target = url.join(parse_url(_latin_1_where_invalid(location.strip())))
    except (ValueError, IndexError) as error:  # yarl raises IndexError for some addresses
        raise FetchError(f"{redact_address(str(url))} redirects to an invalid address") from error
    if not location:
        raise FetchError(
            f"{redact_address(str(url))} redirects without a target; check the address"
        )
    if target == url and not may_repeat:
        raise FetchError(f"{redact_address(str(url))} redirects to itself; check the address")
    return _Redirect(str(target), status in _PERMANENT)


def _latin_1_where_invalid(header: str) -> str:
    """Return a header that is not UTF-8 as what it then is."""
    try:
        return header.encode("utf-8", "surrogateescape").decode()
    except UnicodeDecodeError:
        return header.encode("utf-8", "surrogateescape").decode("latin-1")


def _connection_error(address: str, error: Exception) -> FetchError:
    """Describe an error in our own words: text from the server or the library may be anything."""
    name = redact_address(address)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError(f"{name}: the host was not found; check the address")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return FetchError(f"{name} has an invalid certificate; only the server's owner can fix it")
    if isinstance(error, aiohttp.ClientConnectorError):
        return FetchError(f"{name} can't be reached: {error.strerror or 'no response'}")
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError | OSError):
        return FetchError(f"{name} closed the connection before the response was complete")
    return FetchError(f"{name} sent an invalid HTTP response")


def _private_address_error(error: Exception) -> PrivateAddressError | None:
    """The error of the resolver or of a socket, which aiohttp has wrapped."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, PrivateAddressError):
        cause = cause.__cause__ or cause.__context__
    return cause


def _private_network_error(address: str, *, is_named: bool) -> FetchError:
    remedy = (
        "add `allow_private: true` to the source to allow it"
        if is_named
        else "only a server that the settings name can be allowed there (`allow_private`)"
    )
    return FetchError(f"{redact_address(address)} is on a private network; {remedy}")
