"""Explain why a channel got a story or not, with the planner's own decision function."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.announce.policy import decide
from bot.announce.verdicts import Check
from storage.errors import NotFoundError
from storage.models import Story, Subscription
from storage.posts import Post, PostEvent, PostStatus
from storage.protocols import OutboxStore, StoryStore, SubscriptionStore


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known about a story in a channel.

    `owner` is the subscription that the post is for, None if it was removed. `lead_story` is the
    story whose message also shows this one. `decisions` are as they would be made now, the oldest
    subscription first.
    """

    story: Story
    post: Post | None
    owner: Subscription | None
    history: Sequence[PostEvent]
    lead_story: Story | None
    decisions: Sequence[tuple[Subscription, Sequence[Check]]]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Decides about a story as the planner would now; `max_age` None: no limit."""

    subscriptions: SubscriptionStore
    stories: StoryStore
    outbox: OutboxStore
    max_age: timedelta | None

    async def explain(
        self, story: Story, guild_id: int, channel_id: int, now: datetime
    ) -> Explanation:
        """Explain a story in a channel of a server."""
        subscriptions = await self.subscriptions.list_subscriptions(guild_id, channel_id)
        post = await self.outbox.find_post(story.id, channel_id)
        if post is not None and post.guild_id != guild_id:
            post = None
        wanted_by = post.subscription_id if post else None
        owner = next((each for each in subscriptions if each.id == wanted_by), None)
        seen = await self.subscriptions.seen_by(guild_id, story.id)
        status = _effective_status(post)
        return Explanation(
            story,
            post,
            owner,
            () if post is None else await self.outbox.post_history(post.id),
            await self._lead_story(post),
            [
                (each, decide(story, each, now, self.max_age, status, seen=each.id in seen))
                for each in subscriptions
            ],
        )

    async def _lead_story(self, post: Post | None) -> Story | None:
        if post is None or post.lead_post_id is None:
            return None
        try:
            lead = await self.outbox.get_post(post.lead_post_id)
            return await self.stories.get_story(lead.story_id)
        except NotFoundError:
            return None


def _effective_status(post: Post | None) -> PostStatus | None:
    """The status of the channel's post for `decide`; None if the planner may plan it again.

    It may replan skipped posts, and waiting posts whose subscription no longer wants the story (see
    `OutboxStore.planner_snapshot`).
    """
    if post is None or post.status is PostStatus.SKIPPED or post.replaceable:
        return None
    if post.unknown_since is not None and post.status is PostStatus.RETRY:
        return PostStatus.UNCERTAIN
    return post.status
