"""Results of checking a story against rules; `bot.discordapp.messages.verdicts` has their texts.

They are computed on demand and never stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import TypeAlias

from storage.models import Kind
from storage.posts import PostStatus


class RuleName(StrEnum):
    """The rule that is checked."""

    PUBLISHED = "published"
    TOPICS = "topics"
    WITHOUT_TOPICS = "without_topics"
    PROVIDERS = "providers"
    QUALITY = "quality"
    HEAT = "heat"
    KIND = "kind"
    WORDS = "words"
    WITHOUT_WORDS = "without_words"
    NOT_IN = "not_in"
    ONCE = "once"
    AGE = "age"
    NEW = "new"


class Remark(Enum):
    """Verdicts without parameters."""

    WITHDRAWN = auto()
    ALL_TOPICS_WANTED = auto()
    # The channel has no post of the story, sent or waiting.
    NOT_IN_CHANNEL = auto()
    # The story existed before the first reading of its source.
    ARCHIVE_WHEN_READ = auto()
    # The story met the rules when the subscription was added, edited or resumed.
    KNOWN_BEFORE = auto()
    # It was too old to be news at that time.
    TOO_OLD_BEFORE = auto()
    NEW_SINCE_SUBSCRIPTION = auto()


@dataclass(frozen=True, slots=True)
class ListMatch:
    """The topics or words in the rules, and those of them that the story has (`found`)."""

    found: tuple[str, ...]
    listed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelMatch:
    """The channels in `not_in`, and those of them that take the story (`found`)."""

    found: tuple[int, ...]
    listed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProviderMatch:
    """The story's provider (None if it has no name), and the providers in the rules."""

    provider: str | None
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindMatch:
    """The story's kind, and the kinds in the rules."""

    kind: Kind
    wanted: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """The story's quality or heat, and the minimum in the rules."""

    value: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Published:
    """The story's date, and the maximum age of news (None: no limit)."""

    at: datetime
    max_age: timedelta | None


# `PostStatus` is the status of the channel's post of the story.
Verdict: TypeAlias = (
    Remark | ListMatch | ChannelMatch | ProviderMatch | KindMatch | Minimum | PostStatus | Published
)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of checking a story against one rule."""

    rule: RuleName
    passed: bool
    verdict: Verdict


class Effect(Enum):
    """What a check did to a story that is explained afterwards."""

    ACCEPTED = auto()
    REFUSED = auto()
    # It decided nothing: the story was accepted or refused for another reason.
    NONE = auto()
