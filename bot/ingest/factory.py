"""Makes sources from their settings."""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bot.clock import Clock
from bot.config import sources as config
from bot.fetching.fetcher import Fetcher
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.api.source import ACCEPT as ACCEPT_API
from bot.ingest.api.source import ApiSource
from bot.ingest.defaults import Defaults
from bot.ingest.feed.source import ACCEPT as ACCEPT_FEED
from bot.ingest.feed.source import FeedSource
from bot.ingest.folder.source import FolderSource
from bot.ingest.git.clone import Clone, clone_folder
from bot.ingest.git.source import GitSource
from bot.ingest.polling import PollingSource
from bot.ingest.push import PushSource
from bot.ingest.sites.detection import SiteOptions
from bot.ingest.sites.site import SiteSettings
from bot.ingest.source import Source
from bot.ingest.topic_files import read_topic_folder
from bot.ingest.topics import NO_RULES, TopicRule, TopicRules
from bot.ingest.web_page import WebPage
from bot.ingest.workers import Workers
from storage.models import Provider


@dataclass(frozen=True, slots=True)
class SourceFactory:
    """Makes sources that share HTTP connections and worker processes."""

    clock: Clock
    clones: Path
    rules: TopicRules
    fetcher: Fetcher
    workers: Workers

    @classmethod
    @asynccontextmanager
    async def open(
        cls, clock: Clock, *, clones: Path, rules: TopicRules = NO_RULES
    ) -> "AsyncIterator[SourceFactory]":
        """Make a factory, and close the shared connections and processes at the end.

        The folder `clones` is for the clones of git sources. The `rules` assign topics to articles
        that have none.
        """
        user_agent = f"Storywire/{version('storywire')}"
        async with Fetcher(clock, user_agent=user_agent) as fetcher, Workers(os.environ) as workers:
            yield cls(clock, clones, rules, fetcher, workers)

    def make(self, settings: config.ConfiguredSource) -> Source:
        """Make the source that the settings describe, without reading it."""
        defaults = self.defaults(settings)
        if isinstance(settings, config.PushSettings):
            return PushSource(settings.name)
        if isinstance(settings, config.GitSettings):
            return self._git(settings, defaults)
        if isinstance(settings, config.FolderSettings):
            return self._folder(settings, defaults)
        if isinstance(settings, config.FeedSettings):
            page = self._page(settings, settings.feed, ACCEPT_FEED)
            return FeedSource(
                page, clock=self.clock, defaults=defaults, time_zone=settings.time_zone
            )
        return ApiSource(
            self._page(settings, settings.api, ACCEPT_API),
            clock=self.clock,
            pages=settings.pages,
            unpublished=settings.unpublished,
            defaults=defaults,
            time_zone=settings.time_zone,
        )

    def defaults(self, settings: config.SourceSettings) -> Defaults:
        """The values of fields that the source's articles lack."""
        return _defaults(settings, self.rules)

    def _folder(self, settings: config.FolderSettings, defaults: Defaults) -> Source:
        source = FolderSource(
            settings.folder,
            name=settings.name,
            unpublished=settings.unpublished,
            include=settings.include,
            exclude=settings.exclude,
            clock=self.clock,
            defaults=defaults,
            site=_site(settings),
        )
        if settings.every is None:
            return source
        return PollingSource(source, settings.every, self.clock, random.random)

    def _git(self, settings: config.GitSettings, defaults: Defaults) -> GitSource:
        clone = Clone(
            clone_folder(self.clones, settings.name),
            settings.git,
            settings.branch,
            environment=os.environ,
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
            clock=self.clock,
            random=random.random,
            defaults=defaults,
            site=_site(settings),
        )

    def _page(
        self, settings: config.FeedSettings | config.ApiSettings, address: str, accept: str
    ) -> WebPage:
        return WebPage(
            address,
            self.fetcher,
            self.workers,
            PollSchedule(settings.every, self.clock, random.random),
            clock=self.clock,
            name=settings.name,
            accept=accept,
            allow_private=settings.allow_private,
            further=settings.further_addresses,
        )


def topic_rules(settings: config.TopicsSettings) -> TopicRules:
    """The rules in the settings, then those in files. Raises `SettingsError`."""
    rules = [
        TopicRule(rule.name, rule.keywords, rule.hashtags, rule.aliases) for rule in settings.rules
    ]
    for folder in settings.folders:
        rules += read_topic_folder(folder)
    return TopicRules(rules)


def _site(settings: config.FileSettings) -> SiteOptions:
    languages: tuple[str, ...] | None = None
    if settings.languages == "main":
        languages = ()
    elif settings.languages != "all":
        languages = settings.languages
    return SiteOptions(
        settings.generator,
        SiteSettings(
            base_url=settings.base_url,
            permalink=settings.permalink,
            time_zone=settings.time_zone,
            languages=languages,
            drafts=settings.unpublished == "announce",
        ),
    )


def _defaults(settings: config.SourceSettings, rules: TopicRules) -> Defaults:
    provider = settings.provider
    return Defaults(
        quality=settings.quality,
        topics=settings.topics,
        provider=Provider(provider.name, provider.domain) if provider else None,
        base_url=settings.base_url if isinstance(settings, config.ArticleSettings) else None,
        permalink=settings.permalink if isinstance(settings, config.FileSettings) else None,
        time_zone=settings.time_zone if isinstance(settings, config.FileSettings) else None,
        rules=rules,
    )
