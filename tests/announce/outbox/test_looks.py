"""The look of a message is that of its subscription when it is first sent."""

from dataclasses import replace

import pytest

from bot.announce.outbox import Outbox
from storage.models import DeliveryOptions, Look, Subscription
from storage.posts import RetryAt, Sent
from storage.protocols import Store
from storage.reasons import Cause
from tests.storage.contract.planned import change_spec
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    DAILY,
    DAY,
    SECOND,
    claim,
    load,
    plan,
    post_of,
    subscribe,
)


async def planned(store: Store, delivery: DeliveryOptions) -> Subscription:
    """Subscribe a channel, and plan a story for it."""
    await load(store, make_article(1))
    subscription = await subscribe(store, delivery=delivery)
    await plan(store, (1, subscription, ()))
    return subscription


@pytest.mark.parametrize(("unknown", "kept"), [(False, Look.COMPACT), (True, Look.GALLERY)])
async def test_a_message_that_may_be_sent_keeps_its_look(
    store: Store, unknown: bool, kept: Look
) -> None:
    """One that is known not to be sent gets the look that its subscription has by then."""
    subscription = await planned(store, DeliveryOptions(look=Look.GALLERY))
    claimed = await claim(store)
    assert claimed.post.look is Look.GALLERY
    retry = RetryAt(START, Cause.CONNECTION_FAILED, unknown=unknown)
    await Outbox(store).settle(claimed.post.id, retry, START)
    await change_spec(store, subscription.id, delivery=DeliveryOptions(look=Look.COMPACT))
    assert (await claim(store)).post.look is kept


async def test_a_sent_message_keeps_its_look(store: Store) -> None:
    """Its edits show the story in the look that the message has."""
    subscription = await planned(store, DeliveryOptions(look=Look.GALLERY))
    claimed = await claim(store)
    await Outbox(store).settle(claimed.post.id, Sent(77), START)
    await change_spec(store, subscription.id, delivery=DeliveryOptions())
    await load(store, replace(make_article(1), title="Another title"))
    await plan(store)
    (edit,) = await store.due_edits(START + SECOND, 9, [])
    assert edit.post.look is Look.GALLERY
    assert (await post_of(store, 1)).look is Look.GALLERY


async def test_a_digest_has_no_look(store: Store) -> None:
    await planned(store, replace(DAILY, look=Look.GALLERY))
    assert (await claim(store, START + DAY)).post.look is Look.CARD
