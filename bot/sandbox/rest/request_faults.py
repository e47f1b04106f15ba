"""Faults of a request, each of which Discord or the network is known to cause.

`after_commit`: the request takes effect, and the fault replaces its response.
"""

import asyncio
from dataclasses import dataclass

from bot.sandbox.rest.rate_limits import Scope


@dataclass(frozen=True, slots=True)
class Status:
    """Respond with an error status."""

    status: int
    after_commit: bool = False


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


Fault = Status | Reset | Slow | Hold | RateLimited


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
        case Slow() | Hold():
            return "simulated: slow response"
