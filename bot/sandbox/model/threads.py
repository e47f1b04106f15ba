"""What the bot does with threads, under Discord's rules; raises `ApiError`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox import errors
from bot.sandbox.model.entities import (
    THREADS,
    Channel,
    ChannelFlag,
    ChannelType,
    Message,
    MessageFlag,
)
from bot.sandbox.model.message_body import MessageBody
from bot.sandbox.model.messages import Messages
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import World

# The channels whose messages can have threads, with the type of these.
_THREADS_OF_MESSAGES = {
    ChannelType.TEXT: ChannelType.PUBLIC_THREAD,
    ChannelType.ANNOUNCEMENT: ChannelType.ANNOUNCEMENT_THREAD,
}
_PARENTS = (ChannelType.TEXT, ChannelType.ANNOUNCEMENT, ChannelType.FORUM)


@dataclass(frozen=True, slots=True)
class NewPost:
    """A thread to start in a forum; without `archive_minutes` Discord's default applies."""

    name: str
    tags: tuple[int, ...] = ()
    archive_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ThreadChange:
    """What to change of a thread; None: it stays as it is."""

    name: str | None = None
    tags: tuple[int, ...] | None = None
    archived: bool | None = None
    locked: bool | None = None


class Threads:
    """Starts, lists and changes threads as the bot."""

    def __init__(self, world: World, messages: Messages) -> None:
        self._world = world
        self._messages = messages

    def visible(self, channel_id: int) -> Channel:
        """A channel that the bot can see."""
        return self._messages.visible_channel(channel_id)[0]

    def start_post(
        self, forum_id: int, post: NewPost, body: MessageBody
    ) -> tuple[Channel, Message]:
        """Start a thread in a forum; its first message has the thread's id.

        A nonce is not folded. Discord does not document which errors it has for unknown tags and
        for tags of moderators.
        """
        forum, allowed = self._messages.visible_channel(forum_id)
        if not allowed & Permission.SEND_MESSAGES:
            raise errors.missing_permissions()
        permitted = self._messages.permitted(body, allowed)
        self._check_tags(forum, (), post.tags, allowed)
        self._messages.check_active_threads(forum)
        thread = self._world.add_thread(
            forum_id,
            post.name,
            owner_id=self._world.bot.id,
            applied_tags=post.tags,
            archive_minutes=post.archive_minutes,
        )
        return thread, self._messages.send_first(thread, permitted)

    def start_under(
        self, channel_id: int, message_id: int, name: str, archive_minutes: int | None
    ) -> Channel:
        """Start a thread under a message. The thread has the id of the message.

        https://docs.discord.com/developers/resources/channel#start-thread-from-message
        """
        channel, allowed = self._messages.visible_channel(channel_id)
        kind = _THREADS_OF_MESSAGES.get(channel.type)
        if kind is None:
            raise errors.wrong_channel_type()
        message = self._messages.find(channel_id, message_id)
        if not allowed & Permission.CREATE_PUBLIC_THREADS:
            raise errors.missing_permissions()
        if message_id in self._world.channels:
            raise errors.thread_already_created()
        self._messages.check_active_threads(channel)
        thread = self._world.add_thread(
            channel_id,
            name,
            kind,
            owner_id=self._world.bot.id,
            archive_minutes=archive_minutes,
            message_id=message_id,
        )
        message.flags |= MessageFlag.HAS_THREAD
        self._world.update_message(message)
        return thread

    @staticmethod
    def _check_tags(
        forum: Channel, before: Iterable[int], tags: tuple[int, ...], allowed: int
    ) -> None:
        if not tags and forum.flags & ChannelFlag.REQUIRE_TAG:
            raise errors.tag_required()
        known = {each.id: each for each in forum.available_tags}
        if not known.keys() >= set(tags):
            raise errors.unknown_tag()
        changed = known.keys() & (set(before) ^ set(tags))
        moderated = any(known[each].moderated for each in changed)
        if moderated and not allowed & Permission.MANAGE_THREADS:
            raise errors.missing_permissions()

    def update(self, thread_id: int, change: ThreadChange) -> None:
        """Change a thread.

        https://docs.discord.com/developers/topics/threads#editing-deleting-threads
        """
        thread, allowed = self._messages.visible_channel(thread_id)
        if not self._may_change(thread, change, allowed):
            raise errors.missing_permissions()
        if thread.archived and change.archived is not False:
            raise errors.thread_archived()
        if change.tags is not None:
            forum = self._world.channel(thread.parent_id or 0)
            self._check_tags(forum, thread.applied_tags, change.tags, allowed)
        if thread.archived:
            self._messages.check_active_threads(thread)
        self._world.update_thread(
            thread.id,
            name=change.name,
            applied_tags=change.tags,
            archived=change.archived,
            locked=change.locked,
        )

    def delete(self, thread_id: int) -> None:
        """Delete a thread, as moderators may.

        https://docs.discord.com/developers/topics/threads#editing-deleting-threads
        """
        thread, allowed = self._messages.visible_channel(thread_id)
        if not allowed & Permission.MANAGE_THREADS:
            raise errors.missing_permissions()
        self._world.delete_channel(thread.id)

    def _may_change(self, thread: Channel, change: ThreadChange, allowed: int) -> bool:
        if allowed & Permission.MANAGE_THREADS:
            return True
        if thread.locked or change.locked is not None:
            return False
        if change == ThreadChange(archived=False):
            return bool(allowed & Permission.SEND_MESSAGES_IN_THREADS)
        return thread.owner_id == self._world.bot.id

    def active(self, guild_id: int) -> list[Channel]:
        """The active threads of a server that the bot can see, newest first."""
        guild = self._world.guilds.get(guild_id)
        if guild is None or self._world.bot.id not in guild.members:
            raise errors.unknown_guild()
        visible = [
            each
            for each in self._world.active_threads(guild_id)
            if self._world.permissions_in(each.id, self._world.bot.id) & Permission.VIEW_CHANNEL
        ]
        return sorted(visible, key=lambda each: each.id, reverse=True)

    def archived(self, channel_id: int, before: datetime | None) -> list[Channel]:
        """The public archived threads of a channel, those archived last first."""
        channel, allowed = self._messages.visible_channel(channel_id)
        if channel.type not in _PARENTS:
            raise errors.wrong_channel_type()
        if not allowed & Permission.READ_MESSAGE_HISTORY:
            raise errors.missing_permissions()
        public = THREADS - {ChannelType.PRIVATE_THREAD}
        found = [
            (each.archive_changed_at, each)
            for each in self._world.channels.values()
            if each.parent_id == channel_id
            and each.type in public
            and each.archived
            and each.archive_changed_at is not None
            and (before is None or each.archive_changed_at < before)
        ]
        found.sort(key=lambda item: (item[0], item[1].id), reverse=True)
        return [thread for _, thread in found]
