"""A request of `/news`, as a value that fits into a button.

The custom_id of a page button contains the whole request (at most 100 characters,
https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id), so it
works after a restart, for as long as the message exists. The text comes last and may have colons:

    news:<button><kind>:<page>:<subject id>:<min quality>:<period><content><provider id>:<text>

Content and provider id are empty in what versions up to 0.2 sent, and whenever they are not asked
for.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.discordapp.markdown import discord_length, plain
from storage.models import Kind

# Beside the filters that people choose and the ids of a large archive, so much text fits. If it
# does not, it is cut.
TEXT_LIMIT = 60
QUALITY_LIMIT = 1000
PAGE_LIMIT = 99_999
_ID_LIMIT = 2**63 - 1

_CUSTOM_ID = re.compile(
    r"news:(?P<button>[fpnl])(?P<kind>[a-z]):(?P<page>[0-9]{1,5}):(?P<subject>[0-9]{0,19})"
    r":(?P<quality>[0-9]{0,4}):(?P<period>[a-z])(?P<content>[avs]?)(?P<provider>[0-9]{0,19})"
    r":(?P<text>.*)"
)
# Discord's limit, without `news:`, button, kind, page, period and the colons.
_ROOM = 100 - len("news:nq:99999:::e:")
_CONTENTS = {Kind.ARTICLE: "a", Kind.VIDEO: "v", Kind.SHORT: "s"}
_KINDS = {letter: kind for kind, letter in _CONTENTS.items()}


class LookupKind(StrEnum):
    """Which list or page is requested. Messages contain the values, so they never change."""

    LATEST = "l"
    TOP = "t"
    TRENDING = "h"
    TOPIC = "p"
    SEARCH = "q"
    STORY = "s"
    TOPICS = "a"


class Period(StrEnum):
    """How far back to look. Messages contain these values, too."""

    DAY = "d"
    THREE_DAYS = "t"
    WEEK = "w"
    MONTH = "m"
    YEAR = "y"
    EVER = "e"

    def since(self, now: datetime) -> datetime | None:
        """When the period that ends `now` begins; None for all time."""
        days = _DAYS.get(self)
        return None if days is None else now - timedelta(days=days)


_DAYS = {
    Period.DAY: 1,
    Period.THREE_DAYS: 3,
    Period.WEEK: 7,
    Period.MONTH: 30,
    Period.YEAR: 365,
}


class Button(StrEnum):
    """Which page button it is: two may lead to the same page, but custom_ids must differ."""

    FIRST = "f"
    PREVIOUS = "p"
    NEXT = "n"
    LAST = "l"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A request without the number of the page.

    `subject_id` is the story's id for `STORY` and the topic's id for all others; `content` is the
    only kind of story that is wanted. `text` is what to search for, or what a `STORY` is closest
    to; it is cut to the length that fits. Raises `ValueError` for an impossible request.
    """

    kind: LookupKind
    subject_id: int | None = None
    min_quality: int | None = None
    period: Period = Period.EVER
    text: str = ""
    provider_id: int | None = None
    content: Kind | None = None

    def __post_init__(self) -> None:
        if self.subject_id is None and self.kind in {LookupKind.TOPIC, LookupKind.STORY}:
            raise ValueError("a topic or story needs an id")
        for number in (self.subject_id, self.provider_id):
            if not 0 <= (number or 0) <= _ID_LIMIT:
                raise ValueError(f"invalid id: {number}")
        if not 0 <= (self.min_quality or 0) <= QUALITY_LIMIT:
            raise ValueError(f"invalid quality: {self.min_quality}")
        taken = len(f"{_number(self.subject_id)}{_number(self.min_quality)}{self._filters}")
        object.__setattr__(self, "text", _fit(self.text, min(TEXT_LIMIT, _ROOM - taken)))
        if not self.text and self.kind is LookupKind.SEARCH:
            raise ValueError("a search needs a text")

    def to_custom_id(self, page: int, button: Button) -> str:
        """The custom_id of a button that leads to a page (from 0) of the answer."""
        subject, quality = _number(self.subject_id), _number(self.min_quality)
        page = max(0, min(page, PAGE_LIMIT))
        period = f"{self.period}{self._filters}"
        return f"news:{button}{self.kind}:{page}:{subject}:{quality}:{period}:{self.text}"

    @property
    def _filters(self) -> str:
        content = _CONTENTS[self.content] if self.content else ""
        return f"{content}{_number(self.provider_id)}"


def from_custom_id(custom_id: str) -> tuple[Lookup, int] | None:
    """The request and the page of a button; None if this version does not know them."""
    match = _CUSTOM_ID.fullmatch(custom_id)
    if match is None:
        return None
    try:
        lookup = Lookup(
            kind=LookupKind(match["kind"]),
            subject_id=_optional(match["subject"]),
            min_quality=_optional(match["quality"]),
            period=Period(match["period"]),
            text=match["text"],
            provider_id=_optional(match["provider"]),
            content=_KINDS.get(match["content"]),
        )
    except ValueError:
        return None
    return lookup, int(match["page"])


def fits(text: str) -> bool:
    """Whether a text is not too long for a search, whatever else is asked for."""
    return discord_length(plain(text, len(text) * 2)) <= TEXT_LIMIT


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _optional(digits: str) -> int | None:
    return int(digits) if digits else None


def _fit(text: str, limit: int) -> str:
    """One visible line of at most `limit` UTF-16 units."""
    # Clean it without cutting first: an ellipsis would become part of the request.
    line = plain(text, len(text) * 2)
    units = line.encode("utf-16-le")[: limit * 2]
    return plain(units.decode("utf-16-le", "ignore"), limit)
