"""Answers that confirm what was done. Pure."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.announce.schedule import first_due
from bot.discordapp.markdown import escaped, relative_time
from bot.discordapp.messages.pending import still_paused
from bot.discordapp.permissions import get_posting_channel, missing_permissions
from bot.discordapp.subscriptions.formatting import describe_rules, describe_spec
from storage.models import DeliveryOptions, Subscription, SubscriptionSpec


def describe_added(
    guild: discord.Guild,
    subscription: Subscription,
    catch_up: int,
    now: datetime,
    unknown: Sequence[str] = (),
) -> str:
    """Confirm a new subscription; `unknown` are its topics that no story has."""
    spec = subscription.spec
    text = f"<#{spec.channel_id}> now gets {describe_spec(spec)}. "
    text += _catch_up(spec.delivery, catch_up) if catch_up else _first(spec.delivery, now)
    if unknown:
        names = escaped(", ".join(unknown), 300)
        text += f"\nNo story so far is about {names}; if that is no slip, one may come."
    return text + _mention_advice(guild, spec)


def describe_changed(guild: discord.Guild, subscription: Subscription) -> str:
    """Confirm a change."""
    spec = subscription.spec
    text = f"Saved: <#{spec.channel_id}> gets {describe_spec(spec)}, from now on."
    return text + still_paused(subscription) + _mention_advice(guild, spec)


def describe_resumed(guild: discord.Guild, subscription: Subscription) -> str:
    """Confirm the end of a pause."""
    spec = subscription.spec
    text = f"Resumed: <#{spec.channel_id}> gets {describe_rules(spec.rules)}, from now on."
    return text + _obstacle(guild, spec)


def describe_restored(guild: discord.Guild, subscription: Subscription) -> str:
    """Confirm that a removal was undone."""
    spec = subscription.spec
    text = f"It is back: <#{spec.channel_id}> gets {describe_rules(spec.rules)}."
    return text + still_paused(subscription) + _obstacle(guild, spec)


def _obstacle(guild: discord.Guild, spec: SubscriptionSpec) -> str:
    """A sentence about missing permissions, for actions that don't check them; or nothing."""
    channel = get_posting_channel(guild, spec.channel_id)
    if channel is None:
        return " I can't see that channel, though: grant me **View Channel** there."
    if missing := missing_permissions(channel):
        names = ", ".join(missing)
        return f" I can't post there yet: grant me **{names}** (Edit Channel → Permissions)."
    return ""


def _catch_up(delivery: DeliveryOptions, count: int) -> str:
    """When the first stories come; quiet hours may hold them back."""
    best = "The best one so far" if count == 1 else f"The best {count} so far"
    if delivery.quiet:
        return f"{best} {'comes' if count == 1 else 'come'} outside the quiet hours."
    return f"{best} {'is' if count == 1 else 'are'} on the way."


def _first(delivery: DeliveryOptions, now: datetime) -> str:
    """When the first story comes, if none is posted at once."""
    if delivery.digest:
        first = relative_time(first_due(delivery, now))
        return f"The first digest comes {first}, if there is something by then."
    outside = " outside these hours" if delivery.quiet else ""
    return f"New stories will come as they appear{outside}."


def _mention_advice(guild: discord.Guild, spec: SubscriptionSpec) -> str:
    """A line about what keeps the mention from notifying anybody, or nothing."""
    mention = spec.delivery.mention
    role = guild.get_role(mention.role_id) if mention else None
    channel = get_posting_channel(guild, spec.channel_id)
    if role is None or channel is None or role.mentionable:
        return ""
    if channel.permissions_for(guild.me).mention_everyone:
        return ""
    return (
        f"\nNobody is notified yet: let {role.mention} be mentioned by anyone (Server Settings →"
        " Roles), or grant me **Mention @everyone, @here, and All Roles**."
    )
