"""Describes subscriptions: their rules, their delivery, and lists of them, with markdown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import TypeAlias

from bot.announce.schedule import digest_held
from bot.discordapp.markdown import escaped, plain
from bot.discordapp.messages.channels import list_channels
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.fitting import MESSAGE_LENGTH, fit_entries
from bot.discordapp.messages.pending import describe_pause
from bot.discordapp.messages.subscription_options import SWITCHES, WEEKDAYS
from storage.models import (
    ALL_FACTS,
    DamagedSubscription,
    DeliveryOptions,
    Digest,
    DigestDays,
    Kind,
    Rules,
    Style,
    Subscription,
    SubscriptionSpec,
)

EMPTY_LIST = f"No subscriptions yet. Add one with {command('subscriptions add')}."
DELETED_CHANNEL = "deleted-channel"
DELETED_ROLE = "a deleted role"

IsDeletedRole: TypeAlias = Callable[[int], bool]

# Discord's limit for the name of a choice.
_CHOICE = 100
# Five lists of names and the rest of a description must fit one message.
_NAMES = 200
_KINDS = {Kind.ARTICLE: "articles", Kind.VIDEO: "videos", Kind.SHORT: "Shorts"}
_DEFAULTS = DeliveryOptions()


def describe_rules(rules: Rules, *, limit: int = _NAMES) -> str:
    """Which stories match, in one line: `Space, AI · quality 70+ · videos only`."""
    topics = escaped(", ".join(rules.topics), limit) if rules.topics else "all topics"
    if rules.without_topics:
        topics += f" except {escaped(', '.join(rules.without_topics), limit)}"
    parts = [topics, f"quality {rules.min_quality}+"]
    if rules.min_heat is not None:
        parts.append(f"heat {rules.min_heat}+")
    if 0 < len(rules.kinds) < len(Kind):
        only = " only" if len(rules.kinds) == 1 else ""
        parts.append(" and ".join(_KINDS[kind] for kind in rules.kinds) + only)
    if rules.providers:
        parts.append(f"from {escaped(' or '.join(rules.providers), limit)}")
    if rules.words:
        parts.append(f"with {_quoted(rules.words, limit)}")
    if rules.without_words:
        parts.append(f"without {_quoted(rules.without_words, limit)}")
    if rules.not_in:
        take = "takes" if len(rules.not_in) == 1 else "take"
        parts.append(f"except what {list_channels(rules.not_in)} {take}")
    return " · ".join(parts)


def describe_delivery(
    delivery: DeliveryOptions,
    max_per_hour: int | None = None,
    is_deleted: IsDeletedRole = lambda _: False,
) -> list[str]:
    """How stories are delivered, as far as that differs from the default: phrases.

    `is_deleted` says whether the role with an id was deleted.
    """
    parts = describe_delivery_options(delivery, max_per_hour, is_deleted)
    if digest := delivery.digest:
        parts.insert(0, f"{describe_digest(digest)} ({delivery.timezone}), top {digest.best}")
    return parts


def describe_delivery_options(
    delivery: DeliveryOptions,
    max_per_hour: int | None = None,
    is_deleted: IsDeletedRole = lambda _: False,
) -> list[str]:
    """The same without the digest."""
    parts = []
    if delivery.quiet:
        zone = "" if delivery.digest else f" ({delivery.timezone})"
        quiet = f"quiet hours {_clock(delivery.quiet.begin)}-{_clock(delivery.quiet.end)}{zone}"
        if held := digest_held(delivery):
            quiet += f", so the digest is sent at {_clock(held.until)}"
            quiet += " the next day" if held.next_day else ""
        parts.append(quiet)
    roles = []
    for mention in delivery.mentions:
        if is_deleted(mention.role_id):
            roles.append(DELETED_ROLE)
            continue
        quality = f" for quality {mention.min_quality}+" if mention.min_quality else ""
        roles.append(f"<@&{mention.role_id}>{quality}")
    if roles:
        parts.append(f"mentions {' and '.join(roles)}")
    parts += [
        text.phrase
        for name, text in SWITCHES.items()
        if getattr(delivery, name) is not getattr(_DEFAULTS, name)
    ]
    if delivery.look is not _DEFAULTS.look and not delivery.digest:
        parts.append(f"{delivery.look} look")
    parts += _describe_style(delivery.style)
    if delivery.tags:
        named = (
            f"{escaped(topic, _NAMES)} → {escaped(tag, _NAMES)}" for topic, tag in delivery.tags
        )
        parts.append(f"tags {', '.join(named)}")
    if delivery.fallback_tag is not None:
        parts.append(f"tag {escaped(delivery.fallback_tag, _NAMES)} if no other applies")
    if max_per_hour is not None and not delivery.digest:
        parts.append(f"up to {max_per_hour} per hour")
    return parts


def _describe_style(style: Style) -> list[str]:
    parts = []
    if style.colour is not None:
        parts.append(f"colour #{style.colour:06x}")
    if style.line:
        parts.append(f"line “{escaped(style.line, _NAMES)}”")
    if style.footer:
        parts.append(f"footer “{escaped(style.footer, _NAMES)}”")
    if not style.facts:
        parts.append("without quality, topics and time")
    elif style.facts != ALL_FACTS:
        parts.append(f"shows only {' and '.join(style.facts)}")
    return parts


def describe_digest(digest: Digest) -> str:
    """When a digest is sent: `digest every Monday at 09:00`."""
    at = _clock(digest.at)
    match digest.days:
        case DigestDays.DAILY:
            return f"digest every day at {at}"
        case DigestDays.WEEKDAYS:
            return f"digest on weekdays at {at}"
        case DigestDays.WEEKLY:
            return f"digest every {WEEKDAYS[digest.weekday]} at {at}"


def describe_spec(spec: SubscriptionSpec, is_deleted: IsDeletedRole = lambda _: False) -> str:
    """`describe_rules` and `describe_delivery` in one line."""
    delivery = describe_delivery(spec.delivery, is_deleted=is_deleted)
    return " · ".join([describe_rules(spec.rules), *delivery])


def mentions_deleted_role(subscription: Subscription, is_deleted: IsDeletedRole) -> bool:
    """Whether a role that a subscription is to mention was deleted."""
    return any(is_deleted(each.role_id) for each in subscription.spec.delivery.mentions)


def describe_choice(subscription: Subscription, channel_name: str | None) -> str:
    """A subscription in a list of choices: plain text of at most 100 characters."""
    rules, digest = subscription.spec.rules, subscription.spec.delivery.digest
    topics = ", ".join(rules.topics) or "all topics"
    details = f" · quality {rules.min_quality}+"
    if digest:
        details += f" · {describe_digest(digest)}"
    if subscription.paused_by:
        details += " · paused"
    name = f"#{channel_name or DELETED_CHANNEL}: {topics}"
    return plain(name, _CHOICE - len(details)) + details


def describe_damaged(subscription: DamagedSubscription) -> str:
    """A subscription that can't be read, and what to do with it."""
    channel = f"<#{subscription.channel_id}>" if subscription.channel_id else "a channel"
    return (
        f"⚠ Subscription {subscription.id} of {channel} is damaged, so nothing is posted for it."
        f" Remove it with {command('subscriptions remove')}, and add it again."
    )


