"""Finding the handler of a request among the routes that the sandbox knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.sandbox.model.attachments import UploadedFile
from bot.sandbox.model.entities import Json


class ApiResponse(NamedTuple):
    """What a handler answers: a status and JSON, or no content."""

    body: Any = None
    status: int = 200


class ApiRequest(NamedTuple):
    """A request after routing and parsing; `path` holds the path's parameters by name."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: tuple[UploadedFile, ...] = ()

    @property
    def fields(self) -> Json:
        """The body if it is an object, else {}."""
        return self.body if isinstance(self.body, dict) else {}

    def id(self, name: str) -> int:
        """A parameter that is an id; what is no number is an id that nothing has."""
        text = self.path[name]
        return int(text) if text.isdecimal() else -1


Handler = Callable[[ApiRequest], ApiResponse]

NO_CONTENT = ApiResponse(status=204)


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path as Discord's description writes it, and what answers it.

    `major` names the parameter that has a rate bucket of its own. Interaction endpoints need no
    token in a header (`open`), and do not count towards the global limit.
    """

    method: str
    path: str
    handler: Handler
    major: str | None = None
    open: bool = False
    name: str = ""
    segments: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.method} {self.path}")
        object.__setattr__(self, "segments", tuple(self.path.strip("/").split("/")))

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The parameters of a path that fits (it has as many segments), else None."""
        found: dict[str, str] = {}
        for wanted, given in zip(self.segments, segments, strict=True):
            if wanted[0] == "{":
                found[wanted[1:-1]] = given
            elif wanted != given:
                return None
        return found


class Routes:
    """All routes, indexed by method and length so that finding one costs next to nothing."""

    def __init__(self, routes: list[Route]) -> None:
        self._index: dict[tuple[str, int], list[Route]] = {}
        for route in routes:
            self._index.setdefault((route.method, len(route.segments)), []).append(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a path below `/api/v10`, with its parameters."""
        segments = path.strip("/").split("/")
        for route in self._index.get((method, len(segments)), ()):
            if (found := route.match(segments)) is not None:
                return route, found
        return None
