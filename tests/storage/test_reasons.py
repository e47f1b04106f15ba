"""Recording reasons and reading them back."""

from collections import Counter
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.reasons import (
    Cause,
    DigestFull,
    Legacy,
    PermissionsMissing,
    Reason,
    SameStory,
    TooOld,
    decode_reason,
    encode_reason,
)

KINDS = get_args(Reason)


@given(st.one_of(*map(st.from_type, KINDS)))
def test_a_reason_is_read_back(reason: Reason) -> None:
    """Encoding and decoding a reason of any kind, with any parameters, changes nothing."""
    assert decode_reason(encode_reason(reason)) == reason


def test_reason_codes_are_unique() -> None:
    codes = Counter([*Cause, *(kind.code for kind in KINDS if kind is not Cause)])
    assert [code for code, count in codes.items() if count > 1] == []


@pytest.mark.parametrize(
    ("reason", "stored"),
    [
        (Cause.STORY_WITHDRAWN, '{"code": "story_withdrawn"}'),
        (
            SameStory(17, "“Über” it", ("it",), timedelta(hours=14)),
            '{"code": "same_story", "post": 17, "title": "“Über” it", "words": ["it"],'
            ' "apart": "PT14H"}',
        ),
        (
            TooOld(timedelta(days=8, seconds=1), timedelta(days=7)),
            '{"code": "too_old", "age": "P8DT1S", "limit": "P7D"}',
        ),
    ],
    ids=str,
)
def test_the_stored_form_of_a_reason_is_stable(reason: Reason, stored: str) -> None:
    """Databases contain the code and the parameters in this form."""
    assert encode_reason(reason) == stored
    assert decode_reason(stored) == reason


def test_reasons_without_later_parameters_are_read() -> None:
    """Earlier versions recorded no evidence of the same event."""
    stored = '{"code": "same_story", "post": 17, "title": "A story"}'
    assert decode_reason(stored) == SameStory(17, "A story")


def test_a_code_of_a_later_version_is_kept() -> None:
    """An unknown code decodes to its stored text."""
    stored = '{"code": "solar_flare", "class": "X"}'
    assert decode_reason(stored) == Legacy(stored)


@pytest.mark.parametrize(
    ("reason", "logged"),
    [
        (Cause.STORY_WITHDRAWN, "story_withdrawn"),
        (DigestFull(3), "digest_full(best=3)"),
        (
            PermissionsMissing(("Send Messages", "Embed Links")),
            'permissions_missing(permissions=["Send Messages", "Embed Links"])',
        ),
        (Legacy("two\nlines"), r'legacy(text="two\nlines")'),
    ],
)
def test_logs_show_the_code_on_one_line(reason: Reason, logged: str) -> None:
    """The text form is the code with its parameters."""
    assert str(reason) == logged
