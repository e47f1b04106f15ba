"""What an admin is told when something was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.announce.schedule import first_due
from bot.discordapp.messages.pending import still_paused
from bot.discordapp.permissions import missing_permissions
from bot.discordapp.rendering.story import relative_time
from bot.discordapp.rendering.text import escaped
from bot.discordapp.subscriptions.office import mention_advice
from bot.discordapp.subscriptions.words import describe_delivery, describe_rules
from storage.models import DeliveryOptions, Subscription


def added_words(
    guild: discord.Guild,
    subscription: Subscription,
    catch_up: int,
    now: datetime,
    unknown: Sequence[str] = (),
) -> str:
    """What a channel gets from now on."""
    text = f"<#{subscription.spec.channel_id}> now gets {_what(subscription)}."
    if catch_up:
        text += f" {_best(catch_up)} {_when(subscription, catch_up)}."
    else:
        text += f" {_first(subscription.spec.delivery, now)}"
    if unknown:
        names = escaped(", ".join(unknown), 300)
        text += f"\nNo story so far is about {names}; if that is no slip, one may come."
    return text + _advice(guild, subscription)


def changed_words(guild: discord.Guild, subscription: Subscription) -> str:
    """What it gets after a change."""
    text = f"Saved: <#{subscription.spec.channel_id}> gets {_what(subscription)}, from now on."
    return text + still_paused(subscription) + _advice(guild, subscription)


def resumed_words(guild: discord.Guild, subscription: Subscription) -> str:
    """What it gets after a pause."""
    text = (
        f"Resumed: <#{subscription.spec.channel_id}> gets {describe_rules(subscription.spec.rules)}"
    )
    return f"{text}, from now on.{_obstacle(guild, subscription)}"


def restored_words(guild: discord.Guild, subscription: Subscription) -> str:
    """What it gets after its removal was undone."""
    spec = subscription.spec
    text = f"It is back: <#{spec.channel_id}> gets {describe_rules(spec.rules)}."
    return text + still_paused(subscription) + _obstacle(guild, subscription)


def _obstacle(guild: discord.Guild, subscription: Subscription) -> str:
    """What has to be granted first, where nobody has looked."""
    channel = guild.get_channel_or_thread(subscription.spec.channel_id)
    if not isinstance(channel, discord.TextChannel | discord.Thread):
        return " I can't see that channel, though: grant me **View Channel** there."
    if missing := missing_permissions(channel):
        names = ", ".join(missing)
        return f" I can't post there yet: grant me **{names}** (Edit Channel → Permissions)."
    return ""


def _best(count: int) -> str:
    return "The best one so far" if count == 1 else f"The best {count} so far"


def _when(subscription: Subscription, count: int) -> str:
    """What may have to wait for the end of quiet hours is not called on the way."""
    if subscription.spec.delivery.quiet:
        return f"{'comes' if count == 1 else 'come'} outside the quiet hours"
    return f"{'is' if count == 1 else 'are'} on the way"


def _first(delivery: DeliveryOptions, now: datetime) -> str:
    """When the first story comes, where none is there to begin with."""
    if delivery.digest:
        first = relative_time(first_due(delivery, now))
        return f"The first digest comes {first}, if there is something by then."
    outside = " outside these hours" if delivery.quiet else ""
    return f"New stories will come as they appear{outside}."


def _what(subscription: Subscription) -> str:
    parts = [
        describe_rules(subscription.spec.rules),
        *describe_delivery(subscription.spec.delivery),
    ]
    return "; ".join(parts)


def _advice(guild: discord.Guild, subscription: Subscription) -> str:
    mention = subscription.spec.delivery.mention
    role = guild.get_role(mention.role_id) if mention else None
    channel = guild.get_channel_or_thread(subscription.spec.channel_id)
    if role is None or not isinstance(channel, discord.TextChannel | discord.Thread):
        return ""
    advice = mention_advice(channel, role)
    return f"\n{advice}" if advice else ""
