"""Responses to interactions: the first by callback, the others by the interaction's webhook."""

from bot.sandbox import errors
from bot.sandbox.interactions.interaction import Interaction, ResponseType
from bot.sandbox.interactions.lifecycle import Interactions
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json, MessageFlag
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import NO_CONTENT, ApiRequest, ApiResponse, Route

_TRUE = {"1", "true", "True"}


class InteractionRoutes:
    """Handlers for responses to interactions. Their token is in the path, not in a header."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    def all(self) -> list[Route]:
        """The routes with their handlers."""
        webhook = "/webhooks/{webhook_id}/{webhook_token}"
        original, other = f"{webhook}/messages/@original", f"{webhook}/messages/{{message_id}}"
        routes = [
            Route(
                "POST",
                "/interactions/{interaction_id}/{interaction_token}/callback",
                self._callback,
                tokenless=True,
            ),
            Route("POST", webhook, self._follow_up, major="webhook_token", tokenless=True),
        ]
        for path in (original, other):
            for method, handler in (
                ("GET", self._single),
                ("PATCH", self._edit),
                ("DELETE", self._delete),
            ):
                routes.append(Route(method, path, handler, major="webhook_token", tokenless=True))
        return routes

    def _check_application(self, request: ApiRequest) -> str:
        if request.id("webhook_id") != self._world.bot.id:
            raise errors.unknown_webhook()
        return request.path["webhook_token"]

    def _callback(self, request: ApiRequest) -> ApiResponse:
        interaction = self._interactions.respond(
            request.id("interaction_id"),
            request.path["interaction_token"],
            request.fields,
            request.files,
        )
        if request.query.get("with_response") not in _TRUE:
            return NO_CONTENT
        return ApiResponse(_callback_response(self._world, interaction))

    def _follow_up(self, request: ApiRequest) -> ApiResponse:
        token = self._check_application(request)
        message = self._interactions.follow_up(token, request.fields, request.files)
        return ApiResponse(payloads.message(self._world, message))

    def _single(self, request: ApiRequest) -> ApiResponse:
        token = self._check_application(request)
        _, message = self._interactions.message(token, request.path.get("message_id", "@original"))
        return ApiResponse(payloads.message(self._world, message))

    def _edit(self, request: ApiRequest) -> ApiResponse:
        token = self._check_application(request)
        which = request.path.get("message_id", "@original")
        message = self._interactions.edit(token, which, request.fields, request.files)
        return ApiResponse(payloads.message(self._world, message))

    def _delete(self, request: ApiRequest) -> ApiResponse:
        token = self._check_application(request)
        self._interactions.delete(token, request.path.get("message_id", "@original"))
        return NO_CONTENT


def _callback_response(world: World, interaction: Interaction) -> Json:
    """The body that `with_response` asks for.

    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback
    """
    payload: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    response: Json = {"interaction": payload}
    message = interaction.original
    if message is not None:
        payload |= {
            "response_message_id": str(message.id),
            "response_message_loading": bool(message.flags & MessageFlag.LOADING),
            "response_message_ephemeral": bool(message.flags & MessageFlag.EPHEMERAL),
        }
    # Discord documents a resource for a new or a changed message only.
    if message is not None and interaction.response_type in {
        ResponseType.MESSAGE,
        ResponseType.UPDATE,
    }:
        response["resource"] = {
            "type": int(interaction.response_type),
            "message": payloads.message(world, message),
        }
    return response
