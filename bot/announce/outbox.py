"""The outbox: plans, claims, settles and edits posts, each operation in one transaction.

`bot.announce.post_states` and `bot.announce.digests` decide; this module reads the posts that
they need and writes those that they return.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.announce import post_states as states
from bot.announce.digests import choose_digest, compose_digest, skip_left_out
from bot.announce.follow_ups import begin_follow_ups
from bot.announce.log_names import name_story
from bot.announce.post_states import MessagePosts
from bot.announce.recognition import recognise_messages, recognise_rest
from storage.errors import NotFoundError
from storage.posts import (
    ClaimedPost,
    DueEdit,
    NewPost,
    PlannerSnapshot,
    Post,
    PostStatus,
    Settlement,
    SubscriptionState,
)
from storage.protocols import OutboxStore
from storage.protocols.transaction import Transaction
from storage.reasons import Cause, MessageReduced, SameStory

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """What was written: for each story its number of posts, and the number of edits."""

    posts: Mapping[int, int] = field(default_factory=dict)
    edits: int = 0

    @property
    def count(self) -> int:
        """The number of posts and edits."""
        return sum(self.posts.values()) + self.edits


class Outbox:
    """Changes posts in the store. Every method may raise the store's errors."""

    def __init__(self, store: OutboxStore) -> None:
        self._store = store

    async def plan(
        self,
        snapshot: PlannerSnapshot,
        posts: Sequence[NewPost],
        now: datetime,
        *,
        edit_since: datetime,
        fold_since: datetime | None = None,
    ) -> Planned:
        """Write the posts that were decided on a snapshot.

        Skips a story that its channel already has or has planned. Folds a post into the channel's
        post of one of its `same_events` if that was planned after `fold_since`. Schedules edits of
        the messages sent after `edit_since` whose stories have changed or that got coverage or a
        related story.
        Does nothing if the snapshot is outdated: the cursor moved, or a subscription changed.
        """
        stories = (story.revision for story in snapshot.stories)
        last_revision = max(snapshot.cursor, snapshot.last_revision, *stories)

        async def work(transaction: Transaction) -> Planned:
            cursor = await transaction.planner_cursor()
            if (cursor.revision, cursor.subscriptions_version) != (
                snapshot.cursor,
                snapshot.subscriptions_version,
            ):
                return Planned()
            await transaction.move_cursor(last_revision)
            outdated = set(
                await transaction.outdated_messages(
                    revisions=(snapshot.cursor, last_revision), sent_after=edit_since
                )
            )
            planned = await plan_posts(transaction, posts, now)
            folded = await _fold(transaction, posts, now, fold_since)
            await recognise_rest(transaction, posts, now)
            if folded:
                outdated |= set(
                    await transaction.outdated_messages(post_ids=folded, sent_after=edit_since)
                )
            outdated |= await _relate(transaction, posts, edit_since)
            await transaction.schedule_edits(outdated, now)
            return Planned(planned, len(outdated))

        return await self._store.transact(work)

    async def claim(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[ClaimedPost]:
        """Claim posts for sending, at most one per channel: see `Transaction.next_posts`.

        The due posts of a subscription with a digest are claimed as one message: the best is the
        lead post, and those beyond the digest's size are skipped.
        Only the owner of the outbox may call this.
        """
        if not await self._store.has_due_posts(now, busy_channels):
            return ()

        async def work(transaction: Transaction) -> Sequence[ClaimedPost]:
            claimed = []
            for post in await transaction.next_posts(now, limit, busy_channels):
                found = await transaction.subscription_states([post.subscription_id])
                subscription = found.get(post.subscription_id or 0)
                message = await _compose(transaction, post, subscription, now)
                if message is not None:
                    stories = await transaction.story_facts(each.story_id for each in message.all)
                    posts = states.claim_message(message, stories, subscription, now)
                    await transaction.update_posts(posts, now)
                    claimed.append(await transaction.get_message(message.lead.id))
            return claimed

        return await self._store.transact(work)

    async def settle(self, post_id: int, settlement: Settlement, now: datetime) -> None:
        """Record the result of a claimed post for all posts of its message.

        If it is not sent, the posts folded into it are planned again. Raises `NotFoundError` if the
        post is not claimed. Only the owner of the outbox may call this.
        """

        async def work(transaction: Transaction) -> None:
            message = await _message_of(transaction, post_id)
            if message is None or message.lead.status is not PostStatus.CLAIMED:
                raise NotFoundError(f"there is no claimed post {post_id}")
            subscriptions = await transaction.subscription_states(
                post.subscription_id for post in message.all
            )
            subscription = subscriptions.get(message.lead.subscription_id or 0)
            changed = states.settle_message(message, settlement, subscription, now)
            await transaction.update_posts(changed, now)
            unsent = changed[0].status in states.WAITING | {PostStatus.SKIPPED}
            if unsent and changed[0].unknown_since is None:
                # While it was claimed, the channel's other subscriptions could not get the story.
                await reconsider_stories(
                    transaction,
                    [
                        post
                        for post in message.all
                        if not states.is_wanted(post, subscriptions.get(post.subscription_id or 0))
                    ],
                )
            await _finish_settling(transaction, message.lead, changed, subscription, now)

        await self._store.transact(work)

    async def recover_claims(self, now: datetime) -> int:
        """Give the claims of a stopped bot an unknown outcome; return their number.

        Posts with an unknown outcome come first. Only the owner of the outbox may call this, once,
        at start.
        """

        async def work(transaction: Transaction) -> int:
            claimed = await transaction.posts_with_status(PostStatus.CLAIMED)
            # The other posts of a digest are still planned; they get the result of their lead post.
            await transaction.update_posts(map(states.interrupt_claim, claimed), now)
            return len(claimed)

        return await self._store.transact(work)

    async def override(self, post_id: int, settlement: Settlement | None, now: datetime) -> None:
        """Settle a post as an operator decides, or (None) send it again.

        For any post of a digest, this changes the whole digest. Raises `NotFoundError` for a post
        that does not exist, is being sent or was sent, and for a retry without a subscription.
        """

        async def work(transaction: Transaction) -> None:
            message = await _message_to_override(transaction, post_id)
            lead = message.lead
            found = await transaction.subscription_states([lead.subscription_id])
            subscription = found.get(lead.subscription_id or 0)
            if settlement is None:
                if (
                    subscription is None
                    or subscription.removed
                    or subscription.channel_id != lead.channel_id
                ):
                    raise NotFoundError(
                        f"post {lead.id} can't be sent: its subscription was removed or moved"
                    )
                changed = states.retry_message(message, now)
            else:
                changed = states.override_message(message, settlement, now)
            if lead.status is PostStatus.FOLDED:
                changed = [states.leave_host(post) for post in changed]
            await transaction.update_posts(changed, now)
            if settlement is not None:
                await _finish_settling(transaction, lead, changed, subscription, now)
            if lead.status is PostStatus.FOLDED and lead.lead_post_id is not None:
                await _edit_host(transaction, lead.lead_post_id, now)

        await self._store.transact(work)

    async def finish_edit(
        self,
        edit: DueEdit,
        now: datetime,
        *,
        removed: bool = False,
        reduced: MessageReduced | None = None,
    ) -> None:
        """Record that a message was edited, or (`removed`) deleted.

        `reduced`: it lacks parts that Discord rejected.

        If a story has changed since, another edit is scheduled. Posts folded into a deleted message
        are planned again.
        """

        async def work(transaction: Transaction) -> None:
            await transaction.remove_edit(edit.post.id)
            posts = await transaction.get_posts(edit.shown)
            shown = [
                states.show_post(post, edit.shown[post.id], removed=removed, reduced=reduced)
                for post in posts
            ]
            await transaction.update_posts(shown, now)
            if removed:
                await revive(transaction, [post.id for post in shown], now)
            else:
                await _edit_if_outdated(transaction, edit.post.id, now)

        await self._store.transact(work)

    async def abandon_edit(self, edit: DueEdit, now: datetime) -> None:
        """Give up an edit that can't be made; posts that it would have shown are planned again."""

        async def work(transaction: Transaction) -> None:
            await transaction.remove_edit(edit.post.id)
            await _release_folded(transaction, edit, now)

        await self._store.transact(work)

    async def release_folded(self, edit: DueEdit, now: datetime) -> None:
        """Plan the posts again that an edit would have shown, as nobody knows when it is made."""
        await self._store.transact(lambda transaction: _release_folded(transaction, edit, now))


def log_planned(posts: Mapping[int, int]) -> None:
    """Log the stories that were planned, each with its number of posts."""
    for story_id, count in posts.items():
        channels = "1 channel" if count == 1 else f"{count} channels"
        extra = {"stories": [story_id]}
        logger.info("planned %s for %s", name_story(story_id), channels, extra=extra)


async def plan_posts(
    transaction: Transaction, posts: Sequence[NewPost], now: datetime
) -> Counter[int]:
    """Plan the posts whose channel has no post of the story; return how many for each story.

    A replaceable post is planned again. What a channel's history shows after a restore becomes
    `sent`; call `recognise_rest` when the others are folded.
    """
    existing = {
        (post.story_id, post.channel_id): post
        for post in await transaction.find_posts((post.story_id, post.channel_id) for post in posts)
    }
    fresh, replanned = [], []
    for new in posts:
        post = existing.get((new.story_id, new.channel_id))
        if post is None:
            fresh.append(new)
        elif post.replaceable:
            replanned.append(states.replan_post(post, new, now))
    planned = [each.story_id for each in fresh]
    if await transaction.insert_posts(fresh, now) < len(fresh):
        # A subscription was removed meanwhile.
        inserted = await transaction.find_posts((new.story_id, new.channel_id) for new in fresh)
        planned = [post.story_id for post in inserted]
    await transaction.update_posts(replanned, now)
    await transaction.record_planned({new.story_id for new in posts}, now)
    await recognise_messages(transaction, posts, now)
    return Counter([*planned, *(post.story_id for post in replanned)])


async def reconsider_stories(transaction: Transaction, posts: Iterable[Post]) -> None:
    """Have the planner decide about the posts' stories again, as other subscriptions may match."""
    stories = await transaction.story_facts({post.story_id for post in posts})
    revision = min((story.revision for story in stories.values()), default=None)
    await transaction.rewind_cursor(None if revision is None else revision - 1)


async def revive(
    transaction: Transaction,
    hosts: Iterable[int],
    now: datetime,
    *,
    folded: Iterable[Post] | None = None,
    except_subscription: int | None = None,
) -> None:
    """Plan posts again that are folded into posts that will not be sent: see `revive_folded`."""
    if folded is None:
        folded = [
            post
            for post in await transaction.posts_led_by(hosts)
            if post.status is PostStatus.FOLDED
        ]
    folded = tuple(folded)
    if folded:
        subscriptions = await transaction.subscription_states(
            post.subscription_id for post in folded
        )
        stories = await transaction.story_facts(post.story_id for post in folded)
        changed = states.revive_folded(
            folded, subscriptions, stories, now, except_subscription=except_subscription
        )
        await transaction.update_posts(changed, now)


async def _fold(
    transaction: Transaction, posts: Sequence[NewPost], now: datetime, since: datetime | None
) -> list[int]:
    """Fold posts that were just planned; return their ids.

    Stories are processed in order: of two new ones about the same event, the first is posted.
    """
    by_story: dict[int, list[NewPost]] = {}
    for new in posts:
        if new.same_events:
            by_story.setdefault(new.story_id, []).append(new)
    done = []
    for story_id, news in by_story.items():
        events = {event.story_id: event for event in news[0].same_events}
        nonces = {new.nonce for new in news}
        pairs = [(story_id, new.channel_id) for new in news]
        planned = [
            post
            for post in await transaction.find_posts(pairs)
            if post.nonce in nonces and post.status is PostStatus.PLANNED
        ]
        candidates: dict[int, list[Post]] = {}
        for post in await transaction.find_posts(
            (story, post.channel_id) for story in events for post in planned
        ):
            candidates.setdefault(post.channel_id, []).append(post)
        hosts = {
            post.id: host
            for post in planned
            if (host := states.choose_host(candidates.get(post.channel_id, ()), since)) is not None
            and host[0] != post.id
        }
        titles = await _titles(transaction, (host for host, _ in hosts.values()))
        # A damaged host is not sent, or can't be edited.
        hosts = {post_id: host for post_id, host in hosts.items() if host[0] in titles}
        reasons = {
            post_id: SameStory(
                host, titles[host], events[same.story_id].words, events[same.story_id].apart
            )
            for post_id, (host, same) in hosts.items()
        }
        folded = [post for post in planned if post.id in hosts]
        # A replaced post may have had others folded into it; they move with it.
        followers = await transaction.posts_led_by(hosts)
        moved = {post.id: hosts[post.lead_post_id or 0][0] for post in followers}
        reasons |= {post_id: SameStory(host, titles[host]) for post_id, host in moved.items()}
        await transaction.update_posts(
            [states.fold_post(post, reasons[post.id], now) for post in (*folded, *followers)], now
        )
        done += [post.id for post in folded]
    return done


async def _relate(
    transaction: Transaction, posts: Sequence[NewPost], edit_since: datetime
) -> set[int]:
    """Record which stories are related; return the lead posts of the messages that show it."""
    pairs = {(new.story_id, other) for new in posts for other in new.related}
    if not pairs:
        return set()
    await transaction.relate_stories(pairs)
    shown = await transaction.find_posts(
        {(other, new.channel_id) for new in posts for other in new.related}
    )
    return {
        post.id
        for post in shown
        if states.has_message(post)
        and post.lead_post_id is None
        and post.digest_position is None
        and post.settled_at is not None
        and post.settled_at > edit_since
    }


async def _titles(transaction: Transaction, post_ids: Iterable[int]) -> dict[int, str]:
    """The titles of posts' stories, by post id."""
    posts = await transaction.get_posts(set(post_ids))
    stories = await transaction.story_facts({post.story_id for post in posts})
    return {post.id: stories[post.story_id].title for post in posts if post.story_id in stories}


async def _compose(
    transaction: Transaction, post: Post, subscription: SubscriptionState | None, now: datetime
) -> MessagePosts | None:
    """The message to send for a due post: its own, or its subscription's digest.

    None if the digest would be empty, because the stories of all due posts were withdrawn.
    """
    best = None if subscription is None or subscription.removed else subscription.digest_best
    if best is None or subscription is None or post.unknown_since is not None:
        return await _message_of(transaction, post.id)
    while True:
        due = [
            each
            for each in await transaction.waiting_posts([subscription.id], due_by=now)
            if each.channel_id == post.channel_id
        ]
        stories = await transaction.story_facts(each.story_id for each in due)
        choice = choose_digest(due, stories, best)
        if not choice.withdrawn:
            break
        await transaction.update_posts(
            [states.skip_post(each, Cause.STORY_WITHDRAWN, now) for each in choice.withdrawn],
            now,
        )
        # The posts folded into them are due now, too.
        await revive(transaction, [each.id for each in choice.withdrawn], now)
    if choice.left_out:
        folded = await transaction.posts_led_by(each.id for each in choice.left_out)
        skipped, others = skip_left_out(choice.left_out, folded, best, now)
        await transaction.update_posts(skipped, now)
        await revive(transaction, (), now, folded=others)
    if not choice.chosen:
        return None
    message = compose_digest(choice.chosen)
    await transaction.update_posts(message.all, now)
    return await _message_of(transaction, message.lead.id)


async def _release_folded(transaction: Transaction, edit: DueEdit, now: datetime) -> None:
    posts = await transaction.get_posts(edit.shown)
    folded = [post for post in posts if post.status is PostStatus.FOLDED and post.shown is None]
    await revive(transaction, (), now, folded=folded)


async def _message_of(transaction: Transaction, lead_post_id: int) -> MessagePosts | None:
    """The posts of a message, or None if there is no such post."""
    leads = await transaction.get_posts([lead_post_id])
    if not leads:
        return None
    led = await transaction.posts_led_by([lead_post_id])
    digest = [post.id for post in led if post.status is not PostStatus.FOLDED]
    folded = await transaction.posts_led_by(digest) if digest else ()
    return MessagePosts.of(leads[0], (*led, *folded))


async def _message_to_override(transaction: Transaction, post_id: int) -> MessagePosts:
    """The message that an operator may override; a folded post counts as a message of one post."""
    message = await _message_of(transaction, post_id)
    if message is not None and message.lead.status is PostStatus.FOLDED:
        message = MessagePosts(message.lead)
    elif message is not None and message.lead.lead_post_id is not None:
        message = await _message_of(transaction, message.lead.lead_post_id)
    if message is None or message.lead.status in {PostStatus.CLAIMED, PostStatus.SENT}:
        raise NotFoundError(
            f"there is no post {post_id} to settle or retry; it may be being sent, or already sent"
        )
    return message


async def _finish_settling(
    transaction: Transaction,
    lead: Post,
    settled: Sequence[Post],
    subscription: SubscriptionState | None,
    now: datetime,
) -> None:
    """Do what follows from the result of a message; `lead` is its lead post before.

    Follow-ups begin if it was sent, the posts folded into unsent posts are revived, and an edit is
    scheduled if a story changed.
    """
    if settled[0].status is PostStatus.SENT:
        await transaction.insert_follow_ups(begin_follow_ups(lead, subscription, now), now)
    if settled[0].status in {PostStatus.SKIPPED, PostStatus.FAILED}:
        await revive(transaction, [post.id for post in settled], now)
    await _edit_if_outdated(transaction, settled[0].id, now)


async def _edit_if_outdated(transaction: Transaction, lead_post_id: int, now: datetime) -> None:
    """Schedule an edit if a story of the message changed while it was being sent or edited."""
    message = await _message_of(transaction, lead_post_id)
    if message is not None:
        outdated = await transaction.outdated_messages(post_ids=[post.id for post in message.all])
        await transaction.schedule_edits(outdated, now)


async def _edit_host(transaction: Transaction, host: int, now: datetime) -> None:
    """Schedule an edit of a host post's message, if it was sent: it has to show less coverage."""
    posts = await transaction.get_posts([host])
    posts = await transaction.get_posts([post.lead_post_id or post.id for post in posts])
    await transaction.schedule_edits(
        [post.id for post in posts if states.has_message(post)],
        now,
    )
