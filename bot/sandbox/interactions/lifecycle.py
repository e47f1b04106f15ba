"""The lifecycle of interactions: sending them to the bot and accepting its responses.

The first response is due within 3 s (`SandboxOptions.response_time`), a token is valid for
15 minutes, and an ephemeral reply is visible to one person.
https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from bot.sandbox import errors
from bot.sandbox.clock import MovableClock
from bot.sandbox.errors import InteractionFailedError, PersonError, UnsupportedError
from bot.sandbox.interactions.application_commands import OptionType, read_choices
from bot.sandbox.interactions.interaction import (
    Interaction,
    InteractionType,
    ResponseType,
    command_path,
    interaction_metadata,
    interaction_payload,
)
from bot.sandbox.interactions.modals import read_modal
from bot.sandbox.model.attachments import UploadedFile
from bot.sandbox.model.entities import Channel, Json, Message, MessageFlag
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.message_body import MessageBody, read_message_body
from bot.sandbox.model.messages import Messages
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import World

TOKEN_LIFETIME = timedelta(minutes=15)
_CHAT_INPUT_REPLY, _PLAIN_REPLY = 20, 0

Spawn = Callable[[Coroutine[Any, Any, None]], object]

_NEW_MESSAGE = (ResponseType.MESSAGE, ResponseType.DEFERRED_MESSAGE)
_UPDATE = (ResponseType.DEFERRED_UPDATE, ResponseType.UPDATE)
_ALLOWED_RESPONSES = {
    InteractionType.COMMAND: (*_NEW_MESSAGE, ResponseType.MODAL),
    InteractionType.COMPONENT: (*_NEW_MESSAGE, *_UPDATE, ResponseType.MODAL),
    InteractionType.MODAL: (*_NEW_MESSAGE, *_UPDATE),
    InteractionType.AUTOCOMPLETE: (ResponseType.CHOICES,),
}

# Whoever completes an option or submits a form awaits the response, and shows a failure there.
_SHOWN_FAILURES = (InteractionType.COMMAND, InteractionType.COMPONENT)


class Interactions:
    """The open interactions. An invalid response raises `ApiError`."""

    def __init__(
        self,
        world: World,
        messages: Messages,
        clock: MovableClock,
        spawn: Spawn,
        response_time: timedelta,
    ) -> None:
        self._world = world
        self._messages = messages
        self._clock = clock
        self._spawn = spawn
        self._response_time = response_time
        self._by_token: OrderedDict[str, Interaction] = OrderedDict()

    def start(
        self,
        user_id: int,
        channel: Channel,
        kind: InteractionType,
        data: Json,
        source: Message | None = None,
        trigger: Interaction | None = None,
    ) -> Interaction:
        """Send the bot an interaction of a person."""
        now = self._clock()
        while self._by_token:
            oldest = next(iter(self._by_token.values()))
            if now - oldest.created_at <= TOKEN_LIFETIME * 2:
                break
            del self._by_token[oldest.token]
        interaction = Interaction(
            id=self._world.snowflakes.next(),
            token=secrets.token_urlsafe(48),
            kind=kind,
            user_id=user_id,
            channel=channel,
            data=data,
            created_at=now,
            deadline=now + self._response_time,
            source=source,
            clock=self._clock,
            trigger=trigger,
        )
        self._by_token[interaction.token] = interaction
        self._world.emit(
            "INTERACTION_CREATE",
            lambda: interaction_payload(self._world, interaction),
            channel.guild_id,
        )
        if kind in _SHOWN_FAILURES:
            self._spawn(self._watch_deadline(interaction))
        return interaction

    async def _watch_deadline(self, interaction: Interaction) -> None:
        """Let the page show that the bot did not respond."""
        try:
            await interaction.answered()
        except InteractionFailedError as error:
            failed = {"interaction_id": str(interaction.id), "message": str(error)}
            failed["user_id"] = str(interaction.user_id)
            self._world.emit("SANDBOX_INTERACTION_FAILED", lambda: failed)

    def with_modal(self, interaction_id: int, user_id: int) -> Interaction:
        """A person's interaction to which the bot responded with a modal.

        Raises PersonError if there is none.
        """
        for interaction in self._by_token.values():
            is_wanted = (interaction.id, interaction.user_id) == (interaction_id, user_id)
            if is_wanted and interaction.modal is not None:
                return interaction
        raise PersonError("This form is no longer open.", HTTPStatus.NOT_FOUND)

    # The bot's responses

    def find(self, token: str) -> Interaction:
        """The interaction of a token, after its first response; raises 10015 or 50027."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.response_type is None:
            raise errors.unknown_webhook()
        if self._clock() - interaction.created_at > TOKEN_LIFETIME:
            raise errors.invalid_webhook_token()
        return interaction

    def respond(
        self, interaction_id: int, token: str, fields: Json, files: tuple[UploadedFile, ...]
    ) -> Interaction:
        """Accept the first response; raises 10062 if it is late and 40060 if it is the second."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise errors.unknown_interaction()
        if interaction.response_type is not None:
            raise errors.already_acknowledged()
        if self._clock() > interaction.deadline:
            raise errors.unknown_interaction()
        given = fields.get("type")
        if given in {1, 10, 12}:
            raise UnsupportedError(f"responses of type {given} are not supported")
        form = Form()
        allowed = _ALLOWED_RESPONSES[interaction.kind]
        if interaction.source is None:  # there is no message to update
            allowed = tuple(each for each in allowed if each not in _UPDATE)
        response_type = ResponseType(form.choice(("type",), given, allowed))
        form.raise_problems()
        data: Json = fields.get("data") or {}
        if response_type is ResponseType.CHOICES:
            interaction.choices = self._read_choices(interaction, data)
        elif response_type is ResponseType.MODAL:
            interaction.modal = read_modal(data)
            self._world.emit("SANDBOX_MODAL", lambda: _modal_payload(interaction))
        else:
            self._respond_with_message(interaction, response_type, read_message_body(data, files))
        interaction.acknowledge(response_type)
        return interaction

    def _respond_with_message(
        self, interaction: Interaction, response_type: ResponseType, body: MessageBody
    ) -> None:
        if response_type is ResponseType.MESSAGE:
            interaction.original = self._reply(interaction, body)
        elif response_type is ResponseType.DEFERRED_MESSAGE:
            loading = MessageBody(flags=body.flags | MessageFlag.LOADING)
            interaction.original = self._reply(interaction, loading)
        else:
            source = interaction.original = interaction.source
            if response_type is ResponseType.UPDATE and source is not None:
                self._messages.apply_edit(source, body, self._reply_permissions(interaction))

    @staticmethod
    def _read_choices(interaction: Interaction, data: Json) -> list[Json]:
        form = Form()
        kind = _focused_option_type(interaction.data.get("options", [])) or OptionType.STRING
        choices = read_choices(form, ("data", "choices"), data.get("choices"), kind)
        form.raise_problems()
        return choices

    def _reply_permissions(self, interaction: Interaction) -> int:
        """The permissions of a reply, which needs none in its channel except Mention Everyone."""
        allowed = self._world.permissions_in(interaction.channel.id, self._world.bot.id)
        return allowed | Permission.EMBED_LINKS | Permission.ATTACH_FILES

    def _reply(self, interaction: Interaction, body: MessageBody) -> Message:
        """A new message in reply to an interaction."""
        loading = bool(body.flags & MessageFlag.LOADING)
        if body.is_empty and not loading:
            raise errors.empty_message()
        world = self._world
        message = Message(
            world.snowflakes.next(), interaction.channel.id, world.bot.id, self._clock()
        )
        is_command = interaction.kind is InteractionType.COMMAND
        message.type = _CHAT_INPUT_REPLY if is_command else _PLAIN_REPLY
        message.command = command_path(interaction.data) if is_command else None
        message.webhook_id = world.bot.id
        message.interaction = interaction_metadata(world, interaction)
        sent = MessageFlag.EPHEMERAL | MessageFlag.SUPPRESS_EMBEDS | MessageFlag.LOADING
        sent |= MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_COMPONENTS_V2
        message.flags = body.flags & sent
        if body.flags & MessageFlag.EPHEMERAL:
            message.ephemeral_for = interaction.user_id
        self._messages.apply_body(message, body, self._reply_permissions(interaction))
        world.add_message(message)
        return message

    def follow_up(self, token: str, fields: Json, files: tuple[UploadedFile, ...]) -> Message:
        """Add a message; the first one after a deferred response replaces that response."""
        interaction = self.find(token)
        body = read_message_body(fields, files)
        original = interaction.original
        is_loading = original is not None and original.flags & MessageFlag.LOADING
        if original is not None and is_loading and self._exists(original):
            return self._edit(interaction, original, body)
        message = self._reply(interaction, replace(body, flags=body.flags & ~MessageFlag.LOADING))
        interaction.follow_ups.append(message)
        return message

    def message(self, token: str, which: str) -> tuple[Interaction, Message]:
        """One of an interaction's messages: `@original` or an id; raises 10008."""
        interaction = self.find(token)
        messages = [interaction.original, *interaction.follow_ups]
        for message in messages[:1] if which == "@original" else messages:
            wanted = message is not None and which in {"@original", str(message.id)}
            if message is not None and wanted and self._exists(message):
                return interaction, message
        raise errors.unknown_message()

    def _exists(self, message: Message) -> bool:
        gone = message.channel_id not in self._world.channels
        return not gone and self._world.log_of(message).get(message.id) is message

    def edit(
        self, token: str, which: str, fields: Json, files: tuple[UploadedFile, ...]
    ) -> Message:
        """Edit one of an interaction's messages."""
        interaction, message = self.message(token, which)
        return self._edit(interaction, message, read_message_body(fields, files))

    def _edit(self, interaction: Interaction, message: Message, body: MessageBody) -> Message:
        self._messages.apply_edit(message, body, self._reply_permissions(interaction))
        if message is interaction.original:
            interaction.settle()
        return message

    def delete(self, token: str, which: str) -> None:
        """Delete one of an interaction's messages."""
        interaction, message = self.message(token, which)
        self._world.delete_message(message)
        if message is interaction.original:
            interaction.original = None
            interaction.settle()
        else:
            interaction.follow_ups.remove(message)


def _modal_payload(interaction: Interaction) -> Json:
    """The event that opens a modal on the page."""
    shown: Json = {"interaction_id": str(interaction.id), "user_id": str(interaction.user_id)}
    return shown | {"modal": interaction.modal}


def _focused_option_type(options: list[Json]) -> int | None:
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if found := _focused_option_type(option.get("options", [])):
            return found
    return None
