"""Finds, adds, changes and removes subscriptions for admins, after checking what is allowed.

The commands, the editor and the import of a file share this module.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import discord

from bot.announce import subscription_lifecycle as lifecycle
from bot.announce.schedule import first_due
from bot.clock import Clock
from bot.discordapp.ids import parse_id
from bot.discordapp.interactions import Refusal
from bot.discordapp.membership import UNDO_PERIOD
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages.errors import impossible_value
from bot.discordapp.permissions import (
    PostingChannel,
    can_discuss,
    can_publish,
    find_posting_channel,
    missing_permissions,
    usable_tags,
)
from bot.discordapp.rendering.forum import find_tag
from bot.discordapp.subscriptions.options import impossible_option
from bot.discordapp.subscriptions.timezones import UTC
from storage.errors import DamagedRowError, NotFoundError
from storage.models import (
    DamagedSubscription,
    DeliveryOptions,
    Kind,
    NewSubscription,
    PausedBy,
    Rules,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.protocols import GuildStore, StoryStore


class ActionStore(lifecycle.LifecycleStore, GuildStore, StoryStore, Protocol):
    """What the actions need of a store."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """Values for the options that a new subscription does not set."""

    min_quality: int
    catch_up: int
    max_age: timedelta | None
    max_per_hour: int | None
    # How long articles stay in the archive; None: for ever.
    retention: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many subscriptions one server may have, and in how many channels."""

    per_server: int
    channels: int


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoes a change of a subscription; `changed_to` is None for a pause."""

    before: lifecycle.Before
    changed_to: SubscriptionSpec | None = None


@dataclass(slots=True)
class SubscriptionActions:
    """Finds, adds and changes a server's subscriptions.

    Raises `Refusal` if something is not allowed. `defaults` and `limits` may be replaced. `planned`
    is set when there may be posts to send.
    """

    store: ActionStore
    clock: Clock
    defaults: Defaults
    limits: Limits
    make_nonce: Callable[[], str]
    planned: asyncio.Event
    # Nothing else may change between a check and the change that it allows.
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def default_spec(self, channel_id: int, timezone: str = UTC) -> SubscriptionSpec:
        """The specification of a new subscription if no option is given."""
        return SubscriptionSpec(
            channel_id,
            Rules(min_quality=self.defaults.min_quality),
            self.defaults.max_per_hour,
            DeliveryOptions(timezone=timezone),
        )

    async def default_timezone(self, guild_id: int) -> str:
        """The newest time zone of the server's subscriptions that isn't UTC, or UTC."""
        zones = [each.spec.delivery.timezone for each in await self.list_subscriptions(guild_id)]
        return next((zone for zone in reversed(zones) if zone != UTC), UTC)

    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """A server's subscriptions, or those of one of its channels, the oldest first."""
        return await self.store.list_subscriptions(guild_id, channel_id)

    async def get(self, guild_id: int, subscription_id: int) -> Subscription:
        """Return a subscription of the server."""
        try:
            return await self.store.get_subscription(guild_id, subscription_id)
        except NotFoundError as error:
            raise Refusal(refusals.NOT_FOUND) from error
        except DamagedRowError as error:
            raise Refusal(refusals.DAMAGED) from error

    async def find(self, guild_id: int, typed: str) -> Subscription:
        """Return the subscription that was chosen from autocompletion."""
        if (subscription_id := parse_id(typed.strip())) is None:
            raise Refusal(refusals.NOT_CHOSEN)
        return await self.get(guild_id, subscription_id)

    async def spell_topics(self, spec: SubscriptionSpec) -> tuple[SubscriptionSpec, Sequence[str]]:
        """Spell topics as the stories do; also returns the wanted ones without any stories."""
        topics, unknown = await self._spell(spec.rules.topics)
        without, _ = await self._spell(spec.rules.without_topics)
        rules = replace(spec.rules, topics=topics, without_topics=without)
        return replace(spec, rules=rules), unknown

    async def _spell(self, names: Iterable[str]) -> tuple[tuple[str, ...], Sequence[str]]:
        spelled, unknown = [], []
        for name in names:
            try:
                spelled.append((await self.store.get_topic(name)).name)
            except NotFoundError:
                spelled.append(name)
                unknown.append(name)
        return tuple(spelled), unknown

    async def add(
        self, guild: discord.Guild, person: discord.Member, spec: SubscriptionSpec, catch_up: int
    ) -> tuple[Subscription, int]:
        """Subscribe a channel; also returns the number of stories that it starts with.

        Those are the best ones so far, at most `catch_up`.
        """
        async with self._one_at_a_time:
            await self._check(guild, person, spec)
            added = await lifecycle.subscribe(
                self.store,
                NewSubscription(guild.id, person.id, self.clock.now(), spec),
                catch_up=catch_up,
                max_age=self.defaults.max_age,
                make_nonce=self.make_nonce,
                retention=self.defaults.retention,
            )
        self.planned.set()
        return added

    async def first_stories(
        self, guild_id: int, spec: SubscriptionSpec, catch_up: int
    ) -> Sequence[Story]:
        """The stories that `add` would start with, in the order in which they are posted."""
        new = NewSubscription(guild_id, 0, self.clock.now(), spec)
        return await lifecycle.find_catch_up(
            self.store, new, catch_up=catch_up, retention=self.defaults.retention
        )

    async def change(
        self,
        guild: discord.Guild,
        person: discord.Member,
        subscription_id: int,
        spec: SubscriptionSpec,
    ) -> tuple[Subscription, Undo]:
        """Change a subscription of the server; also returns what `undo` takes."""
        async with self._one_at_a_time:
            subscription = await self.get(guild.id, subscription_id)
            await self._check(guild, person, spec, instead_of=subscription)
            if subscription.paused_by is PausedBy.BOT:
                # Nothing is known to be missing any more; sending finds out.
                await self.store.resume_channel(spec.channel_id, PausedBy.BOT)
            before = await lifecycle.remember(self.store, subscription, self.clock.now())
            changed = await self._change(subscription, spec)
        return changed, Undo(before, spec)

    async def _change(
        self,
        subscription: Subscription,
        spec: SubscriptionSpec,
        undo: lifecycle.Before | None = None,
    ) -> Subscription:
        now = self.clock.now()
        changed = await lifecycle.change_subscription(
            self.store,
            subscription,
            spec,
            max_age=self.defaults.max_age,
            due_at=first_due(spec.delivery, now),
            now=now,
            undo=undo,
        )
        self.planned.set()
        return changed

    async def count_waiting(self, subscription: Subscription) -> int:
        """The number of stories that wait for a subscription, or are just being sent."""
        activity = await self.store.subscription_activity(
            subscription.guild_id, subscription.id, self.clock.now()
        )
        return activity.waiting

    async def pause(self, subscription: Subscription) -> Undo:
        """Pause a subscription until it is resumed; return what `undo` takes."""
        guild_id, now = subscription.guild_id, self.clock.now()
        async with self._one_at_a_time:
            before = await lifecycle.remember(self.store, subscription, now)
            await lifecycle.pause_subscription(self.store, guild_id, subscription.id, now)
        return Undo(before)

    async def resume(
        self, subscription: Subscription, undo: lifecycle.Before | None = None
    ) -> None:
        """End a pause that an admin made."""
        now, max_age = self.clock.now(), self.defaults.max_age
        await lifecycle.resume_subscription(
            self.store, subscription, now, max_age=max_age, undo=undo
        )
        self.planned.set()

    async def undo(self, guild: discord.Guild, person: discord.Member, undo: Undo) -> Subscription:
        """Undo a pause or a change within an hour, unless somebody has changed it since."""
        before, changed_to = undo.before, undo.changed_to
        async with self._one_at_a_time:
            current = await self.get(guild.id, before.subscription_id)
            paused = current.paused_by is PausedBy.ADMIN
            if (
                self.clock.now() - before.at > UNDO_PERIOD
                or current.spec != (changed_to or before.spec)
                or (changed_to is None and not paused)
            ):
                raise Refusal(refusals.CANNOT_UNDO_CHANGE)
            if changed_to is None:
                await self.resume(current, before)
            else:
                await self._check(guild, person, before.spec, instead_of=current)
                await self._change(current, before.spec, before)
            return await self.get(guild.id, before.subscription_id)

    async def remove(self, guild_id: int, subscription_id: int) -> Subscription:
        """Remove a subscription, so that it can be restored within an hour."""
        now = self.clock.now()
        try:
            return await lifecycle.remove_subscription(self.store, guild_id, subscription_id, now)
        except NotFoundError as error:
            raise Refusal(refusals.NOT_FOUND) from error

    async def list_damaged(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[DamagedSubscription]:
        """A server's damaged subscriptions, or those that may be of one of its channels."""
        return [
            each
            for each in await self.store.damaged_subscriptions(guild_id)
            if channel_id is None or each.channel_id in {None, channel_id}
        ]

    async def remove_damaged(self, guild_id: int, typed: str) -> bool:
        """Remove the subscription that was chosen if it is damaged; return whether it was."""
        subscription_id = parse_id(typed.strip())
        if subscription_id is None:
            return False
        try:
            await lifecycle.remove_damaged(self.store, guild_id, subscription_id, self.clock.now())
        except NotFoundError:
            return False
        return True

    async def restore(self, guild: discord.Guild, subscription_id: int) -> Subscription:
        """Undo a removal."""
        async with self._one_at_a_time:
            now = self.clock.now()
            try:
                restored = await lifecycle.restore_subscription(
                    self.store, guild.id, subscription_id, now
                )
            except NotFoundError as error:
                raise Refusal(refusals.CANNOT_UNDO) from error
            try:
                await self._check_server(guild.id, restored.spec, instead_of=restored)
            except Refusal:
                await lifecycle.remove_subscription(self.store, guild.id, subscription_id, now)
                raise
        self.planned.set()
        return restored

    async def _check(
        self,
        guild: discord.Guild,
        person: discord.Member,
        spec: SubscriptionSpec,
        *,
        instead_of: Subscription | None = None,
    ) -> None:
        if (option := impossible_option(spec)) is not None:
            raise Refusal(impossible_value(option))
        channel = await find_channel(guild, person, spec.channel_id)
        if problem := find_channel_problem(channel, spec):
            raise Refusal(problem)
        for mention in spec.delivery.mentions:
            check_role(guild, mention.role_id)
        known = instead_of.spec.rules.not_in if instead_of else ()
        for channel_id in set(spec.rules.not_in).difference(known):
            if await find_posting_channel(guild, channel_id) is None:
                raise Refusal(refusals.EXCLUDED_CHANNEL_GONE)
        await self._check_server(guild.id, spec, instead_of)

    async def _check_server(
        self, guild_id: int, spec: SubscriptionSpec, instead_of: Subscription | None
    ) -> None:
        """Raise `Refusal` for a duplicate, and at the server's limits."""
        others = [
            each
            for each in await self.list_subscriptions(guild_id)
            if instead_of is None or each.id != instead_of.id
        ]
        wanted = comparable(spec)
        if duplicate := next((other for other in others if comparable(other.spec) == wanted), None):
            raise Refusal(refusals.already_subscribed(duplicate))
        if len(others) >= self.limits.per_server:
            raise Refusal(refusals.too_many_subscriptions(len(others), self.limits.per_server))
        channels = {other.spec.channel_id for other in others} | {spec.channel_id}
        if len(channels) > self.limits.channels:
            raise Refusal(refusals.too_many_channels(len(channels) - 1, self.limits.channels))


def comparable(spec: SubscriptionSpec) -> tuple[object, ...]:
    """The channel and the rules, to compare subscriptions; case and order of names don't matter.

    A channel gets a story once, so the newer of two subscriptions with the same rules would post
    nothing.
    """
    rules = spec.rules
    names = (rules.topics, rules.without_topics, rules.providers, rules.words, rules.without_words)
    return (
        spec.channel_id,
        rules.min_quality,
        rules.min_heat,
        frozenset(rules.kinds or Kind),
        frozenset(rules.not_in),
        *(frozenset(name.casefold() for name in each) for each in names),
    )


async def find_channel(
    guild: discord.Guild, person: discord.Member, channel_id: int
) -> PostingChannel:
    """Return a channel of this server that the person sees and the bot may be able to post in."""
    channel = await find_posting_channel(guild, channel_id)
    if channel is None:
        raise Refusal(refusals.NO_POSTING_CHANNEL)
    if not channel.permissions_for(person).view_channel:
        raise Refusal(refusals.CHANNEL_HIDDEN_FROM_PERSON)
    return channel


def find_channel_problem(channel: PostingChannel, spec: SubscriptionSpec) -> str | None:
    """Why a subscription can't use a channel; None if it can."""
    if missing := missing_permissions(channel, discuss=spec.delivery.discuss):
        return refusals.missing_permissions(channel.id, missing)
    return find_misfit(channel, spec)


def find_misfit(channel: PostingChannel, spec: SubscriptionSpec) -> str | None:
    """Why the kind of a channel, or its tags, don't fit a subscription; None if they do."""
    delivery = spec.delivery
    if delivery.publish and not can_publish(channel):
        return refusals.no_announcement_channel(channel.id)
    if delivery.discuss and not can_discuss(channel):
        return refusals.no_threads(channel.id)
    if isinstance(channel, discord.ForumChannel) and channel.flags.require_tag:
        tags = [(tag.id, tag.name) for tag in usable_tags(channel)]
        if find_tag(delivery.fallback_tag, tags) is None:
            return refusals.tag_required(channel.id, [name for _, name in tags])
    return None


def check_role(guild: discord.Guild, role_id: int) -> discord.Role:
    """Return a role of this server that can be mentioned."""
    role = guild.get_role(role_id)
    if role is None:
        raise Refusal(refusals.ROLE_GONE)
    if role.is_default():
        raise Refusal(refusals.ROLE_IS_EVERYONE)
    return role
