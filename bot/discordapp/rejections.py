"""Reads what Discord says about a request that it refuses."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import aiohttp
import discord

from bot.discordapp.responses import RetryAfter, read_object

# The rest of a long text adds nothing for the reader of a reason.
_TEXT = 300
# Paths in Discord's error trees have at most a dozen parts.
_DEPTH = 20
# A message has fewer fields.
_MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Rejection:
    """A response with an error status, above all 400.

    `code` is Discord's, 0 if unknown; `fields` are the paths of the rejected fields, such as
    `("embeds", "0", "image", "url")`, empty if Discord names none; `text` is for people. Those
    of the message of a post in a forum are the same as those of other messages.
    """

    code: int
    text: str
    fields: tuple[tuple[str, ...], ...] = ()


class RejectedError(Exception):
    """Discord rejected a request with status 400: nothing was sent or changed."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.text)
        self.rejection = rejection


class BadRequestError(discord.HTTPException):
    """The same as discord.py's exception, for requests that are not awaited by a trace."""

    def __init__(self, response: aiohttp.ClientResponse, rejection: Rejection) -> None:
        super().__init__(response, {"code": rejection.code, "message": rejection.text})
        self.rejection = rejection


class TooManyRequestsError(discord.HTTPException):
    """A response with status 429; `wait` is None if it does not say how long to wait."""

    def __init__(
        self, response: aiohttp.ClientResponse, rejection: Rejection, wait: RetryAfter | None
    ) -> None:
        super().__init__(response, {"code": rejection.code, "message": rejection.text})
        self.wait = wait


def read_rejection(body: bytes, status: int = 400) -> Rejection:
    """Read the body of an error response, whatever it is.

    https://docs.discord.com/developers/reference#error-messages
    """
    answer = read_object(body)
    code, message = answer.get("code"), answer.get("message")
    problems = list(islice(_problems(answer.get("errors"), ()), _MOST_PROBLEMS))
    text = message if message and isinstance(message, str) else str(status)
    if problems:
        listed = (f"{'.'.join(path)}: {problem}" for path, problem in problems)
        text += f" ({'; '.join(listed)})"
    return Rejection(
        code if isinstance(code, int) and not isinstance(code, bool) else 0,
        _on_one_line(text if len(text) <= _TEXT else text[:_TEXT] + "…"),
        tuple(dict.fromkeys(_within_message(path) for path, _ in problems)),
    )


def _within_message(path: tuple[str, ...]) -> tuple[str, ...]:
    return path[1:] if path[0] == "message" and len(path) > 1 else path


def _problems(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The paths of a tree of errors, with what is wrong there."""
    if not isinstance(node, dict) or len(path) > _DEPTH:
        return
    for key, value in node.items():
        if key != "_errors":
            yield from _problems(value, (*path, key))
        elif isinstance(value, list):
            messages = [
                each["message"][:_TEXT]
                for each in value
                if isinstance(each, dict) and isinstance(each.get("message"), str)
            ]
            yield path, " ".join(messages[:_MOST_PROBLEMS])


def _on_one_line(text: str) -> str:
    """A text for logs and the database: without line breaks, control characters and surrogates."""
    return "".join(each if each.isprintable() else " " for each in text)
