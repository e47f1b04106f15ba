"""The bot's registered commands."""

from bot.sandbox import errors
from bot.sandbox.commands import overwrite_commands
from bot.sandbox.rest.routes import Answer, ApiRequest, Route
from bot.sandbox.world import World


def routes(world: World) -> list[Route]:
    """The routes of this area."""

    def check_application(request: ApiRequest) -> None:
        if request.id("application_id") != world.bot.id:
            raise errors.unknown_application()

    def listed(request: ApiRequest) -> Answer:
        check_application(request)
        return Answer(world.commands)

    def overwritten(request: ApiRequest) -> Answer:
        check_application(request)
        return Answer(overwrite_commands(world, request.body))

    path = "/applications/{application_id}/commands"
    return [Route("GET", path, listed), Route("PUT", path, overwritten)]
