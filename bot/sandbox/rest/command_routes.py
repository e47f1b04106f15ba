"""The bot's registered commands."""

from bot.sandbox import errors
from bot.sandbox.interactions.application_commands import overwrite_commands
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import Answer, ApiRequest, Route


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
