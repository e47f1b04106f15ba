"""What each rule found about a story, for `/subscriptions why`.

The table in docs/subscriptions.md quotes these texts, and a test compares them.
"""

from collections.abc import Iterable, Sequence
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
from bot.discordapp.markdown import escaped
from bot.discordapp.messages.reasons import describe_age, describe_reason
from storage.models import Kind
from storage.posts import PostStatus
from storage.reasons import TooOld

_VERDICT = 200
_RULES = {
    RuleName.PUBLISHED: "Still published",
    RuleName.TOPICS: "Topics",
    RuleName.WITHOUT_TOPICS: "Excluded topics",
    RuleName.PROVIDERS: "Providers",
    RuleName.QUALITY: "Quality",
    RuleName.HEAT: "Heat",
    RuleName.KIND: "Kind",
    RuleName.WORDS: "Words",
    RuleName.WITHOUT_WORDS: "Excluded words",
    RuleName.ONCE: "Not a repeat",
    RuleName.AGE: "Age",
    RuleName.NEW: "New",
}
_REMARKS = {
    Remark.WITHDRAWN: "the story was withdrawn",
    Remark.ALL_TOPICS_WANTED: "all topics are included",
    Remark.NOT_IN_CHANNEL: "not posted here yet",
    Remark.ARCHIVE_WHEN_READ: "already in the feed when it was first read",
    Remark.KNOWN_BEFORE: "already matched when the subscription started",
    Remark.NEW_SINCE_SUBSCRIPTION: "new since the subscription started",
}
_STATUSES = {
    PostStatus.PLANNED: "already waiting to be posted here",
    PostStatus.RETRY: "already waiting to be posted here",
    PostStatus.CLAIMED: "being sent here right now",
    PostStatus.SENT: "already posted here",
    PostStatus.SKIPPED: "skipped here",
    PostStatus.FAILED: "rejected by Discord here",
    PostStatus.UNCERTAIN: "may already be posted here",
    PostStatus.FOLDED: "already shown here as coverage of another story",
}
_KINDS = {Kind.ARTICLE: "article", Kind.VIDEO: "video"}


def describe_check(check: Check) -> str:
    """A line with markdown: whether the story meets a rule, and what the rule found."""
    sign = "✅" if check.passed else "❌"
    return f"{sign} {describe_rule(check.rule)}: {escaped(describe_verdict(check), _VERDICT)}"


def describe_rule(rule: RuleName) -> str:
    """The rule's label."""
    return _RULES[rule]


def describe_verdict(check: Check) -> str:
    """What a rule found, as plain text that follows its label."""
    match check.verdict:
        case Remark() as remark:
            return _REMARKS[remark]
        case ListMatch() as names:
            return _describe_listed(check.rule, names)
        case ProviderMatch(provider, wanted):
            return _describe_one(check, provider or "unknown provider", wanted)
        case KindMatch(kind, wanted):
            return _describe_one(check, _KINDS[kind], [_KINDS[each] for each in wanted])
        case Minimum(value, minimum):
            return f"{value} (minimum {minimum})"
        case PostStatus() as status:
            return _STATUSES[status]
        case timedelta() as age:
            return describe_age(age)
        case TooOld() as too_old:
            return describe_reason(too_old)


def _describe_listed(rule: RuleName, names: ListMatch) -> str:
    template = "“{}”" if rule in {RuleName.WORDS, RuleName.WITHOUT_WORDS} else "{}"
    if names.found:
        return f"matches {', '.join(map(template.format, names.found))}"
    return f"no match for {_either(map(template.format, names.listed))}"


def _describe_one(check: Check, name: str, wanted: Sequence[str]) -> str:
    return name if check.passed else f"{name}, not {_either(wanted)}"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
