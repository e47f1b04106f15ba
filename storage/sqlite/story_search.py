"""Search stories: a limited number of matches from the index, ranked in Python.

Prepared text has no character that FTS5 reads as syntax, and every token is quoted
(https://www.sqlite.org/fts5.html#full_text_query_syntax).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import aiosqlite

from storage.models import MOST_FOUND, Order, StoryQuery
from storage.search.prepared import PreparedTexts, QueryMatcher, rarities, tokens_of
from storage.search.query import Alternative, Clause, Query, parse
from storage.search.ranking import rank
from storage.sqlite.codec import decode_microseconds, encode_microseconds
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.lookup_index import (
    OPERATOR,
    PROVIDER,
    STORY,
    TOPIC,
    first_row,
    kind_filter,
    provider_filter,
    quality_filters,
    scope_filter,
    story_of,
    topic_filter,
)
from storage.sqlite.values import Row

# So many of the newest matches are compared; a title that is being typed is compared with fewer.
_RANKED = MOST_FOUND
_COMPLETED = 250
_TEXTS = "title body names related"


async def search(connection: aiosqlite.Connection, query: StoryQuery, most: int) -> Sequence[int]:
    """The ids of at most `most` stories that match a query, in its order."""
    parsed = parse(query.text)
    if query.text and parsed.is_empty:
        return ()
    found = await _search(connection, query, parsed, most)
    while not found and (weaker := parsed.weaker()) != parsed:
        parsed = weaker
        found = await _search(connection, query, parsed, most)
    return found


async def _search(
    connection: aiosqlite.Connection, query: StoryQuery, parsed: Query, most: int
) -> Sequence[int]:
    filters = await _filters(connection, query)
    if filters is None:
        return ()
    expression = _all_of([*_expressions(parsed, _TEXTS), *filters], _excluded(parsed))
    since = None if query.since is None else encode_microseconds(query.since)
    rows = await _fetch_matches(connection, expression, max(most, _RANKED), since)
    candidates = await _fetch_candidates(connection, rows, query.min_quality, since)
    if query.order is Order.RELEVANT and query.text:
        return await _rank(connection, parsed, candidates, query.now)
    return [each.id for each in sorted(candidates, key=_KEYS[query.order], reverse=True)]


async def complete(connection: aiosqlite.Connection, typed: str, limit: int) -> Sequence[int]:
    """The ids of stories whose titles have the typed words; first those that begin with them."""
    parsed = parse(typed)
    filters = [_filter([scope_filter(OPERATOR)])]
    expression = _all_of([*_expressions(parsed, "title"), *filters], _excluded(parsed))
    rows = await _fetch_matches(connection, expression, _COMPLETED, None)
    candidates = await _fetch_candidates(connection, rows, None, None)
    matcher = QueryMatcher(parsed)
    candidates.sort(
        key=lambda each: (
            matcher.begins(each.texts.title),
            each.quality,
            each.dated_at,
            each.id,
        ),
        reverse=True,
    )
    return [each.id for each in candidates[:limit]]


class _Match(NamedTuple):
    """A match, with what its order depends on. `dated_at` is in microseconds since 1970."""

    id: int
    dated_at: int
    quality: int
    heat: int
    texts: PreparedTexts


_KEYS = {
    Order.NEWEST: lambda each: (each.dated_at, each.id),
    Order.BEST: lambda each: (each.quality, each.dated_at, each.id),
    Order.HOTTEST: lambda each: (each.heat, each.quality, each.dated_at, each.id),
}
_KEYS[Order.RELEVANT] = _KEYS[Order.BEST]


async def _fetch_matches(
    connection: aiosqlite.Connection, expression: str, most: int, since: int | None
) -> Sequence[Row]:
    """The newest matches, by day."""
    return await fetch_all(
        connection,
        f"SELECT rowid, {', '.join(_TEXTS.split())} FROM articles_fts WHERE articles_fts MATCH ?"
        " AND rowid >= ? ORDER BY rowid DESC LIMIT ?",
        (expression, -(2**62) if since is None else first_row(since), most),
    )


async def _fetch_candidates(
    connection: aiosqlite.Connection,
    matches: Iterable[Row],
    min_quality: int | None,
    since: int | None,
) -> list[_Match]:
    texts = {
        story_of(row["rowid"]): PreparedTexts(*(row[name] for name in _TEXTS.split()))
        for row in matches
    }
    stories = await fetch_all(
        connection,
        "SELECT id, dated_at, quality, heat FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?)) AND NOT withdrawn"
        " AND typeof(dated_at) = 'integer' AND typeof(quality) = 'integer'"
        " AND typeof(heat) = 'integer'",
        (json.dumps(list(texts)),),
    )
    return [
        _Match(row["id"], row["dated_at"], row["quality"], row["heat"], texts[row["id"]])
        for row in stories
        if (min_quality is None or row["quality"] >= min_quality)
        and (since is None or row["dated_at"] >= since)
    ]


async def _rank(
    connection: aiosqlite.Connection, query: Query, matches: Sequence[_Match], now: datetime | None
) -> Sequence[int]:
    """The ids of matches, the most relevant first."""
    if not matches:
        return ()
    rows = await fetch_all(
        connection,
        "SELECT word, stories FROM search_words WHERE word IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(tokens_of(query.required))),),
    )
    stories = await fetch_value(
        connection,
        "SELECT stories FROM name_counts WHERE scope = ? AND kind = ? AND id = 0",
        (OPERATOR, STORY),
    )
    matcher = QueryMatcher(query)
    candidates = [
        matcher.candidate(each.id, each.quality, decode_microseconds(each.dated_at), each.texts)
        for each in matches
    ]
    weights = rarities(query, {row["word"]: row["stories"] for row in rows}, stories or 0)
    newest = max(each.dated_at for each in candidates)
    return [each.story_id for each in rank(candidates, weights, now or newest)]


async def _filters(connection: aiosqlite.Connection, query: StoryQuery) -> Sequence[str] | None:
    """The expressions of a query's filters; None if a name does not exist."""
    filters = [_filter([scope_filter(OPERATOR)])]
    for kind, names, token in (
        (TOPIC, query.topics, topic_filter),
        (PROVIDER, query.providers, provider_filter),
    ):
        if names:
            rows = await fetch_all(
                connection,
                f"SELECT id FROM {kind}s WHERE folded IN (SELECT value FROM json_each(?))",
                (json.dumps([name.casefold() for name in names]),),
            )
            if not rows:
                return None
            filters.append(_filter([token(row["id"]) for row in rows]))
    if query.kinds:
        filters.append(_filter([kind_filter(each) for each in query.kinds]))
    if query.min_quality is not None:
        filters.append(_filter(quality_filters(query.min_quality)))
    return filters


def _filter(tokens: Iterable[str]) -> str:
    return f"{{filters}} : ({' OR '.join(map(_quoted, tokens))})"


def _expressions(query: Query, columns: str) -> list[str]:
    return [f"{{{columns}}} : {_clause(clause)}" for clause in query.required]


def _excluded(query: Query) -> list[str]:
    return [f"{{{_TEXTS}}} : {_clause(clause)}" for clause in query.excluded]


def _all_of(expressions: Sequence[str], excluded: Sequence[str]) -> str:
    wanted = " AND ".join(expressions)
    return f"({wanted}) NOT ({' OR '.join(excluded)})" if excluded else wanted


def _clause(clause: Clause) -> str:
    return f"({' OR '.join(map(_alternative, clause.alternatives))})"


def _alternative(alternative: Alternative) -> str:
    phrase = _quoted(" ".join(alternative.tokens))
    return f"{phrase} *" if alternative.prefix else phrase


def _quoted(tokens: str) -> str:
    return f'"{tokens}"'
