"""Subscriptions in words: pure text for the commands' answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.discordapp.rendering.text import escaped, plain
from storage.models import Rules, Subscription

MAX_TOPICS = 25
_TOPIC_LENGTH = 100
# A message holds 2000 characters: https://discord.com/developers/docs/resources/message#create-message
_LIST_LENGTH = 1900


def split_topics(typed: str) -> tuple[str, ...]:
    """Topics as typed in one option, separated by commas; each once, in any case."""
    names = {name.casefold(): name for part in typed.split(",") if (name := " ".join(part.split()))}
    return tuple(names.values())


def describe_rules(rules: Rules, *, limit: int = 300) -> str:
    """What a subscription wants, as a line with markdown."""
    topics = escaped(", ".join(rules.topics), limit) if rules.topics else "all topics"
    return f"{topics}, quality {rules.min_quality} or better"


def describe_choice(subscription: Subscription, channel_name: str) -> str:
    """The same as plain text for a list of choices, at most 100 characters."""
    topics = ", ".join(subscription.rules.topics) or "all topics"
    return plain(f"#{channel_name}: {topics}, quality {subscription.rules.min_quality}+", 100)


def describe_list(subscriptions: Sequence[Subscription]) -> str:
    """A server's subscriptions, one a line, as many as a message holds."""
    lines: list[str] = []
    for index, subscription in enumerate(subscriptions):
        line = f"• <#{subscription.channel_id}>: {describe_rules(subscription.rules)}"
        if subscription.paused_reason:
            line += f"\n  ⏸ paused: {escaped(subscription.paused_reason, 200)}"
        if sum(len(each) + 1 for each in lines) + len(line) > _LIST_LENGTH:
            lines.append(f"… and {len(subscriptions) - index} more")
            break
        lines.append(line)
    return "\n".join(lines)
