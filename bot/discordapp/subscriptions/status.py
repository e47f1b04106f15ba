"""The answer of `/subscriptions status`: what became of posts, and what is missing. Pure."""

from collections.abc import Callable, Sequence
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


def status_embed(
    standings: Sequence[tuple[Subscription, SubscriptionActivity]],
    find_channel: FindChannel,
    now: datetime,
) -> discord.Embed:
    """Everything about some subscriptions and what their posts came to, as many as have room."""
    entries = [_entry(*standing, find_channel, now) for standing in standings]
    embed = discord.Embed(
        title="Subscriptions of this server",
        description=fitted(entries, _DESCRIPTION),
        colour=ACCENT,
    )
    embed.set_footer(text="What waits is as of now; the other numbers are of the last 7 days.")
    return embed


def _entry(
    subscription: Subscription,
    activity: SubscriptionActivity,
    find_channel: FindChannel,
    now: datetime,
) -> str:
    spec = subscription.spec
    channel = find_channel(spec.channel_id)
    delivery = "; ".join(describe_delivery(spec.delivery))
    lines = [
        f"**<#{spec.channel_id}>** {describe_rules(spec.rules, limit=_RULES)}",
        f"-# {delivery}" if delivery else None,
        describe_counts(activity),
        describe_pause(subscription),
        *describe_skipped(activity),
        describe_permissions(missing_permissions(channel)) if channel else INVISIBLE,
        *describe_next(subscription, activity, now),
    ]
    return "\n".join(line for line in lines if line is not None) + "\n"
