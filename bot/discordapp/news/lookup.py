"""A request of `/news`, as a value that fits into a button.

The custom_id of a page button contains the whole request (at most 100 characters,
https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id), so it
works after a restart, for as long as the message exists. The text comes last and may have colons:

    news:<button><kind>:<page>:<subject id>:<min quality>:<period>:<text>
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.discordapp.markdown import plain

TEXT_LIMIT = 50
QUALITY_LIMIT = 1000
PAGE_LIMIT = 99_999
_ID_LIMIT = 2**63 - 1

_CUSTOM_ID = re.compile(
    r"news:(?P<button>[fpnl])(?P<kind>[a-z]):(?P<page>[0-9]{1,5}):(?P<subject>[0-9]{0,19})"
    r":(?P<quality>[0-9]{0,4}):(?P<period>[a-z]):(?P<text>.*)"
)


class LookupKind(StrEnum):
    """Which list or page is requested. Messages contain the values, so they never change."""

    LATEST = "l"
    TOP = "t"
    TOPIC = "p"
    SEARCH = "q"
    STORY = "s"
    TOPICS = "a"


class Period(StrEnum):
    """How far back to look. Messages contain these values, too."""

    DAY = "d"
    WEEK = "w"
    MONTH = "m"
    YEAR = "y"
    EVER = "e"

    def since(self, now: datetime) -> datetime | None:
        """When the period that ends `now` begins; None for all time."""
        days = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.YEAR: 365}
        return now - timedelta(days=days[self]) if self in days else None


class Button(StrEnum):
    """Which page button it is: two may lead to the same page, but custom_ids must differ."""

    FIRST = "f"
    PREVIOUS = "p"
    NEXT = "n"
    LAST = "l"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A request without the number of the page.

    `subject_id` is the story's id for `STORY` and the topic's id for all others. `text` is cut to
    the length that fits. Raises `ValueError` for an impossible request.
    """

    kind: LookupKind
    subject_id: int | None = None
    min_quality: int | None = None
    period: Period = Period.EVER
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _fit(self.text))
        if self.subject_id is None and self.kind in {LookupKind.TOPIC, LookupKind.STORY}:
            raise ValueError("a topic or story needs an id")
        if not self.text and self.kind is LookupKind.SEARCH:
            raise ValueError("a search needs a text")
        if not 0 <= (self.subject_id or 0) <= _ID_LIMIT:
            raise ValueError(f"invalid id: {self.subject_id}")
        if not 0 <= (self.min_quality or 0) <= QUALITY_LIMIT:
            raise ValueError(f"invalid quality: {self.min_quality}")

    def to_custom_id(self, page: int, button: Button) -> str:
        """The custom_id of a button that leads to a page (from 0) of the answer."""
        subject = "" if self.subject_id is None else self.subject_id
        quality = "" if self.min_quality is None else self.min_quality
        page = max(0, min(page, PAGE_LIMIT))
        return f"news:{button}{self.kind}:{page}:{subject}:{quality}:{self.period}:{self.text}"


def from_custom_id(custom_id: str) -> tuple[Lookup, int] | None:
    """The request and the page of a button; None if this version does not know them."""
    match = _CUSTOM_ID.fullmatch(custom_id)
    if match is None:
        return None
    try:
        lookup = Lookup(
            kind=LookupKind(match["kind"]),
            subject_id=int(match["subject"]) if match["subject"] else None,
            min_quality=int(match["quality"]) if match["quality"] else None,
            period=Period(match["period"]),
            text=match["text"],
        )
    except ValueError:
        return None
    return lookup, int(match["page"])


def _fit(text: str) -> str:
    """One visible line of at most `TEXT_LIMIT` UTF-16 units."""
    # Clean it without cutting first: an ellipsis would become part of the request.
    line = plain(text, len(text) * 2)
    units = line.encode("utf-16-le")[: TEXT_LIMIT * 2]
    return plain(units.decode("utf-16-le", "ignore"), TEXT_LIMIT)
