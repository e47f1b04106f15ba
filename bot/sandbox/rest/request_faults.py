"""Faults of a request, each of which Discord or the network is known to cause.

`after_commit`: the request takes effect, and the fault replaces its response.
"""

import asyncio
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, FieldError, invalid_form
from bot.sandbox.rest.rate_limits import Scope


@dataclass(frozen=True, slots=True)
class Status:
    """Respond with an error status; `body` replaces its JSON, such as by a proxy's page."""

    status: int
    after_commit: bool = False
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Invalid:
    """Respond with 50035 for fields (`embeds.0.image.url`) that Discord finds invalid.

    Only the fields that a request contains are named; a request without them is not affected.
    """

    fields: tuple[str, ...]
    code: str = "URL_TYPE_INVALID_URL"
    message: str = "Not a well formed URL."
    after_commit: bool = False

    def error_for(self, body: object) -> ApiError | None:
        """The error response to a request with this JSON body, if it contains a field."""
        paths = (tuple(field.split(".")) for field in self.fields)
        found = [FieldError(path, self.code, self.message) for path in paths if _has(body, path)]
        return invalid_form(found) if found else None


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection without a response."""

    after_commit: bool = True


@dataclass(frozen=True, slots=True)
class Slow:
    """Respond only after some real seconds."""

    seconds: float
    after_commit: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """Respond only when `release` is set."""

    release: asyncio.Event
    after_commit: bool = True


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Respond with 429, to be retried after some seconds."""

    retry_after: float
    scope: Scope = Scope.USER
    after_commit: bool = False


Fault = Status | Invalid | Reset | Slow | Hold | RateLimited


def describe_fault(fault: Fault | None) -> str:
    """What a fault did to a request, for the list of requests; "" for none."""
    match fault:
        case None:
            return ""
        case Reset():
            return "simulated: connection broken"
        case RateLimited():
            return "simulated: rate limited"
        case Status():
            return "simulated: response lost" if fault.after_commit else "simulated: failed"
        case Invalid():
            return "simulated: invalid fields"
        case Slow() | Hold():
            return "simulated: slow response"


def _has(value: object, path: tuple[str, ...]) -> bool:
    """Whether JSON has a value at a path that is neither null nor empty."""
    for part in path:
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return False
    return value not in (None, [], {}, "")
