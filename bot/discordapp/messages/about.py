"""The answer of the button below a post: why its stories are here, and facts about them."""

from collections.abc import Iterable

from bot.announce.verdicts import Check, Remark
from bot.discordapp.markdown import relative_time
from bot.discordapp.messages.fitting import fit_entries
from bot.discordapp.messages.stories import QUALITY_EXPLAINED
from bot.discordapp.messages.subscription_summary import describe_rules
from bot.discordapp.messages.verdicts import describe_rule, describe_verdict
from storage.models import Digest, Story, Subscription

WHY_HERE = "Why it is here"
FACTS = "Facts"
WITHDRAWN_BY_SOURCE = "This story was withdrawn: its source removed it, or no longer publishes it."

_FIELD = 1000
_NAMES = 120
_NO_SUBSCRIPTION = "The subscription that it was posted for was removed."
_CATCH_UP = "It was one of the best stories when the subscription was added."
_CATCH_UP_IN_DIGEST = "Some were among the best stories when the subscription was added."
_BEST_SO_FAR = "These are the best stories when the subscription was added"
_BEST = "highest quality first, then highest heat (how widely a story is covered), then newest"


def describe_subscription(subscription: Subscription | None) -> str:
    """The rules of the subscription that a message was posted for, with markdown."""
    if subscription is None:
        return _NO_SUBSCRIPTION
    return f"This channel gets: {describe_rules(subscription.spec.rules, limit=_NAMES)}."


def describe_why(
    subscription: Subscription | None, checks: Iterable[Check], *, catch_up: bool
) -> str:
    """Why a story was posted, with markdown: the rules, and what each of them found."""
    lines = [describe_subscription(subscription)]
    lines += [_CATCH_UP] if catch_up else []
    lines += [
        f"• {describe_rule(check.rule)}: {describe_verdict(check)}"
        for check in checks
        if check.passed and check.verdict is not Remark.ALL_TOPICS_WANTED
    ]
    return fit_entries(lines, _FIELD)


def describe_digest(
    subscription: Subscription | None,
    digest: Digest | None,
    *,
    catch_up: bool,
    only_catch_up: bool = False,
) -> str:
    """How the stories of a digest were chosen, with markdown."""
    lines = [describe_subscription(subscription)]
    if only_catch_up:
        return "\n\n".join([*lines, f"{_BEST_SO_FAR}: {_BEST}."])
    if digest is not None:
        lines.append(f"A digest has the best {digest.best} since the last one: {_BEST}.")
    lines += [_CATCH_UP_IN_DIGEST] if catch_up else []
    return "\n\n".join(lines)


def describe_facts(story: Story) -> str:
    """What is known of a story besides what its message shows, with markdown."""
    lines = [_scores(story), f"-# {QUALITY_EXPLAINED}"]
    published = story.article.published_at
    if published.timestamp() >= 0:
        lines.append(f"Published <t:{int(published.timestamp())}:f>")
    lines.append(f"First seen {relative_time(story.first_seen_at)}")
    return "\n".join(lines)


def _scores(story: Story) -> str:
    article = story.article
    heat = [f"heat {article.heat}"] if article.heat >= 0 else []
    related = [f"{len(article.related)} related"] if article.related else []
    return " · ".join([f"Quality {article.quality}", *heat, *related])
