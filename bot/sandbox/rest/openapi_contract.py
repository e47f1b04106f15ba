"""Validation of requests and responses against Discord's published API description.

The file is not part of this project; Discord publishes it at
https://github.com/discord/discord-api-spec (`specs/openapi.json`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.sandbox.errors import SandboxError
from bot.sandbox.rest.routing import ApiRequest

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_BASE = "urn:discord"
_JSON = "application/json"
_MAX_REPORT_LENGTH = 300
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}
# discord.py sends these and Discord accepts them, although its description does not list them
# everywhere: a command's `nsfw`, an edit's `tts`, an embed's `flags`.
_UNLISTED_KEYS = frozenset({"nsfw", "tts", "flags"})
# Discord's documentation does not have it either; discord.py sends it to start a forum's thread.
_UNLISTED_PARAMETERS = frozenset({("query", "use_nested_fields")})
# Of an attachment that an edit keeps, discord.py sends the whole object; Discord uses the id.
_ATTACHMENT = re.compile(r"(?:/data)?/attachments/[0-9]+")


@dataclass(frozen=True, slots=True)
class Violation:
    """A mismatch: `where` names the request or response, `what` describes it."""

    where: str
    what: str


class Contract:
    """Collects violations; no request is refused because of one.

    Two things are allowed that the description forbids: ids as integers (discord.py sends some,
    and Discord accepts them), and strings as codes in the `errors` tree of 50035 (Discord sends
    them).
    """

    def __init__(self, description: dict[str, Any]) -> None:
        # Only a development install has jsonschema-rs, and it is needed only with a description.
        from jsonschema_rs import Registry  # noqa: PLC0415

        schemas = description["components"]["schemas"]
        schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
        schemas["InnerErrors"]["properties"]["_errors"]["items"] = {
            "type": "object",
            "properties": {"code": {"type": ["integer", "string"]}, "message": {"type": "string"}},
            "required": ["code", "message"],
        }
        self._description = description
        self._registry = Registry([(_BASE, description)])
        self._validators: dict[str, Draft202012Validator] = {}
        self.violations: list[Violation] = []

    @classmethod
    def load(cls, path: Path) -> "Contract":
        """Read a description; SandboxError if the file does not contain one."""
        try:
            description = json.loads(path.read_bytes())
            return cls(description)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SandboxError(f"{path} is not a Discord API description: {error!r}") from error

    def check_request(self, method: str, path: str, request: ApiRequest) -> None:
        """Check the parameters and the body of a request."""
        where = f"{method} {path}"
        operation = self._operation(method, path)
        if operation is None:
            self._report(where, "this route is not in the description")
            return
        self._check_parameters(where, path, operation, request)
        content = operation.get("requestBody")
        if content is None:
            if request.body is not None:
                self._report(f"{where} request", "the request must not have a body")
            return
        pointer = _pointer("paths", path, method.lower(), "requestBody", "content", _JSON, "schema")
        self._validate(f"{where} request", pointer, request.body)
        schema = content["content"][_JSON]["schema"]
        for place in self._unknown_keys(schema, request.body, ""):
            self._report(f"{where} request", f"{place} is not in the description")

    def _check_parameters(
        self, where: str, path: str, operation: Mapping[str, Any], request: ApiRequest
    ) -> None:
        listed = self._description["paths"][path].get("parameters", [])
        known = {(p["in"], p["name"]): p for p in [*listed, *operation.get("parameters", [])]}
        given = [("path", *item) for item in request.path.items()]
        given += [("query", *item) for item in request.query.items()]
        for place, name, text in given:
            parameter = known.get((place, name))
            if parameter is None and (place, name) in _UNLISTED_PARAMETERS:
                continue
            if parameter is None:
                self._report(f"{where} {place}", f"{name} is not in the description")
                continue
            value = _parsed(parameter["schema"], text)
            self._validate_schema(f"{where} {place} {name}", parameter["schema"], value)

    def check_response(self, method: str, path: str, status: int, body: object) -> None:
        """Check the body of a response against the schema of its status."""
        where = f"{method} {path} response {status}"
        operation = self._operation(method, path)
        if operation is None:
            return
        responses = operation["responses"]
        key = next((k for k in (str(status), f"{status // 100}XX") if k in responses), None)
        if key is None:
            self._report(where, "this status is not in the description")
            return
        response = responses[key]
        pointer = _pointer("paths", path, method.lower(), "responses", key)
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#")
            response = self._resolve(response)
        if "content" not in response:
            if body is not None:
                self._report(where, "the response must not have a body")
            return
        self._validate(where, f"{pointer}{_pointer('content', _JSON, 'schema')}", body)

    def _operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = (
            self._description["paths"].get(path, {}).get(method.lower())
        )
        return found

    def _validate(self, where: str, pointer: str, body: object) -> None:
        self._validate_schema(where, {"$ref": f"{_BASE}#{quote(pointer, safe='/~')}"}, body)

    def _validate_schema(self, where: str, schema: Mapping[str, Any], value: object) -> None:
        from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - as above

        text = json.dumps(schema).replace('"#/', f'"{_BASE}#/')
        if (validator := self._validators.get(text)) is None:
            validator = Draft202012Validator(
                json.loads(text), registry=self._registry, validate_formats=True
            )
            self._validators[text] = validator
        for error in validator.iter_errors(value):
            place = "/".join(map(str, error.instance_path)) or "body"
            self._report(where, f"{place}: {error.message}")

    def _report(self, where: str, what: str) -> None:
        self.violations.append(Violation(where, what[:_MAX_REPORT_LENGTH]))

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = self._description
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        resolved: Mapping[str, Any] = found
        return resolved

    def _unknown_keys(self, schema: Mapping[str, Any], value: object, place: str) -> Iterator[str]:
        """The keys of a body that no variant of its schema lists; Discord ignores them."""
        variants = list(self._variants(schema))
        if isinstance(value, list):
            items = [v["items"] for v in variants if "items" in v]
            for index, each in enumerate(value if items else ()):
                yield from self._unknown_keys({"anyOf": items}, each, f"{place}/{index}")
        if not isinstance(value, dict) or any("additionalProperties" in v for v in variants):
            return
        for key, each in value.items():
            schemas = [v["properties"][key] for v in variants if key in v.get("properties", {})]
            if schemas:
                yield from self._unknown_keys({"anyOf": schemas}, each, f"{place}/{key}")
            elif key not in _UNLISTED_KEYS and not _ATTACHMENT.fullmatch(place):
                yield f"{place}/{key}"

    def _variants(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """A schema, with every alternative that it refers to."""
        if "$ref" in schema:
            yield from self._variants(self._resolve(schema))
            return
        yield schema
        for keyword in ("oneOf", "anyOf", "allOf"):
            for each in schema.get(keyword, ()):
                yield from self._variants(each)


def _pointer(*parts: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def _parsed(schema: Mapping[str, Any], text: str) -> object:
    """A parameter's text, converted to the type of its schema."""
    kind = schema.get("type")
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "boolean":
        return _BOOLEANS.get(text.lower(), text)
    return text
