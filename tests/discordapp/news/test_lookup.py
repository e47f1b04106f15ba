from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length
from bot.discordapp.news.lookup import (
    PAGE_LIMIT,
    QUALITY_LIMIT,
    TEXT_LIMIT,
    Button,
    Lookup,
    LookupKind,
    Period,
    fits,
    from_custom_id,
)
from storage.models import Kind
from tests.discordapp.rendering.limits import few_examples, hostile

ids = st.integers(1, 2**63 - 1)
visible = st.tuples(st.sampled_from("aß字\U0001d54f:"), hostile).map("".join)
lookups = st.builds(
    Lookup,
    kind=st.sampled_from(LookupKind),
    subject_id=ids,
    min_quality=st.none() | st.integers(0, QUALITY_LIMIT),
    period=st.sampled_from(Period),
    text=visible,
    provider_id=st.none() | ids,
    content=st.none() | st.sampled_from(Kind),
)
pages = st.integers(0, PAGE_LIMIT)


@few_examples
@given(lookups, pages, st.sampled_from(Button))
def test_a_request_survives_its_button(lookup: Lookup, page: int, button: Button) -> None:
    """A custom_id contains the whole request and page within Discord's 100 characters."""
    custom_id = lookup.to_custom_id(page, button)
    assert 1 <= discord_length(custom_id) <= 100
    assert custom_id == custom_id.strip()
    assert from_custom_id(custom_id) == (lookup, page)


@few_examples
@given(
    st.sampled_from("fpnl"),
    st.sampled_from("ltpqsa"),
    st.integers(0, 99_999),
    st.none() | ids,
    st.none() | st.integers(0, QUALITY_LIMIT),
    st.sampled_from("dwmye"),
    st.text('ab :-"\u5b57', max_size=48),
)
def test_buttons_of_earlier_versions_work(
    button: str,
    kind: str,
    page: int,
    subject: int | None,
    quality: int | None,
    period: str,
    text: str,
) -> None:
    """What versions up to 0.2 wrote is read as they meant it, and written as they wrote it."""
    subject = 7 if subject is None and kind in "ps" else subject
    text = " ".join(f"x{text}y".split())
    fields = ("" if each is None else each for each in (subject, quality))
    custom_id = f"news:{button}{kind}:{page}:{':'.join(map(str, fields))}:{period}:{text}"
    read = from_custom_id(custom_id)
    assert read == (Lookup(LookupKind(kind), subject, quality, Period(period), text), page)
    assert read[0].to_custom_id(page, Button(button)) == custom_id


@pytest.mark.parametrize(
    ("custom_id", "lookup"),
    [
        ("news:nl:1:::e:", Lookup(LookupKind.LATEST)),
        ("news:pl:2:17:50:e:", Lookup(LookupKind.LATEST, 17, 50)),
        ("news:lt:3:::w:", Lookup(LookupKind.TOP, period=Period.WEEK)),
        ("news:np:1:17::e:", Lookup(LookupKind.TOPIC, 17)),
        ("news:nq:1:::y:a: b", Lookup(LookupKind.SEARCH, period=Period.YEAR, text="a: b")),
        ("news:ns:1:5::e:", Lookup(LookupKind.STORY, 5)),
        ("news:fa:0:::e:", Lookup(LookupKind.TOPICS)),
    ],
)
def test_a_button_of_each_earlier_command_works(custom_id: str, lookup: Lookup) -> None:
    """Messages keep these for ever."""
    page = int(custom_id.split(":")[2])
    assert from_custom_id(custom_id) == (lookup, page)


@few_examples
@given(lookups)
def test_a_text_is_cut_only_beside_huge_ids(lookup: Lookup) -> None:
    """With the ids of a million stories, every filter leaves room for the longest text."""
    small = replace(lookup, text="x" * 99, subject_id=9_999_999, provider_id=9_999_999)
    assert small.text == "x" * TEXT_LIMIT
    assert fits(small.text)
    assert not fits(small.text + "x")


@few_examples
@given(lookups, pages)
def test_buttons_have_different_custom_ids(lookup: Lookup, page: int) -> None:
    """Discord refuses a message with equal custom_ids, even if both lead to the same page."""
    assert len({lookup.to_custom_id(page, button) for button in Button}) == len(Button)


@given(st.text(max_size=120) | st.text(max_size=100).map("news:".__add__))
def test_a_crafted_custom_id_is_no_request(custom_id: str) -> None:
    """Any custom_id can be read without an exception."""
    read = from_custom_id(custom_id)
    assert read is None or isinstance(read[0], Lookup)


@pytest.mark.parametrize(
    "custom_id",
    [
        "news:",
        "news:old",
        "news:nz:0:::e:",  # no such kind
        "news:nl:0:::z:",  # no such period
        "news:np:0:::e:",  # a topic by no id
        "news:nq:0:::e:",  # a search for nothing
        "news:nl:0::9999:e:",  # a quality that can't be asked for
        "news:ns:0:9999999999999999999::e:",  # an id that no database holds
        "news:nl:-1:::e:",
        "news:nl:٣:::e:",
        "news:nl:0:::ez:",  # no such kind of story
        "news:nl:0:::ea-1:",
        "news:nl:0:::e9999999999999999999:",
    ],
)
def test_an_outdated_custom_id_is_no_request(custom_id: str) -> None:
    """A custom_id that this version does not know becomes None."""
    assert from_custom_id(custom_id) is None


@pytest.mark.parametrize(
    ("kind", "subject_id", "min_quality", "text"),
    [
        (LookupKind.TOPIC, None, None, ""),
        (LookupKind.STORY, None, None, ""),
        (LookupKind.SEARCH, None, None, " \u200b"),
        (LookupKind.LATEST, 2**63, None, ""),
        (LookupKind.LATEST, -1, None, ""),
        (LookupKind.LATEST, None, QUALITY_LIMIT + 1, ""),
    ],
)
def test_an_impossible_request_is_refused(
    kind: LookupKind, subject_id: int | None, min_quality: int | None, text: str
) -> None:
    """A lookup that could not be read back can't be made."""
    with pytest.raises(ValueError, match=r"invalid|needs"):
        Lookup(kind, subject_id, min_quality, text=text)


def test_periods_are_counted_back_from_now() -> None:
    """A week is seven days; all time has no beginning."""
    now = datetime(2026, 1, 31, tzinfo=UTC)
    assert Period.WEEK.since(now) == now - timedelta(days=7)
    assert Period.THREE_DAYS.since(now) == now - timedelta(days=3)
    assert Period.EVER.since(now) is None
