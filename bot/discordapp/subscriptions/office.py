"""What is done for admins, whichever way they asked: checks against the server, then the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

import discord

from bot.announce.schedule import first_due
from bot.announce.subscribing import change_subscription, resume_subscription, subscribe
from bot.clock import Clock
from bot.discordapp.messages.pending import still_paused
from bot.discordapp.permissions import PostingChannel, grant_advice, missing_permissions
from bot.discordapp.subscriptions.access import NOT_THERE, Refusal
from bot.discordapp.subscriptions.history import Estimate, estimate
from bot.discordapp.subscriptions.timezones import UTC
from bot.discordapp.subscriptions.wish import Wish, is_same, wish_of
from bot.discordapp.subscriptions.words import describe_rules
from storage.errors import NotFoundError
from storage.models import (
    DeliveryOptions,
    NewSubscription,
    Rules,
    Subscription,
    SubscriptionSpec,
)
from storage.protocols import Store
from storage.reasons import PausedByAdmin

Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new subscription gets where the admin says nothing."""

    min_quality: int
    catch_up: int
    max_age: timedelta | None
    max_per_hour: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one server may ask for."""

    per_server: int
    channels: int


class Office:
    """Adds and changes subscriptions. Whatever can't be done raises `Refusal`, in words.

    `planned` is set when there may be something to send.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        defaults: Defaults,
        limits: Limits,
        make_nonce: Callable[[], str],
        planned: asyncio.Event,
    ) -> None:
        self.store = store
        self.clock = clock
        self.defaults = defaults
        self._limits = limits
        self._make_nonce = make_nonce
        self._planned = planned
        # What is checked must still be so when it is done.
        self._one_at_a_time = asyncio.Lock()

    async def usual(self, guild_id: int, channel_id: int) -> Wish:
        """What a new subscription is if nothing is said; the time zone is the server's latest."""
        return Wish(
            channel_id,
            Rules(min_quality=self.defaults.min_quality),
            self.defaults.max_per_hour,
            DeliveryOptions(timezone=await self.usual_timezone(guild_id)),
            self.defaults.catch_up,
        )

    async def usual_timezone(self, guild_id: int) -> str:
        """The zone that the server's newest subscription names."""
        zones = [
            each.spec.delivery.timezone for each in await self.store.list_subscriptions(guild_id)
        ]
        return next((zone for zone in reversed(zones) if zone != UTC), UTC)

    async def estimate(self, rules: Rules) -> Estimate:
        """What these rules would have brought lately."""
        return await estimate(self.store, rules, self.clock.now())

    async def spelled(self, names: Iterable[str]) -> tuple[Names, Names]:
        """Topics as the archive spells them, and those of them that no story is about."""
        spelled, unknown = [], []
        for name in names:
            try:
                spelled.append((await self.store.get_topic(name)).name)
            except NotFoundError:
                spelled.append(name)
                unknown.append(name)
        return tuple(spelled), tuple(unknown)

    async def add(
        self, guild: discord.Guild, person: discord.Member, wish: Wish
    ) -> tuple[Subscription, int]:
        """Subscribe a channel; answers also how many stories it gets at once."""
        async with self._one_at_a_time:
            channel = await self._check(guild, person, wish)
            added = await subscribe(
                self.store,
                NewSubscription(
                    guild_id=guild.id,
                    created_by=person.id,
                    created_at=self.clock.now(),
                    spec=_spec(wish, channel),
                ),
                catch_up=wish.catch_up,
                max_age=self.defaults.max_age,
                make_nonce=self._make_nonce,
            )
        self._planned.set()
        return added

    async def change(
        self, guild: discord.Guild, person: discord.Member, subscription_id: int, wish: Wish
    ) -> Subscription:
        """Change a subscription, whoever made it."""
        async with self._one_at_a_time:
            subscription = await self._get(guild.id, subscription_id)
            channel = await self._check(guild, person, wish, instead_of=subscription)
            now = self.clock.now()
            changed = await change_subscription(
                self.store,
                subscription,
                _spec(wish, channel),
                max_age=self.defaults.max_age,
                due_at=first_due(wish.delivery, now),
                now=now,
            )
        self._planned.set()
        return changed

    async def pause(self, guild_id: int, subscription_id: int) -> Subscription:
        """Let it post nothing until it is resumed."""
        subscription = await self._get(guild_id, subscription_id)
        now: datetime = self.clock.now()
        await self.store.pause_subscription(guild_id, subscription_id, PausedByAdmin(), now)
        return subscription

    async def resume(self, guild_id: int, subscription_id: int) -> Subscription:
        """End a pause that an admin made."""
        subscription = await self._get(guild_id, subscription_id)
        await resume_subscription(self.store, subscription, now=self.clock.now())
        self._planned.set()
        return subscription

    async def remove(self, guild_id: int, subscription_id: int) -> Subscription:
        """Unsubscribe; for an hour that can be undone."""
        try:
            return await self.store.remove_subscription(guild_id, subscription_id, self.clock.now())
        except NotFoundError as error:
            raise Refusal(NOT_THERE) from error

    async def restore(self, guild: discord.Guild, subscription_id: int) -> Subscription:
        """Undo a removal."""
        async with self._one_at_a_time:
            try:
                restored = await self.store.restore_subscription(guild.id, subscription_id)
            except NotFoundError as error:
                raise Refusal(
                    "That can't be undone any more; it was removed more than an hour ago, or it is"
                    " back already. `/subscriptions list` shows what there is."
                ) from error
            try:
                await self._check_server(guild.id, wish_of(restored), instead_of=restored)
            except Refusal:
                await self.store.remove_subscription(guild.id, subscription_id, self.clock.now())
                raise
        self._planned.set()
        return restored

    async def _get(self, guild_id: int, subscription_id: int) -> Subscription:
        try:
            return await self.store.get_subscription(guild_id, subscription_id)
        except NotFoundError as error:
            raise Refusal(NOT_THERE) from error

    async def _check(
        self,
        guild: discord.Guild,
        person: discord.Member,
        wish: Wish,
        *,
        instead_of: Subscription | None = None,
    ) -> PostingChannel:
        channel = find_channel(guild, person, wish.channel_id)
        if missing := missing_permissions(channel):
            raise Refusal(grant_advice(channel, missing))
        if wish.delivery.mention:
            check_role(guild, wish.delivery.mention.role_id)
        await self._check_server(guild.id, wish, instead_of)
        return channel

    async def _check_server(
        self, guild_id: int, wish: Wish, instead_of: Subscription | None
    ) -> None:
        """Whether the server has something like it, or too much already."""
        others = [
            each
            for each in await self.store.list_subscriptions(guild_id)
            if instead_of is None or each.id != instead_of.id
        ]
        if twin := next((other for other in others if is_same(wish, wish_of(other))), None):
            raise Refusal(
                f"<#{wish.channel_id}> already gets {describe_rules(wish.rules)}."
                f"{still_paused(twin)} `/subscriptions edit` changes how, `/subscriptions list`"
                " shows them all."
            )
        if len(others) >= self._limits.per_server:
            raise Refusal(
                f"This server has {len(others)} subscriptions; {self._limits.per_server} are the"
                " limit here. Remove one, or put topics together in one."
            )
        channels = {other.spec.channel_id for other in others} | {wish.channel_id}
        if len(channels) > self._limits.channels:
            raise Refusal(
                f"I post in {len(channels) - 1} channels of this server already;"
                f" {self._limits.channels} are the limit here."
            )


