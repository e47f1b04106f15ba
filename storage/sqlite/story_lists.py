"""Lists of stories without a search: the newest, the best, the hottest.

A list looks at a limited number of rows of one index, whatever the size of the archive. Which index
that is depends on how many stories each of them would have to pass over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import aiosqlite

from storage.models import Order
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.lookup_index import OPERATOR
from storage.sqlite.values import Row, Value

ORDERS = {
    Order.NEWEST: "dated_at DESC, id DESC",
    Order.BEST: "quality DESC, dated_at DESC, id DESC",
    Order.HOTTEST: "heat DESC, quality DESC, dated_at DESC, id DESC",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many rows of an index are sorted, and how many are read in its own order.

    The latter is more than the length of any list.
    """

    compared: int = 10_000
    passed_over: int = 50_000


# Some milliseconds each.
BOUNDS = Bounds()


class Listed(NamedTuple):
    """The ids of stories. `complete`: no others meet the conditions."""

    ids: Sequence[int]
    complete: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list of all stories, or of one topic's. `since` is in microseconds since 1970."""

    order: Order
    topic_id: int | None = None
    min_quality: int | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows of stories, and the names of the indexes by date and by quality."""

    table: str
    condition: str
    parameters: tuple[Value, ...]
    story_id: str
    by_date: str
    by_quality: str


_ALL = _Source(
    "articles",
    "scope = ? AND withdrawn = 0",
    (OPERATOR,),
    "id",
    "INDEXED BY articles_by_date",
    "INDEXED BY articles_by_quality",
)


def _source(topic_id: int | None) -> _Source:
    if topic_id is None:
        return _ALL
    return _Source(
        "article_topics",
        "scope = ? AND topic_id = ?",
        (OPERATOR, topic_id),
        "article_id",
        "",  # its primary key
        "INDEXED BY article_topics_by_quality",
    )


async def list_stories(
    connection: aiosqlite.Connection, query: ListQuery, most: int, bounds: Bounds = BOUNDS
) -> Listed:
    """The ids of at most `most` stories, in order."""
    source = _source(query.topic_id)
    wanted = _Conditions(query)
    by_quality = query.order is Order.BEST
    many = False
    if query.order is Order.NEWEST and query.min_quality is not None:
        many = await _exceeds(
            connection, source, source.by_quality, wanted.quality, bounds.compared
        )
        by_quality = not many
    elif query.order is Order.HOTTEST or (query.order is Order.BEST and query.since is not None):
        many = await _exceeds(connection, source, source.by_date, wanted.date, bounds.compared)
        by_quality &= many
    rows = await _walk(connection, source, wanted, query.order, most, bounds, by_quality=by_quality)
    return Listed([row["id"] for row in rows], complete=len(rows) < most and not many)


@dataclass(frozen=True, slots=True)
class _Condition:
    sql: str
    parameters: tuple[Value, ...]


_ANY = _Condition("TRUE", ())


class _Conditions:
    """The conditions of a list by quality and by date."""

    def __init__(self, query: ListQuery) -> None:
        self.quality, self.date = _ANY, _ANY
        if query.min_quality is not None:
            self.quality = _Condition("quality >= ?", (query.min_quality,))
        if query.since is not None:
            self.date = _Condition("dated_at >= ?", (query.since,))


async def _exceeds(
    connection: aiosqlite.Connection,
    source: _Source,
    index: str,
    condition: _Condition,
    bound: int,
) -> bool:
    """Whether more stories than that meet a condition."""
    found = await fetch_value(
        connection,
        f"SELECT count(*) FROM (SELECT 1 FROM {source.table} {index}"
        f" WHERE {source.condition} AND {condition.sql} LIMIT ?)",
        (*source.parameters, *condition.parameters, bound + 1),
    )
    return int(found) > bound


async def _walk(
    connection: aiosqlite.Connection,
    source: _Source,
    wanted: _Conditions,
    order: Order,
    most: int,
    bounds: Bounds,
    *,
    by_quality: bool,
) -> Sequence[Row]:
    """Read an index from its end; what it is ordered by is a range, the rest is compared."""
    inside, outside = wanted.date, wanted.quality
    walked, index = Order.NEWEST, source.by_date
    if by_quality:
        inside, outside = outside, inside
        walked, index = Order.BEST, source.by_quality
    sorts = order is not walked
    heat = ", heat" if order is Order.HOTTEST else ""
    rows = (
        f"SELECT {source.story_id} AS id, dated_at, quality{heat}"
        f" FROM {source.table} {index} WHERE {source.condition} AND {inside.sql}"
        f" ORDER BY {ORDERS[walked].replace('id DESC', source.story_id + ' DESC')} LIMIT ?"
    )
    bound = bounds.compared if sorts else bounds.passed_over
    # Without another order, the rows come in that of the index.
    ordered = f" ORDER BY {ORDERS[order]}" if sorts else ""
    return await fetch_all(
        connection,
        f"SELECT id FROM ({rows}) WHERE {outside.sql}{ordered} LIMIT ?",
        (*source.parameters, *inside.parameters, bound, *outside.parameters, most),
    )
