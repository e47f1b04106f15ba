"""A REST request from start to end: route, faults, token, rate limit, body, handler, response."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from aiohttp import BodyPartReader, web
from pydantic_core import from_json, to_json

from bot.sandbox import errors
from bot.sandbox.clock import Clock
from bot.sandbox.errors import ApiError, UnsupportedError
from bot.sandbox.model.attachments import UploadedFile
from bot.sandbox.rest.openapi_contract import Contract
from bot.sandbox.rest.rate_limits import RateLimits, Scope
from bot.sandbox.rest.request_faults import (
    Fault,
    Hold,
    Invalid,
    RateLimited,
    Reset,
    Slow,
    Status,
    describe_fault,
)
from bot.sandbox.rest.routing import ApiRequest, ApiResponse, Route, Routes
from bot.sandbox.spoiling import Spoiler

_log = logging.getLogger(__name__)

PREFIX = "/api/v10"
_JSON = "application/json"
_MAX_BODY_SIZE = 25 * 1024 * 1024
# Without this header discord.py takes a 429 for a ban by Cloudflare.
_VIA = {"Via": "1.1 google"}

# Observed on Discord: the header contains less than the body's retry_after, which holds.
# https://github.com/discord/discord-api-docs/issues/6109
_WRITE_LIMITED = {**_VIA, "Retry-After": "1", "X-RateLimit-Scope": "shared"}


class RequestRecord(NamedTuple):
    """One request of the bot, for the page's side panel and for tests; tokens are removed."""

    at: datetime
    method: str
    path: str
    route: str
    status: int
    milliseconds: float
    note: str = ""


class _BreakConnection(Exception):  # noqa: N818 - control flow, not an error
    pass


