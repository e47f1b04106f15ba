"""What a digest contains: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.announce.post_states import MessagePosts, Stories, skip_post
from storage.posts import Post
from storage.reasons import DigestFull


@dataclass(frozen=True, slots=True)
class DigestChoice:
    """A subscription's due posts, divided; `chosen` make the digest, the best first."""

    chosen: tuple[Post, ...]
    left_out: tuple[Post, ...]
    withdrawn: tuple[Post, ...]


def choose_digest(due: Iterable[Post], stories: Stories, best: int) -> DigestChoice:
    """Choose the posts of a digest, at most `best`: by quality, then heat, then date.

    Posts whose stories are damaged, and therefore not among `stories`, keep waiting.
    """

    def rank(post: Post) -> tuple[int, int, float, int]:
        story = stories[post.story_id]
        return -story.quality, -story.heat, -story.dated_at.timestamp(), post.id

    due = tuple(post for post in due if post.story_id in stories)
    withdrawn = tuple(post for post in due if stories[post.story_id].withdrawn)
    ranked = sorted((post for post in due if post not in withdrawn), key=rank)
    return DigestChoice(tuple(ranked[:best]), tuple(ranked[best:]), withdrawn)


def compose_digest(chosen: Sequence[Post]) -> MessagePosts:
    """Make the first (best) post the lead post of the others."""
    lead, *others = (
        replace(post, digest_position=position) for position, post in enumerate(chosen, start=1)
    )
    digest = (replace(post, lead_post_id=lead.id, replaceable=False) for post in others)
    return MessagePosts(lead, tuple(digest))


def skip_left_out(
    posts: Sequence[Post], folded: Iterable[Post], best: int, now: datetime
) -> tuple[list[Post], list[Post]]:
    """Skip the posts that don't fit into a digest, and the subscription's posts folded into them.

    They are never planned again. Returns the skipped posts, and the posts of other subscriptions
    that are folded into them, which the caller has to revive.
    """
    owners = {post.id: post.subscription_id for post in posts}
    skipped, others = list(posts), list[Post]()
    for post in folded:
        same = post.lead_post_id in owners and post.subscription_id == owners[post.lead_post_id]
        (skipped if same else others).append(post)
    return [skip_post(post, DigestFull(best), now, final=True) for post in skipped], others
