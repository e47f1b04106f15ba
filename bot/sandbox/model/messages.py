"""Sending, editing and deleting messages as the bot, and deduplication by nonce."""

import re
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta

from bot.sandbox import errors
from bot.sandbox.model.attachments import MAX_FILES, Attachments, show_in_embeds
from bot.sandbox.model.entities import (
    TEXT_CHANNELS,
    Channel,
    ChannelType,
    Json,
    Message,
    MessageFlag,
)
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.hourly_limits import HourlyLimit
from bot.sandbox.model.layout_components import layout_texts
from bot.sandbox.model.message_body import AllowedMentions, MessageBody, fail_legacy_fields
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.snowflakes import read_id
from bot.sandbox.model.world import World
from bot.sandbox.options import SandboxOptions

_USER_MENTION = re.compile(r"<@!?(\d{1,20})>")
_ROLE_MENTION = re.compile(r"<@&(\d{1,20})>")
_EDITABLE_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2
_SENDABLE_FLAGS = _EDITABLE_FLAGS | MessageFlag.SUPPRESS_NOTIFICATIONS
_REPLY = 19


class Nonces:
    """The messages that were sent with a nonce within a window of time."""

    def __init__(self, window: timedelta) -> None:
        self.window = window
        self._sent: OrderedDict[tuple[int, str], tuple[datetime, Message]] = OrderedDict()

    def find(self, author_id: int, nonce: str, now: datetime) -> Message | None:
        """The message that this author sent with this nonce within the window, or None."""
        while self._sent:
            key, (sent_at, _) = next(iter(self._sent.items()))
            if now - sent_at <= self.window:
                break
            del self._sent[key]
        found = self._sent.get((author_id, nonce))
        return found[1] if found and now - found[0] <= self.window else None

    def remember(self, message: Message, nonce: str) -> None:
        """Record the nonce of a message."""
        self._sent[message.author_id, nonce] = (message.timestamp, message)


