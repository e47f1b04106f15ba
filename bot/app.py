"""The composition root: opens everything, runs it, and closes it in order."""

import asyncio
import logging
import os
import random
import secrets
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.circuit_breaker import CircuitBreaker
from bot.announce.delivery import Delivery
from bot.announce.outbox import Outbox
from bot.announce.planner import Planner
from bot.announce.rate_limiter import RateLimiter
from bot.announce.recovery import Recovery
from bot.announce.sender import Sender
from bot.clock import Clock
from bot.config.changes import SettingsChanges, find_changes, settings_in_force
from bot.config.settings import Settings
from bot.discordapp.client import StorywireClient
from bot.discordapp.command_sync import CommandSync, remove_former_commands
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.help_commands import setup as setup_help
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.membership import Membership
from bot.discordapp.messages.owner import describe_reload
from bot.discordapp.news import setup as setup_news
from bot.discordapp.news.topic_chart import TopicCharts
from bot.discordapp.notices import Notices
from bot.discordapp.outcomes import InvalidRequests
from bot.discordapp.owner import setup as setup_owner
from bot.discordapp.owner.owners import Owners
from bot.discordapp.poster import DiscordPoster
from bot.discordapp.reported_removals import DiscordDirectory
from bot.discordapp.subscriptions import setup as setup_subscriptions
from bot.discordapp.subscriptions.actions import Defaults, Limits, SubscriptionActions
from bot.errors import SourceError
from bot.ingest.factory import SourceFactory, topic_rules
from bot.ingest.supervisor import SourceSupervisor
from bot.ingest.text import pluralize
from bot.push.server import accept_articles
from bot.retention import Retention
from bot.scheduled_backups import BackupSchedule, ScheduledBackups
from bot.telemetry.measured_poster import MeasuredPoster
from bot.telemetry.metrics import Metrics
from bot.telemetry.reading import WatchedBot
from bot.telemetry.telemetry import Telemetry
from bot.urls.redaction import redact
from storage.errors import StorywireError
from storage.models import LoadCounts
from storage.open import open_store
from storage.protocols import Store

T = TypeVar("T")

logger = logging.getLogger(__name__)

# How long the sends in flight may take when the bot stops; see docs/architecture.md.
DRAIN_SECONDS = 8
# Discord's own limit, in requests per second over all routes.
GLOBAL_RATE = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of the bot's start.

    `connected`: it is connected to Discord. `loaded`: every source was read once, successfully or
    not, so that an unavailable source does not delay the start.
    """

    connected: asyncio.Event = field(default_factory=asyncio.Event)
    loaded: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Reloading:
    """How to read the settings again while the bot runs: whenever `wanted` is set.

    `read` gets the settings in force. It may raise `StorywireError`; then they stay in force.
    """

    read: Callable[[Settings], Settings] = lambda settings: settings
    wanted: asyncio.Event = field(default_factory=asyncio.Event)


async def run_bot(
    settings: Settings,
    token: str,
    clock: Clock,
    stop: asyncio.Event,
    progress: Progress | None = None,
    reloading: Reloading | None = None,
) -> None:
    """Run the bot until `stop` is set, then finish the sends in flight and close everything.

    Raises `StorywireError` for errors that an operator can fix.
    """
    progress = progress or Progress()
    telemetry = Telemetry(settings.telemetry, settings.database, clock)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(telemetry.served())
        # An upgrade of the database may take minutes.
        store = await _unless_stopped(
            stack.enter_async_context(open_store(settings.database)), stop
        )
        if store is None:
            return
        await store.acquire_outbox()
        with discord_endpoint(settings.discord.api_url):
            rules = topic_rules(settings.topics)
            async with SourceFactory.open(clock, clones=settings.clones, rules=rules) as sources:
                reloads = reloading or Reloading()
                bot = _Bot(settings, store, clock, progress, sources, reloads, telemetry.metrics)
                await telemetry.watch(bot.watched)
                await bot.run(token, stop)


async def _unless_stopped(work: Coroutine[None, None, T], stop: asyncio.Event) -> T | None:
    """Await `work`, and cancel it when `stop` is set; then the result is None."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


