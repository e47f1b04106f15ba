"""What each rule found about a story, for `/subscriptions why`.

The table in docs/subscriptions.md quotes these texts, and a test compares them.
"""

from collections.abc import Iterable, Sequence

from bot.announce.verdicts import (
    ChannelMatch,
    Check,
    Effect,
    KindMatch,
    ListMatch,
    Minimum,
    ProviderMatch,
    Published,
    Remark,
    RuleName,
)
from bot.discordapp.markdown import escaped, relative_time
from bot.discordapp.messages.channels import list_channels
from bot.discordapp.messages.reasons import older_than
from storage.models import Kind
from storage.posts import PostStatus

_VERDICT = 200
_SIGNS = {Effect.ACCEPTED: "✅", Effect.REFUSED: "❌", Effect.NONE: "•"}
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
    RuleName.NOT_IN: "Other channels",
    RuleName.ONCE: "Not a repeat",
    RuleName.AGE: "Age",
    RuleName.NEW: "New",
}
_REMARKS = {
    Remark.WITHDRAWN: "the story was withdrawn",
    Remark.ALL_TOPICS_WANTED: "all topics are included",
    Remark.NOT_IN_CHANNEL: "not posted here yet",
    Remark.ARCHIVE_WHEN_READ: "already in the feed when it was first read",
    Remark.KNOWN_BEFORE: "already matched when the subscription was added, edited or resumed",
    Remark.TOO_OLD_BEFORE: "already too old when the subscription was added or edited",
    Remark.NEW_SINCE_SUBSCRIPTION: "new to the subscription",
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
_KINDS = {Kind.ARTICLE: "article", Kind.VIDEO: "video", Kind.SHORT: "Short"}


def describe_check(check: Check, effect: Effect) -> str:
    """A line with markdown: a rule, its effect on the story, and what the rule found."""
    return f"{_SIGNS[effect]} {describe_rule(check.rule)}: {describe_verdict(check)}"


def describe_refusal(check: Check) -> str:
    """Why a rule refused the story, as a phrase with markdown that follows a colon."""
    match check.rule:
        case RuleName.PUBLISHED | RuleName.ONCE | RuleName.AGE | RuleName.NEW:
            return describe_verdict(check)
        case RuleName.QUALITY | RuleName.HEAT:
            return f"{describe_rule(check.rule).lower()} {describe_verdict(check)}"
        case _:
            return f"{describe_rule(check.rule).lower()}: {describe_verdict(check)}"


def describe_rule(rule: RuleName) -> str:
    """The rule's label."""
    return _RULES[rule]


def describe_verdict(check: Check) -> str:
    """What a rule found, with markdown; it follows the rule's label."""
    match check.verdict:
        case Remark() as remark:
            return _REMARKS[remark]
        case ListMatch() as names:
            return escaped(_describe_listed(check.rule, names), _VERDICT)
        case ChannelMatch() as channels:
            return _describe_takers(channels)
        case ProviderMatch(provider, wanted):
            found = _describe_one(check, provider or "unknown provider", wanted)
            return escaped(found, _VERDICT)
        case KindMatch(kind, wanted):
            return _describe_one(check, _KINDS[kind], [_KINDS[each] for each in wanted])
        case Minimum(value, minimum):
            return f"{value} (minimum {minimum})"
        case PostStatus() as status:
            return _STATUSES[status]
        case Published(at, max_age):
            text = f"published {relative_time(at)}"
            return text if check.passed or max_age is None else f"{text}, {older_than(max_age)}"


def _describe_listed(rule: RuleName, names: ListMatch) -> str:
    template = "“{}”" if rule in {RuleName.WORDS, RuleName.WITHOUT_WORDS} else "{}"
    if names.found:
        return f"matches {', '.join(map(template.format, names.found))}"
    return f"no match for {_either(map(template.format, names.listed))}"


def _describe_takers(channels: ChannelMatch) -> str:
    if not channels.found:
        return f"not taken by {list_channels(channels.listed, 'or')}"
    take = "takes" if len(channels.found) == 1 else "take"
    return f"{list_channels(channels.found)} already {take} it"


def _describe_one(check: Check, name: str, wanted: Sequence[str]) -> str:
    return name if check.passed else f"{name}, not {_either(wanted)}"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
