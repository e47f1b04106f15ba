"""What becomes of feeds that are connected to channels: sources and subscriptions. Pure.

A subscription of a feed is one to its provider, so each source gets a name of its own as provider.
The feeds of a channel share subscriptions, since a server has a limited number of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bot.config.sources import MAX_NAME_LENGTH, FeedSettings, SourceSettings
from bot.switching.feeds import ListedFeed, Outcome, Result, compare_with_settings, setting_name
from bot.switching.monitorrss import ConnectedFeed, Connection
from bot.urls.normalise import comparable_address
from storage.models import (
    MAX_NAMES,
    MAX_PER_HOUR,
    DeliveryOptions,
    Mention,
    Rules,
    Subscription,
    SubscriptionSpec,
)

# Of a host in the name of a provider.
_LONGEST_PLACE = 50
_NO_PROVIDER = "its source has no `provider`; add one in the settings, and import again"


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to new subscriptions: limits per server, and values that the list lacks."""

    max_per_server: int
    max_channels: int
    min_quality: int
    max_per_hour: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import reports and adds; `subscriptions` are pairs with the server."""

    results: Sequence[Result]
    sources: Sequence[Mapping[str, object]]
    subscriptions: Sequence[tuple[int, SubscriptionSpec]]


def plan_import(
    feeds: Sequence[ConnectedFeed],
    sources: Sequence[SourceSettings],
    existing: Mapping[int, Sequence[Subscription]],
    terms: Terms,
) -> Plan:
    """Decide about each feed and each of its channels. `existing` are subscriptions by server."""
    named, providers = _name_providers([each.feed for each in feeds], sources)
    feed_results, added = compare_with_settings(named, sources)
    desk = _Subscriptions(existing, terms)
    results = list[Result]()
    for feed, provider, result, each in zip(named, providers, feed_results, feeds, strict=True):
        results.append(result)
        for connection in each.connections if feed.problem is None else ():
            outcome, notes = desk.connect(connection, provider)
            place = f"channel {connection.channel_id} of server {connection.guild_id}"
            results.append(Result(outcome, f"{provider or feed.name} in {place}", notes))
    return Plan(results, added, desk.specs())


def _name_providers(
    feeds: Sequence[ListedFeed], sources: Sequence[SourceSettings]
) -> tuple[Sequence[ListedFeed], Sequence[str | None]]:
    """Give each new feed a provider of its own; also return the provider of each feed."""
    taken = {source.provider.name.casefold() for source in sources if source.provider}
    known: dict[str, str | None] = {
        comparable_address(source.feed): source.provider.name if source.provider else None
        for source in sources
        if isinstance(source, FeedSettings)
    }
    named, providers = list[ListedFeed](), list[str | None]()
    for feed in feeds:
        if feed.problem is not None:
            named.append(feed)
            providers.append(None)
            continue
        address = str(feed.settings["feed"])
        key = comparable_address(address)
        if key not in known:
            host = (urlsplit(address).hostname or "").removeprefix("www.")
            name = str(feed.settings.get("provider", host[:MAX_NAME_LENGTH]))
            known[key] = _free_name(name, host, taken)
        named.append(replace(feed, settings={**feed.settings, "provider": known[key]}))
        providers.append(known[key])
    return named, providers


def _free_name(name: str, host: str, taken: set[str]) -> str:
    """A name that no other source has; adds it to those that are taken."""
    candidate, number = name, 1
    place = setting_name(host[:_LONGEST_PLACE])
    while candidate.casefold() in taken:
        addition = f" ({place})" if number == 1 else f" ({place} {number})"
        candidate, number = f"{name[: MAX_NAME_LENGTH - len(addition)]}{addition}", number + 1
    taken.add(candidate.casefold())
    return candidate


@dataclass(slots=True)
class _Subscriptions:
    """The subscriptions of all servers, with those that are added."""

    existing: Mapping[int, Sequence[Subscription]]
    terms: Terms
    # The providers of each new subscription.
    _added: dict[Connection, list[list[str]]] = field(default_factory=dict)

    def connect(
        self, connection: Connection, provider: str | None
    ) -> tuple[Outcome, tuple[str, ...]]:
        """Subscribe a channel to a provider, if it isn't yet; return what becomes of it."""
        if connection.problem is not None:
            return Outcome.UNSUPPORTED, (connection.problem,)
        if provider is None:
            return Outcome.UNSUPPORTED, (_NO_PROVIDER,)
        if self._has(connection.channel_id, provider):
            return Outcome.PRESENT, ()
        groups = self._added.setdefault(replace(connection, notes=()), [])
        if not groups or len(groups[-1]) == MAX_NAMES:
            if (problem := self._limit(connection)) is not None:
                return Outcome.UNSUPPORTED, (problem,)
            groups.append([])
        groups[-1].append(provider)
        return Outcome.ADDED, connection.notes

    def specs(self) -> Sequence[tuple[int, SubscriptionSpec]]:
        """The specifications of the new subscriptions, each with its server."""
        return [
            (connection.guild_id, self._specification(connection, providers))
            for connection, groups in self._added.items()
            for providers in groups
        ]

    def _specification(self, connection: Connection, providers: Sequence[str]) -> SubscriptionSpec:
        limit = connection.max_per_hour
        first, second = (*map(Mention, connection.role_ids), None, None)[:2]
        return SubscriptionSpec(
            connection.channel_id,
            Rules(min_quality=self.terms.min_quality, providers=tuple(providers)),
            self.terms.max_per_hour if limit is None else min(limit, MAX_PER_HOUR),
            DeliveryOptions(mention=first, second_mention=second),
        )

    def _has(self, channel_id: int, provider: str) -> bool:
        listed = [
            name
            for subscriptions in self.existing.values()
            for each in subscriptions
            if each.spec.channel_id == channel_id
            for name in each.spec.rules.providers
        ]
        listed += [
            name
            for connection, groups in self._added.items()
            if connection.channel_id == channel_id
            for providers in groups
            for name in providers
        ]
        return provider.casefold() in {name.casefold() for name in listed}

    def _limit(self, connection: Connection) -> str | None:
        """Why a server can't have another subscription; None if it can."""
        guild_id = connection.guild_id
        channels = [each.spec.channel_id for each in self.existing.get(guild_id, ())]
        for added, groups in self._added.items():
            if added.guild_id == guild_id:
                channels += [added.channel_id] * len(groups)
        return limit_reached(channels, connection.channel_id, self.terms)


def limit_reached(channels: Sequence[int], channel_id: int, terms: Terms) -> str | None:
    """Why a channel can't have another subscription; None if it can.

    `channels` are those of all subscriptions of its server.
    """
    if len(channels) >= terms.max_per_server:
        return (
            f"the server would have more than {terms.max_per_server} subscriptions"
            " (`subscriptions.max_per_server`)"
        )
    if len({*channels, channel_id}) > terms.max_channels:
        return (
            f"the server would have subscriptions in more than {terms.max_channels} channels"
            " (`subscriptions.max_channels`)"
        )
    return None
