"""Confirms changes of subscriptions, with what still keeps posts or mentions from working."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.discordapp.messages.subscription_confirmations import (
    confirm_added,
    confirm_changed,
    confirm_restored,
    confirm_resumed,
    confirm_undone,
)
from bot.discordapp.permissions import (
    find_posting_channel,
    get_posting_channel,
    missing_permissions,
)
from storage.models import Subscription


def confirm_added_in(
    guild: discord.Guild,
    subscription: Subscription,
    catch_up: int,
    now: datetime,
    unknown_topics: Sequence[str] = (),
) -> str:
    """Confirm a new subscription; see `confirm_added`."""
    return confirm_added(
        subscription,
        catch_up,
        now,
        unknown_topics=unknown_topics,
        unnotified_roles=_unnotified_roles(guild, subscription),
    )


def confirm_changed_in(guild: discord.Guild, subscription: Subscription) -> str:
    """Confirm a change."""
    return confirm_changed(subscription, unnotified_roles=_unnotified_roles(guild, subscription))


async def confirm_resumed_in(guild: discord.Guild, subscription: Subscription, waiting: int) -> str:
    """Confirm the end of a pause, during which `waiting` stories waited."""
    missing = await _missing_permissions(guild, subscription)
    return confirm_resumed(subscription, waiting, missing)


async def confirm_restored_in(guild: discord.Guild, subscription: Subscription) -> str:
    """Confirm that a removal was undone."""
    return confirm_restored(subscription, await _missing_permissions(guild, subscription))


async def confirm_undone_in(guild: discord.Guild, subscription: Subscription) -> str:
    """Confirm that a pause or a change was undone."""
    return confirm_undone(subscription, await _missing_permissions(guild, subscription))


async def _missing_permissions(
    guild: discord.Guild, subscription: Subscription
) -> Sequence[str] | None:
    """The permissions that the bot lacks in the channel; None if it can't see the channel."""
    channel = await find_posting_channel(guild, subscription.spec.channel_id)
    return None if channel is None else missing_permissions(channel)


def _unnotified_roles(guild: discord.Guild, subscription: Subscription) -> Sequence[int]:
    """The mentioned roles of which Discord would notify no member."""
    spec = subscription.spec
    channel = get_posting_channel(guild, spec.channel_id)
    if channel is None or channel.permissions_for(guild.me).mention_everyone:
        return []
    roles = [guild.get_role(each.role_id) for each in spec.delivery.mentions]
    return [role.id for role in roles if role is not None and not role.mentionable]
