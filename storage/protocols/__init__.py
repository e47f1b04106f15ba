"""The interface of a store, independent of its database: one protocol per consumer.

All times are aware `datetime` values. Each method is one transaction: it takes effect completely or
not at all, even if the caller is cancelled. (Withdrawing documents takes one transaction per
batch; others may write in between.) Every method may raise `StoreLockedError` or
`StoreUnusableError`; other errors are documented with the method.

A damaged row, which no version can have written, stops nothing: methods that return several objects
leave it out, and those that return one raise `DamagedRowError`. It is logged once, and stays as it
is until its source or a person replaces it.
"""

from typing import Protocol

from storage.protocols.access import AccessStore
from storage.protocols.articles import ArticleStore
from storage.protocols.diagnostics import Contents, Damage, DatabaseFile, Diagnostics
from storage.protocols.editor_drafts import EditorDraftStore
from storage.protocols.guilds import GuildStore
from storage.protocols.key_value import KeyValueStore
from storage.protocols.monitoring import MonitoringStore
from storage.protocols.notices import NoticeStore
from storage.protocols.outbox import OutboxStore
from storage.protocols.recovery import RecoveryStore
from storage.protocols.retention import RetentionStore, SweepStep
from storage.protocols.sources import SourceStore
from storage.protocols.stories import StoryStore
from storage.protocols.subscriptions import SubscriptionStore

__all__ = [
    "AccessStore",
    "ArticleStore",
    "Contents",
    "Damage",
    "DatabaseFile",
    "Diagnostics",
    "EditorDraftStore",
    "GuildStore",
    "KeyValueStore",
    "MonitoringStore",
    "NoticeStore",
    "OutboxStore",
    "RecoveryStore",
    "RetentionStore",
    "SourceStore",
    "Store",
    "StoryStore",
    "SubscriptionStore",
    "SweepStep",
]


class Store(
    ArticleStore,
    SourceStore,
    StoryStore,
    SubscriptionStore,
    EditorDraftStore,
    AccessStore,
    GuildStore,
    NoticeStore,
    OutboxStore,
    RecoveryStore,
    MonitoringStore,
    KeyValueStore,
    RetentionStore,
    Protocol,
):
    """An open store. Callers should depend on the protocol of the part that they need."""
