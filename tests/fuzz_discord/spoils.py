"""Decides which frame or response of one sandbox is spoiled, and spoils it."""

import json
import re
from collections import Counter, deque
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox.model.entities import Json
from tests.fuzz_discord.coverage import Coverage, Input
from tests.fuzz_discord.fields import (
    HEADER_CHANGES,
    MISSING,
    Place,
    changes_of,
    field_name,
    places,
    spoil,
    spoiled_header,
)
from tests.support.places import READ_PLACE

# A bot that never gets one of these intact never works, and nothing else can be spoiled.
_NEEDED_TO_START = (
    "HELLO",
    "READY",
    "GET /users/@me",
    "GET /oauth2/applications/@me",
    "GET /gateway/bot",
)
# Of a payload in which every field was spoiled before; any other payload is spoiled.
_CHANCE = 0.4
# A conversation has many steps, and the last ones have the rarest fields.
_STEPS = ("INTERACTION_CREATE", "POST /interactions/", "POST /webhooks/")
_CHANCE_IN_CONVERSATION = 0.12
_HEADERS = (
    "Content-Type",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Reset-After",
    "X-RateLimit-Bucket",
)
_HEADERS_OF_LIMITED = (*_HEADERS, "Retry-After", "X-RateLimit-Scope", "X-RateLimit-Global", "Via")
# How often a single input is repeated in one life.
_REPLAYS = 3
_KEPT = 8


@dataclass
class Spoils:
    """Spoils what one bot receives.

    `kinds` limits it to names that contain one of these texts; `only` is the one input to replay.
    """

    coverage: Coverage
    bot: str
    kinds: tuple[str, ...] = ()
    only: Input | None = None
    enabled: bool = False
    unreadable: set[int] = field(default_factory=set)
    """Channels, threads and servers whose history, or whose list of threads, was spoiled."""

    def __post_init__(self) -> None:
        self._random = self.coverage.random
        self._intact_next: set[str] = set()
        self._replayed: Counter[Input] = Counter()
        self.latest: deque[str] = deque(maxlen=_KEPT)
        """The latest inputs, for a person who wants to know what ended the bot."""

    def start(self) -> None:
        """Begin a new run of the program."""
        self._intact_next.clear()

    def frame(self, name: str, frame: Json) -> object:
        """Spoil a frame of the gateway, or not. Responses are spoiled by `response`."""
        if not self.enabled or " " in name:
            return frame
        found = self._choose(name, frame, ())
        return frame if found is None else self._spoil(name, frame, *found)

    def response(self, name: str, path: str, response: web.Response) -> None:
        """Spoil a response of the REST API, or not."""
        if not self.enabled:
            return
        body = response.body if isinstance(response.body, bytes) else b""
        payload = _parse(body)
        limited = response.status == 429
        headers = _HEADERS_OF_LIMITED if limited else _HEADERS
        found = self._choose(name, payload, headers, failed=response.status >= 400)
        if found is None:
            return
        chosen, change = found
        if name in READ_PLACE:
            self.unreadable.update(map(int, re.findall(r"^/\w+/(\d+)/", path)))
        if chosen.startswith("headers."):
            header = chosen.removeprefix("headers.")
            sent = "" if change == MISSING else spoiled_header(change)
            self._record(Input(name, chosen, change), path, sent.encode())
            response.headers.pop(header, None)
            if change != MISSING:
                response.headers[header] = sent
        else:
            response.body = self._spoil(name, payload, chosen, change)

    def _choose(
        self, name: str, payload: object, headers: tuple[str, ...], *, failed: bool = False
    ) -> tuple[str, str] | None:
        """The field to spoil and the change, or None if the payload stays intact."""
        fields = (
            {} if isinstance(payload, bytes) else dict.fromkeys(map(field_name, places(payload)))
        )
        names = [*fields, *(f"headers.{each}" for each in headers)]
        self.coverage.see(name, names)
        if self.only is not None:
            return self._replay(name, names)
        if self.kinds and not any(each in name for each in self.kinds):
            return None
        if name in self._intact_next and not failed:
            self._intact_next.discard(name)
            return None
        chance = _CHANCE_IN_CONVERSATION if name.startswith(_STEPS) else _CHANCE
        if self.coverage.has_new(name, names):
            chance = 1.0
        if not names or self._random.random() >= chance:
            return None
        if name in _NEEDED_TO_START:
            self._intact_next.add(name)
        options = [
            (each, HEADER_CHANGES if each.startswith("headers.") else changes_of(each))
            for each in names
        ]
        return self.coverage.choose(name, options)

    def _replay(self, name: str, names: list[str]) -> tuple[str, str] | None:
        only = self.only
        if only is None or only.name != name or only.field not in names:
            return None
        if self._replayed[only] == _REPLAYS:
            return None
        self._replayed[only] += 1
        return only.field, only.change

    def _spoil(self, name: str, payload: object, chosen: str, change: str) -> bytes:
        candidates: list[Place] = [each for each in places(payload) if field_name(each) == chosen]
        place = self._random.choice(candidates)
        sent = spoil(payload, place, change)
        self._record(Input(name, chosen, change), place, sent)
        return sent

    def _record(self, spoiled: Input, place: object, sent: bytes) -> None:
        self.latest.append(str(spoiled))
        self.coverage.record(spoiled, self.bot, place, sent)


def _parse(body: bytes) -> object:
    """The JSON of a body; the body itself if it is something else, such as empty."""
    try:
        parsed: object = json.loads(body)
    except ValueError:
        return body
    return parsed
