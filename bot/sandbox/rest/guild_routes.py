"""Roles and channels."""

from bot.sandbox import errors
from bot.sandbox.model import payloads
from bot.sandbox.model.messages import Messages
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import ApiRequest, ApiResponse, Route


class GuildRoutes:
    """Handlers for the roles and channels of servers."""

    def __init__(self, world: World, messages: Messages) -> None:
        self._world = world
        self._messages = messages

    def all(self) -> list[Route]:
        """The routes with their handlers."""
        return [
            Route("GET", "/guilds/{guild_id}/roles/{role_id}", self._role, major="guild_id"),
            Route("GET", "/channels/{channel_id}", self._channel, major="channel_id"),
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
