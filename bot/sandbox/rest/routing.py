"""Routes, and finding the one of a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.sandbox.model.attachments import UploadedFile
from bot.sandbox.model.entities import Json
from bot.sandbox.model.snowflakes import read_id


class ApiResponse(NamedTuple):
    """The response of a handler: a status and JSON, or no content."""

    body: Any = None
    status: int = 200


class ApiRequest(NamedTuple):
    """A request after routing and parsing; `path` contains the path's parameters by name."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: tuple[UploadedFile, ...] = ()

    @property
    def fields(self) -> Json:
        """The body if it is an object, else {}."""
        return self.body if isinstance(self.body, dict) else {}

    def id(self, name: str) -> int:
        """A parameter that is an id; -1, which no object has, if it is none."""
        found = read_id(self.path[name])
        return -1 if found is None else found


Handler = Callable[[ApiRequest], ApiResponse]

NO_CONTENT = ApiResponse(status=204)


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path as in Discord's API description, and its handler.

    `major` names the parameter whose values have separate rate limit buckets. Interaction endpoints
    need no token in a header (`tokenless`) and do not count towards the global limit.
    """

    method: str
    path: str
    handler: Handler
    major: str | None = None
    tokenless: bool = False
    name: str = ""
    segments: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.method} {self.path}")
        object.__setattr__(self, "segments", tuple(self.path.strip("/").split("/")))

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The parameters of a path with the same number of segments; None if it does not match."""
        parameters: dict[str, str] = {}
        for expected, actual in zip(self.segments, segments, strict=True):
            if expected[0] == "{":
                parameters[expected[1:-1]] = actual
            elif expected != actual:
                return None
        return parameters


class Routes:
    """All routes, indexed by method and number of segments."""

    def __init__(self, routes: list[Route]) -> None:
        self._index: dict[tuple[str, int], list[Route]] = {}
        for route in routes:
            self._index.setdefault((route.method, len(route.segments)), []).append(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a path below `/api/v10`, with its parameters."""
        segments = path.strip("/").split("/")
        for route in self._index.get((method, len(segments)), ()):
            if (parameters := route.match(segments)) is not None:
                return route, parameters
        return None
