"""Compose the contents of a message from its posts and stories. Pure, for every adapter."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.models import Story, Subscription
from storage.posts import ClaimedPost, DueEdit, Post, PostStatus


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post of a message with its story; `visible_hash` is the hash of what readers see of it."""

    post: Post
    story: Story
    visible_hash: str


def build_claimed_post(
    lead: Post,
    shown: Sequence[ShownPost],
    subscription: Subscription | None,
    related: Sequence[Story] = (),
) -> ClaimedPost:
    """Build the message of a lead post; `shown` are all posts of the message, itself included."""
    story = next(each.story for each in shown if each.post.id == lead.id)
    together, folded = [], []
    for each in sorted(shown, key=lambda each: (each.post.digest_position or 0, each.post.id)):
        if each.post.id == lead.id or each.post.status is not PostStatus.FOLDED:
            together.append(each)
        elif not each.story.withdrawn:
            # Withdrawn coverage is not shown.
            folded.append(each.story)
    digest = tuple(each.story for each in together if each.post.digest_position is not None)
    catch_up = frozenset(each.story.id for each in together if each.post.catch_up)
    return ClaimedPost(lead, story, subscription, digest, tuple(folded), catch_up, tuple(related))


def build_due_edit(
    claimed: ClaimedPost, shown: Sequence[ShownPost], attempts: int, *, published: bool
) -> DueEdit:
    """Build the edit that updates a message to the current state of its stories."""
    return DueEdit(
        claimed.post,
        claimed.story,
        claimed.subscription,
        claimed.digest,
        claimed.coverage,
        claimed.catch_up,
        claimed.related,
        shown={each.post.id: each.visible_hash for each in shown},
        attempts=attempts,
        published=published,
    )
