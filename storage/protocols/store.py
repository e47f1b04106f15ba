"""All of the protocols in one."""

from __future__ import annotations

from typing import Protocol

from storage.protocols.access import AccessStore
from storage.protocols.articles import ArticleStore
from storage.protocols.drafts import DraftStore
from storage.protocols.guilds import GuildStore
from storage.protocols.key_value import KeyValueStore
from storage.protocols.notices import NoticeStore
from storage.protocols.outbox import OutboxStore
from storage.protocols.sources import SourceStore
from storage.protocols.stories import StoryStore
from storage.protocols.subscriptions import SubscriptionStore


class Store(
    ArticleStore,
    SourceStore,
    StoryStore,
    SubscriptionStore,
    DraftStore,
    AccessStore,
    GuildStore,
    NoticeStore,
    OutboxStore,
    KeyValueStore,
    Protocol,
):
    """An open store. Ask for the part that you need."""
