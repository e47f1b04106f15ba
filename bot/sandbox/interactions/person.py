"""The actions of a person; the page and the tests use the same ones."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from bot.sandbox.errors import PersonError
from bot.sandbox.interactions.client_validation import (
    InputChecker,
    find_command,
    options_from_names,
)
from bot.sandbox.interactions.interaction import Interaction, InteractionType
from bot.sandbox.interactions.lifecycle import Interactions
from bot.sandbox.interactions.modals import ModalValues, build_submission
from bot.sandbox.model.attachments import MAX_FILE_SIZE, Attachments, UploadedFile
from bot.sandbox.model.components import ComponentType, all_components
from bot.sandbox.model.entities import Channel, Json, Message, MessageFlag
from bot.sandbox.model.message_log import MessageLog
from bot.sandbox.model.permissions import Permission, guild_permissions
from bot.sandbox.model.world import World


class Person:
    """One user of the sandbox. An action that is not possible raises `PersonError`."""

    def __init__(
        self, world: World, interactions: Interactions, attachments: Attachments, user_id: int
    ) -> None:
        if user_id not in world.users or world.users[user_id].bot:
            raise PersonError(f"There is no person with the id {user_id}.", HTTPStatus.NOT_FOUND)
        self._world = world
        self._interactions = interactions
        self._attachments = attachments
        self.user_id = user_id

    # Reading

    def sees(self, channel_id: int) -> bool:
        """Whether this person can see a channel."""
        if channel_id not in self._world.channels:
            return False
        permissions = self._world.permissions_in(channel_id, self.user_id)
        return bool(permissions & Permission.VIEW_CHANNEL)

    def is_admin_of(self, guild_id: int) -> bool:
        """Whether this person may manage a server."""
        guild = self._world.guilds.get(guild_id)
        return guild is not None and self.user_id in guild.members and self._manages(guild_id)

    def _manages(self, guild_id: int) -> bool:
        guild = self._world.guilds[guild_id]
        permissions = guild_permissions(guild, guild.members[self.user_id])
        return bool(permissions & Permission.MANAGE_GUILD)

    def messages(
        self, channel_id: int, *, before: int | None = None, limit: int = 50
    ) -> list[Message]:
        """The newest messages that this person sees in a channel, newest first."""
        self._visible_channel(channel_id)
        logs = self._logs(channel_id)
        found = [message for log in logs for message in log.before(before, limit)]
        return sorted(found, key=lambda message: message.id, reverse=True)[:limit]

    def _logs(self, channel_id: int) -> tuple[MessageLog, MessageLog]:
        return self._world.log(channel_id), self._world.ephemeral_log(channel_id, self.user_id)

    def _visible_channel(self, channel_id: int) -> Channel:
        if not self.sees(channel_id):
            raise PersonError(
                "This channel does not exist, or you can't see it.", HTTPStatus.NOT_FOUND
            )
        return self._world.channel(channel_id)

    # Acting

    async def say(self, channel_id: int, content: str) -> Message:
        """Write a message."""
        channel = self._visible_channel(channel_id)
        if not self._world.permissions_in(channel.id, self.user_id) & Permission.SEND_MESSAGES:
            raise PersonError(
                "You don't have permission to send messages in this channel.", HTTPStatus.FORBIDDEN
            )
        message = Message(
            self._world.snowflakes.next(),
            channel.id,
            self.user_id,
            self._world.clock(),
            content,
        )
        self._world.add_message(message)
        return message

    async def command(
        self, channel_id: int, path: str, options: Mapping[str, object] | None = None
    ) -> Interaction:
        """Use a command by its full name (`news topic`); options by name, files are uploaded."""
        values = {
            name: self.attach(channel_id, value) if isinstance(value, UploadedFile) else value
            for name, value in (options or {}).items()
        }
        command, option_payloads = self._resolve_path(path, values)
        return await self.command_by_id(channel_id, command["id"], option_payloads)

    def attach(self, channel_id: int, file: UploadedFile) -> str:
        """Upload a file for an option of a command; returns the id that the option takes."""
        self._visible_channel(channel_id)
        if file.size > MAX_FILE_SIZE:
            raise PersonError(f"A file can have at most {MAX_FILE_SIZE // 1024**2} MiB.")
        return str(self._attachments.store(channel_id, file, ephemeral=True)["id"])

    async def command_by_id(self, channel_id: int, command_id: str, options: object) -> Interaction:
        """Use a command by its id, with Discord's nested option objects."""
        return self._invoke(channel_id, command_id, options, InteractionType.COMMAND)

    async def autocomplete(
        self,
        channel_id: int,
        path: str,
        option: str,
        typed: str,
        others: Mapping[str, object] | None = None,
    ) -> list[Json]:
        """The choices that the bot offers for an option while it is typed."""
        command, option_payloads = self._resolve_path(path, {**(others or {}), option: typed})
        leaf_options = option_payloads
        while leaf_options and "options" in leaf_options[0]:
            leaf_options = leaf_options[0]["options"]
        next(each for each in leaf_options if each["name"] == option)["focused"] = True
        return await self.autocomplete_by_id(channel_id, command["id"], option_payloads)

    async def autocomplete_by_id(
        self, channel_id: int, command_id: str, options: object
    ) -> list[Json]:
        """The choices that the bot offers for the nested option that is marked `focused`."""
        interaction = self._invoke(channel_id, command_id, options, InteractionType.AUTOCOMPLETE)
        await interaction.answered()
        return interaction.choices

    def _resolve_path(self, path: str, options: Mapping[str, object]) -> tuple[Json, list[Json]]:
        name, *nested = path.removeprefix("/").split()
        for command in self._world.commands:
            if command["name"] == name:
                return command, options_from_names(command, nested, options)
        raise PersonError(f"The bot has no command /{name}.", HTTPStatus.NOT_FOUND)

    def _invoke(
        self, channel_id: int, command_id: str, options: object, kind: InteractionType
    ) -> Interaction:
        channel = self._visible_channel(channel_id)
        command = find_command(self._world, channel, self.user_id, command_id)
        checker = self._checker(channel, focused=kind is InteractionType.AUTOCOMPLETE)
        data: Json = {
            "id": command["id"],
            "name": command["name"],
            "type": command["type"],
            "options": checker.options(command.get("options", []), options),
        }
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if checker.resolved:
            data["resolved"] = checker.resolved
        return self._interactions.start(self.user_id, channel, kind, data)

    def _checker(self, channel: Channel, *, focused: bool = False) -> InputChecker:
        return InputChecker(self._world, channel, self.user_id, self._attachments, focused=focused)

    async def press(self, message_id: int, custom_id: str) -> Interaction:
        """Press a button."""
        return await self.use_component(message_id, custom_id, [])

    async def select(
        self, message_id: int, custom_id: str, values: Sequence[str | int]
    ) -> Interaction:
        """Choose in a select."""
        return await self.use_component(message_id, custom_id, [str(each) for each in values])

    async def use_component(
        self, message_id: int, custom_id: str, values: list[str]
    ) -> Interaction:
        """Use a button or a select of a message that this person sees."""
        message = self._message(message_id)
        component = next(
            (c for c in all_components(message.components) if c.get("custom_id") == custom_id),
            None,
        )
        if component is None:
            raise PersonError("This message has no such button or menu.", HTTPStatus.NOT_FOUND)
        if component.get("disabled"):
            raise PersonError("This button or menu is disabled.")
        channel = self._visible_channel(message.channel_id)
        data: Json = {
            "custom_id": custom_id,
            "component_type": component["type"],
            "id": component["id"],
        }
        if component["type"] != ComponentType.BUTTON:
            data |= self._component_values(channel, component, values)
        return self._interactions.start(
            self.user_id, channel, InteractionType.COMPONENT, data, message
        )

    def _component_values(self, channel: Channel, component: Json, values: list[str]) -> Json:
        checker = self._checker(channel)
        checker.selection(component, values)
        if component["type"] == ComponentType.STRING_SELECT:
            return {"values": values}
        return {"values": values, "resolved": checker.resolved}

    async def submit(self, opened: Interaction, values: ModalValues | None = None) -> Interaction:
        """Submit a modal; texts and chosen values by custom_id.

        Fields that are left out keep their initial values.
        """
        return await self.submit_by_id(opened.id, values or {})

    async def submit_by_id(self, interaction_id: int, values: ModalValues) -> Interaction:
        """Submit a modal by the id of the interaction that opened it."""
        opened = self._interactions.with_modal(interaction_id, self.user_id)
        channel = self._visible_channel(opened.channel.id)
        modal, checker = opened.modal or {}, self._checker(channel)
        data: Json = {
            "custom_id": modal["custom_id"],
            "components": build_submission(modal, values, checker),
        }
        if checker.resolved:
            data["resolved"] = checker.resolved
        return self._interactions.start(
            self.user_id, channel, InteractionType.MODAL, data, opened.source, trigger=opened
        )

    async def forge(
        self,
        channel_id: int,
        kind: InteractionType,
        data: Json,
        message_id: int | None = None,
        trigger: Interaction | None = None,
    ) -> Interaction:
        """Send the bot an interaction without any check, for tests of what the bot refuses.

        Its ids and values may be anything. `message_id` is the message that it claims to be from,
        `trigger` the interaction that opened the form.
        """
        source = None if message_id is None else self._message(message_id)
        return self._interactions.start(
            self.user_id, self._visible_channel(channel_id), kind, data, source, trigger
        )

    def _message(self, message_id: int) -> Message:
        for channel_id in self._world.channels:
            for log in self._logs(channel_id):
                message = log.get(message_id)
                if message is not None and not message.flags & MessageFlag.LOADING:
                    return message
        raise PersonError("This message no longer exists.", HTTPStatus.NOT_FOUND)
