"""What the rules found about a story, as plain text; to be escaped for Discord."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from bot.announce.verdicts import (
    AboutTopics,
    AboutUnwantedTopics,
    AllTopicsWanted,
    ArchiveWhenRead,
    Bar,
    FromOtherProvider,
    FromProvider,
    HasNoneOfWords,
    HasUnwantedWords,
    HasWords,
    InChannel,
    KnownBefore,
    MeetsEveryRule,
    NewSinceSubscription,
    NotAboutTopics,
    OfKind,
    OfOtherKind,
    RuleName,
    Verdict,
    YoungEnough,
)
from bot.discordapp.messages.reasons import describe_age, describe_reason
from storage.models import Kind
from storage.posts import PostStatus
from storage.reasons import Cause, TooOld


def describe_rule(rule: RuleName) -> str:
    """What a rule is called."""
    return rule.value.replace("_", " ")


def describe_verdict(verdict: Verdict) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per verdict
    """A verdict as a phrase that can follow the rule's name and a colon."""
    match verdict:
        case MeetsEveryRule():
            return "meets every rule"
        case Cause.STORY_WITHDRAWN | TooOld():
            return describe_reason(verdict)
        case AllTopicsWanted():
            return "all topics are wanted"
        case AboutTopics(topics):
            return f"is about {', '.join(topics)}"
        case AboutUnwantedTopics(topics):
            return f"is about {', '.join(topics)}, which is unwanted"
        case NotAboutTopics(topics):
            return f"is not about {_either(topics)}"
        case FromProvider(provider):
            return f"comes from {provider}"
        case FromOtherProvider(provider, wanted):
            return f"comes from {provider or 'an unnamed provider'}, not from {_either(wanted)}"
        case Bar(rule, value, bar):
            compared = "at least" if value >= bar else "below"
            return f"{describe_rule(rule)} {value} is {compared} {bar}"
        case OfKind(kind):
            return f"is {_describe_kind(kind)}"
        case OfOtherKind(kind, wanted):
            return f"is {_describe_kind(kind)}, not {_either(map(_describe_kind, wanted))}"
        case HasWords(words):
            return f"says {_quoted(words)}"
        case HasUnwantedWords(words):
            return f"says {_quoted(words)}, which is unwanted"
        case HasNoneOfWords(words):
            return f"does not say {_quoted(words, ' or ')}"
        case InChannel(status):
            return _describe_standing(status)
        case YoungEnough(age):
            return describe_age(age)
        case ArchiveWhenRead():
            return "was there when its feed was first read"
        case KnownBefore():
            return "met the rules before the subscription"
        case NewSinceSubscription():
            return "new since the subscription"
    assert_never(verdict)


def _describe_kind(kind: Kind) -> str:
    match kind:
        case Kind.ARTICLE:
            return "an article"
        case Kind.VIDEO:
            return "a video"


def _describe_standing(status: PostStatus | None) -> str:
    """How the channel's post of a story stands."""
    match status:
        case None:
            return "not yet posted here"
        case PostStatus.PLANNED | PostStatus.RETRY:
            return "waits here already"
        case PostStatus.CLAIMED:
            return "is being sent here"
        case PostStatus.SENT:
            return "already posted here"
        case PostStatus.SKIPPED:
            return "was skipped here"
        case PostStatus.FAILED:
            return "Discord refused it here"
        case PostStatus.UNCERTAIN:
            return "may be posted here already"
        case PostStatus.FOLDED:
            return "in another story's coverage here"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


def _quoted(words: Iterable[str], separator: str = ", ") -> str:
    return separator.join(f"“{word}”" for word in words)
