"""Which parts of a story match a query, by its prepared texts. Pure.

An index finds the stories that match; which of their fields do, decides their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from storage.search.query import Alternative, Clause, Query
from storage.search.ranking import Candidate, Field, rarity
from storage.search.terms import GAP, written_text


class PreparedTexts(NamedTuple):
    """The texts of a story as `terms.index_text` returns them."""

    title: str
    body: str
    names: str
    related: str


NO_TEXTS = PreparedTexts("", "", "", "")


# As numbers: adding flags takes longer than finding a word.
_TITLE, _NAMES = int(Field.TITLE), int(Field.NAMES)
_BODY, _RELATED = int(Field.BODY), int(Field.RELATED)


class QueryMatcher:
    """Finds a query in prepared texts."""

    def __init__(self, query: Query) -> None:
        self._clauses = [_spellings(clause.alternatives) for clause in query.required]
        typed = query.as_typed()
        # None: what is typed is complete.
        self._typed = (
            None
            if typed == query
            else [_spellings(clause.alternatives) for clause in typed.required]
        )
        self._phrase = _spellings(query.phrase.alternatives) if query.phrase else ()
        self._written = [f" {' '.join(clause.form)} " for clause in query.required]
        whole = [*([query.phrase] if query.phrase else query.required[:1])]
        self._titles = {" ".join(each.tokens) for clause in whole for each in clause.alternatives}

    def candidate(
        self, story_id: int, quality: int, dated_at: datetime, texts: PreparedTexts
    ) -> Candidate:
        """What the order of a story depends on."""
        title, body, names, related = (f" {text} " for text in texts)
        fields = tuple(
            (_TITLE if _has(title, spelled) else 0)
            + (_NAMES if _has(names, spelled) else 0)
            + (_BODY if _has(body, spelled) else 0)
            + (_RELATED if _has(related, spelled) else 0)
            for spelled in self._clauses
        )
        whole = f"{title}{body}{names}{related}"
        written = f" {written_text(texts.title)} "
        return Candidate(
            story_id,
            quality,
            dated_at,
            fields,
            phrase_in_title=_has(title, self._phrase),
            whole_title=texts.title.split(f" {GAP}", 1)[0] in self._titles,
            complete=self._typed is None or all(_has(whole, each) for each in self._typed),
            as_written=all(words in written for words in self._written),
        )

    def begins(self, title: str) -> bool:
        """Whether a prepared title begins with the first clause."""
        return f" {title} ".startswith(self._clauses[0])


def _has(text: str, spellings: tuple[str, ...]) -> bool:
    """Whether a text, between spaces, has one of some spellings."""
    for spelling in spellings:  # noqa: SIM110 - a generator takes three times as long
        if spelling in text:
            return True
    return False


def _spellings(alternatives: Iterable[Alternative]) -> tuple[str, ...]:
    """Alternatives as parts of a text between spaces."""
    spelled = (f" {' '.join(each.tokens)}{'' if each.prefix else ' '}" for each in alternatives)
    return tuple(dict.fromkeys(spelled))


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