def describe_damaged_choice(subscription: DamagedSubscription, channel_name: str | None) -> str:
    """The same in a list of choices: see `describe_choice`."""
    details = f": damaged (subscription {subscription.id})"
    return plain(f"#{channel_name or DELETED_CHANNEL}", _CHOICE - len(details)) + details


def describe_list(
    subscriptions: Sequence[Subscription],
    waiting: Mapping[int, int],
    is_deleted: IsDeletedRole = lambda _: False,
    damaged: Sequence[DamagedSubscription] = (),
) -> str:
    """Subscriptions, one a line, as many as fit a message; the `damaged` ones come first.

    `waiting` are the numbers of waiting posts of paused subscriptions, by their ids. `is_deleted`
    says whether the role with an id was deleted.
    """
    entries = [f"• {describe_damaged(each)}" for each in damaged]
    for subscription in subscriptions:
        spec = subscription.spec
        entry = f"• <#{spec.channel_id}>: {describe_spec(spec, is_deleted)}"
        if pause := describe_pause(subscription, waiting.get(subscription.id, 0)):
            entry += f"\n  {pause}"
        entries.append(entry)
    return fit_entries(entries, MESSAGE_LENGTH) or EMPTY_LIST


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _quoted(words: Sequence[str], limit: int) -> str:
    return escaped(" or ".join(f"“{word}”" for word in words), limit)
