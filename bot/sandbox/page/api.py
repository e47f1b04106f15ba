"""The page's own API below `/sandbox`, and its static files."""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from pydantic_core import from_json

from bot.sandbox.errors import InteractionFailedError, PersonError, SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.interactions.person import Person
from bot.sandbox.model import payloads
from bot.sandbox.model.attachments import UploadedFile
from bot.sandbox.model.entities import ChannelType, Guild, Json, OverwriteType
from bot.sandbox.model.permissions import permission_named
from bot.sandbox.model.snowflakes import read_id
from bot.sandbox.model.world import World
from bot.sandbox.options import PageAction
from bot.sandbox.page import page_payloads
from bot.sandbox.page.event_stream import PageEvents
from bot.sandbox.page.fault_presets import FAULT_PRESETS
from bot.sandbox.page.origin_check import check_origin
from bot.sandbox.rest.api import RequestRecord

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ADDABLE = (ChannelType.TEXT, ChannelType.ANNOUNCEMENT, ChannelType.FORUM)
_MAX_NAME_LENGTH = 100
_SHOWN = 100
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?charset=[\w-]+)?", re.ASCII)
_MAX_REQUESTS = 1000
_MAX_MESSAGES = 100


class PageApi:
    """The handlers. A `PersonError` becomes a response with its status and `{"message": …}`."""

    def __init__(
        self,
        world: World,
        events: PageEvents,
        faults: Faults,
        actions: Sequence[PageAction],
        *,
        person: Callable[[int], Person],
        requests: Callable[[], list[RequestRecord]],
        is_online: Callable[[], bool],
    ) -> None:
        self._world = world
        self._events = events
        self._faults = faults
        self._actions = actions
        self._find_person = person
        self._latest_requests = requests
        self._is_online = is_online

    def add_to(self, application: web.Application) -> None:
        """Add the routes."""
        for method, path, handler in (
            ("GET", "/", self._index),
            ("GET", "/sandbox/state", self._state),
            ("GET", "/sandbox/channels/{channel}/messages", self._messages),
            ("GET", "/sandbox/events", self._event_stream),
            ("GET", "/sandbox/requests", self._requests),
            ("POST", "/sandbox/interactions", self._interact),
            ("POST", "/sandbox/files", self._upload_file),
            ("POST", "/sandbox/actions/{name}", self._run_action),
            ("POST", "/sandbox/faults", self._apply_fault),
            ("POST", "/sandbox/guilds/{guild}/channels", self._add_channel),
            ("POST", "/sandbox/guilds/{guild}/roles", self._add_role),
            ("DELETE", "/sandbox/channels/{channel}", self._delete_channel),
            ("PATCH", "/sandbox/channels/{channel}", self._update_thread),
            ("PUT", "/sandbox/channels/{channel}/bot-permissions", self._set_bot_permissions),
        ):
            application.router.add_route(method, path, self._handling_errors(handler))
        application.router.add_static("/static", _STATIC)

    def _handling_errors(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                check_origin(request)
                return await handler(request)
            except PersonError as error:
                return _json({"message": str(error)}, error.status)
            except SandboxError as error:
                return _json({"message": str(error)}, HTTPStatus.NOT_FOUND)

        return handle

    # Reading

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(_STATIC / "index.html", headers=_HEADERS)

    async def _state(self, request: web.Request) -> web.Response:
        world = self._world
        # A page that opens for the first time does not know any person yet.
        person = self._person(request.query.get("as") or page_payloads.people(world)[0]["id"])
        joined = [each for each in world.guilds.values() if person.user_id in each.members]
        return _json(
            {
                "bot": {
                    "user": payloads.user(world.bot),
                    "online": self._is_online(),
                },
                "people": page_payloads.people(world),
                "guilds": [page_payloads.guild(world, each, person) for each in joined],
                "direct_channels": [page_payloads.direct_channel(world, person)],
                "commands": world.commands,
                "actions": [
                    {"name": a.name, "label": a.label, "description": a.description}
                    for a in self._actions
                ],
                "faults": [
                    {"name": preset.name, "label": preset.label, "description": preset.description}
                    for preset in FAULT_PRESETS
                ],
                "sequence": self._events.sequence,
            }
        )

    async def _messages(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("as"))
        before = request.query.get("before")
        messages = person.messages(
            _id(request.match_info["channel"]),
            before=_id(before) if before else None,
            limit=_limit(request, 50, _MAX_MESSAGES),
        )
        return _json([payloads.message_event(self._world, message) for message in messages])

    async def _event_stream(self, request: web.Request) -> web.StreamResponse:
        return await self._events.handle(request, self._person(request.query.get("as")))

    async def _requests(self, request: web.Request) -> web.Response:
        requests = self._latest_requests()[::-1][: _limit(request, 100, _MAX_REQUESTS)]
        return _json([page_payloads.request(record) for record in requests])

    # Acting

    async def _interact(self, request: web.Request) -> web.Response:
        body = await _body(request)
        person, kind = self._person(body.get("as")), body.get("kind")
        if kind == "modal":
            return await self._submit(person, body)
        channel = _id(body.get("channel_id"))
        if kind == "autocomplete":
            try:
                choices = await person.autocomplete_by_id(
                    channel, str(body.get("command")), body.get("options", [])
                )
            except InteractionFailedError:
                return _json({"failed": "Loading options failed: the bot did not respond."})
            return _json({"choices": choices})
        if kind == "command":
            interaction = await person.command_by_id(
                channel, str(body.get("command")), body.get("options", [])
            )
        elif kind == "component":
            values = body.get("values") or []
            if not isinstance(values, list):
                raise PersonError("values must be a list.")
            interaction = await person.use_component(
                _id(body.get("message_id")), str(body.get("custom_id")), [str(v) for v in values]
            )
        else:
            raise PersonError(f"Unknown kind of interaction: {kind!r}.")
        return _json({"interaction_id": str(interaction.id)}, HTTPStatus.ACCEPTED)

    async def _submit(self, person: Person, body: Json) -> web.Response:
        values = body.get("values")
        if not isinstance(values, dict):
            raise PersonError("values must be an object.")
        modal_values = {key: _modal_value(value) for key, value in values.items()}
        interaction = await person.submit_by_id(_id(body.get("interaction_id")), modal_values)
        try:
            await interaction.answered()  # the form stays open until then, as in Discord
        except InteractionFailedError as error:
            return _json({"failed": str(error)})
        return _json({"interaction_id": str(interaction.id)}, HTTPStatus.ACCEPTED)

    async def _upload_file(self, request: web.Request) -> web.Response:
        """Store a file for a command option; its bytes are sent as base64."""
        body = await _body(request)
        try:
            data = base64.b64decode(str(body.get("data") or ""), validate=True)
        except ValueError:
            raise PersonError("data must be base64.") from None
        kind = str(body.get("content_type") or "application/octet-stream")
        if not _CONTENT_TYPE.fullmatch(kind):
            raise PersonError("content_type must be a media type, such as text/plain.")
        file = UploadedFile(_name(body), kind, data)
        attached = self._person(body.get("as")).attach(_id(body.get("channel_id")), file)
        return _json({"id": attached}, HTTPStatus.CREATED)

    async def _run_action(self, request: web.Request) -> web.Response:
        self._check_admin(await _body(request))
        name = request.match_info["name"]
        for action in self._actions:
            if action.name == name:
                return _json({"message": await action.run()})
        raise PersonError(f"Unknown action: {name}.", HTTPStatus.NOT_FOUND)

    async def _apply_fault(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self._check_admin(body)
        for preset in FAULT_PRESETS:
            if preset.name == body.get("name"):
                preset.apply(self._faults)
                return _json({"message": preset.message})
        raise PersonError(f"Unknown fault: {body.get('name')}.", HTTPStatus.NOT_FOUND)

    async def _add_channel(self, request: web.Request) -> web.Response:
        body = await _body(request)
        guild = self._guild_of_admin(body, _id(request.match_info["guild"]))
        name = _name(body).lower().replace(" ", "-")
        kind, tags = body.get("type", ChannelType.TEXT), body.get("tags") or []
        if kind not in _ADDABLE:
            raise PersonError("The type must be that of a text, announcement or forum channel.")
        if not isinstance(tags, list):
            raise PersonError("tags must be a list of names.")
        created = self._world.add_channel(guild.id, name, ChannelType(kind))
        if created.type is ChannelType.FORUM:
            self._world.set_forum_tags(created.id, [str(each) for each in tags])
        return _json(payloads.channel(self._world, created), HTTPStatus.CREATED)

    async def _update_thread(self, request: web.Request) -> web.Response:
        body = await _body(request)
        thread = self._world.channels[self._channel_of_admin(body, request)]
        change = {key: body[key] for key in ("archived", "locked") if key in body}
        if not thread.is_thread:
            raise PersonError("Only threads can be archived and locked.")
        if not all(isinstance(each, bool) for each in change.values()):
            raise PersonError("archived and locked must be true or false.")
        changed = self._world.update_thread(thread.id, **change)
        return _json(payloads.channel(self._world, changed))

    async def _add_role(self, request: web.Request) -> web.Response:
        body = await _body(request)
        guild = self._guild_of_admin(body, _id(request.match_info["guild"]))
        created = self._world.add_role(guild.id, _name(body), _permission_bits(body))
        return _json(payloads.role(created), HTTPStatus.CREATED)

    async def _delete_channel(self, request: web.Request) -> web.Response:
        channel = self._channel_of_admin(await _body(request), request)
        self._world.delete_channel(channel)
        return _json({"message": "The channel was deleted."})

    async def _set_bot_permissions(self, request: web.Request) -> web.Response:
        body = await _body(request)
        channel = self._channel_of_admin(body, request)
        names = body.get("deny")
        if not isinstance(names, list):
            raise PersonError("deny must be a list of permission names.")
        deny = _bits(names)
        self._world.set_overwrite(channel, self._world.bot.id, OverwriteType.MEMBER, deny=deny)
        return _json({"message": "The bot's permissions were changed."})

    # Access

    def _person(self, user_id: object) -> Person:
        return self._find_person(_id(user_id))

    def _check_admin(self, body: Json) -> None:
        person = self._person(body.get("as"))
        if not any(person.is_admin_of(each) for each in self._world.guilds):
            raise PersonError("Only admins can do this.", HTTPStatus.FORBIDDEN)

    def _guild_of_admin(self, body: Json, guild_id: int) -> Guild:
        person = self._person(body.get("as"))
        if guild_id not in self._world.guilds:
            raise PersonError("This server does not exist.", HTTPStatus.NOT_FOUND)
        if not person.is_admin_of(guild_id):
            raise PersonError("Only admins of this server can do this.", HTTPStatus.FORBIDDEN)
        return self._world.guilds[guild_id]

    def _channel_of_admin(self, body: Json, request: web.Request) -> int:
        channel = self._world.channels.get(_id(request.match_info["channel"]))
        if channel is None or channel.guild_id is None:
            raise PersonError("This channel does not exist.", HTTPStatus.NOT_FOUND)
        self._guild_of_admin(body, channel.guild_id)
        return channel.id


def _json(data: object, status: int = HTTPStatus.OK) -> web.Response:
    body = json.dumps(data).encode()
    headers = {**_HEADERS, "Content-Type": "application/json"}
    return web.Response(body=body, status=status, headers=headers)


async def _body(request: web.Request) -> Json:
    try:
        body = from_json(await request.read() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PersonError("The request body must be a JSON object.")
    return body


def _id(value: object) -> int:
    if (found := read_id(value)) is None:
        raise PersonError(f"Not a valid id: {str(value or '')[:_SHOWN]!r}.")
    return found


def _modal_value(value: object) -> str | list[str]:
    return [str(each) for each in value] if isinstance(value, list) else str(value)


def _limit(request: web.Request, default: int, maximum: int) -> int:
    found = read_id(request.query.get("limit"))
    return default if found is None else min(max(1, found), maximum)


def _name(body: Json) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= _MAX_NAME_LENGTH:
        raise PersonError(f"A name must have 1 to {_MAX_NAME_LENGTH} characters.")
    return name.strip()


def _bits(names: list[object]) -> int:
    bits = 0
    for name in names:
        permission = permission_named(str(name))
        if permission is None:
            raise PersonError(f"Unknown permission: {name!r}.")
        bits |= permission
    return int(bits)


def _permission_bits(body: Json) -> int:
    """A role's permissions: a number as text, as in Discord's API, or a list of names."""
    given = body.get("permissions") or "0"
    if isinstance(given, list):
        return _bits(given)
    if (found := read_id(given)) is None:
        raise PersonError("permissions must be a number or a list of names.")
    return found
