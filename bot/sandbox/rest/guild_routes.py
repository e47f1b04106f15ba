"""Roles, channels and threads."""

from bot.sandbox import errors
from bot.sandbox.errors import UnsupportedError
from bot.sandbox.model import payloads
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.messages import Messages
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import ApiRequest, ApiResponse, Route

_THREAD_FIELDS = {"archived", "locked"}


class GuildRoutes:
    """Handlers for the roles and channels of servers."""

    def __init__(self, world: World, messages: Messages) -> None:
        self._world = world
        self._messages = messages

    def all(self) -> list[Route]:
        """The routes with their handlers."""
        channel = "/channels/{channel_id}"
        return [
            Route("GET", "/guilds/{guild_id}/roles/{role_id}", self._role, major="guild_id"),
            Route("GET", channel, self._channel, major="channel_id"),
            Route("PATCH", channel, self._update_thread, major="channel_id"),
        ]

    def _role(self, request: ApiRequest) -> ApiResponse:
        guild = self._world.guilds.get(request.id("guild_id"))
        if guild is None or self._world.bot.id not in guild.members:
            raise errors.unknown_guild()
        role = guild.roles.get(request.id("role_id"))
        if role is None:
            raise errors.unknown_role()
        return ApiResponse(payloads.role(role, self._world.bot.id))

    def _channel(self, request: ApiRequest) -> ApiResponse:
        channel, _ = self._messages.visible_channel(request.id("channel_id"))
        return ApiResponse(payloads.channel(self._world, channel))

    def _update_thread(self, request: ApiRequest) -> ApiResponse:
        """Archive, unarchive, lock or unlock a thread.

        https://docs.discord.com/developers/resources/channel#modify-channel-json-params-thread
        """
        thread, allowed = self._messages.visible_channel(request.id("channel_id"))
        fields = request.fields
        if not thread.is_thread or fields.keys() - _THREAD_FIELDS:
            raise UnsupportedError("only threads can be changed: archived and locked")
        form = Form()
        for key in fields:
            if not isinstance(fields[key], bool):
                message = "Must be either true or false."
                form.fail((key,), "BOOLEAN_TYPE_CONVERT", message)
        form.raise_problems()
        archived, locked = fields.get("archived"), fields.get("locked")
        only_unarchives = archived is False and locked is None and not thread.locked
        needed = (
            Permission.SEND_MESSAGES_IN_THREADS if only_unarchives else Permission.MANAGE_THREADS
        )
        if not allowed & needed:
            raise errors.missing_permissions()
        if thread.archived and archived is not False:
            raise errors.thread_archived()
        self._world.update_thread(thread.id, archived=archived, locked=locked)
        return ApiResponse(payloads.channel(self._world, thread))
