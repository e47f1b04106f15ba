"""Reading what Discord says about a rejected request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.rejections import Rejection, read_rejection
from bot.sandbox.errors import FieldError, invalid_form

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["errors", "_errors", "code", "message", "0"]), inner)
    ),
    max_leaves=20,
)


def test_the_rejected_fields_are_named() -> None:
    """Each is named once, with Discord's explanation."""
    error = invalid_form(
        [
            FieldError(("embeds", 0, "image", "url"), "A", "Not a well formed URL."),
            FieldError(("embeds", 0, "image", "url"), "B", "Wrong scheme."),
            FieldError(("embeds",), "C", "Too long."),
        ]
    )
    assert read_rejection(json.dumps(error.body()).encode()) == Rejection(
        50035,
        "Invalid Form Body (embeds.0.image.url: Not a well formed URL. Wrong scheme.;"
        " embeds: Too long.)",
        (("embeds", "0", "image", "url"), ("embeds",)),
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff", b'{"code": 1', b"[" * 100_000, b"null", b'"text"', b"[1]"]
)
def test_an_unreadable_body_names_no_field(body: bytes) -> None:
    """It may be the page of a proxy."""
    assert read_rejection(body) == Rejection(0, "400")


@given(values)
def test_any_json_can_be_read(value: object) -> None:
    """Nothing is assumed about its structure."""
    rejection = read_rejection(json.dumps(value).encode())
    assert rejection.text
    assert len(rejection.text) < 400
