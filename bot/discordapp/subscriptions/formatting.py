"""Subscriptions as text for the commands' answers. Pure."""

from collections.abc import Sequence

from bot.announce.schedule import digest_held
from bot.discordapp.markdown import discord_length, escaped, plain
from bot.discordapp.messages.pending import describe_pause
from bot.discordapp.subscriptions.options import SWITCHES
from bot.discordapp.subscriptions.parsing import WEEKDAYS, format_time
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Kind,
    Rules,
    Subscription,
    SubscriptionSpec,
)

# A message holds 2000 characters: https://discord.com/developers/docs/resources/message#create-message
LIST_LENGTH = 1900
_NAME = 100
# Five lists of names and the rest of a description must fit one message.
_NAMES = 200
_KINDS = {Kind.ARTICLE: "articles", Kind.VIDEO: "videos"}


def describe_rules(rules: Rules, *, limit: int = _NAMES) -> str:
    """Which stories match, as a line with markdown."""
    parts = [escaped(", ".join(rules.topics), limit) if rules.topics else "all topics"]
    if rules.without_topics:
        parts[0] += f" but not {escaped(', '.join(rules.without_topics), limit)}"
    parts.append(f"quality {rules.min_quality} or better")
    if rules.min_heat is not None:
        parts.append(f"heat {rules.min_heat} or more")
    if rules.kinds:
        parts.append("only " + " and ".join(_KINDS[kind] for kind in rules.kinds))
    if rules.providers:
        parts.append(f"from {escaped(', '.join(rules.providers), limit)}")
    if rules.words:
        parts.append(f"with {_quoted(rules.words, limit)}")
    if rules.without_words:
        parts.append(f"without {_quoted(rules.without_words, limit)}")
    return ", ".join(parts)


def describe_delivery(delivery: DeliveryOptions, max_per_hour: int | None = None) -> list[str]:
    """How stories arrive, as far as that differs from the default: phrases with markdown."""
    parts = []
    if delivery.digest:
        digest = delivery.digest
        parts.append(f"{describe_digest(digest)} ({delivery.timezone}), the best {digest.best}")
    if delivery.quiet:
        zone = "" if delivery.digest else f" ({delivery.timezone})"
        begin, end = map(format_time, (delivery.quiet.begin, delivery.quiet.end))
        parts.append(f"quiet {begin} to {end}{zone}")
        if held := digest_held(delivery):
            comes_at = format_time(held.until) + " the next day" * held.next_day
            parts[-1] += f", so the digest comes at {comes_at}"
    if delivery.mention:
        bar = delivery.mention.min_quality
        parts.append(
            f"mentions <@&{delivery.mention.role_id}>" + (f" from quality {bar}" if bar else "")
        )
    parts += [
        switch.phrase for switch in SWITCHES if getattr(delivery, switch.name) is not switch.default
    ]
    if max_per_hour is not None and not delivery.digest:
        parts.append(f"at most {max_per_hour} an hour")
    return parts


def describe_digest(digest: Digest) -> str:
    """When a digest comes: `every Monday at 09:00`."""
    days = {
        DigestDays.DAILY: "every day",
        DigestDays.WEEKDAYS: "on weekdays",
        DigestDays.WEEKLY: f"every {WEEKDAYS[digest.weekday]}",
    }
    return f"{days[digest.days]} at {format_time(digest.at)}"


def describe_choice(subscription: Subscription, channel_name: str) -> str:
    """A subscription as plain text for a list of choices, at most 100 characters."""
    rules, digest = subscription.spec.rules, subscription.spec.delivery.digest
    topics = ", ".join(rules.topics) or "all topics"
    details = f"quality {rules.min_quality}+"
    if digest:
        details += f", {describe_digest(digest)}"
    if subscription.paused_by:
        details += ", paused"
    room = _NAME - len(details) - 2
    return f"{plain(f'#{channel_name}: {topics}', room)}, {details}"


def describe_spec(spec: SubscriptionSpec) -> str:
    """`describe_rules` and `describe_delivery` in one line."""
    return "; ".join([describe_rules(spec.rules), *describe_delivery(spec.delivery)])


def describe_list(subscriptions: Sequence[Subscription]) -> str:
    """Subscriptions, one a line, as many as fit a message."""
    entries = []
    for subscription in subscriptions:
        spec = subscription.spec
        entry = f"• <#{spec.channel_id}>: {describe_spec(spec)}"
        if pause := describe_pause(subscription):
            entry += f"\n  {pause}"
        entries.append(entry)
    return fitted(entries, LIST_LENGTH)


def fitted(entries: Sequence[str], limit: int) -> str:
    """As many entries as fit, a line each, and how many more there are."""
    shown: list[str] = []
    length = 0
    for index, entry in enumerate(entries):
        length += discord_length(entry) + 1
        if length > limit:
            shown.append(f"… and {len(entries) - index} more")
            break
        shown.append(entry)
    return "\n".join(shown)


def _quoted(words: Sequence[str], limit: int) -> str:
    return escaped(" or ".join(f"“{word}”" for word in words), limit)
