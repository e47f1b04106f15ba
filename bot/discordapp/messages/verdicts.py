"""What the rules found about a story, as plain text; to be escaped for Discord."""

from collections.abc import Iterable
from datetime import timedelta

from bot.announce.verdicts import (
    Check,
    KindMatch,
    ListMatch,
    Minimum,
    ProviderMatch,
    Remark,
    RuleName,
)
from bot.discordapp.messages.reasons import describe_age, describe_reason
from storage.models import Kind
from storage.posts import PostStatus
from storage.reasons import TooOld

_REMARKS = {
    Remark.WITHDRAWN: "the story was withdrawn",
    Remark.ALL_TOPICS_WANTED: "all topics are wanted",
    Remark.NOT_IN_CHANNEL: "not yet posted here",
    Remark.ARCHIVE_WHEN_READ: "was there when its feed was first read",
    Remark.KNOWN_BEFORE: "met the rules before the subscription",
    Remark.NEW_SINCE_SUBSCRIPTION: "new since the subscription",
}
_STATUSES = {
    PostStatus.PLANNED: "waits here already",
    PostStatus.RETRY: "waits here already",
    PostStatus.CLAIMED: "is being sent here",
    PostStatus.SENT: "already posted here",
    PostStatus.SKIPPED: "was skipped here",
    PostStatus.FAILED: "Discord refused it here",
    PostStatus.UNCERTAIN: "may be posted here already",
    PostStatus.FOLDED: "in another story's coverage here",
}
_KINDS = {Kind.ARTICLE: "an article", Kind.VIDEO: "a video"}


def describe_rule(rule: RuleName) -> str:
    """What a rule is called."""
    return rule.value.replace("_", " ")


def describe_verdict(check: Check) -> str:
    """A verdict as a phrase that can follow the rule's name and a colon."""
    match check.verdict:
        case Remark() as remark:
            return _REMARKS[remark]
        case ListMatch() as names:
            return _describe_listed(check, names)
        case ProviderMatch(provider, wanted):
            instead = "" if check.passed else f", not from {_either(wanted)}"
            return f"comes from {provider or 'an unnamed provider'}{instead}"
        case KindMatch(kind, wanted):
            instead = "" if check.passed else f", not {_either(_KINDS[each] for each in wanted)}"
            return f"is {_KINDS[kind]}{instead}"
        case Minimum(value, minimum):
            compared = "at least" if check.passed else "below"
            return f"{describe_rule(check.rule)} {value} is {compared} {minimum}"
        case PostStatus() as status:
            return _STATUSES[status]
        case timedelta() as age:
            return describe_age(age)
        case TooOld() as too_old:
            return describe_reason(too_old)


def _describe_listed(check: Check, verdict: ListMatch) -> str:
    if check.rule in {RuleName.WORDS, RuleName.WITHOUT_WORDS}:
        has, lacks, name = "says", "does not say", "“{}”"
    else:
        has, lacks, name = "is about", "is not about", "{}"
    if not verdict.found:
        return f"{lacks} {_either(map(name.format, verdict.listed))}"
    unwanted = "" if check.passed else ", which is unwanted"
    return f"{has} {', '.join(map(name.format, verdict.found))}{unwanted}"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
