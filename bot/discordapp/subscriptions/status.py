"""How subscriptions do: what was posted, waits, was skipped, failed; what is missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.discordapp.messages.reasons import describe_group
from bot.discordapp.permissions import PostingChannel, missing_permissions
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.rendering.text import escaped
from bot.discordapp.subscriptions.waiting import describe_next, describe_pause
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
    embed.set_footer(text="What waits is as of now; the other numbers are of the last 7 days.")
    return embed


def _entry(standing: Standing, find_channel: FindChannel, now: datetime) -> str:
    subscription, activity = standing.subscription, standing.activity
    spec = subscription.spec
    lines = [
        f"**<#{spec.channel_id}>** {describe_rules(spec.rules, limit=_RULES)}",
        *(
            f"-# {escaped_part}"
            for escaped_part in ["; ".join(describe_delivery(spec.delivery))]
            if escaped_part
        ),
        _numbers(activity),
    ]
    if pause := describe_pause(subscription):
        lines.append(pause)
    lines += [
        f"• {count} skipped: {escaped(describe_group(reason), _REASON)}"
        for reason, count in activity.skipped[:_REASONS]
    ]
    lines.append(_permissions(find_channel(spec.channel_id)))
    lines += describe_next(subscription, activity, now)
    return "\n".join(lines) + "\n"


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
