"""The titles and tags of posts in forums, and the names of threads under messages. Pure."""

from collections.abc import Iterable

from bot.discordapp.markdown import plain
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.digest import digest_heading
from storage.posts import ClaimedPost

# https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
MAX_TITLE, MAX_TAGS = 100, 5


def post_title(claimed: ClaimedPost) -> str:
    """The title of a thread: that of the story, or which digest it is."""
    if claimed.digest:
        title = digest_heading(claimed.subscription, claimed.post.due_at)
    else:
        title = claimed.story.article.title
    return plain(title, MAX_TITLE) or labels.UNTITLED_STORY


def choose_tags(topics: Iterable[str], tags: Iterable[tuple[int, str]]) -> list[int]:
    """The ids of the tags that are named like one of the topics, in the order of these."""
    by_name: dict[str, int] = {}
    for tag_id, name in tags:
        by_name.setdefault(name.strip().casefold(), tag_id)
    found = (by_name.get(topic.casefold()) for topic in topics)
    return list(dict.fromkeys(tag_id for tag_id in found if tag_id is not None))[:MAX_TAGS]
