"""From settings to sources."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bot.clock import Clock
from bot.config import (
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
from bot.fetching.page import Page
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


@dataclass(frozen=True, slots=True)
class Web:
    """What feeds and APIs share."""

    fetcher: Fetcher
    workers: Workers


def open_sources(
    settings: Sequence[AnySource],
    clock: Clock,
    clones: Path = Path("var/git"),
    *,
    web: Web | None = None,
    rules: TopicRules = NO_RULES,
) -> list[Source]:
    """The sources that the settings name, in their order; `clones` keeps those of repositories.

    Feeds and APIs need the `web`. The `rules` give topics to articles that come without.
    """

    def open_one(each: AnySource) -> Source:
        defaults = _defaults(each, rules)
        if isinstance(each, GitSettings):
            return _git(each, clock, clones, defaults)
        if isinstance(each, FolderSettings):
            return _folder(each, clock, defaults)
        if web is None:
            raise TypeError(f"{each.name} needs the web")
        return _from_web(each, clock, web, defaults)

    return [open_one(each) for each in settings]


@asynccontextmanager
async def open_web(clock: Clock) -> AsyncIterator[Web]:
    """What asks web servers, and what reads their answers, until the block ends."""
    user_agent = f"Storywire/{version('storywire')}"
    async with Fetcher(clock, user_agent=user_agent) as fetcher, Workers(os.environ) as workers:
        yield Web(fetcher, workers)


def topic_rules(settings: TopicsSettings) -> TopicRules:
    """The rules in the settings, then those in files. Raises `SettingsError`."""
    rules = [
        TopicRule(rule.name, rule.keywords, rule.hashtags, rule.aliases) for rule in settings.rules
    ]
    for folder in settings.folders:
        rules += read_topic_folder(folder)
    return TopicRules(rules)


def _folder(settings: FolderSettings, clock: Clock, defaults: Defaults) -> Source:
    source = FolderSource(
        settings.folder,
        name=settings.name,
        unpublished=settings.unpublished,
        include=settings.include,
        exclude=settings.exclude,
        clock=clock,
        defaults=defaults,
    )
    if settings.every is None:
        return source
    return PollingSource(source, settings.every, clock, random.random)


def _git(settings: GitSettings, clock: Clock, clones: Path, defaults: Defaults) -> GitSource:
    clone = Clone(
        clone_folder(clones, settings.name),
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
        clock=clock,
        random=random.random,
        defaults=defaults,
    )


def _from_web(
    settings: FeedSettings | ApiSettings,
    clock: Clock,
    web: Web,
    defaults: Defaults,
) -> Source:
    if isinstance(settings, FeedSettings):
        page = _page(settings, settings.feed, ACCEPT_FEED, web, clock)
        return FeedSource(page, clock=clock, defaults=defaults)
    return ApiSource(
        settings.api,
        _page(settings, settings.api, ACCEPT_API, web, clock),
        pages=settings.pages,
        unpublished=settings.unpublished,
        defaults=defaults,
    )


def _page(
    settings: FeedSettings | ApiSettings, address: str, accept: str, web: Web, clock: Clock
) -> WebPage:
    schedule = Schedule(settings.every, clock, random.random)
    page = Page(
        address,
        web.fetcher,
        schedule,
        name=settings.name,
        accept=accept,
        allow_private=settings.allow_private,
    )
    return WebPage(page, schedule, name=settings.name, workers=web.workers)


def _defaults(settings: SourceSettings, rules: TopicRules) -> Defaults:
    told = settings.provider
    return Defaults(
        quality=settings.quality,
        topics=settings.topics,
        provider=Provider(told.name, told.domain) if told else None,
        base_url=settings.base_url if isinstance(settings, ArticleSettings) else None,
        permalink=settings.permalink if isinstance(settings, FileSettings) else None,
        rules=rules,
    )
