"""The faults that a request can be made to meet; Discord and the network show each of them.

`after_commit`: whether the request takes effect before the fault hides that.
"""

import asyncio
from dataclasses import dataclass

from bot.sandbox.rest.rate_limits import Scope


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with a status; after the commit the request has nevertheless taken effect."""

    status: int
    after_commit: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection without an answer."""

    after_commit: bool = True


@dataclass(frozen=True, slots=True)
class Slow:
    """Answer only after some real time; nothing else goes wrong."""

    seconds: float
    after_commit: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """Answer only when the test says so: `release` is an event."""

    release: asyncio.Event
    after_commit: bool = True


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Answer 429 to be tried again after some seconds."""

    retry_after: float
    scope: Scope = Scope.USER
    after_commit: bool = False


Fault = Status | Reset | Slow | Hold | RateLimited


def note_of(fault: Fault | None) -> str:
    """What a fault did to a request, for the list of requests; "" for none."""
    match fault:
        case None:
            return ""
        case Reset():
            return "connection broken on demand"
        case RateLimited():
            return "refused on demand"
        case Status():
            return (
                "done, but its answer lost on demand" if fault.after_commit else "failed on demand"
            )
        case Slow() | Hold():
            return "answered late on demand"
