"""Errors of the sandbox, and the error responses of Discord's API.

    SandboxError                 the sandbox was used wrongly, such as with an unknown server
    ├── UnsupportedError         not supported by the sandbox; the response is 501
    ├── PersonError              a person's request is refused; one line for that person
    └── InteractionFailedError   "The application did not respond"
    ApiError                     an error response: HTTP status, Discord's code and message

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


class SandboxError(Exception):
    """The sandbox was used wrongly, or can't open or keep its state."""


class UnsupportedError(SandboxError):
    """A request that the sandbox does not support; it never guesses a response."""


class PersonError(SandboxError):
    """A person's request is refused; the message is for that person.

    `status` is the HTTP status of the page's API: 400, 403 or 404.
    """

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


class InteractionFailedError(SandboxError):
    """The bot did not respond to an interaction before its deadline."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One entry of the `errors` tree of 50035: path, Discord's code, Discord's message."""

    path: tuple[str | int, ...]
    code: str
    message: str


class ApiError(Exception):
    """An error response of the API: an HTTP status and a JSON body."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        errors: dict[str, Any] | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.retry_after = retry_after

    def below(self, key: str) -> "ApiError":
        """The same error, of an object that the body has under a key."""
        tree = None if self.errors is None else {key: self.errors}
        return ApiError(self.status, self.code, self.message, tree)

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        if self.retry_after is not None:
            body |= {"retry_after": round(self.retry_after, 3), "global": False}
        return body


def invalid_form(problems: Iterable[FieldError]) -> ApiError:
    """Build 50035 with its tree: each level is a key or an index, each leaf has `_errors`."""
    tree: dict[str, Any] = {}
    for problem in problems:
        node = tree
        for part in problem.path:
            node = node.setdefault(str(part), {})
        leaf = node.setdefault("_errors", [])
        leaf.append({"code": problem.code, "message": problem.message})
    return ApiError(400, 50035, "Invalid Form Body", tree)


def unauthorized() -> ApiError:
    """The token is missing or wrong."""
    return ApiError(401, 0, "401: Unauthorized")


def unknown_application() -> ApiError:
    """The application in the path is not the bot's."""
    return ApiError(404, 10002, "Unknown Application")


def unknown_channel() -> ApiError:
    """No such channel."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_message() -> ApiError:
    """No such message in that channel."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    """No such user."""
    return ApiError(404, 10013, "Unknown User")


def unknown_webhook() -> ApiError:
    """No interaction has this token, or the bot has not responded to it yet."""
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    """The interaction does not exist, or its deadline has passed."""
    return ApiError(404, 10062, "Unknown interaction")


def already_acknowledged() -> ApiError:
    """The interaction already has a first response."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def request_too_large() -> ApiError:
    """A file is larger than a bot may send."""
    return ApiError(413, 40005, "Request entity too large")


def missing_access() -> ApiError:
    """The bot can't see the channel."""
    return ApiError(403, 50001, "Missing Access")


def not_the_author() -> ApiError:
    """The message was written by someone else."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    """Nothing is left to show."""
    return ApiError(400, 50006, "Cannot send an empty message")


def thread_archived() -> ApiError:
    """The thread must be unarchived first."""
    return ApiError(400, 50083, "Thread is archived")


def thread_locked() -> ApiError:
    """The thread is locked, and the bot lacks Manage Threads."""
    return ApiError(400, 160005, "Thread is locked")


def channel_write_limited(retry_after: float) -> ApiError:
    """Too much was published, or too many published messages were edited, in the channel."""
    message = "The write action you are performing on the channel has hit the write rate limit."
    return ApiError(429, 20028, message, retry_after=retry_after)


def already_crossposted() -> ApiError:
    """The message is published already."""
    return ApiError(400, 40033, "This message has already been crossposted.")


def wrong_channel_type() -> ApiError:
    """Channels of this type do not support it."""
    return ApiError(400, 50024, "Cannot execute action on this channel type")


def thread_already_created() -> ApiError:
    """A message can have only one thread."""
    return ApiError(400, 160004, "A thread has already been created for this message")


def tag_required() -> ApiError:
    """The forum has no threads without a tag."""
    return ApiError(400, 40067, "A tag is required to create a forum post in this channel")


def unknown_tag() -> ApiError:
    """The forum has no such tag."""
    return ApiError(404, 10087, "Unknown Tag")


def too_many_active_threads() -> ApiError:
    """The server can't have another active thread."""
    return ApiError(400, 160006, "Maximum number of active threads reached")


def unknown_guild() -> ApiError:
    """No such server, or the bot is not in it."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_role() -> ApiError:
    """No such role in that server."""
    return ApiError(404, 10011, "Unknown Role")


def cannot_message_user() -> ApiError:
    """The recipient is a bot, or shares no server with the bot."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def not_a_text_channel() -> ApiError:
    """The channel, such as a category or a forum, can't contain messages."""
    return ApiError(400, 50008, "Cannot send messages in a non-text channel")


def missing_permissions() -> ApiError:
    """The bot sees the channel but may not do this there."""
    return ApiError(403, 50013, "Missing Permissions")


def invalid_webhook_token() -> ApiError:
    """The token of the interaction has expired."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def invalid_json() -> ApiError:
    """The body is not valid JSON."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")