def _spec(wish: Wish, channel: PostingChannel) -> SubscriptionSpec:
    return SubscriptionSpec(channel.id, wish.rules, wish.max_per_hour, wish.delivery)


def find_channel(guild: discord.Guild, person: discord.Member, channel_id: int) -> PostingChannel:
    """A channel of this server that can be posted in, and that the person sees."""
    channel = guild.get_channel_or_thread(channel_id)
    if not isinstance(channel, discord.TextChannel | discord.Thread):
        raise Refusal("Please name a text channel of this server with `channel:`.")
    if not channel.permissions_for(person).view_channel:
        raise Refusal("You can't see that channel yourself. Please choose another one.")
    return channel


def check_role(guild: discord.Guild, role_id: int) -> discord.Role:
    """A role of this server that can be mentioned."""
    role = guild.get_role(role_id)
    if role is None:
        raise Refusal("That role is not there any more. Please choose another one.")
    if role.is_default():
        raise Refusal("I don't mention everyone. Please choose another role.")
    return role


def mention_advice(channel: PostingChannel, role: discord.Role) -> str | None:
    """What is missing for a mention to notify anybody, or None."""
    held = channel.permissions_for(channel.guild.me)
    if role.mentionable or held.mention_everyone:
        return None
    return (
        f"Nobody is notified yet: let {role.mention} be mentioned by anyone (Server Settings →"
        " Roles), or grant me **Mention @everyone, @here, and All Roles**."
    )


def with_topics(rules: Rules, topics: Names, without_topics: Names) -> Rules:
    """The same rules with topics spelled anew."""
    return replace(rules, topics=topics, without_topics=without_topics)
