"""The bot itself: its account, its application and commands, its gateway, its direct messages."""

from bot.sandbox import errors
from bot.sandbox.gateway.connections import Gateway
from bot.sandbox.interactions.application_commands import commands_of, overwrite_commands
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.snowflakes import read_id
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import ApiRequest, ApiResponse, Route

_SESSIONS_PER_DAY = 1000


class ApplicationRoutes:
    """Handlers for the bot's account, application, commands and direct messages."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def all(self) -> list[Route]:
        """The routes with their handlers."""
        commands = "/applications/{application_id}/commands"
        guild_commands = "/applications/{application_id}/guilds/{guild_id}/commands"
        return [
            Route("GET", "/users/@me", self._own_user),
            Route("GET", "/oauth2/applications/@me", self._application),
            Route("GET", "/applications/@me", self._application),
            Route("GET", "/gateway/bot", self._gateway_bot),
            Route("POST", "/users/@me/channels", self._direct_channel),
            Route("GET", commands, self._commands),
            Route("PUT", commands, self._overwrite_commands),
            Route("GET", guild_commands, self._commands),
            Route("PUT", guild_commands, self._overwrite_commands),
        ]

    def _own_user(self, _: ApiRequest) -> ApiResponse:
        return ApiResponse(payloads.own_user(self._world.bot))

    def _application(self, _: ApiRequest) -> ApiResponse:
        bot = self._world.bot
        owner = next((user for user in self._world.users.values() if not user.bot), bot)
        return ApiResponse(payloads.application(bot, owner, len(self._world.guilds)))

    def _gateway_bot(self, _: ApiRequest) -> ApiResponse:
        limits: Json = {
            "total": _SESSIONS_PER_DAY,
            "remaining": max(0, _SESSIONS_PER_DAY - self._gateway.identifies),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        url = self._gateway.url
        return ApiResponse({"url": url, "shards": 1, "session_start_limit": limits})

    def _direct_channel(self, request: ApiRequest) -> ApiResponse:
        form = Form()
        recipient = read_id(request.fields.get("recipient_id"))
        if recipient is None:
            form.missing(("recipient_id",))
        form.raise_problems()
        user = self._world.users.get(recipient or 0)
        if user is None:
            raise errors.unknown_user()
        if user.bot:
            raise errors.cannot_message_user()
        channel = self._world.direct_channel(user.id)
        return ApiResponse(payloads.channel(self._world, channel))

    def _check_application(self, request: ApiRequest) -> None:
        if request.id("application_id") != self._world.bot.id:
            raise errors.unknown_application()

    def _scope(self, request: ApiRequest) -> int | None:
        """The server whose commands are meant; None for global ones."""
        self._check_application(request)
        if "guild_id" not in request.path:
            return None
        guild_id = request.id("guild_id")
        guild = self._world.guilds.get(guild_id)
        if guild is None or self._world.bot.id not in guild.members:
            raise errors.missing_access()
        return guild_id

    def _commands(self, request: ApiRequest) -> ApiResponse:
        return ApiResponse(commands_of(self._world, self._scope(request)))

    def _overwrite_commands(self, request: ApiRequest) -> ApiResponse:
        guild_id = self._scope(request)
        return ApiResponse(overwrite_commands(self._world, request.body, guild_id))
