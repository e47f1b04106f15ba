"""Threads: posts in forums, the lists of threads, and changing one."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.sandbox.errors import ApiError, UnsupportedError
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Channel, ChannelType, Json
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.message_body import MessageBody, read_message_body
from bot.sandbox.model.snowflakes import read_id
from bot.sandbox.model.threads import NewPost, ThreadChange, Threads
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import ApiRequest, ApiResponse, Route

_MAX_NAME_LENGTH, _MAX_TAGS = 100, 5
_ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
_MIN_LIMIT, _DEFAULT_LIMIT, _MAX_LIMIT = 2, 50, 100
_STATES = {"archived", "locked"}
_CHANGEABLE = _STATES | {"name", "applied_tags"}


class ThreadRoutes:
    """Handlers for the threads of channels and servers."""

    def __init__(self, world: World, threads: Threads) -> None:
        self._world = world
        self._threads = threads

    def all(self) -> list[Route]:
        """The routes with their handlers."""
        channel = "/channels/{channel_id}"
        return [
            Route("PATCH", channel, self._update, major="channel_id"),
            Route("DELETE", channel, self._delete, major="channel_id"),
            Route("POST", f"{channel}/threads", self._create, major="channel_id"),
            Route(
                "POST",
                f"{channel}/messages/{{message_id}}/threads",
                self._create_under,
                major="channel_id",
            ),
            Route("GET", f"{channel}/threads/archived/public", self._archived, major="channel_id"),
            Route("GET", "/guilds/{guild_id}/threads/active", self._active, major="guild_id"),
        ]

    def _create(self, request: ApiRequest) -> ApiResponse:
        """Start a thread in a forum with its first message.

        https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
        """
        channel_id = request.id("channel_id")
        channel = self._world.channels.get(channel_id)
        if channel is not None and channel.type is not ChannelType.FORUM:
            raise UnsupportedError("threads can be started in forums only")
        fields = request.fields
        form = Form()
        post = NewPost(
            name=_read_name(form, fields),
            tags=_read_tags(form, fields.get("applied_tags")),
            archive_minutes=_read_archive_minutes(form, fields),
        )
        _refuse_slow_mode(fields)
        if not form.mapping(("message",), fields.get("message")):
            form.missing(("message",))
        form.raise_problems()
        thread, message = self._threads.start_post(channel_id, post, _read_message(request))
        return ApiResponse(
            payloads.channel(self._world, thread)
            | {
                "member": payloads.thread_member(thread, self._world.bot.id),
                "message": payloads.message(self._world, message),
            },
            201,
        )

    def _create_under(self, request: ApiRequest) -> ApiResponse:
        """Start a thread under a message."""
        fields, form = request.fields, Form()
        name, archive_minutes = _read_name(form, fields), _read_archive_minutes(form, fields)
        _refuse_slow_mode(fields)
        form.raise_problems()
        thread = self._threads.start_under(
            request.id("channel_id"), request.id("message_id"), name, archive_minutes
        )
        member = payloads.thread_member(thread, self._world.bot.id)
        return ApiResponse(payloads.channel(self._world, thread) | {"member": member}, 201)

    def _update(self, request: ApiRequest) -> ApiResponse:
        """Change a thread.

        https://docs.discord.com/developers/resources/channel#modify-channel-json-params-thread
        """
        thread = self._threads.visible(request.id("channel_id"))
        fields = request.fields
        if not thread.is_thread or fields.keys() - _CHANGEABLE:
            raise UnsupportedError("only threads can be changed: name, tags, archived, locked")
        form = Form()
        for key in _STATES & fields.keys():
            if not isinstance(fields[key], bool):
                message = "Must be either true or false."
                form.fail((key,), "BOOLEAN_TYPE_CONVERT", message)
        change = ThreadChange(
            name=_read_name(form, fields) if "name" in fields else None,
            tags=_read_tags(form, fields["applied_tags"]) if "applied_tags" in fields else None,
            archived=fields.get("archived"),
            locked=fields.get("locked"),
        )
        form.raise_problems()
        self._threads.update(thread.id, change)
        return ApiResponse(payloads.channel(self._world, thread))

    def _delete(self, request: ApiRequest) -> ApiResponse:
        thread = self._threads.visible(request.id("channel_id"))
        if not thread.is_thread:
            raise UnsupportedError("only threads can be deleted")
        deleted = payloads.channel(self._world, thread)
        self._threads.delete(thread.id)
        return ApiResponse(deleted)

    def _active(self, request: ApiRequest) -> ApiResponse:
        return ApiResponse(self._list(self._threads.active(request.id("guild_id"))))

    def _archived(self, request: ApiRequest) -> ApiResponse:
        form = Form()
        before = _read_moment(form, request.query.get("before"))
        text = request.query.get("limit")
        limit = form.integer(("limit",), read_id(text), _MIN_LIMIT, _MAX_LIMIT)
        if text is not None and limit is None:
            form.fail(("limit",), "NUMBER_TYPE_COERCE", f'Value "{text[:100]}" is not int.')
        form.raise_problems()
        found = self._threads.archived(request.id("channel_id"), before)
        shown = found[: limit or _DEFAULT_LIMIT]
        return ApiResponse(self._list(shown) | {"has_more": len(found) > len(shown)})

    def _list(self, threads: Iterable[Channel]) -> Json:
        """Threads, with the bot as a member of those that it started."""
        bot_id = self._world.bot.id
        listed = list(threads)
        return {
            "threads": [payloads.channel(self._world, each) for each in listed],
            "members": [
                payloads.thread_member(each, bot_id) for each in listed if each.owner_id == bot_id
            ],
            "has_more": False,
        }


def _refuse_slow_mode(fields: Json) -> None:
    if fields.get("rate_limit_per_user"):
        raise UnsupportedError("threads with a slow mode are not supported")


def _read_name(form: Form, fields: Json) -> str:
    return form.text(("name",), fields.get("name"), _MAX_NAME_LENGTH, min_length=1, required=True)


def _read_tags(form: Form, value: object) -> tuple[int, ...]:
    tags = []
    for index, item in enumerate(form.items(("applied_tags",), value, _MAX_TAGS)):
        tag = read_id(item)
        if tag is None:
            message = f'Value "{str(item)[:100]}" is not snowflake.'
            form.fail(("applied_tags", index), "NUMBER_TYPE_COERCE", message)
        else:
            tags.append(tag)
    return tuple(dict.fromkeys(tags))


def _read_archive_minutes(form: Form, fields: Json) -> int | None:
    minutes = fields.get("auto_archive_duration")
    if minutes is None:
        return None
    return form.choice(("auto_archive_duration",), minutes, _ARCHIVE_MINUTES)


def _read_message(request: ApiRequest) -> MessageBody:
    """The first message; errors name its fields as `message.content`."""
    try:
        return read_message_body(request.fields["message"], request.files)
    except ApiError as error:
        raise error.below("message") from None


def _read_moment(form: Form, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f'Could not parse "{text[:100]}". Should be ISO8601.'
        form.fail(("before",), "DATE_TIME_TYPE_PARSE", message)
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
