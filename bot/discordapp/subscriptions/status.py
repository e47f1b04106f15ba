"""The answer of `/subscriptions status`: what became of posts, and what is missing. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import discord

from bot.announce.policy import left_to
from bot.discordapp.messages.channels import AGE_RESTRICTED, ARCHIVED
from bot.discordapp.messages.fitting import fit_entries
from bot.discordapp.messages.subscription_reports import (
    STATUS_TITLE,
    describe_status,
    status_footer,
)
from bot.discordapp.messages.subscription_summary import IsDeletedRole
from bot.discordapp.permissions import PostingChannel, missing_permissions
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.subscriptions.actions import find_misfit
from storage.models import PausedBy, Subscription, SubscriptionActivity

SINCE = timedelta(days=7)
_DESCRIPTION = 3900

FindChannel = Callable[[int], PostingChannel | None]


def status_embed(
    activities: Sequence[tuple[Subscription, SubscriptionActivity]],
    server: Sequence[Subscription],
    find_channel: FindChannel,
    now: datetime,
    is_deleted: IsDeletedRole = lambda _: False,
) -> discord.Embed:
    """Subscriptions with what became of their posts since `SINCE`, as many as fit.

    Those of a channel are together, and what is wrong with the channel is said once. `server` are
    all subscriptions of the server. `is_deleted` says whether the role with an id was deleted.
    """
    active = {each.spec.channel_id for each in server if each.paused_by is not PausedBy.ADMIN}
    discussed = {each.spec.channel_id for each, _ in activities if each.spec.delivery.discuss}
    places = dict.fromkeys(each.spec.channel_id for each, _ in activities)
    order = {channel_id: place for place, channel_id in enumerate(places)}
    entries, said = list[str](), set[int]()
    for subscription, activity in sorted(
        activities, key=lambda each: order[each[0].spec.channel_id]
    ):
        channel_id = subscription.spec.channel_id
        channel, discuss = find_channel(channel_id), channel_id in discussed
        missing = None if channel is None else missing_permissions(channel, discuss=discuss)
        entries.append(
            describe_status(
                subscription,
                activity,
                missing,
                now,
                is_deleted=is_deleted,
                idle=sorted(left_to(subscription.spec) - active),
                notes=[] if channel is None else _notes(channel),
                problem=None if channel is None else find_misfit(channel, subscription.spec),
                is_first=channel_id not in said,
            )
        )
        said.add(channel_id)
    embed = discord.Embed(
        title=STATUS_TITLE, description=fit_entries(entries, _DESCRIPTION), colour=ACCENT
    )
    embed.set_footer(text=status_footer(SINCE))
    return embed


def _notes(channel: PostingChannel) -> list[str]:
    """What is special about a channel."""
    archived = isinstance(channel, discord.Thread) and channel.archived
    notes = {ARCHIVED: archived, AGE_RESTRICTED: channel.is_nsfw()}
    return [note for note, applies in notes.items() if applies]
