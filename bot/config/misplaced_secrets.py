"""Finds secrets in settings that are not for them, which would be printed, logged or stored. Pure.

Private feeds may have secrets in the queries of their addresses; those are hidden wherever an
address is shown (`bot.urls.redaction`).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from bot.config.yaml_file import KeyPath
from bot.urls.redaction import contains_secret, contains_token, is_plain_fragment, looks_random

_TOKEN_KEY = ("discord", "token")
# The settings whose values are patterns, in which colons and `@` have a meaning.
_PATTERNS = frozenset({"permalink", "include", "exclude"})
_PATHS = frozenset({"database", "folder", "folders", "token_file"})
# Settings with one short text; a topic may look like `CityMarathon2026`.
_NAMES = frozenset({"provider", "name"})
_ADDRESSES = frozenset({"feed", "api", "pages"})
_WEBHOOK = re.compile(r"/webhooks/[0-9]+/|hooks\.slack\.com/", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")

_HERE = (
    "contains what looks like a password or token, which does not belong there; remove it (the"
    " bot's token: DISCORD_TOKEN; that of a repository: `token_variable`)"
)
_AS_KEY = "looks like a password or token; remove it, and write settings as `key: value`"
_AS_VARIABLE = (
    "looks like a token; put the token into an environment variable, and the name of that variable"
    " here"
)
_AS_FRAGMENT = "contains what may be a secret after #, which no server gets; remove it"
_AS_WEBHOOK = "is the address of a webhook, with which anybody can post; remove it"
_NO_PATH = "is an address; write a path (web addresses: `feed`, `api` or `git` in `sources`)"


def misplaced_secrets(
    content: object, variables: Collection[str], at: KeyPath = ()
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the key path of each secret with the predicate of a sentence about it.

    `content` is what a file, or a variable for the settings below the key path `at`, contains.
    `variables` are the names of all environment variables.
    """
    unvisited = [(at, content)]
    seen: set[int] = set()
    while unvisited:
        path, value = unvisited.pop(0)
        if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
            if id(value) in seen:
                continue  # an alias
            seen.add(id(value))
        if isinstance(value, Mapping):
            names = {str(name): child for name, child in value.items()}
            yield from (((*path, name), _AS_KEY) for name in names if is_secret_key(name))
            unvisited += [((*path, name), child) for name, child in names.items()]
        elif isinstance(value, str):
            if path != _TOKEN_KEY and (problem := _problem(path, value, variables)) is not None:
                yield path, problem
        elif isinstance(value, Sequence):
            unvisited += [((*path, number), child) for number, child in enumerate(value)]


def is_secret_key(name: str) -> bool:
    """Whether the name of a setting is a secret."""
    return contains_secret(name) or looks_random(name)


def _problem(path: KeyPath, value: str, variables: Collection[str]) -> str | None:
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if key in _ADDRESSES:
        return _problem_with_address(value)
    checks: Mapping[str, Callable[[str], bool]]
    if key == "token_variable":
        checks = {_AS_VARIABLE: lambda text: text not in variables and is_secret_key(text)}
    elif key in _PATHS:
        checks = {_HERE: is_secret_key, _NO_PATH: lambda text: bool(_SCHEME.match(text))}
    elif key in _NAMES and "topics" not in path:
        checks = {_HERE: is_secret_key}
    elif key in _PATTERNS:
        checks = {_HERE: contains_token}
    else:
        checks = {_HERE: contains_secret}
    return next((problem for problem, check in checks.items() if check(value)), None)


def _problem_with_address(address: str) -> str | None:
    if _WEBHOOK.search(address):
        return _AS_WEBHOOK
    target, _, fragment = address.partition("#")
    if not is_plain_fragment(fragment):
        return _AS_FRAGMENT
    return _HERE if contains_secret(target.partition("?")[0]) else None