class Messages:
    """What the bot does with messages, under Discord's rules; raises `ApiError`."""

    def __init__(
        self, world: World, nonces: Nonces, attachments: Attachments, options: SandboxOptions
    ) -> None:
        rates = options.rates
        self._world = world
        self._nonces = nonces
        self._attachments = attachments
        self._max_active_threads = options.max_active_threads
        self._crossposts = HourlyLimit(rates.crossposts_per_hour if rates else None, world.clock)
        self._crossposted_edits = HourlyLimit(
            rates.crossposted_edits_per_hour if rates else None, world.clock
        )

    def visible_channel(self, channel_id: int) -> tuple[Channel, int]:
        """A channel that the bot can see, and its permissions there.

        Raises 10003 if there is no such channel and 50001 if the bot can't see it.
        """
        channel = self._world.channels.get(channel_id)
        if channel is None:
            raise errors.unknown_channel()
        allowed = self._world.permissions_in(channel_id, self._world.bot.id)
        if not allowed & Permission.VIEW_CHANNEL:
            raise errors.missing_access()
        return channel, allowed

    def find(self, channel_id: int, message_id: int) -> Message:
        """One message that the bot may read."""
        _, allowed = self.visible_channel(channel_id)
        if not allowed & Permission.READ_MESSAGE_HISTORY:
            raise errors.missing_permissions()
        return self._existing(channel_id, message_id)

    def flags_of(self, channel_id: int, message_id: int) -> int:
        """The flags of a message that an edit may concern; 0 if there is none."""
        channel = self._world.channels.get(channel_id)
        message = self._world.log(channel_id).get(message_id) if channel else None
        return message.flags if message else 0

    def _existing(self, channel_id: int, message_id: int) -> Message:
        message = self._world.log(channel_id).get(message_id)
        if message is None:
            raise errors.unknown_message()
        return message

    def history(
        self,
        channel_id: int,
        *,
        before: int | None,
        after: int | None,
        around: int | None,
        limit: int,
    ) -> list[Message]:
        """A page of a channel's messages, newest first; empty without Read Message History."""
        channel, allowed = self.visible_channel(channel_id)
        if channel.type not in TEXT_CHANNELS:
            raise errors.not_a_text_channel()
        if not allowed & Permission.READ_MESSAGE_HISTORY:
            return []
        log = self._world.log(channel_id)
        if around is not None:
            return log.around(around, limit)
        if after is not None:
            return log.after(after, limit)
        return log.before(before, limit)

    def send(self, channel_id: int, body: MessageBody) -> Message:
        """Send a message as the bot; a repeated nonce returns the first message."""
        channel, allowed = self.visible_channel(channel_id)
        if channel.type not in TEXT_CHANNELS:
            raise errors.not_a_text_channel()
        self._check_sending(channel, allowed)
        body = self.permitted(body, allowed)
        bot_id, now = self._world.bot.id, self._world.clock()
        nonce = str(body.nonce) if body.enforce_nonce and body.nonce is not None else None
        if nonce is not None and (duplicate := self._nonces.find(bot_id, nonce, now)):
            return duplicate
        if channel.archived:
            self.check_active_threads(channel)
            self._world.update_thread(channel_id, archived=False)
        message = Message(self._world.snowflakes.next(), channel_id, bot_id, now, nonce=nonce)
        message.flags = body.flags & _SENDABLE_FLAGS
        self._set_reference(message, body.reference, channel)
        self.apply_body(message, body, allowed)
        if nonce is not None:
            self._nonces.remember(message, nonce)
        self._world.add_message(message, nonce=body.nonce)
        return message

    def send_first(self, thread: Channel, body: MessageBody) -> Message:
        """Send the first message of a new thread of a forum, as the bot."""
        bot_id = self._world.bot.id
        message = Message(thread.id, thread.id, bot_id, self._world.clock())
        message.flags = body.flags & _SENDABLE_FLAGS
        self.apply_body(message, body, self._world.permissions_in(thread.id, bot_id))
        self._world.add_message(message)
        return message

    def permitted(self, body: MessageBody, allowed: int) -> MessageBody:
        """The body without what the bot may not send; an error if nothing else is in it."""
        if body.is_empty:
            raise errors.empty_message()
        if body.files and not allowed & Permission.ATTACH_FILES:
            raise errors.missing_permissions()
        body = self._without_forbidden_embeds(body, allowed)
        if body.is_empty:
            # Observed on Discord: an embed alone, without Embed Links, is refused.
            # https://github.com/discord/discord-api-docs/issues/2601
            raise errors.missing_permissions()
        return body

    def check_active_threads(self, channel: Channel) -> None:
        """Raise 160006 if the server of a channel can't have another active thread."""
        active = self._world.active_threads(channel.guild_id or 0)
        if len(active) >= self._max_active_threads:
            raise errors.too_many_active_threads()

    @staticmethod
    def _check_sending(channel: Channel, allowed: int) -> None:
        """Raise 50013 without the permission to send, or 160005 for an archived, locked thread.

        Sending unarchives a thread, unless it is locked. Which code Discord uses for which locked
        thread is not documented; clients must expect both.
        https://docs.discord.com/developers/topics/threads#active-archived-threads
        """
        if not channel.is_thread:
            if not allowed & Permission.SEND_MESSAGES:
                raise errors.missing_permissions()
            return
        if not allowed & Permission.SEND_MESSAGES_IN_THREADS:
            raise errors.missing_permissions()
        if channel.locked and not allowed & Permission.MANAGE_THREADS:
            raise errors.thread_locked() if channel.archived else errors.missing_permissions()

    @staticmethod
    def _check_changing(channel: Channel, allowed: int) -> None:
        """Raise 50083 in an archived thread, 50013 in a locked one without Manage Threads.

        https://docs.discord.com/developers/topics/threads#locked-threads
        """
        if channel.archived:
            raise errors.thread_archived()
        if channel.locked and not allowed & Permission.MANAGE_THREADS:
            raise errors.missing_permissions()

    def _set_reference(self, message: Message, reference: Json | None, channel: Channel) -> None:
        """Make a message a reply to another message of its channel."""
        if reference is None:
            return
        target = read_id(reference.get("message_id"))
        if target is None or self._world.log(channel.id).get(target) is None:
            if reference.get("fail_if_not_exists", True):
                code, text = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message"
                raise errors.invalid_form([errors.FieldError(("message_reference",), code, text)])
            return
        message.type = _REPLY
        message.reference = {
            "type": 0,
            "channel_id": str(channel.id),
            "message_id": str(target),
        }
        if channel.guild_id is not None:
            message.reference["guild_id"] = str(channel.guild_id)

    @staticmethod
    def _without_forbidden_embeds(body: MessageBody, allowed: int) -> MessageBody:
        if body.embeds and not allowed & Permission.EMBED_LINKS:
            return replace(body, embeds=[])
        return body

    def edit(self, channel_id: int, message_id: int, body: MessageBody) -> Message:
        """Edit one of the bot's own messages."""
        channel, allowed = self.visible_channel(channel_id)
        message = self._existing(channel_id, message_id)
        if message.author_id != self._world.bot.id:
            raise errors.not_the_author()
        self._check_changing(channel, allowed)
        return self.apply_edit(message, self._without_forbidden_embeds(body, allowed), allowed)

    def apply_edit(self, message: Message, body: MessageBody, allowed: int) -> Message:
        """Apply a body to a message; raises 50006 if nothing is left to show."""
        if len(body.files) + len(self._kept(message, body)) > MAX_FILES:
            text = f"Must be {MAX_FILES} or fewer in length."
            raise errors.invalid_form(
                [errors.FieldError(("attachments",), "BASE_TYPE_MAX_LENGTH", text)]
            )
        remaining = (
            message.content if body.content is None else body.content,
            message.embeds if body.embeds is None else body.embeds,
            message.components if body.components is None else body.components,
            body.files or self._kept(message, body),
        )
        if not any(remaining):
            raise errors.empty_message()
        if (message.flags | body.flags) & MessageFlag.IS_COMPONENTS_V2:
            form = Form()
            fail_legacy_fields(form, {"content": remaining[0], "embeds": remaining[1]})
            form.raise_problems()
        if message.flags & MessageFlag.CROSSPOSTED:
            self._crossposted_edits.take(message.channel_id)
        message.flags &= ~MessageFlag.LOADING
        if not body.keeps_flags:
            message.flags &= ~MessageFlag.SUPPRESS_EMBEDS
            message.flags |= body.flags & _EDITABLE_FLAGS
        message.attachments = self._kept(message, body)
        self.apply_body(message, body, allowed)
        message.edited_timestamp = self._world.clock()
        self._world.update_message(message)
        return message

    @staticmethod
    def _kept(message: Message, body: MessageBody) -> list[Json]:
        """The attachments that an edit keeps, with new descriptions if it has any."""
        kept = body.kept_attachments
        if kept is None:
            return message.attachments
        changed = (
            each | kept[int(each["id"])] for each in message.attachments if int(each["id"]) in kept
        )
        return [{key: value for key, value in each.items() if value != ""} for each in changed]

    def crosspost(self, channel_id: int, message_id: int) -> Message:
        """Publish a message of an announcement channel to the channels that follow it.

        https://docs.discord.com/developers/resources/message#crosspost-message
        """
        channel, allowed = self.visible_channel(channel_id)
        if channel.type is not ChannelType.ANNOUNCEMENT:
            raise errors.wrong_channel_type()
        message = self._existing(channel_id, message_id)
        needed = int(Permission.SEND_MESSAGES)
        if message.author_id != self._world.bot.id:
            needed |= Permission.MANAGE_MESSAGES
        if allowed & needed != needed:
            raise errors.missing_permissions()
        if message.flags & MessageFlag.CROSSPOSTED:
            raise errors.already_crossposted()
        self._crossposts.take(channel_id)
        message.flags |= MessageFlag.CROSSPOSTED
        self._world.update_message(message)
        return message

    def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message: the bot's own, or anyone's with Manage Messages."""
        channel, allowed = self.visible_channel(channel_id)
        message = self._existing(channel_id, message_id)
        if channel.archived:
            # Observed on Discord, although its documentation allows it.
            raise errors.thread_archived()
        if message.author_id != self._world.bot.id and not allowed & Permission.MANAGE_MESSAGES:
            raise errors.missing_permissions()
        self._world.delete_message(message)

    def apply_body(self, message: Message, body: MessageBody, allowed: int) -> None:
        """Set the fields of a message that a body contains."""
        if body.content is not None:
            message.content = body.content
        if body.components is not None:
            message.components = body.components
        is_layout = message.flags & MessageFlag.IS_COMPONENTS_V2
        if body.content is not None or (is_layout and body.components is not None):
            self._set_mentions(message, body.mentions, allowed)
        ephemeral = message.ephemeral_for is not None
        message.attachments = [
            *message.attachments,
            *(
                self._attachments.store(message.channel_id, file, ephemeral=ephemeral)
                for file in body.files
            ),
        ]
        if body.embeds is not None:
            message.embeds = body.embeds
            message.embedded = show_in_embeds(message.embeds, message.attachments)

    def _set_mentions(self, message: Message, allowed: AllowedMentions, permissions: int) -> None:
        """Set whom a message's texts notify."""
        world = self._world
        content = "\n".join([message.content, *layout_texts(message.components)])
        message.mentions, message.mention_roles, message.mention_everyone = [], [], False
        if "@" not in content:
            return
        every = bool(permissions & Permission.MENTION_EVERYONE)
        for user_id in dict.fromkeys(map(int, _USER_MENTION.findall(content))):
            if user_id in world.users and ("users" in allowed.parse or user_id in allowed.users):
                message.mentions.append(user_id)
        channel = world.channels[message.channel_id]
        roles = world.guilds[channel.guild_id].roles if channel.guild_id else {}
        for role_id in dict.fromkeys(map(int, _ROLE_MENTION.findall(content))):
            role = roles.get(role_id)
            if role is None or not (role.mentionable or every):
                continue
            if "roles" in allowed.parse or role_id in allowed.roles:
                message.mention_roles.append(role_id)
        if every and "everyone" in allowed.parse:
            message.mention_everyone = "@everyone" in content or "@here" in content
