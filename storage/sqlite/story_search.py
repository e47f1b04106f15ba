"""Search stories: a limited number of matches from the index, ranked in Python.

Prepared text has no character that FTS5 reads as syntax, and every token is quoted
(https://www.sqlite.org/fts5.html#full_text_query_syntax).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import NamedTuple

import aiosqlite

from storage.models import Kind, Order, StoryQuery
from storage.search.prepared import NO_TEXTS, PreparedTexts, QueryMatcher, rarities, tokens_of
from storage.search.query import Alternative, Clause, Query, parse
from storage.search.ranking import promise, rank
from storage.sqlite.codec import decode_microseconds, encode_microseconds
from storage.sqlite.database import fetch_all
from storage.sqlite.lookup_index import (
    PROVIDER,
    TOPIC,
    count_stories,
    first_row,
    is_of_day,
    kind_filter,
    provider_filter,
    quality_filters,
    row_number,
    story_of,
    topic_filter,
)
from storage.sqlite.search_texts import mark_title, readable_texts
from storage.sqlite.story_lists import Listed

# Of more matches than are scored, the newest are compared, and the newest of those by their titles;
# the most promising of these are scored.
_SCORED, _COMPARED, _COMPARED_TITLES = 60, 200, 100
# Of a query with more clauses, the rarest are looked for first; if few stories have them, all are
# scored.
_SOUGHT, _FEW = 3, 200
# A title that is being typed is compared with fewer.
_COMPLETED = 40
# A beginning stands for the most frequent words that begin so, a phrase with one for fewer.
_WORDS_OF_PREFIX, _PHRASES_OF_PREFIX = 16, 8
# A word that so many stories have is complete, even if more could follow.
_ENOUGH = 1000
# Of so many words that begin so, the first in the alphabet.
_WORDS_COMPARED = 20_000
_LAST = "\U0010ffff"
# Most stories have a lower quality.
_FEW_ARE_BETTER = 70


async def search(connection: aiosqlite.Connection, query: StoryQuery, most: int) -> Listed:
    """The ids of at most `most` stories that match a query, in its order."""
    parsed = parse(query.text)
    if query.text and parsed.is_empty:
        return Listed((), complete=True)
    found = await _search(connection, query, parsed, most)
    while not found.ids and (weaker := parsed.weaker()) != parsed:
        parsed = weaker
        found = await _search(connection, query, parsed, most)
    return found


async def _search(
    connection: aiosqlite.Connection, query: StoryQuery, parsed: Query, most: int
) -> Listed:
    filters = await _filters(connection, query)
    if filters is None:
        return Listed((), complete=True)
    frequencies = await _fetch_frequencies(connection, parsed)
    known = _known(parsed, frequencies)
    wanted = await _expanded(connection, known)
    if not all(clause.alternatives for clause in wanted.required):
        return Listed((), complete=True)
    since = None if query.since is None else encode_microseconds(query.since)
    conditions = _Conditions(wanted, filters, since, query.min_quality)
    if query.order is Order.RELEVANT and query.text:
        terms = _Terms(known, frequencies)
        return await _search_relevant(connection, terms, conditions, most, query.now)
    rows = await conditions.fetch_rows(connection, most)
    matches = await conditions.fetch_matches(connection, rows)
    key = _KEYS.get(query.order, _KEYS[Order.BEST])
    found = [each.id for each in sorted(matches, key=key, reverse=True)]
    return Listed(found, complete=len(rows) < most)


async def _search_relevant(
    connection: aiosqlite.Connection,
    terms: "_Terms",
    conditions: "_Conditions",
    most: int,
    now: datetime | None,
) -> Listed:
    """The most relevant stories first; of more than are scored, the others by date."""
    if len(terms.query.required) > _SOUGHT:
        # Which of the few have the other clauses, too, is compared when they are scored.
        rarest = replace(conditions, wanted=_rarest(conditions.wanted, terms.frequencies))
        few = await rarest.fetch_rows(connection, _FEW + 1)
        if len(few) <= _FEW:
            matches = await conditions.fetch_matches(connection, few)
            return Listed(await _rank(connection, terms, matches, now), complete=True)
    rows = await conditions.fetch_rows(connection, most)
    complete = len(rows) < most
    titles, compared = list[int](), rows
    if len(rows) > _SCORED:
        titles = await conditions.fetch_rows(connection, _COMPARED_TITLES, in_title=True)
        rows = list(dict.fromkeys([*rows[:_COMPARED], *titles, *rows]))[:most]
        doubtful = filter(conditions.is_doubtful, rows)
        compared = list(dict.fromkeys([*rows[: _COMPARED + len(titles)], *doubtful]))
    matches = await conditions.fetch_matches(connection, compared)
    scored = _most_promising(matches, {*titles}, now)
    first = await _rank(connection, terms, scored, now)
    others = {*rows} - {*compared} | {each.row for each in matches} - {each.row for each in scored}
    return Listed([*first, *map(story_of, sorted(others, reverse=True))], complete)


class _Terms(NamedTuple):
    """What is searched for, and in how many stories each of its tokens occurs."""

    query: Query
    frequencies: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Conditions:
    """What a story must meet; `since` is in microseconds since 1970.

    The index finds all that meet them, and some with a slightly lower quality or an earlier time.
    """

    wanted: Query
    filters: "_Filters"
    since: int | None = None
    min_quality: int | None = None

    async def fetch_rows(
        self, connection: aiosqlite.Connection, most: int, *, in_title: bool = False
    ) -> list[int]:
        """The rows of the newest matches, by day."""
        rows = await fetch_all(
            connection,
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid >= ?"
            " ORDER BY rowid DESC LIMIT ?",
            (
                _expression(self.wanted, self.filters, in_title=in_title),
                -(2**62) if self.since is None else first_row(self.since),
                most,
            ),
        )
        return [row[0] for row in rows]

    async def fetch_matches(
        self, connection: aiosqlite.Connection, rows: Iterable[int]
    ) -> Sequence["_Match"]:
        """The stories of rows that meet the conditions."""
        return [
            each
            for each in await _fetch_matches(connection, rows)
            if (self.min_quality is None or each.quality >= self.min_quality)
            and (self.since is None or each.dated_at >= self.since)
        ]

    def is_doubtful(self, row: int) -> bool:
        """Whether the story of a row that was found may not meet the conditions."""
        return self.min_quality is not None or (
            self.since is not None and is_of_day(row, self.since)
        )


def _most_promising(
    matches: Sequence["_Match"], titles: AbstractSet[int], now: datetime | None
) -> Sequence["_Match"]:
    """The matches to score; `titles` are the rows that match by their titles."""
    if len(matches) <= _SCORED:
        return matches
    latest = now or _newest(matches)

    def key(match: _Match) -> tuple[float, int]:
        age = latest - decode_microseconds(match.dated_at)
        return promise(match.quality, age, in_title=match.row in titles), match.row

    return sorted(matches, key=key, reverse=True)[:_SCORED]


async def complete(connection: aiosqlite.Connection, typed: str, limit: int) -> Sequence[int]:
    """The ids of stories whose titles have the typed words; first those that begin with them."""
    parsed = parse(typed)
    known = _known(parsed, await _fetch_frequencies(connection, parsed))
    wanted = await _expanded(connection, known)
    if not all(clause.alternatives for clause in wanted.required):
        return ()
    rows = await _Conditions(wanted, _Filters()).fetch_rows(connection, _COMPLETED, in_title=True)
    matches = await _fetch_matches(connection, rows)
    texts = await _fetch_texts(connection, rows)
    matcher = QueryMatcher(parsed)

    def key(match: _Match) -> tuple[bool, int, int, int]:
        title = texts[match.row].title if match.row in texts else ""
        return matcher.begins(title), match.quality, match.dated_at, match.id

    return [each.id for each in sorted(matches, key=key, reverse=True)[:limit]]


class _Match(NamedTuple):
    """A match, with what its order depends on. `dated_at` is in microseconds since 1970."""

    row: int
    id: int
    dated_at: int
    quality: int
    heat: int


_KEYS: Mapping[Order, Callable[[_Match], tuple[int, ...]]] = {
    Order.NEWEST: lambda each: (each.dated_at, each.id),
    Order.BEST: lambda each: (each.quality, each.dated_at, each.id),
    Order.HOTTEST: lambda each: (each.heat, each.quality, each.dated_at, each.id),
}


async def _fetch_matches(connection: aiosqlite.Connection, rows: Iterable[int]) -> Sequence[_Match]:
    """The stories of rows, without those that are damaged, or are not in the index any more."""
    by_id = {story_of(row): row for row in rows}
    stories = await fetch_all(
        connection,
        "SELECT id, dated_at, quality, heat FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?)) AND NOT withdrawn"
        " AND typeof(dated_at) = 'integer' AND typeof(quality) = 'integer'"
        " AND typeof(heat) = 'integer'",
        (json.dumps(list(by_id)),),
    )
    return [
        _Match(by_id[story_id], story_id, dated_at, quality, heat)
        for story_id, dated_at, quality, heat in stories
        if row_number(story_id, dated_at) == by_id[story_id]
    ]


async def _fetch_texts(
    connection: aiosqlite.Connection, rows: Iterable[int]
) -> Mapping[int, PreparedTexts]:
    """The texts of rows, without those that are damaged."""
    stored = await fetch_all(
        connection,
        "SELECT id, texts FROM search_texts WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(rows)),),
    )
    return {each.row: each.texts for each in readable_texts(stored)}


async def _fetch_frequencies(connection: aiosqlite.Connection, query: Query) -> Mapping[str, int]:
    """In how many stories each token of a query occurs, without those that occur in none."""
    tokens = tokens_of([*query.required, *query.excluded])
    rows = await fetch_all(
        connection,
        "SELECT word, stories FROM search_words WHERE word IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(tokens)),),
    )
    return {row["word"]: row["stories"] for row in rows}


def _known(query: Query, words: Mapping[str, int]) -> Query:
    """A query without the alternatives that no story has: most stems are of other languages."""

    def is_known(alternative: Alternative) -> bool:
        complete = alternative.tokens[:-1] if alternative.prefix else alternative.tokens
        return words.keys() >= set(complete)

    def reduce(clause: Clause) -> Clause:
        known = [each for each in clause.alternatives if is_known(each)]
        frequent = any(
            words[each.tokens[0]] >= _ENOUGH
            for each in known
            if len(each.tokens) == 1 and not each.prefix
        )
        return replace(
            clause, alternatives=tuple(each for each in known if not (frequent and each.guessed))
        )

    return replace(
        query,
        required=tuple(map(reduce, query.required)),
        excluded=tuple(map(reduce, query.excluded)),
    )


def _rarest(query: Query, frequencies: Mapping[str, int]) -> Query:
    """A query without the clauses that most stories have, or may have."""

    def frequency(clause: Clause) -> float:
        return sum(
            min(frequencies.get(token, inf) for token in each.tokens)
            for each in clause.alternatives
        )

    return replace(query, required=tuple(sorted(query.required, key=frequency)[:_SOUGHT]))


async def _expanded(connection: aiosqlite.Connection, query: Query) -> Query:
    """A query with words for the beginnings of words, which the index does not have."""

    async def expand(clause: Clause) -> Clause:
        alternatives = list[Alternative]()
        for each in clause.alternatives:
            alternatives += await _expand(connection, each) if each.prefix else [each]
        return replace(clause, alternatives=tuple(dict.fromkeys(alternatives)))

    required = tuple([await expand(clause) for clause in query.required])
    excluded = tuple([await expand(clause) for clause in query.excluded])
    return replace(query, required=required, excluded=excluded)


async def _expand(
    connection: aiosqlite.Connection, alternative: Alternative
) -> Sequence[Alternative]:
    *before, beginning = alternative.tokens
    words = await fetch_all(
        connection,
        "SELECT word FROM (SELECT word, stories FROM search_words WHERE word >= ? AND word < ?"
        " LIMIT ?) ORDER BY stories DESC LIMIT ?",
        (
            beginning,
            beginning + _LAST,
            _WORDS_COMPARED,
            _PHRASES_OF_PREFIX if before else _WORDS_OF_PREFIX,
        ),
    )
    found = [row["word"] for row in words if isinstance(row["word"], str)]
    return [Alternative((*before, word)) for word in found]


async def _rank(
    connection: aiosqlite.Connection,
    terms: _Terms,
    matches: Sequence[_Match],
    now: datetime | None,
) -> Sequence[int]:
    """The ids of matches that have all clauses, the most relevant first."""
    if not matches:
        return ()
    stories = await count_stories(connection)
    texts = await _fetch_texts(connection, (each.row for each in matches))
    matcher = QueryMatcher(terms.query)
    candidates = [
        matcher.candidate(
            each.id, each.quality, decode_microseconds(each.dated_at), texts.get(each.row, NO_TEXTS)
        )
        for each in matches
    ]
    matching = (each for each in candidates if all(each.fields))
    ranked = rank(matching, rarities(*terms, stories), now or _newest(matches))
    return [each.story_id for each in ranked]


def _newest(matches: Sequence[_Match]) -> datetime:
    return decode_microseconds(max(each.dated_at for each in matches))


class _Filters(NamedTuple):
    """Expressions of filters: all of the `wanted` ones, and none of the `excluded` ones."""

    wanted: Sequence[str] = ()
    excluded: Sequence[str] = ()


async def _filters(connection: aiosqlite.Connection, query: StoryQuery) -> _Filters | None:
    """The filters of a query; None if a name does not exist.

    What most stories have is not looked for, but what the others have is excluded: following a list
    of almost all stories would take most of the time.
    """
    wanted, excluded = list[str](), list[str]()
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
            wanted.append(_filter([token(row["id"]) for row in rows]))
    if Kind.ARTICLE in query.kinds:
        others = [kind_filter(each) for each in Kind if each not in query.kinds]
        excluded += [_filter(others)] if others else []
    elif query.kinds:
        wanted.append(_filter([kind_filter(each) for each in query.kinds]))
    if query.min_quality is not None:
        have, lack = quality_filters(query.min_quality)
        if query.min_quality >= _FEW_ARE_BETTER:
            wanted.append(_filter(have))
        elif lack:
            excluded.append(_filter(lack))
    if not query.text and not wanted:
        # FTS5 can't look for everything but something.
        wanted.append(_filter([kind_filter(each) for each in query.kinds or Kind]))
    return _Filters(wanted, excluded)


def _filter(tokens: Iterable[str]) -> str:
    return f"{{filters}} : ({' OR '.join(map(_quoted, tokens))})"


def _expression(query: Query, filters: _Filters, *, in_title: bool = False) -> str:
    """What matches a query: each clause in any text, or each in the title."""
    clause = _in_title if in_title else _in_any_text
    wanted = " AND ".join([*map(clause, query.required), *filters.wanted])
    unwanted = (_in_any_text(each) for each in query.excluded if each.alternatives)
    excluded = [*unwanted, *filters.excluded]
    return f"({wanted}) NOT ({' OR '.join(excluded)})" if excluded else wanted


def _in_any_text(clause: Clause) -> str:
    others = " OR ".join(_quoted(" ".join(each.tokens)) for each in clause.alternatives)
    return f"({{body names related}} : ({others}) OR {_in_title(clause)})"


def _in_title(clause: Clause) -> str:
    titles = (_quoted(mark_title(" ".join(each.tokens))) for each in clause.alternatives)
    return f"({' OR '.join(titles)})"


def _quoted(tokens: str) -> str:
    return f'"{tokens}"'
