"""What a rule found about a story: plain values, worded by `bot.discordapp.messages.verdicts`.

A verdict is computed when it is asked for and never stored. Those that are also recorded as the
reason of a post (`TooOld`, a withdrawn story) are in `storage.reasons`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

from storage.models import Kind
from storage.posts import PostStatus
from storage.reasons import Cause, TooOld


class RuleName(StrEnum):
    """What is checked, whatever the verdict."""

    PUBLISHED = "published"
    TOPICS = "topics"
    WITHOUT_TOPICS = "without_topics"
    PROVIDERS = "providers"
    QUALITY = "quality"
    HEAT = "heat"
    KIND = "kind"
    WORDS = "words"
    WITHOUT_WORDS = "without_words"
    ONCE = "once"
    AGE = "age"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class MeetsEveryRule:
    """Nothing speaks against the story."""


@dataclass(frozen=True, slots=True)
class AllTopicsWanted:
    """The rules ask for no topic."""


@dataclass(frozen=True, slots=True)
class AboutTopics:
    """The story's topics that the rules ask for."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AboutUnwantedTopics:
    """The story's topics that the rules leave out."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotAboutTopics:
    """The story has none of these topics, which the rules ask for or leave out."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FromProvider:
    """The story's provider is one that the rules ask for."""

    provider: str


@dataclass(frozen=True, slots=True)
class FromOtherProvider:
    """The story's provider, None without a name, is not one of `wanted`."""

    provider: str | None
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """The story's quality or heat beside the least that the rules ask for."""

    rule: Literal[RuleName.QUALITY, RuleName.HEAT]
    value: int
    bar: int


@dataclass(frozen=True, slots=True)
class OfKind:
    """The story is of a kind that the rules ask for."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class OfOtherKind:
    """The story's kind is not one of `wanted`."""

    kind: Kind
    wanted: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class HasWords:
    """The words or phrases in the story that the rules ask for."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasUnwantedWords:
    """The words or phrases in the story that the rules leave out."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasNoneOfWords:
    """The story has none of these words, which the rules ask for or leave out."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InChannel:
    """The status of the channel's post of the story; None if it may be planned."""

    status: PostStatus | None


@dataclass(frozen=True, slots=True)
class YoungEnough:
    """The story is news: `age` has passed since its date (less than nothing if that is ahead)."""

    age: timedelta


@dataclass(frozen=True, slots=True)
class ArchiveWhenRead:
    """The story came with the first reading of its feed."""


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """The story met the rules when the subscription was made."""


@dataclass(frozen=True, slots=True)
class NewSinceSubscription:
    """The story is new since the subscription was made."""


Verdict: TypeAlias = (
    MeetsEveryRule
    | Literal[Cause.STORY_WITHDRAWN]
    | AllTopicsWanted
    | AboutTopics
    | AboutUnwantedTopics
    | NotAboutTopics
    | FromProvider
    | FromOtherProvider
    | Bar
    | OfKind
    | OfOtherKind
    | HasWords
    | HasUnwantedWords
    | HasNoneOfWords
    | InChannel
    | YoungEnough
    | TooOld
    | ArchiveWhenRead
    | KnownBefore
    | NewSinceSubscription
)
