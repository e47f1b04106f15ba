"""What the rules found about a story: plain values, worded by `bot.discordapp.messages.verdicts`.

They are computed when they are asked for and never stored.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum, auto
from typing import TypeAlias

from storage.models import Kind
from storage.posts import PostStatus
from storage.reasons import TooOld


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


class Remark(Enum):
    """Verdicts without parameters."""

    WITHDRAWN = auto()
    ALL_TOPICS_WANTED = auto()
    # The channel neither has the story nor awaits it.
    NOT_IN_CHANNEL = auto()
    # The story came with the first reading of its feed.
    ARCHIVE_WHEN_READ = auto()
    # The story met the rules when the subscription was made.
    KNOWN_BEFORE = auto()
    NEW_SINCE_SUBSCRIPTION = auto()


@dataclass(frozen=True, slots=True)
class ListMatch:
    """The topics or words that the rules ask for or leave out, and those that the story has."""

    found: tuple[str, ...]
    listed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderMatch:
    """The story's provider, None without a name, and those that the rules ask for."""

    provider: str | None
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindMatch:
    """The story's kind, and those that the rules ask for."""

    kind: Kind
    wanted: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """The story's quality or heat beside the least that the rules ask for."""

    value: int
    minimum: int


# `PostStatus` is that of the channel's post of the story. `timedelta` is the age of a story that is
# young enough (less than nothing if its date is ahead).
Verdict: TypeAlias = (
    Remark | ListMatch | ProviderMatch | KindMatch | Minimum | PostStatus | timedelta | TooOld
)


@dataclass(frozen=True, slots=True)
class Check:
    """What a rule found about a story, and whether the story meets it."""

    rule: RuleName
    passed: bool
    verdict: Verdict
