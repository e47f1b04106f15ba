"""What is special about forums: which channels are some, the tags and titles of their threads."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

import discord

from bot.announce.poster_port import Postponed, Unavailable
from bot.discordapp.forum_history import ForumHistory
from bot.discordapp.history import FetchPage
from bot.discordapp.outcomes import FAILURES, explain_failure
from bot.discordapp.permissions import fetch_thread, moderates, usable_tags
from bot.discordapp.rendering.forum import choose_tags, post_title
from storage.posts import ChannelToRecover, ClaimedPost, Post
from storage.reasons import Cause, FoundAfterRestore

# If Discord doesn't say how long to wait before a title is changed again.
_TITLE_WAIT = timedelta(minutes=10)

logger = logging.getLogger(__name__)


class Forums:
    """The forums that a client knows."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        # Those that requests have found, and of which the gateway may not have reported yet.
        self._found: set[int] = set()

    def add(self, channel_id: int) -> None:
        """Remember that a channel turned out to be a forum."""
        self._found.add(channel_id)

    def contain(self, channel_id: int) -> bool:
        """Whether a channel is known to be a forum."""
        channel = self._client.get_channel(channel_id)
        return channel_id in self._found or isinstance(channel, discord.ForumChannel)

    def channel_of_message(self, post: Post) -> int:
        """The channel that contains a post's message; in a forum, the thread has the same id."""
        if post.thread_id is None and self.contain(post.channel_id):
            return post.message_id or post.channel_id
        return post.thread_id or post.channel_id

    def history(
        self, place: Post | ChannelToRecover, since: datetime, own_id: int | None
    ) -> FetchPage:
        """The posts that the bot, whose id is `own_id`, started in a forum since a time."""
        where = (place.guild_id, place.channel_id)
        return ForumHistory(self._client.http, *where, since, own_id).fetch_page

    def choose_tags(self, claimed: ClaimedPost) -> list[int]:
        """The ids of the tags for a message, as far as the bot may use them."""
        forum = self._client.get_channel(claimed.post.channel_id)
        if not isinstance(forum, discord.ForumChannel):
            return []
        return choose_tags(claimed, [(tag.id, tag.name) for tag in usable_tags(forum)])

    async def delete_thread(self, post: Post) -> bool:
        """Delete the thread of a message if the bot may, and nobody has answered in it.

        Returns whether it is gone. Raises what the requests raise.
        """
        forum, thread_id = self._client.get_channel(post.channel_id), self.channel_of_message(post)
        if not isinstance(forum, discord.ForumChannel) or not moderates(forum):
            return False
        thread = await fetch_thread(self._client, thread_id)
        # The first message is not counted.
        if thread is None or thread.message_count != 0:
            return False
        await self._client.http.delete_channel(thread_id)
        return True

    async def update_title(self, claimed: ClaimedPost) -> Postponed | Unavailable | None:
        """Give a thread the title of its story, if that is wanted; return why not yet.

        A title that Discord rejects is not tried again. Two changes in ten minutes are allowed.
        """
        thread_id, subscription = self.channel_of_message(claimed.post), claimed.subscription
        if thread_id == claimed.post.channel_id:
            return None
        if not (subscription and subscription.spec.delivery.update_titles):
            return None
        title = post_title(claimed)
        try:
            known = self._client.get_channel(thread_id)
            thread = known or await fetch_thread(self._client, thread_id)
            if isinstance(thread, discord.Thread) and thread.name != title:
                # Not `thread.edit`: it reads more of the response than matters here.
                await self._client.http.edit_channel(thread_id, name=title)
        except FAILURES as error:
            outcome = explain_failure(error)
            if isinstance(outcome, Unavailable):
                if outcome.reason is not Cause.RATE_LIMITED:
                    return outcome
                wait = outcome.retry_after or _TITLE_WAIT
                return Postponed(outcome.reason, wait, outcome.request_made)
            logger.info("thread %d keeps its title: %s", thread_id, outcome)
        return None


def with_thread(post: Post) -> Post:
    """A forum's post with the thread of its message, which has the same id.

    An operator who records a message does not name the thread.
    """
    message_id = post.message_id
    if message_id is None and isinstance(post.reason, FoundAfterRestore):
        message_id = post.reason.message
    return replace(post, thread_id=message_id)
