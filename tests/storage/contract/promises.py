"""The methods that the contract covers, and the mark for the tests that cover them."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import pytest

from storage.protocols import (
    AccessStore,
    ArticleStore,
    Diagnostics,
    EditorDraftStore,
    GuildStore,
    KeyValueStore,
    MonitoringStore,
    NoticeStore,
    OutboxStore,
    RecoveryStore,
    RetentionStore,
    SourceStore,
    StoryStore,
    SubscriptionStore,
)
from storage.protocols.transaction import Transaction

Method: TypeAlias = Callable[..., Awaitable[Any]]

# Each method belongs to the protocol that declares it.
STORE_PROTOCOLS: tuple[type, ...] = (
    AccessStore,
    ArticleStore,
    EditorDraftStore,
    GuildStore,
    KeyValueStore,
    MonitoringStore,
    NoticeStore,
    OutboxStore,
    RecoveryStore,
    RetentionStore,
    SourceStore,
    StoryStore,
    SubscriptionStore,
)


def methods_of(*protocols: type) -> dict[str, Method]:
    """The methods that the protocols declare, by name."""
    return {
        name: method
        for protocol in protocols
        for name, method in vars(protocol).items()
        if not name.startswith("_") and callable(method)
    }


STORE_METHODS = methods_of(*STORE_PROTOCOLS)
DIAGNOSTICS_METHODS = methods_of(Diagnostics)
TRANSACTION_METHODS = methods_of(Transaction)
ALL_METHODS = {
    method.__qualname__
    for methods in (STORE_METHODS, DIAGNOSTICS_METHODS, TRANSACTION_METHODS)
    for method in methods.values()
}


def promises(*methods: Method) -> pytest.MarkDecorator:
    """Mark a contract test with the methods whose contract it checks.

    The test fails unless it calls each of them on the fixtures `store` or `other`, in one of their
    transactions, or on `diagnostics`.
    """
    # Calling a mark directly with one function would decorate that function.
    return pytest.mark.promises.with_args(*(method.__qualname__ for method in methods))
