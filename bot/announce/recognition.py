"""Recognise stories that were announced before a backup was restored, which does not know that.

`bot.announce.recovery` recorded what the channels' histories show. A story that arrives again is
compared with it when it is planned.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bot.announce import post_states as states
from bot.announce.follow_ups import recover_follow_ups
from storage.posts import Announced, NewPost, Placement, Post, PostStatus
from storage.protocols.transaction import Transaction
from storage.reasons import SameStory


async def recognise_messages(
    transaction: Transaction, news: Sequence[NewPost], now: datetime
) -> None:
    """Record posts that were just planned as sent if a message or a digest announced them."""
    channels = await transaction.recovered_channels()
    planned = await _just_planned(transaction, news, channels)
    if not planned:
        return
    announced = await transaction.find_announced(
        (post.story_id, post.channel_id) for post in planned
    )
    found = {post: announced.get((post.story_id, post.channel_id)) for post in planned}
    await record_found(
        transaction,
        {
            post: each
            for post, each in found.items()
            if each and each.place is not Placement.COVERAGE
        },
        now,
    )


async def recognise_rest(transaction: Transaction, news: Sequence[NewPost], now: datetime) -> None:
    """Settle posts that were just planned and not folded: other messages may show their stories.

    Those of a channel whose history could not be read are uncertain if their stories are older than
    the attempt to read it.
    """
    channels = await transaction.recovered_channels()
    planned = await _just_planned(transaction, news, channels)
    if not planned:
        return
    announced = await transaction.find_announced(
        (post.story_id, post.channel_id) for post in planned
    )
    unfolded = {new.nonce for new in news if not new.fold}
    found = {
        post: each
        for post in planned
        if (each := announced.get((post.story_id, post.channel_id))) is not None
        and not (each.place is Placement.COVERAGE and post.nonce in unfolded)
    }
    await record_found(transaction, found, now)
    stories = await transaction.story_facts({post.story_id for post in planned})
    doubtful = []
    for post in planned:
        channel, story = channels[post.channel_id], stories.get(post.story_id)
        if post in found or channel.problem is None or story is None:
            continue
        if story.dated_at <= channel.recovered_at:
            doubtful.append(states.doubt_post(post, channel.problem, now))
    await transaction.update_posts(doubtful, now)


async def record_found(
    transaction: Transaction, found: Mapping[Post, Announced], now: datetime
) -> list[Post]:
    """Record posts as sent, or folded into the posts whose messages show them; return them.

    A message about a story is edited, so that it shows the story as it is now, with a button that
    works. The follow-ups that it lacks are planned.
    """
    covered = {
        post: each
        for post, each in found.items()
        if each.place is Placement.COVERAGE and post.status is PostStatus.PLANNED
    }
    changed = [
        states.recover_post(post, each) for post, each in found.items() if post not in covered
    ]
    await transaction.update_posts(changed, now)
    folded = await _fold_covered(transaction, covered, now)
    messages = [post for post in changed if post.message_id is not None]
    await transaction.schedule_edits([post.id for post in messages], now)
    subscriptions = await transaction.subscription_states(post.subscription_id for post in messages)
    found_for = {post.id: each for post, each in found.items()}
    for post in messages:
        subscription = subscriptions.get(post.subscription_id or 0)
        lacking = recover_follow_ups(post, found_for[post.id], subscription, now)
        await transaction.insert_follow_ups(lacking, now)
    return changed + folded


async def _fold_covered(
    transaction: Transaction, covered: Mapping[Post, Announced], now: datetime
) -> list[Post]:
    hosts: dict[int, Post] = {}
    by_channel: dict[int, list[int]] = {}
    for post, each in covered.items():
        by_channel.setdefault(post.channel_id, []).append(each.message_id)
    for channel_id, messages in by_channel.items():
        hosts |= await transaction.posts_of_messages(channel_id, messages)
    titles = await _titles(transaction, hosts.values())
    changed = []
    for post, each in covered.items():
        host = hosts.get(each.message_id)
        if host is None or host.story_id not in titles:
            changed.append(states.recover_post(post, each))
        else:
            changed.append(states.fold_post(post, SameStory(host.id, titles[host.story_id]), now))
    await transaction.update_posts(changed, now)
    return changed


async def _titles(transaction: Transaction, posts: Iterable[Post]) -> dict[int, str]:
    facts = await transaction.story_facts({post.story_id for post in posts})
    return {story_id: story.title for story_id, story in facts.items()}


async def _just_planned(
    transaction: Transaction, news: Sequence[NewPost], channels: Collection[int]
) -> list[Post]:
    """The posts that were just planned in some channels."""
    nonces = {new.nonce for new in news if new.channel_id in channels}
    if not nonces:
        return []
    pairs = [(new.story_id, new.channel_id) for new in news if new.nonce in nonces]
    return [
        post
        for post in await transaction.find_posts(pairs)
        if post.nonce in nonces and post.status is PostStatus.PLANNED
    ]
