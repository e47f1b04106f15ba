"""Reads what the bot needs from responses of Discord's REST API, whatever they contain. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

import aiohttp

from bot.errors import one_line

# Longer waits are cut to this: one wrong number must not silence a channel for a day.
LONGEST_WAIT = timedelta(hours=1)
# Longer waits than this, in seconds, are not left to discord.py, which holds up other requests.
LONG_WAIT = 30.0
# No limit of Discord lasts longer, so a larger number is as good as none.
_PLAUSIBLE = timedelta(days=1)
# Discord's ids are much larger than 1, but other servers with its API count from there. SQLite
# stores 63 bits: https://discord.com/developers/docs/reference#snowflakes
_SMALLEST_ID, _LARGEST_ID = 1, (1 << 63) - 1
_LONGEST_NUMBER = 25
# https://docs.discord.com/developers/resources/message#message-object-message-flags
_PUBLISHED, _SUPPRESSES_EMBEDS, _HAS_THREAD, _CONSISTS_OF_COMPONENTS = 1, 1 << 2, 1 << 5, 1 << 15


class UnreadableResponseError(aiohttp.ClientPayloadError):
    """A successful response lacks what it must contain; what the request did is unknown."""


class RetryAfter(NamedTuple):
    """How long to send nothing after a response with status 429.

    `is_global`: no request at all, instead of none of the same route.
    """

    seconds: float
    is_global: bool


class ReadMessage(NamedTuple):
    """What a response says about a message; see `poster_port.Accepted`."""

    id: int
    embed_missing: bool
    content: str


def read_json(body: bytes | str) -> object:
    """Parse JSON. Raises `UnreadableResponseError`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableResponseError(f"the response is not JSON ({one_line(error)})") from None


def read_object(body: bytes | str) -> Mapping[str, object]:
    """The JSON object of a body; empty if it contains none."""
    try:
        value = read_json(body)
    except UnreadableResponseError:
        return {}
    return value if isinstance(value, dict) else {}


def read_id(value: object) -> int | None:
    """Read an id; None if it is none."""
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
        return None
    if not (value.isascii() and value.isdecimal()):
        return None
    number = int(value)
    return number if _SMALLEST_ID <= number <= _LARGEST_ID else None


def read_message(body: bytes) -> ReadMessage:
    """Read the message that was sent. Raises `UnreadableResponseError`."""
    fields = read_object(body)
    if (message_id := read_id(fields.get("id"))) is None:
        raise UnreadableResponseError("the response contains no id of a message")
    return ReadMessage(message_id, lacks_embed(fields), read_content(fields))


def read_content(message: Mapping[str, object]) -> str:
    """The text of a message; "" if it can't be read."""
    content = message.get("content")
    return content if isinstance(content, str) else ""


def lacks_embed(message: Mapping[str, object]) -> bool:
    """Whether a message is known to have no embed, although it might have one."""
    embeds = message.get("embeds")
    might_have = not (suppresses_embeds(message) or consists_of_components(message))
    return isinstance(embeds, list) and not embeds and might_have


def suppresses_embeds(message: Mapping[str, object]) -> bool:
    """Whether a message shows no embeds, not even previews of its links."""
    return _has_flag(message, _SUPPRESSES_EMBEDS)


def consists_of_components(message: Mapping[str, object]) -> bool:
    """Whether a message has components in place of content and embeds ("V2")."""
    return _has_flag(message, _CONSISTS_OF_COMPONENTS)


def is_published(message: Mapping[str, object]) -> bool:
    """Whether a message was published to the channels that follow its channel."""
    return _has_flag(message, _PUBLISHED)


def has_thread(message: Mapping[str, object]) -> bool:
    """Whether a message has a thread under it."""
    return _has_flag(message, _HAS_THREAD)


def _has_flag(message: Mapping[str, object], flag: int) -> bool:
    flags = message.get("flags")
    return isinstance(flags, int) and bool(flags & flag)


def read_cooldown(headers: Mapping[str, str]) -> timedelta:
    """How long to wait before the next request of the same kind.

    https://discord.com/developers/docs/topics/rate-limits#header-format
    """
    if headers.get("X-RateLimit-Remaining") != "0":
        return timedelta()
    return timedelta(seconds=read_seconds(headers.get("X-RateLimit-Reset-After")) or 0)


def read_retry_after(headers: Mapping[str, str], body: bytes) -> RetryAfter | None:
    """How long to wait after a response with status 429; None if it does not say that.

    Discord states it in the body and, rounded up to seconds, in a header; the longest counts. A
    response without JSON comes from Cloudflare and is about every request of this address:
    https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit
    """
    fields = read_object(body)
    exact = read_seconds(fields.get("retry_after"))
    rounded = read_seconds(headers.get("Retry-After")) or _seconds_until_date(headers)
    if rounded is None:
        if exact is None:
            return None
        wait = exact
    else:
        wait = rounded if exact is None else max(exact, rounded - 1)
    is_global = (
        not fields
        or fields.get("global") is True
        or headers.get("X-RateLimit-Global", "").lower() == "true"
        or headers.get("X-RateLimit-Scope", "").lower() == "global"
    )
    return RetryAfter(wait, is_global)


def read_seconds(value: object) -> float | None:
    """Read a number of seconds, cut to `LONGEST_WAIT`; None if it is not a plausible wait."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds) or not 0 < seconds <= _PLAUSIBLE.total_seconds():
        return None
    return min(seconds, LONGEST_WAIT.total_seconds())


def _seconds_until_date(headers: Mapping[str, str]) -> float | None:
    """The wait if Retry-After is a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3.

    It is compared with the server's clock, which the header Date states.
    """
    try:
        until, now = (parsedate_to_datetime(headers[name]) for name in ("Retry-After", "Date"))
        return read_seconds((until - now).total_seconds())
    except (LookupError, ValueError, TypeError, OverflowError):
        return None


def has_plausible_limits(headers: Mapping[str, str]) -> bool:
    """Whether the headers about the rate limit can be used.

    Others would leave discord.py waiting forever for a limit of no requests, or one that never
    resets.
    """
    limit = _read_count(headers.get("X-RateLimit-Limit"))
    remaining = _read_count(headers.get("X-RateLimit-Remaining"))
    if not limit or remaining is None:
        return False
    return _resets_soon(headers)


def _resets_soon(headers: Mapping[str, str]) -> bool:
    try:
        seconds = float(headers.get("X-RateLimit-Reset-After") or "")
    except ValueError:
        return False
    return 0 <= seconds <= LONGEST_WAIT.total_seconds()


def _read_count(value: str | None) -> int | None:
    if value is None or len(value) > _LONGEST_NUMBER:
        return None
    return int(value) if value.isascii() and value.isdecimal() else None


def is_expected(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether discord.py can read a response, and waits for a sensible time because of it."""
    if headers.get("X-RateLimit-Remaining") == "0" and not _resets_soon(headers):
        return False
    fields: object = None
    try:
        if headers.get("Content-Type") == "application/json":
            fields = json.loads(body)
        else:
            body.decode()
    except (ValueError, RecursionError):
        return False
    if status < HTTPStatus.BAD_REQUEST:
        return True
    if not isinstance(fields, dict):
        return fields is None
    if not isinstance(fields.get("message"), str) or not isinstance(fields.get("code"), int):
        return False
    if status != HTTPStatus.TOO_MANY_REQUESTS:
        return not fields.get("errors")
    wait = fields.get("retry_after")
    return isinstance(wait, int | float) and (read_seconds(wait) or LONG_WAIT) < LONG_WAIT
