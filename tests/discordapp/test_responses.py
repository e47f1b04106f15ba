"""What is read from responses, whatever they contain."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.responses import (
    LONGEST_WAIT,
    RetryAfter,
    UnreadableResponseError,
    has_plausible_limits,
    is_expected,
    read_cooldown,
    read_id,
    read_message,
    read_retry_after,
)

HOUR = LONGEST_WAIT.total_seconds()
NOT_SECONDS = ["", "soon", "nan", "inf", "-inf", "1e400", "-1", "0", "1" * 30, "1e9", "0x1"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
fields = st.sampled_from(["id", "embeds", "content", "retry_after", "global", "message", "code"])
bodies = st.binary(max_size=30) | st.dictionaries(fields, json_values).map(
    lambda value: json.dumps(value).encode()
)
LIMITS = ("Limit", "Remaining", "Reset-After", "Global", "Scope")
header_names = st.sampled_from(["Retry-After", "Date", *(f"X-RateLimit-{each}" for each in LIMITS)])
headers = st.dictionaries(header_names, st.text(max_size=30) | st.sampled_from(NOT_SECONDS))


@pytest.mark.parametrize(
    ("fields", "stated", "wait"),
    [
        ({"retry_after": 0.35}, "1", 0.35),
        ({"retry_after": 2}, None, 2),
        ({"retry_after": "2.5"}, None, 2.5),
        ({}, "7", 7),
        ({"retry_after": 0.35}, "10", 9),
        ({"retry_after": 600}, "1", 600),
        ({"retry_after": 7200}, None, HOUR),
        ({}, "80000", HOUR),
        ({"retry_after": "soon"}, "3", 3),
        ({"retry_after": 10**400}, "3", 3),
        ({"retry_after": True}, "3", 3),
        ({"retry_after": 4}, "soon", 4),
    ],
)
def test_the_wait_is_in_the_body_or_in_a_header(
    fields: dict[str, object], stated: str | None, wait: float
) -> None:
    """The header is rounded up to seconds. The longest counts, up to an hour."""
    headers = {} if stated is None else {"Retry-After": stated}
    body = json.dumps({"message": "You are being rate limited.", **fields}).encode()
    assert read_retry_after(headers, body) == RetryAfter(wait, is_global=False)


@pytest.mark.parametrize("value", [*NOT_SECONDS, None, [], {}, 0, -1, 10**400, float("nan")])
def test_a_senseless_wait_is_none(value: object) -> None:
    """Neither a negative one nor one of many days is observed."""
    body = json.dumps({"retry_after": value}).encode()
    assert read_retry_after({"Retry-After": str(value)}, body) is None


@pytest.mark.parametrize("until", ["Sat, 28 Nov 2026 12:01:30 GMT", "Sat, 28 Nov 2026 12:01:30"])
def test_the_wait_may_be_a_date(until: str) -> None:
    """It is compared with the server's own clock."""
    now = until.replace("12:01:30", "12:00:00")
    assert read_retry_after({"Retry-After": until, "Date": now}, b"{}") == RetryAfter(90, True)
    assert read_retry_after({"Retry-After": now, "Date": until}, b"{}") is None
    assert read_retry_after({"Retry-After": until, "Date": "soon"}, b"{}") is None
    assert read_retry_after({"Retry-After": until}, b"{}") is None


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b'{"retry_after": 5, "global": true}'),
        ({"X-RateLimit-Global": "true"}, b'{"retry_after": 5}'),
        ({"X-RateLimit-Scope": "global"}, b'{"retry_after": 5}'),
        ({"Retry-After": "5"}, b"error code: 1015"),
        ({"Retry-After": "5"}, b""),
    ],
)
def test_some_limits_are_about_all_requests(headers: dict[str, str], body: bytes) -> None:
    """A page instead of JSON comes from Cloudflare."""
    assert read_retry_after(headers, body) == RetryAfter(5, is_global=True)


