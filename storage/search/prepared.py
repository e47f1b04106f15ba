"""Which parts of a story match a query, by its prepared texts. Pure.

An index finds the stories that match; which of their fields do, decides their order.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

import regex

from storage.search.query import Alternative, Clause, Query
from storage.search.ranking import Candidate, Field, rarity
from storage.search.terms import GAP, written_text

_Found: TypeAlias = Callable[[str], object]


class PreparedTexts(NamedTuple):
    """The texts of a story as `terms.index_text` returns them."""

    title: str
    body: str
    names: str
    related: str


NO_TEXTS = PreparedTexts("", "", "", "")


class QueryMatcher:
    """Finds a query in prepared texts."""

    def __init__(self, query: Query) -> None:
        self._clauses = [_finder(clause.alternatives) for clause in query.required]
        typed = query.as_typed()
        # None: what is typed is complete.
        self._typed = (
            None if typed == query else [_finder(clause.alternatives) for clause in typed.required]
        )
        self._phrase = _finder(query.phrase.alternatives) if query.phrase else None
        self._written = [f" {' '.join(clause.form)} " for clause in query.required]
        whole = [*([query.phrase] if query.phrase else query.required[:1])]
        self._titles = {" ".join(each.tokens) for clause in whole for each in clause.alternatives}

    def candidate(
        self, story_id: int, quality: int, dated_at: datetime, texts: PreparedTexts
    ) -> Candidate:
        """What the order of a story depends on."""
        title, body, names, related = (f" {text} " for text in texts)
        fields = tuple(
            (Field.TITLE if found(title) else 0)
            + (Field.NAMES if found(names) else 0)
            + (Field.BODY if found(body) else 0)
            + (Field.RELATED if found(related) else 0)
            for found in self._clauses
        )
        whole = f"{title}{body}{names}{related}"
        written = f" {written_text(texts.title)} "
        return Candidate(
            story_id,
            quality,
            dated_at,
            fields,
            phrase_in_title=self._phrase is not None and bool(self._phrase(title)),
            whole_title=texts.title.split(f" {GAP}", 1)[0] in self._titles,
            complete=self._typed is None or all(found(whole) for found in self._typed),
            as_written=all(words in written for words in self._written),
        )

    def begins(self, title: str) -> bool:
        """Whether a prepared title begins with the first clause."""
        found = self._clauses[0](f" {title} ")
        return isinstance(found, regex.Match) and found.start() == 0


def rarities(query: Query, frequencies: Mapping[str, int], stories: int) -> Sequence[float]:
    """How much each required clause says; `frequencies` has the number of stories of each token."""
    return [
        rarity(
            max((_frequency(each, frequencies) for each in clause.alternatives), default=0), stories
        )
        for clause in query.required
    ]


def tokens_of(clauses: Iterable[Clause]) -> set[str]:
    """All tokens of clauses."""
    return {token for clause in clauses for each in clause.alternatives for token in each.tokens}


def _frequency(alternative: Alternative, frequencies: Mapping[str, int]) -> int:
    """In at most so many stories the tokens follow each other."""
    return min((frequencies.get(token, 0) for token in alternative.tokens), default=0)


def _finder(alternatives: Iterable[Alternative]) -> _Found:
    spelled = (
        regex.escape(f" {' '.join(each.tokens)}") + ("" if each.prefix else "(?= )")
        for each in alternatives
    )
    return regex.compile("|".join(dict.fromkeys(spelled)) or "(?!)").search
