"""The titles and tags of posts in forums, and the names of threads under messages. Pure."""

from collections.abc import Iterable

from bot.discordapp.markdown import plain
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.digest import digest_heading
from storage.models import DeliveryOptions
from storage.posts import ClaimedPost

# https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
MAX_TITLE, MAX_TAGS = 100, 5


def post_title(claimed: ClaimedPost) -> str:
    """The title of a thread: that of the story, or which digest it is."""
    if claimed.digest:
        heading = digest_heading(
            claimed.subscription, claimed.post.due_at, catch_up=claimed.only_catch_up
        )
        return plain(heading, MAX_TITLE)
    title = plain(claimed.story.article.title, MAX_TITLE) or labels.UNTITLED_STORY
    return plain(labels.withdrawn_title(title), MAX_TITLE) if claimed.story.withdrawn else title


def choose_tags(claimed: ClaimedPost, tags: Iterable[tuple[int, str]]) -> list[int]:
    """The ids of the tags for a message, of a forum's tags (id and name).

    A topic has the tag that the subscription chose for it, or else the one with its own name; if
    none applies, the message gets the fallback. Tags that the forum does not have are left out.
    """
    tags = list(tags)
    subscription = claimed.subscription
    delivery = subscription.spec.delivery if subscription else DeliveryOptions()
    chosen = {_folded(topic): tag for topic, tag in delivery.tags}
    stories = claimed.digest or (claimed.story,)
    topics = (topic for story in stories for topic in story.article.topics)
    found = [find_tag(chosen.get(_folded(topic), topic), tags) for topic in topics]
    ids = list(dict.fromkeys(each for each in found if each is not None))[:MAX_TAGS]
    fallback = find_tag(delivery.fallback_tag, tags)
    return ids or [each for each in [fallback] if each is not None]


def find_tag(name: str | None, tags: Iterable[tuple[int, str]]) -> int | None:
    """The id of the first tag with a name; None if there is none."""
    if name is None:
        return None
    wanted = _folded(name)
    return next((tag_id for tag_id, each in tags if _folded(each) == wanted), None)


def _folded(name: str) -> str:
    return name.strip().casefold()