@pytest.mark.parametrize("length", ["1.5", "2"])
def test_a_used_up_limit_has_a_cooldown(length: str) -> None:
    """While requests are left, there is none."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": length}
    assert read_cooldown(headers).total_seconds() == float(length)
    assert not read_cooldown({**headers, "X-RateLimit-Remaining": "1"})


@pytest.mark.parametrize("value", NOT_SECONDS)
def test_a_senseless_cooldown_is_none(value: str) -> None:
    assert not read_cooldown({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": value})


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Limit", ["0", "-5", "abc", "", "1.5", "nan", "9" * 5000, None]),
        ("Remaining", ["-1", "abc", "", "9" * 5000, None]),
        ("Reset-After", ["-1", "abc", "", "nan", "inf", "1e400", "99999999", None]),
    ],
)
def test_limits_that_would_block_a_route(header: str, values: list[str | None]) -> None:
    """They are ignored, as if the response had none."""
    sensible = {"Limit": "5", "Remaining": "4", "Reset-After": "1.25"}
    assert has_plausible_limits({f"X-RateLimit-{key}": each for key, each in sensible.items()})
    for value in values:
        made = {f"X-RateLimit-{key}": each for key, each in sensible.items()}
        del made[f"X-RateLimit-{header}"]
        if value is not None:
            made[f"X-RateLimit-{header}"] = value
        assert not has_plausible_limits(made)


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 1.5, 2**70, "", "abc", "-1", "0", "٣" * 18, "9" * 19, "9" * 5000, [], {}],
)
def test_a_value_that_is_no_id(value: object) -> None:
    """An id is a string of digits, positive and small enough for the database."""
    assert read_id(value) is None
    with pytest.raises(UnreadableResponseError):
        read_message(json.dumps({"id": value}).encode())


def test_an_id_is_a_number_in_a_string() -> None:
    assert read_id("1443958712345678901") == 1443958712345678901
    assert read_id("1001") == 1001


@pytest.mark.parametrize(
    ("embeds", "missing"),
    [([], True), ([{}], False), (None, False), ("", False), (0, False), ({}, False)],
)
def test_an_embed_is_missing_only_if_that_is_certain(embeds: object, missing: bool) -> None:
    """An edit because of a spoiled response would change nothing."""
    body = json.dumps({"id": "1443958712345678901", "embeds": embeds}).encode()
    assert read_message(body).embed_missing is missing


JSON = {"Content-Type": "application/json"}
ERROR = b'{"message": "No.", "code": 0}'


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, JSON, b"{}"),
        (204, {}, b""),
        (200, {"Content-Type": "text/html"}, b"<html>"),
        (500, JSON, ERROR),
        (500, {"Content-Type": "text/html"}, b"<html>"),
        (429, JSON, b'{"message": "Slow.", "code": 0, "retry_after": 1.5}'),
        (200, {**JSON, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "2.5"}, b"{}"),
    ],
)
def test_responses_that_the_library_reads(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    assert is_expected(status, headers, body)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, JSON, b"{"),
        (200, JSON, b"[" * 100_000),
        (200, JSON, b"9" * 5000),
        (200, {}, b"\xff"),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "nan"}, b"{}"),
        (200, {"X-RateLimit-Remaining": "0"}, b"{}"),
        (500, JSON, b"17"),
        (500, JSON, b'{"message": null, "code": 0}'),
        (500, JSON, b'{"message": "No.", "code": []}'),
        (500, JSON, b'{"message": "No.", "code": 0, "errors": [1]}'),
        (429, JSON, ERROR),
        (429, JSON, b'{"message": "Slow.", "code": 0, "retry_after": "1"}'),
        (429, JSON, b'{"message": "Slow.", "code": 0, "retry_after": NaN}'),
        (429, JSON, b'{"message": "Slow.", "code": 0, "retry_after": 1e400}'),
        (429, JSON, b'{"message": "Slow.", "code": 0, "retry_after": 600}'),
        (429, JSON, b'{"message": "Slow.", "code": 0, "retry_after": -1}'),
    ],
)
def test_responses_that_the_library_never_sees(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    """It would raise errors of its own, or wait forever."""
    assert not is_expected(status, headers, body)


@given(headers, bodies)
def test_any_response_can_be_read(headers: dict[str, Any], body: bytes) -> None:
    """Waits are positive and bounded; nothing else is raised than what is promised."""
    retry = read_retry_after(headers, body)
    assert retry is None or 0 < retry.seconds <= HOUR
    assert 0 <= read_cooldown(headers).total_seconds() <= HOUR
    has_plausible_limits(headers)
    is_expected(429, headers, body)
    try:
        message = read_message(body)
    except UnreadableResponseError:
        return
    assert 0 < message.id < 2**63