class RestApi:
    """Serves everything below `/api/v10`."""

    def __init__(
        self,
        routes: Routes,
        next_fault: Callable[[str], Fault | None],
        spoiler: Spoiler,
        rates: RateLimits,
        contract: Contract | None,
        clock: Clock,
        *,
        authorized: Callable[[str | None], bool],
        kept_requests: int,
        on_request: Callable[[RequestRecord], None],
    ) -> None:
        self._routes = routes
        self._next_fault = next_fault
        self._spoiler = spoiler
        self._rates = rates
        self._contract = contract
        self._clock = clock
        self._authorized = authorized
        self._on_request = on_request
        self.requests: deque[RequestRecord] = deque(maxlen=kept_requests)
        self.unknown_routes: list[str] = []
        self.failures: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Respond to one request and keep a record of it."""
        started = time.perf_counter()
        path = request.path.removeprefix(PREFIX)
        match = self._routes.find(request.method, path)
        note = ""
        if match is None:
            response = self._not_implemented(f"{request.method} {path}")
        else:
            route, parameters = match
            fault = self._next_fault(route.name)
            note = describe_fault(fault)
            try:
                response = await self._process(request, route, parameters, fault)
                self._spoil(route, path, response)
            except _BreakConnection:
                self._record(request.method, path, match, 0, started, note)
                if request.transport is not None:
                    request.transport.abort()
                # The client never gets this; without a response aiohttp would log an exception.
                return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
            except Exception as error:
                # An error of the sandbox: aiohttp responds with 500, tests look at `failures`.
                self.failures.append(f"{route.name}: {error!r}")
                raise
        self._rates.count_status(response.status)
        self._record(request.method, path, match, response.status, started, note)
        return response

    def _spoil(self, route: Route, path: str, response: web.Response) -> None:
        """Change a response, if a change is planned."""
        body = response.body
        if self._spoiler.active and isinstance(body, bytes) and response.content_type == _JSON:
            response.body = self._spoiler.apply(route.name, from_json(body))
        self._spoiler.apply_to_response(route.name, path, response)

    def _record(
        self,
        method: str,
        path: str,
        match: tuple[Route, dict[str, str]] | None,
        status: int,
        started: float,
        note: str,
    ) -> None:
        name = ""
        if match is not None:
            route, parameters = match
            name = route.name
            if route.tokenless:
                for parameter, value in parameters.items():
                    if parameter.endswith("_token"):
                        path = path.replace(value, "…")
        milliseconds = (time.perf_counter() - started) * 1000
        record = RequestRecord(self._clock(), method, path, name, status, milliseconds, note)
        self.requests.append(record)
        self._on_request(record)

    def _not_implemented(self, what: str) -> web.Response:
        """Respond with 501; the sandbox never guesses a response."""
        _log.error("the sandbox does not support %s", what)
        self.unknown_routes.append(what)
        message = f"The sandbox does not support this: {what}"
        return _json_response(ApiResponse({"message": message, "code": 0}, 501), {})

    async def _process(
        self,
        request: web.Request,
        route: Route,
        parameters: dict[str, str],
        fault: Fault | None,
    ) -> web.Response:
        if self._rates.is_banned:
            return web.Response(status=429, text="error code: 1015", content_type="text/html")
        early_fault = fault if fault is not None and not fault.after_commit else None
        if (
            early_fault is not None
            and (response := await self._apply_fault(route, early_fault)) is not None
        ):
            return response
        if not route.tokenless and not self._authorized(request.headers.get("Authorization")):
            return self._error_response(route, errors.unauthorized(), {})
        major = parameters[route.major] if route.major else ""
        decision = self._rates.take(route.name, major, counts_globally=not route.tokenless)
        if decision.retry_after is not None:
            return self._rate_limited(route, decision.retry_after, decision.scope, decision.headers)
        invalid = fault if isinstance(fault, Invalid) else None
        response = await self._run_handler(request, route, parameters, decision.headers, invalid)
        if fault is not None and fault.after_commit:
            return await self._apply_fault(route, fault) or response
        return response

    async def _run_handler(
        self,
        request: web.Request,
        route: Route,
        parameters: dict[str, str],
        headers: dict[str, str],
        invalid: Invalid | None,
    ) -> web.Response:
        try:
            body, files = await _read_body(request)
            if invalid is not None and (refusal := invalid.error_for(body)) is not None:
                raise refusal
            api_request = ApiRequest(
                parameters, request.query if request.query_string else {}, body, files
            )
            if self._contract is not None:
                self._contract.check_request(route.method, route.path, api_request)
            result = route.handler(api_request)
        except ApiError as error:
            return self._error_response(route, error, headers)
        except UnsupportedError as error:
            return self._not_implemented(f"{route.name}: {error}")
        if self._contract is not None:
            self._contract.check_response(route.method, route.path, result.status, result.body)
        return _json_response(result, headers)

    def _error_response(
        self, route: Route, error: ApiError, headers: dict[str, str]
    ) -> web.Response:
        if self._contract is not None:
            self._contract.check_response(route.method, route.path, error.status, error.body())
        if error.retry_after is not None:
            headers = headers | _WRITE_LIMITED
        return _json_response(ApiResponse(error.body(), error.status), headers)

    def _rate_limited(
        self, route: Route, retry_after: float, scope: Scope, headers: dict[str, str]
    ) -> web.Response:
        """The response to a request that exceeds a rate limit.

        https://docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit
        """
        is_global = scope is Scope.GLOBAL
        body: dict[str, Any] = {
            "message": "You are being rate limited.",
            "retry_after": round(retry_after, 3),
            "global": is_global,
            "code": 0,
        }
        if self._contract is not None:
            self._contract.check_response(route.method, route.path, 429, body)
        all_headers = {**headers, **_VIA, "Retry-After": str(int(retry_after) + 1)}
        all_headers["X-RateLimit-Scope"] = str(scope)
        if is_global:
            all_headers["X-RateLimit-Global"] = "true"
        return _json_response(ApiResponse(body, 429), all_headers)

    async def _apply_fault(self, route: Route, fault: Fault) -> web.Response | None:
        """The response of a fault; None if the fault is only a delay."""
        match fault:
            case Reset():
                raise _BreakConnection
            case Slow():
                await asyncio.sleep(fault.seconds)
                return None
            case Hold():
                await fault.release.wait()
                return None
            case RateLimited():
                return self._rate_limited(route, fault.retry_after, fault.scope, {})
            case Invalid():
                return None
            case Status(body=str() as text):
                kind = "application/json" if text.startswith("{") else "text/html"
                return web.Response(
                    status=fault.status, body=text.encode(), headers={"Content-Type": kind}
                )
            case Status():
                body = {"message": f"{fault.status}: simulated failure", "code": 0}
                return _json_response(ApiResponse(body, fault.status), {})


def _json_response(result: ApiResponse, headers: dict[str, str]) -> web.Response:
    """A response whose Content-Type is exactly what discord.py compares with."""
    if result.status == HTTPStatus.NO_CONTENT:
        return web.Response(status=204, headers=headers)
    body = to_json(result.body)
    return web.Response(body=body, status=result.status, headers={**headers, "Content-Type": _JSON})


async def _read_body(request: web.Request) -> tuple[Any, tuple[UploadedFile, ...]]:
    """The JSON of a body, plain or as `payload_json` beside files."""
    if not request.body_exists:
        return None, ()
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    data = await request.read()
    return (_parse_json(data) if data else None), ()


async def _read_multipart(request: web.Request) -> tuple[Any, tuple[UploadedFile, ...]]:
    body: Any = {}
    files: list[UploadedFile] = []
    size = 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise errors.invalid_json()
            data = bytearray()
            while chunk := await part.read_chunk():
                data += chunk
                size += len(chunk)
                if size > _MAX_BODY_SIZE:
                    raise errors.request_too_large()
            if part.name == "payload_json":
                body = _parse_json(bytes(data))
            elif part.filename is None:
                raise UnsupportedError("a form without payload_json is not supported")
            else:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                name = part.filename or "unknown"
                files.append(UploadedFile(name, kind, bytes(data), part.name or ""))
    except ValueError:  # aiohttp's, for what is not multipart/form-data
        raise errors.invalid_json() from None
    return body, tuple(files)


def _parse_json(data: bytes) -> object:
    # Faster than the standard library, and it refuses a lone surrogate, which can't be stored
    # or shown as text.
    try:
        return from_json(data)
    except ValueError:
        raise errors.invalid_json() from None
