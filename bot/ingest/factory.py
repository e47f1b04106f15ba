"""Makes sources from their settings."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from bot.clock import Clock
from bot.config.sources import (
    AnySource,
    ApiSettings,
    ArticleSettings,
    FeedSettings,
    FileSettings,
    FolderSettings,
    GitSettings,
    SourceSettings,
    TopicsSettings,
)
from bot.fetching.fetcher import Fetcher
from bot.fetching.schedule import Schedule
from bot.ingest.api.source import ACCEPT as ACCEPT_API
from bot.ingest.api.source import ApiSource
from bot.ingest.defaults import Defaults
from bot.ingest.feed.source import ACCEPT as ACCEPT_FEED
from bot.ingest.feed.source import FeedSource
from bot.ingest.folder.source import FolderSource
from bot.ingest.git.clone import Clone
from bot.ingest.git.source import GitSource
from bot.ingest.git.tidying import clone_folder
from bot.ingest.polling import PollingSource
from bot.ingest.source import Source
from bot.ingest.topic_files import read_topic_folder
from bot.ingest.topics import NO_RULES, TopicRule, TopicRules
from bot.ingest.web_page import WebPage
from bot.ingest.workers import Workers
from storage.models import Provider


class SourceFactory:
    """Makes sources, which share its HTTP connections and worker processes."""

    def __init__(
        self, clock: Clock, *, clones: Path, rules: TopicRules, fetcher: Fetcher, workers: Workers
    ) -> None:
        self._clock = clock
        self._clones = clones
        self._rules = rules
        self._fetcher = fetcher
        self._workers = workers

    @classmethod
    @asynccontextmanager
    async def open(
        cls, clock: Clock, *, clones: Path, rules: TopicRules = NO_RULES
    ) -> AsyncIterator[SourceFactory]:
        """Make a factory and close what it shares at the end.

        Clones of git sources go into the folder `clones`. The `rules` give topics to articles that
        come without.
        """
        user_agent = f"Storywire/{version('storywire')}"
        async with Fetcher(clock, user_agent=user_agent) as fetcher, Workers(os.environ) as workers:
            yield cls(clock, clones=clones, rules=rules, fetcher=fetcher, workers=workers)

    def make(self, settings: AnySource) -> Source:
        """Make the source that the settings describe. Nothing is read yet."""
        defaults = _defaults(settings, self._rules)
        if isinstance(settings, GitSettings):
            return self._git(settings, defaults)
        if isinstance(settings, FolderSettings):
            return self._folder(settings, defaults)
        if isinstance(settings, FeedSettings):
            page = self._page(settings, settings.feed, ACCEPT_FEED)
            return FeedSource(page, clock=self._clock, defaults=defaults)
        return ApiSource(
            self._page(settings, settings.api, ACCEPT_API),
            pages=settings.pages,
            unpublished=settings.unpublished,
            defaults=defaults,
        )

    def _folder(self, settings: FolderSettings, defaults: Defaults) -> Source:
        source = FolderSource(
            settings.folder,
            name=settings.name,
            unpublished=settings.unpublished,
            include=settings.include,
            exclude=settings.exclude,
            clock=self._clock,
            defaults=defaults,
        )
        if settings.every is None:
            return source
        return PollingSource(source, settings.every, self._clock, random.random)

    def _git(self, settings: GitSettings, defaults: Defaults) -> GitSource:
        clone = Clone(
            clone_folder(self._clones, settings.name),
            settings.git,
            settings.branch,
            machine=os.environ,
            token_variable=settings.token_variable,
        )
        return GitSource(
            clone,
            name=settings.name,
            path=settings.path,
            unpublished=settings.unpublished,
            include=settings.include,
            exclude=settings.exclude,
            every=settings.every,
            clock=self._clock,
            random=random.random,
            defaults=defaults,
        )

    def _page(self, settings: FeedSettings | ApiSettings, address: str, accept: str) -> WebPage:
        return WebPage(
            address,
            self._fetcher,
            self._workers,
            Schedule(settings.every, self._clock, random.random),
            name=settings.name,
            accept=accept,
            allow_private=settings.allow_private,
        )


def topic_rules(settings: TopicsSettings) -> TopicRules:
    """The rules in the settings, then those in files. Raises `SettingsError`."""
    rules = [
        TopicRule(rule.name, rule.keywords, rule.hashtags, rule.aliases) for rule in settings.rules
    ]
    for folder in settings.folders:
        rules += read_topic_folder(folder)
    return TopicRules(rules)


def _defaults(settings: SourceSettings, rules: TopicRules) -> Defaults:
    provider = settings.provider
    return Defaults(
        quality=settings.quality,
        topics=settings.topics,
        provider=Provider(provider.name, provider.domain) if provider else None,
        base_url=settings.base_url if isinstance(settings, ArticleSettings) else None,
        permalink=settings.permalink if isinstance(settings, FileSettings) else None,
        rules=rules,
    )