class _Bot:
    """The parts of a running bot and the order in which they start and stop."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        progress: Progress,
        sources: SourceFactory,
        reloading: Reloading,
        metrics: Metrics,
    ) -> None:
        announce = settings.announce
        changed, planned = asyncio.Event(), asyncio.Event()
        self._clock = clock
        self._progress = progress
        self._settings = settings
        self._store = store
        self._reloading = reloading
        self._one_at_a_time = asyncio.Lock()
        self.started_at = clock.now()
        """When the bot was started."""
        self._factory = sources
        self._sources = SourceSupervisor(
            [sources.make(each) for each in settings.all_sources],
            store,
            clock,
            clones=settings.clones,
            changed=changed,
            tried=progress.loaded,
        )
        self._push = accept_articles(
            settings.push, store, clock, lambda: self._factory.defaults(settings.push), changed
        )
        self._retention = Retention(store, clock, lambda: self._settings.retention.articles)
        self._logged_in = False
        outbox = Outbox(store)
        self._requests = TracedRequests()
        self._membership = Membership(store, clock, planned)
        self._request_limiter = RateLimiter(_request_rate(announce.pace), clock)
        self._client = StorywireClient(
            clock,
            self._membership,
            http_trace=self._requests.trace(
                self._request_limiter.acquire, metrics.observe_response
            ),
            on_connected=self._discord_is_back,
            on_answered=metrics.observe_answer,
        )
        self._terms = terms = ArchiveTerms(store, clock)
        self._planner = Planner(
            outbox,
            store,
            clock,
            terms,
            make_nonce=make_nonce,
            max_age=announce.max_age,
            changed=changed,
            planned=planned,
        )
        invalid_requests = InvalidRequests(clock)
        self._notices = Notices(self._client, store, invalid_requests)
        self._poster = DiscordPoster(
            self._client, self._requests, invalid_requests, self._notices, terms
        )
        self._recovered = asyncio.Event()
        self._recovery = Recovery(store, self._poster, clock, max_age=announce.max_age)
        self._send_limiter = RateLimiter(announce.pace, clock)
        self._sender = Sender(
            outbox,
            store,
            MeasuredPoster(self._poster, clock, metrics.observe_send),
            clock,
            delivery=_delivery(settings),
            rate_limiter=self._send_limiter,
            circuit_breaker=CircuitBreaker(random.random),
            planned=planned,
        )
        mentions = self._client.mentions
        self._command_sync = CommandSync(self._client.tree, store, clock, mentions)
        self._charts = TopicCharts(store, clock)
        setup_news(
            self._client.tree, self._client.components, store, clock, store, terms, self._charts
        )
        owners = Owners(self._client, clock)
        setup_help(self._client.tree, store, clock, lambda: len(self._settings.all_sources), owners)
        self._actions = SubscriptionActions(
            store, clock, _defaults(settings), _limits(settings), make_nonce, planned
        )
        setup_subscriptions(self._client, store, clock, self._actions)
        self._backups = _scheduled_backups(settings, store, clock)
        setup_owner(self._client, store, clock, self, owners, settings.discord.owner_server)

    @property
    def watched(self) -> WatchedBot:
        """What telemetry reads."""
        return WatchedBot(
            self._store,
            self._progress.loaded,
            settings=lambda: self._settings,
            gateway_connected=lambda: self._client.is_connected,
            servers=lambda: len(self._client.guilds),
        )

    def _discord_is_back(self) -> None:
        self._sender.discord_is_back()

    async def run(self, token: str, stop: asyncio.Event) -> None:
        """Log in, work until `stop` is set, and close all connections."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._client.close)
            stack.push_async_callback(self._requests.close)
            await self._sources.register()
            await stack.enter_async_context(self._push)
            await self._work(token, stop)

    @property
    def source_names(self) -> Sequence[str]:
        """The names of the sources that are read."""
        return [source.name for source in self._settings.sources]

    async def read_source(self, name: str) -> asyncio.Future[LoadCounts]:
        """Read a source now: see `SourceSupervisor.read_now`."""
        async with self._one_at_a_time:
            settings = next((each for each in self._settings.sources if each.name == name), None)
            if settings is None:
                raise SourceError("it was removed from the settings")
            return await self._sources.read_now(self._factory.make(settings))

    async def reload(self) -> SettingsChanges:
        """Read the settings again, and use those that can change while the bot runs.

        Raises `StorywireError` if they are invalid; then nothing changes.
        """
        async with self._one_at_a_time:
            new = await asyncio.to_thread(self._reloading.read, self._settings)
            rules = await asyncio.to_thread(topic_rules, new.topics)
            changes = find_changes(self._settings, new)
            factory = replace(self._factory, rules=rules)
            settings = settings_in_force(self._settings, new)
            sources = [factory.make(each) for each in settings.all_sources]
            # Before anything else, as it can fail.
            await self._sources.replace(sources, changes.altered)
            self._factory, self._settings = factory, settings
            self._planner.max_age = settings.announce.max_age
            self._sender.delivery = _delivery(settings)
            self._send_limiter.set_rate(settings.announce.pace)
            self._request_limiter.set_rate(_request_rate(settings.announce.pace))
            self._actions.defaults, self._actions.limits = _defaults(settings), _limits(settings)
        return changes

    async def _reload_when_wanted(self) -> None:
        wanted = self._reloading.wanted
        while await wanted.wait():
            wanted.clear()
            try:
                changes = await self.reload()
            except StorywireError as error:
                problem = redact("; ".join(str(error).splitlines()))
                logger.error("the settings stay as they were: %s", problem)  # noqa: TRY400 - not a bug
            else:
                logger.info("read the settings again: %s", " ".join(describe_reload(changes)))

    async def _work(self, token: str, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            producers = [
                group.create_task(self._sources.run()),
                group.create_task(self._plan()),
                group.create_task(self._reload_when_wanted()),
                group.create_task(self._remove_old_articles()),
            ]
            if self._backups is not None:
                producers.append(group.create_task(self._backups.run()))
            announcing = group.create_task(self._announce(token, stop))
            await stop.wait()
            logger.info("stopping")
            for task in producers:
                task.cancel()
            await self._drain(announcing)

    async def _plan(self) -> None:
        """Plan, once it is known what was announced before a backup was restored."""
        await self._recovered.wait()
        await self._planner.run()

    async def _announce(self, token: str, stop: asyncio.Event) -> None:
        """Connect and send; when the sender stops, everything else is cancelled."""
        await self._client.log_in(token)
        self._logged_in = True
        async with asyncio.TaskGroup() as group:
            others = [
                group.create_task(self._client.stay_connected()),
                group.create_task(self._command_sync.run()),
                group.create_task(self._sync_owner_commands()),
                group.create_task(self._charts.run()),
                group.create_task(self._count_terms()),
                group.create_task(self._membership.run(DiscordDirectory(self._client))),
                group.create_task(self._report_connection()),
                group.create_task(self._send_pending_notices()),
            ]
            await _unless_stopped(self._recovery.run(), stop)
            if not stop.is_set():
                self._recovered.set()
                await self._sender.run()
            for task in others:
                task.cancel()

    async def _remove_old_articles(self) -> None:
        await self._progress.loaded.wait()
        await self._retention.run()

    async def _sync_owner_commands(self) -> None:
        """Register the commands of the owners' server, if they have one of their own."""
        server_id = self._settings.discord.owner_server
        await remove_former_commands(self._client, self._store, server_id)
        if server_id is not None:
            tree, mentions = self._client.tree, self._client.mentions
            await CommandSync(tree, self._store, self._clock, mentions, server_id).run()

    async def _count_terms(self) -> None:
        """Count the archive's terms once the stories are there, so that no answer waits for it."""
        await self._progress.loaded.wait()
        await self._terms.keep_current()

    async def _send_pending_notices(self) -> None:
        await self._client.gateway_connected.wait()
        await self._notices.run(self._clock)

    async def _report_connection(self) -> None:
        await self._client.gateway_connected.wait()
        self._progress.connected.set()
        await self._client.wait_until_ready()
        servers = pluralize(len(self._client.guilds), "server")
        user = self._client.user
        logger.info("connected as %s (%s) to %s", user, user.id if user else "?", servers)

    async def _drain(self, announcing: asyncio.Task[None]) -> None:
        """Let the sender finish the sends in flight; before the login there are none."""
        self._sender.stop()
        if not self._logged_in:
            announcing.cancel()
        await asyncio.wait({announcing}, timeout=DRAIN_SECONDS)
        if not announcing.done():
            logger.warning("some sends did not finish in time; the next start checks their outcome")
            announcing.cancel()


def _scheduled_backups(settings: Settings, store: Store, clock: Clock) -> ScheduledBackups | None:
    backup = settings.backup
    if backup.folder is None:
        return None
    schedule = BackupSchedule(backup.folder, backup.every, backup.keep)
    return ScheduledBackups(store, clock, settings.database, schedule)


def _request_rate(pace: float) -> float:
    """The rate of all requests of the bot: up to 4 % above the pace, within Discord's limit."""
    return max(pace, min(GLOBAL_RATE, pace * 1.04))


def _delivery(settings: Settings) -> Delivery:
    announce = settings.announce
    return Delivery(
        max_age=announce.max_age,
        delete_withdrawn=announce.withdrawn == "delete",
        jitter=random.random,
    )


def _defaults(settings: Settings) -> Defaults:
    announce = settings.announce
    return Defaults(
        announce.min_quality,
        announce.catch_up,
        announce.max_age,
        announce.max_per_hour,
        settings.retention.articles,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.subscriptions.max_per_server, settings.subscriptions.max_channels)


def make_nonce() -> str:
    """A unique string of 24 characters; Discord accepts up to 25."""
    return secrets.token_hex(12)


@contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and SIGINT; a second signal ends the process at once.

    discord.py's own `run` dies on SIGTERM without cleaning up.
    """
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def first() -> None:
        stop.set()
        for each in signals:
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, first)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


@contextmanager
def reload_on_hangup(reload: asyncio.Event, stop: asyncio.Event) -> Iterator[None]:
    """Set `reload` on SIGHUP, or `stop` if the signal means that the terminal was closed."""
    loop = asyncio.get_running_loop()
    had_terminal = os.isatty(0)

    def hung_up() -> None:
        (stop if had_terminal and not os.isatty(0) else reload).set()

    loop.add_signal_handler(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
