"""The order of stories that match a query: relevance x quality x freshness. Pure.

    relevance = sum of rarity x place over the clauses / sum of rarity over the clauses,
                times WHOLE_PHRASE if the title has the whole query as a phrase,
                times WHOLE_TITLE if the title is the query,
                times AS_WRITTEN if it has all words as they were typed
    quality   = LEAST_QUALITY + QUALITY_RANGE x q / (q + TYPICAL_QUALITY)
    freshness = LEAST_FRESHNESS + (1 - LEAST_FRESHNESS) x 0.5 ^ (age / HALF_LIFE)

Each factor is about 1 for a typical story of today whose title matches, so the score can be read.
The constants are chosen so that a match in the title of an old story comes before a match in the
text of one of today, and of two titles that match, the newer comes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntFlag
from math import exp2, log


class Field(IntFlag):
    """The parts of a story that are searched. `NAMES` are its topics and its provider."""

    TITLE = 1
    NAMES = 2
    BODY = 4
    RELATED = 8


# A title says what a story is about; a topic may be one of many; a text mentions many things; the
# titles of other coverage may differ in what they are about.
_PLACES = {Field.TITLE: 1.0, Field.NAMES: 0.7, Field.BODY: 0.4, Field.RELATED: 0.2}
# A further place where the word is found adds this part of its value: it confirms the first.
_CONFIRMATION = 0.15
# "New York" in a title is more than a title about York with something new.
WHOLE_PHRASE = 1.25
# Who types a whole title looks for this story.
WHOLE_TITLE = 2.0
# "Nets" in a title is nearer to `nets` than ".NET" is, and German "Roboter" to `roboter` than
# "robots".
AS_WRITTEN = 1.2
# A word that only begins like the one that was typed may be another word.
UNFINISHED = 0.6

# Qualities range from 11 to 189 and beyond, and 50 is typical. Its factor goes from 0.75 to 1.25:
# the best story does not beat a better match, but decides between similar ones.
LEAST_QUALITY = 0.75
QUALITY_RANGE = 0.5
TYPICAL_QUALITY = 50

# News interest people for weeks. What is a year old is history, and all of that is equally old.
HALF_LIFE = timedelta(days=30)
LEAST_FRESHNESS = 0.6


def _value_of(fields: int) -> float:
    values = sorted((value for field, value in _PLACES.items() if field & fields), reverse=True)
    return values[0] + _CONFIRMATION * sum(values[1:]) if values else 0.0


# By the sum of the fields.
_VALUES = tuple(_value_of(fields) for fields in range(sum(Field) + 1))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that matches a query.

    `fields` are, for each required clause, the fields that match it (a sum of `Field`).
    `phrase_in_title`: the title matches `Query.phrase`; `whole_title`: it has no other words.
    `complete`: the story matches `Query.as_typed()`, not only beginnings of its words do.
    `as_written`: the title has the `Clause.form` of each clause.
    """

    story_id: int
    quality: int
    dated_at: datetime
    fields: tuple[int, ...]
    phrase_in_title: bool = False
    whole_title: bool = False
    complete: bool = True
    as_written: bool = False


def rarity(matching: int, stories: int) -> float:
    """How much a clause says, by the number of stories that match it (or at least that many).

    The usual measure, which is never negative (Robertson and Zaragoza, "The Probabilistic Relevance
    Framework", 2009, with the 1 of Lucene).
    """
    return log(1 + max(0, stories - matching + 0.5) / (matching + 0.5))


def score(candidate: Candidate, rarities: Sequence[float], now: datetime) -> float:
    """How well a story answers a query whose clauses have these rarities."""
    found = sum(
        weight * _VALUES[fields] for weight, fields in zip(rarities, candidate.fields, strict=True)
    )
    relevance = found / (sum(rarities) or 1)
    if candidate.phrase_in_title:
        relevance *= WHOLE_PHRASE
    if candidate.whole_title:
        relevance *= WHOLE_TITLE
    if candidate.as_written:
        relevance *= AS_WRITTEN
    if not candidate.complete:
        relevance *= UNFINISHED
    return relevance * quality_factor(candidate.quality) * freshness(now - candidate.dated_at)


def promise(quality: int, age: timedelta, *, in_title: bool) -> float:
    """The score of a story, about, by whether its title matches and without its other texts."""
    place = _PLACES[Field.TITLE if in_title else Field.BODY]
    return place * quality_factor(quality) * freshness(age)


def quality_factor(quality: int) -> float:
    """From `LEAST_QUALITY` to 1 for a typical story, and on to their sum with the range."""
    positive = max(0, quality)
    return LEAST_QUALITY + QUALITY_RANGE * positive / (positive + TYPICAL_QUALITY)


def freshness(age: timedelta) -> float:
    """From 1 for a story of now, or of the future, down to `LEAST_FRESHNESS`."""
    halvings = max(timedelta(), age) / HALF_LIFE
    return LEAST_FRESHNESS + (1 - LEAST_FRESHNESS) * exp2(-halvings)


def rank(
    candidates: Iterable[Candidate], rarities: Sequence[float], now: datetime
) -> Sequence[Candidate]:
    """The candidates, the best first; of equal ones the newer, then the higher id."""
    return sorted(
        candidates,
        key=lambda each: (score(each, rarities, now), each.dated_at, each.story_id),
        reverse=True,
    )
