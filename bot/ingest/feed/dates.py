"""Reads the dates of feeds and APIs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.ingest.field_values import parse_date


@dataclass(frozen=True, slots=True)
class FeedDate:
    """A time in UTC; `date_only` if it was written without a time of day."""

    at: datetime
    date_only: bool = False


class DateReader:
    """Reads the dates of one feed.

    `zone` is for dates without a time zone. `language` is the feed's, such as en-US, and `texts`
    are its dates; both can show whether the day or the month comes first.
    """

    def __init__(
        self, zone: tzinfo = UTC, language: str = "", texts: Iterable[object] = ()
    ) -> None:
        self._zone = zone
        self._language = language
        self._texts = texts

    def read(self, *values: object) -> FeedDate | None:
        """The first of the values that is a date."""
        for value in values:
            try:
                date = parse_date(value)
            except ValueError:
                continue
            if date:
                return FeedDate(date)
        return None
