"""The answer of `/subscriptions status`: what became of posts, and what is missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.discordapp.messages.channels import INVISIBLE, describe_permissions
from bot.discordapp.messages.pending import describe_next, describe_pause
from bot.discordapp.messages.posts import describe_counts, describe_skipped
from bot.discordapp.permissions import PostingChannel, missing_permissions
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.subscriptions.formatting import describe_delivery, describe_rules, fitted
from storage.models import Subscription, SubscriptionActivity

SINCE = timedelta(days=7)
_DESCRIPTION = 3900
_RULES = 150

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
        describe_counts(activity),
    ]
    if pause := describe_pause(subscription):
        lines.append(pause)
    lines += describe_skipped(activity)
    lines.append(_permissions(find_channel(spec.channel_id)))
    lines += describe_next(subscription, activity, now)
    return "\n".join(lines) + "\n"


def _permissions(channel: PostingChannel | None) -> str:
    return INVISIBLE if channel is None else describe_permissions(missing_permissions(channel))
