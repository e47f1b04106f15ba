"""Interactions: from a person's click or command to the bot's answers.

The first answer is due within 3 s, the token lives for 15 minutes, an ephemeral answer is seen by
one person. https://docs.discord.com/developers/interactions/receiving-and-responding
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
from bot.sandbox.errors import InteractionFailedError, PersonError, UnknownRouteError
from bot.sandbox.interactions.application_commands import OptionType, read_choices
from bot.sandbox.interactions.client_validation import command_path, context_of
from bot.sandbox.interactions.interaction import Answer, Interaction, Kind
from bot.sandbox.interactions.modals import read_modal
from bot.sandbox.model import payloads
from bot.sandbox.model.attachments import LARGEST_FILE, UploadedFile
from bot.sandbox.model.entities import Channel, ChannelType, Json, Message, MessageFlag
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.message_body import Draft, read_draft
from bot.sandbox.model.messages import Messages
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import World

TOKEN_LIFE = timedelta(minutes=15)
_CHAT_INPUT_REPLY, _PLAIN_REPLY = 20, 0

Spawn = Callable[[Coroutine[Any, Any, None]], object]


_ANSWERS = {
    Kind.COMMAND: (Answer.MESSAGE, Answer.DEFERRED_MESSAGE, Answer.MODAL),
    Kind.COMPONENT: (
        Answer.MESSAGE,
        Answer.DEFERRED_MESSAGE,
        Answer.DEFERRED_UPDATE,
        Answer.UPDATE,
        Answer.MODAL,
    ),
    Kind.MODAL: (Answer.MESSAGE, Answer.DEFERRED_MESSAGE, Answer.DEFERRED_UPDATE, Answer.UPDATE),
    Kind.AUTOCOMPLETE: (Answer.CHOICES,),
}


_UPDATES = (Answer.DEFERRED_UPDATE, Answer.UPDATE)


class Interactions:
    """Gives interactions to the bot and takes its answers; raises `ApiError`."""

    def __init__(self, world: World, messages: Messages, clock: MovableClock, spawn: Spawn) -> None:
        self._world = world
        self._messages = messages
        self._clock = clock
        self._spawn = spawn
        self._by_token: OrderedDict[str, Interaction] = OrderedDict()

    def start(
        self,
        user_id: int,
        channel: Channel,
        kind: Kind,
        data: Json,
        source: Message | None = None,
        trigger: Interaction | None = None,
    ) -> Interaction:
        """Send the bot an interaction of a person."""
        now = self._clock()
        while self._by_token:
            oldest = next(iter(self._by_token.values()))
            if now - oldest.created_at <= TOKEN_LIFE * 2:
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
            source=source,
            clock=self._clock,
            trigger=trigger,
        )
        self._by_token[interaction.token] = interaction
        self._world.tell("INTERACTION_CREATE", lambda: self._payload(interaction), channel.guild_id)
        self._spawn(self._watch(interaction))
        return interaction

    async def _watch(self, interaction: Interaction) -> None:
        """Tell the page when the bot stays silent."""
        try:
            await interaction.answered()
        except InteractionFailedError as error:
            failed = {"interaction_id": str(interaction.id), "message": str(error)}
            failed["user_id"] = str(interaction.user_id)
            self._world.tell("SANDBOX_INTERACTION_FAILED", lambda: failed)

    def _payload(self, interaction: Interaction) -> Json:
        world, channel = self._world, interaction.channel
        allowed = world.permissions_in(channel.id, interaction.user_id)
        payload: Json = {
            "id": str(interaction.id),
            "application_id": str(world.bot.id),
            "type": int(interaction.kind),
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": payloads.channel(world, channel) | {"permissions": str(allowed)},
            "app_permissions": str(world.permissions_in(channel.id, world.bot.id)),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": self._owners(channel),
            "context": context_of(channel),
            "attachment_size_limit": LARGEST_FILE,
        }
        if channel.guild_id is not None:
            guild = world.guilds[channel.guild_id]
            member = guild.members[interaction.user_id]
            payload |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": payloads.member_with_permissions(world, channel, member),
            }
        else:
            payload["user"] = payloads.user(world.users[interaction.user_id])
        if interaction.source is not None:
            payload["message"] = payloads.message(world, interaction.source)
        return payload

    @staticmethod
    def _owners(channel: Channel) -> Json:
        in_guild = channel.type is not ChannelType.DM
        return {"0": str(channel.guild_id) if in_guild else "0"}

    def with_modal(self, interaction_id: int, user_id: int) -> Interaction:
        """A person's interaction that was answered with a modal; PersonError if there is none."""
        for interaction in self._by_token.values():
            own = (interaction.id, interaction.user_id) == (interaction_id, user_id)
            if own and interaction.modal is not None:
                return interaction
        raise PersonError("This form is gone.", HTTPStatus.NOT_FOUND)

    # The bot's answers

    def find(self, token: str) -> Interaction:
        """The interaction of a token that has been answered; raises 10015 or 50027."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.answer is None:
            raise errors.unknown_webhook()
        if self._clock() - interaction.created_at > TOKEN_LIFE:
            raise errors.invalid_webhook_token()
        return interaction

    def respond(
        self, interaction_id: int, token: str, body: Json, files: tuple[UploadedFile, ...]
    ) -> Interaction:
        """The first answer; raises 10062 when it is too late and 40060 when it is the second."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise errors.unknown_interaction()
        if interaction.answer is not None:
            raise errors.already_acknowledged()
        if self._clock() > interaction.deadline:
            raise errors.unknown_interaction()
        if body.get("type") in {1, 10, 12}:
            raise UnknownRouteError(f"answers of type {body['type']} are not known to the sandbox")
        form = Form()
        allowed = _ANSWERS[interaction.kind]
        if interaction.source is None:  # nothing is there to be updated
            allowed = tuple(each for each in allowed if each not in _UPDATES)
        answer = Answer(form.choice(("type",), body.get("type"), allowed))
        form.raise_problems()
        data: Json = body.get("data") or {}
        if answer is Answer.CHOICES:
            interaction.choices = self._read_choices(interaction, data)
        elif answer is Answer.MODAL:
            interaction.modal = read_modal(data)
            self._world.tell("SANDBOX_MODAL", lambda: _open_modal(interaction))
        else:
            self._first_message(interaction, answer, data, files)
        interaction.acknowledge(answer)
        return interaction

    def _first_message(
        self, interaction: Interaction, answer: Answer, data: Json, files: tuple[UploadedFile, ...]
    ) -> None:
        draft = read_draft(data, files)
        if answer is Answer.MESSAGE:
            interaction.original = self._reply(interaction, draft)
        elif answer is Answer.DEFERRED_MESSAGE:
            interaction.original = self._reply(
                interaction, Draft(flags=draft.flags | MessageFlag.LOADING)
            )
        else:
            source = interaction.original = interaction.source
            if answer is Answer.UPDATE and source is not None:
                self._messages.change(source, draft, self._allowed(interaction))

    @staticmethod
    def _read_choices(interaction: Interaction, data: Json) -> list[Json]:
        form = Form()
        kind = _focused_type(interaction.data.get("options", [])) or OptionType.STRING
        choices = read_choices(form, ("data", "choices"), data.get("choices"), kind)
        form.raise_problems()
        return choices

    def _allowed(self, interaction: Interaction) -> int:
        """An answer needs no permission in its channel, and pings everyone only with that one."""
        allowed = self._world.permissions_in(interaction.channel.id, self._world.bot.id)
        return allowed | Permission.EMBED_LINKS | Permission.ATTACH_FILES

    def _reply(self, interaction: Interaction, draft: Draft) -> Message:
        """A new message in answer to an interaction."""
        loading = bool(draft.flags & MessageFlag.LOADING)
        if draft.is_empty and not loading:
            raise errors.empty_message()
        world = self._world
        message = Message(
            world.snowflakes.next(), interaction.channel.id, world.bot.id, self._clock()
        )
        is_command = interaction.kind is Kind.COMMAND
        message.type = _CHAT_INPUT_REPLY if is_command else _PLAIN_REPLY
        message.command = command_path(interaction.data) if is_command else None
        message.webhook_id = world.bot.id
        message.interaction = self._metadata(interaction)
        sent = MessageFlag.EPHEMERAL | MessageFlag.SUPPRESS_EMBEDS | MessageFlag.LOADING
        message.flags = draft.flags & (sent | MessageFlag.SUPPRESS_NOTIFICATIONS)
        if draft.flags & MessageFlag.EPHEMERAL:
            message.ephemeral_for = interaction.user_id
        self._messages.fill(message, draft, self._allowed(interaction))
        world.add_message(message)
        return message

    def _metadata(self, interaction: Interaction) -> Json:
        by = payloads.user(self._world.users[interaction.user_id])
        metadata: Json = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "user": by,
            "authorizing_integration_owners": self._owners(interaction.channel),
        }
        if interaction.trigger is not None:
            metadata["triggering_interaction_metadata"] = self._metadata(interaction.trigger)
        elif interaction.source is not None:
            metadata["interacted_message_id"] = str(interaction.source.id)
        return metadata

    def follow_up(self, token: str, body: Json, files: tuple[UploadedFile, ...]) -> Message:
        """One more message; the first after a deferred answer takes that one's place."""
        interaction = self.find(token)
        draft = read_draft(body, files)
        original = interaction.original
        if original is not None and original.flags & MessageFlag.LOADING:
            return self._edit(interaction, original, draft)
        message = self._reply(interaction, replace(draft, flags=draft.flags & ~MessageFlag.LOADING))
        interaction.follow_ups.append(message)
        return message

    def message(self, token: str, which: str) -> tuple[Interaction, Message]:
        """One of an interaction's messages: `@original` or an id; raises 10008."""
        interaction = self.find(token)
        own = [interaction.original, *interaction.follow_ups]
        for message in own[:1] if which == "@original" else own:
            wanted = message is not None and which in {"@original", str(message.id)}
            if message is not None and wanted and self._exists(message):
                return interaction, message
        raise errors.unknown_message()

    def _exists(self, message: Message) -> bool:
        gone = message.channel_id not in self._world.channels
        return not gone and self._world.log_of(message).get(message.id) is message

    def edit(self, token: str, which: str, body: Json, files: tuple[UploadedFile, ...]) -> Message:
        """Edit one of an interaction's messages."""
        interaction, message = self.message(token, which)
        return self._edit(interaction, message, read_draft(body, files))

    def _edit(self, interaction: Interaction, message: Message, draft: Draft) -> Message:
        self._messages.change(message, draft, self._allowed(interaction))
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


def _open_modal(interaction: Interaction) -> Json:
    """What the page is told of a modal."""
    shown: Json = {"interaction_id": str(interaction.id), "user_id": str(interaction.user_id)}
    return shown | {"modal": interaction.modal}


def _focused_type(options: list[Json]) -> int | None:
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if found := _focused_type(option.get("options", [])):
            return found
    return None
