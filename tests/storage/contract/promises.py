"""The methods that the contract covers, and which test covers which."""

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
    NoticeStore,
    OutboxStore,
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
    NoticeStore,
    OutboxStore,
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
    """Mark a contract test with the methods whose promises it checks.

    The test fails unless it calls each of them on a store of the fixtures `store` and `other`, in
    a transaction of these, or on `diagnostics`.
    """
    # Called directly with one function, a mark would take it for the test to decorate.
    return pytest.mark.promises.with_args(*(method.__qualname__ for method in methods))
