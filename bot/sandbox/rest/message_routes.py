"""The messages of a channel."""

from bot.sandbox.gateway.protocol import Intent
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import ChannelType, Json, Message
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.message_body import read_message_body
from bot.sandbox.model.messages import Messages
from bot.sandbox.model.snowflakes import read_id
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import NO_CONTENT, ApiRequest, ApiResponse, Route

_DEFAULT_LIMIT, _MAX_LIMIT = 50, 100


class MessageRoutes:
    """Handlers for the messages of a channel."""

    def __init__(self, world: World, messages: Messages, privileged_intents: int) -> None:
        self._world = world
        self._messages = messages
        self._privileged_intents = privileged_intents

    def all(self) -> list[Route]:
        """The routes with their handlers."""
        many, one = (
            "/channels/{channel_id}/messages",
            "/channels/{channel_id}/messages/{message_id}",
        )
        return [
            Route("GET", many, self._history, major="channel_id"),
            Route("POST", many, self._send, major="channel_id"),
            Route("GET", one, self._single, major="channel_id"),
            Route("PATCH", one, self._edit, major="channel_id"),
            Route("DELETE", one, self._delete, major="channel_id"),
            Route("POST", f"{one}/crosspost", self._crosspost, major="channel_id"),
        ]

    def _readable_payload(self, message: Message) -> Json:
        """A message as the bot sees it; the content intent decides about others' messages."""
        payload = payloads.message(self._world, message)
        direct = self._world.channel(message.channel_id).type is ChannelType.DM
        if direct or self._privileged_intents & Intent.MESSAGE_CONTENT:
            return payload
        return payloads.without_content(payload, self._world.bot.id)

    def _history(self, request: ApiRequest) -> ApiResponse:
        form = Form()
        given: dict[str, int | None] = {}
        for key in ("before", "after", "around", "limit"):
            text = request.query.get(key)
            given[key] = read_id(text)
            if text is not None and given[key] is None:
                form.fail((key,), "NUMBER_TYPE_COERCE", f'Value "{text[:100]}" is not snowflake.')
        limit = form.integer(("limit",), given["limit"], 1, _MAX_LIMIT) or _DEFAULT_LIMIT
        form.raise_problems()
        found = self._messages.history(
            request.id("channel_id"),
            before=given["before"],
            after=given["after"],
            around=given["around"],
            limit=limit,
        )
        return ApiResponse([self._readable_payload(message) for message in found])

    def _single(self, request: ApiRequest) -> ApiResponse:
        return ApiResponse(
            self._readable_payload(
                self._messages.find(request.id("channel_id"), request.id("message_id"))
            )
        )

    def _send(self, request: ApiRequest) -> ApiResponse:
        body = read_message_body(request.fields, request.files)
        payload = payloads.message(self._world, self._messages.send(request.id("channel_id"), body))
        if body.nonce is not None:
            payload["nonce"] = body.nonce
        return ApiResponse(payload)

    def _edit(self, request: ApiRequest) -> ApiResponse:
        channel_id, message_id = request.id("channel_id"), request.id("message_id")
        old_flags = self._messages.flags_of(channel_id, message_id)
        body = read_message_body(request.fields, request.files, old_flags=old_flags)
        message = self._messages.edit(channel_id, message_id, body)
        return ApiResponse(payloads.message(self._world, message))

    def _crosspost(self, request: ApiRequest) -> ApiResponse:
        message = self._messages.crosspost(request.id("channel_id"), request.id("message_id"))
        return ApiResponse(self._readable_payload(message))

    def _delete(self, request: ApiRequest) -> ApiResponse:
        self._messages.delete(request.id("channel_id"), request.id("message_id"))
        return NO_CONTENT
