"""Reads what Discord says about a request that it rejects with status 400."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

# The rest of a long text adds nothing for the reader of a reason.
_TEXT = 300
# Paths in Discord's error trees have at most a dozen parts.
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Rejection:
    """A response with status 400.

    `code` is Discord's, 0 if unknown; `fields` are the paths of the rejected fields, such as
    `("embeds", "0", "image", "url")`, empty if Discord names none; `text` is for people.
    """

    code: int
    text: str
    fields: tuple[tuple[str, ...], ...] = ()


class RejectedError(Exception):
    """Discord rejected a request with status 400: nothing was sent or changed."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.text)
        self.rejection = rejection


def read_rejection(body: bytes) -> Rejection:
    """Read the body of a response with status 400, whatever it is.

    https://docs.discord.com/developers/reference#error-messages
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        return Rejection(0, "400")
    code, message = answer.get("code"), answer.get("message")
    problems = list(_problems(answer.get("errors"), ()))
    text = str(message or 400)
    if problems:
        listed = (f"{'.'.join(path)}: {problem}" for path, problem in problems)
        text += f" ({'; '.join(listed)})"
    return Rejection(
        code if isinstance(code, int) else 0,
        text if len(text) <= _TEXT else text[:_TEXT] + "…",
        tuple(dict.fromkeys(path for path, _ in problems)),
    )


def _problems(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The paths of a tree of errors, with what is wrong there."""
    if not isinstance(node, dict) or len(path) > _DEPTH:
        return
    for key, value in node.items():
        if key != "_errors":
            yield from _problems(value, (*path, key))
        elif isinstance(value, list):
            messages = [
                each["message"] for each in value if isinstance(each, dict) and "message" in each
            ]
            yield path, " ".join(map(str, messages))
