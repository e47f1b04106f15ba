"""How subscriptions do: what was posted, waits, was skipped, failed; what is missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.announce.schedule import first_due
from bot.discordapp.permissions import PostingChannel, missing_permissions
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.rendering.story import relative_time
from bot.discordapp.rendering.text import escaped
from bot.discordapp.subscriptions.words import describe_delivery, describe_rules, fitted
from storage.models import Subscription, SubscriptionActivity

SINCE = timedelta(days=7)
_DESCRIPTION = 3900
_RULES = 150
_REASON = 120
_REASONS = 5

FindChannel = Callable[[int], PostingChannel | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription and what its posts came to."""

    subscription: Subscription
    activity: SubscriptionActivity


def status_embed(
    standings: Sequence[Standing], find_channel: FindChannel, now: datetime
) -> discord.Embed:
    """Everything about some subscriptions, as many as have room."""
    entries = [_entry(standing, find_channel, now) for standing in standings]
    embed = discord.Embed(
        title="Subscriptions of this server",
        description=fitted(entries, _DESCRIPTION),
        colour=ACCENT,
    )
    embed.set_footer(text="The numbers are those of the last 7 days.")
    return embed


def _entry(standing: Standing, find_channel: FindChannel, now: datetime) -> str:
    subscription, activity = standing.subscription, standing.activity
    lines = [
        f"**<#{subscription.channel_id}>** {describe_rules(subscription.rules, limit=_RULES)}",
        *(
            f"-# {escaped_part}"
            for escaped_part in ["; ".join(describe_delivery(subscription.delivery))]
            if escaped_part
        ),
        _numbers(activity),
    ]
    if subscription.paused_by:
        reason = escaped(subscription.paused_reason or "", _REASON)
        lines.append("⏸ paused" + (f": {reason}" if reason else ""))
    lines += [
        f"• {count} skipped: {escaped(reason, _REASON)}"
        for reason, count in activity.skipped[:_REASONS]
    ]
    lines.append(_permissions(find_channel(subscription.channel_id)))
    if next_at := _next(standing, now):
        lines.append(next_at)
    return "\n".join(lines) + "\n"


def _next(standing: Standing, now: datetime) -> str | None:
    """When something comes next; a digest may still have nothing to tell then."""
    delivery, activity = standing.subscription.delivery, standing.activity
    if activity.waiting and activity.next_at is not None:
        what = "Next digest" if delivery.digest else "Next post"
        return f"🕘 {what} {relative_time(activity.next_at)}"
    if delivery.digest and not standing.subscription.paused_by:
        return f"🕘 Next digest {relative_time(first_due(delivery, now))}, if there is something"
    return None


def _numbers(activity: SubscriptionActivity) -> str:
    skipped = sum(count for _, count in activity.skipped)
    parts = [f"{activity.posted} posted", f"{activity.waiting} waiting", f"{skipped} skipped"]
    parts += [f"{activity.folded} joined another's coverage"] if activity.folded else []
    parts += [f"**{activity.failed} failed**"] if activity.failed else []
    parts += [f"**{activity.uncertain} uncertain**"] if activity.uncertain else []
    return ", ".join(parts)


def _permissions(channel: PostingChannel | None) -> str:
    if channel is None:
        return "❌ this channel is gone, or I can't see it: grant me **View Channel** there"
    if missing := missing_permissions(channel):
        return f"❌ missing: **{', '.join(missing)}** (Edit Channel → Permissions)"
    return "✅ I have every permission that I need there"
