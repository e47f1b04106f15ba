"""Posts that tests of the outbox write directly, without the decisions of `bot.announce`."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from storage.models import SubscriptionSpec
from storage.posts import NewPost, Post
from storage.protocols import Store
from storage.protocols.transaction import Transaction
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

GUILD, CHANNEL, OTHER_CHANNEL = 10, 20, 21
CHANNELS = {1: CHANNEL, 2: OTHER_CHANNEL}
SOURCE = "folder:news"


async def fill(store: Store) -> None:
    """Store six stories of increasing quality, and a subscription of each channel."""
    articles = [make_article(number, quality=80 + number) for number in range(1, 7)]
    await store.save_documents(SOURCE, make_documents(*articles), START)
    for channel in CHANNELS.values():
        await add_subscription(store, channel)


async def add_subscription(store: Store, channel: int, *, guild: int = GUILD) -> int:
    """Subscribe a channel to everything; return the subscription's id."""
    return await store.transact(
        lambda transaction: transaction.insert_subscription(
            guild, 1, START, SubscriptionSpec(channel), None
        )
    )


async def change_spec(store: Store, subscription_id: int, **fields: Any) -> None:  # noqa: ANN401 - any field of SubscriptionSpec
    """Change the settings of a subscription."""
    spec = replace((await store.get_subscription(GUILD, subscription_id)).spec, **fields)
    await store.transact(
        lambda transaction: transaction.update_subscription(subscription_id, spec, None)
    )


async def insert(
    store: Store,
    *posts: tuple[int, int],
    due_at: datetime = START,
    now: datetime = START,
    catch_up: bool = False,
) -> int:
    """Plan posts of (story, subscription) pairs; return their number."""
    new = [
        NewPost(
            story,
            subscription,
            GUILD,
            CHANNELS[subscription],
            f"nonce-{story}-{subscription}",
            due_at,
            catch_up=catch_up,
        )
        for story, subscription in posts
    ]
    return await store.transact(lambda transaction: transaction.insert_posts(new, now))


async def change(store: Store, post_id: int, now: datetime = START, **fields: Any) -> Post:  # noqa: ANN401 - any field of Post
    """Change fields of a stored post; return the new post."""
    post = replace(await store.get_post(post_id), **fields)

    async def work(transaction: Transaction) -> None:
        await transaction.update_posts([post], now)

    await store.transact(work)
    return await store.get_post(post_id)
