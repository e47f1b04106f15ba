"""Error messages for settings: a line per problem, without values, as those may be secrets."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.config.misplaced_secrets import is_secret_key, misplaced_secrets
from bot.config.sources import SOURCE_KINDS
from bot.config.yaml_file import KeyPath, YamlFile, format_key_path
from bot.urls.redaction import HIDDEN, redact, redact_address

ENVIRONMENT_PREFIX = "STORYWIRE_"
# Not settings: the settings file, and the API description that the tests use.
OTHER_VARIABLES = frozenset({"STORYWIRE_CONFIG", "STORYWIRE_DISCORD_OPENAPI"})

# Pydantic's own messages for these are meant for Python programmers.
_MESSAGES = {
    **dict.fromkeys(
        ("model_type", "model_attributes_type"), "write its keys below it, or leave it out"
    ),
    "tuple_type": "write a list: in the file with `- ` before each entry, in a variable as JSON",
    "path_type": "write a path",
    "string_type": "write text, in quotes if it looks like a number or a date",
    "string_pattern_mismatch": "write a name of letters, digits and _",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "write a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "write a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "write true or false"),
    "missing": "is missing; add it",
}
_EXAMPLES = {
    ("sources",): '[{"folder": "articles"}]',
    ("topics", "rules"): '[{"name": "AI", "keywords": ["robot"]}]',
    ("topics", "folders"): '["topics"]',
}
# A message that begins so continues a sentence about the key.
_PREDICATES = ("is ", "has ", "can't ", "contains ", "does not ", "gives ", "looks like ")
# A path that is certainly not a secret.
_PLAIN_PATH = re.compile(r"[\w./-]{1,60}")


def error_lines(error: ValidationError | None, file: YamlFile | None) -> list[str]:
    """A line per problem, with key, location and remedy; also for secrets that are misplaced."""
    problems = error.errors(include_url=False) if error else []
    invalid = {problem["loc"] for problem in problems}
    secrets = dict(_misplaced_secrets(file))
    lines: dict[KeyPath, list[str]] = {}
    for problem in problems:
        lines.setdefault(_key_path(problem["loc"])[0], []).append(_line(problem, invalid, file))
    for path, message in secrets.items():
        # That a key is a secret says more than that it is unknown.
        if path not in lines or is_secret_key(str(path[-1])):
            lines[path] = [_sentence(path, file, message)]
    return [line for several in lines.values() for line in several]


def _misplaced_secrets(file: YamlFile | None) -> Iterator[tuple[KeyPath, str]]:
    if file is not None:
        yield from misplaced_secrets(file.content, os.environ)
    for name, value in os.environ.items():
        if name.upper().startswith(ENVIRONMENT_PREFIX) and name not in OTHER_VARIABLES:
            content: object = value
            if value.lstrip().startswith(("[", "{")):
                with suppress(ValueError, RecursionError):  # `variable_problems` reports these
                    content = json.loads(value)
            yield from misplaced_secrets(content, os.environ, _keys(name))


def problem_with_source(entry: Mapping[str, object]) -> str | None:
    """Why the settings can't have an entry of `sources`, which names its kind; None if they can."""
    kind = next(kind for kind in SOURCE_KINDS if kind in entry)
    try:
        SOURCE_KINDS[kind].model_validate(entry)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        return _statement(format_key_path(problem["loc"]), _message(problem, kind))
    for path, message in misplaced_secrets({"sources": [entry]}, os.environ):
        return _statement(format_key_path(path[2:]), message)
    return None


def variable_problems(sections: Mapping[str, FieldInfo]) -> Iterator[str]:
    """Problems with variables: those that would be ignored, and those that are not valid JSON."""
    for variable in sorted(os.environ):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in OTHER_VARIABLES:
            continue
        keys = _keys(variable)
        if keys[0] not in sections:
            shown = HIDDEN if is_secret_key(variable) else variable
            yield (
                f"{shown} is not a setting; the settings are {', '.join(sections)}"
                " (storywire docs settings)"
            )
            continue
        fields = _fields(sections[keys[0]].annotation)
        if keys in _EXAMPLES:
            remedy = f"write JSON like {_EXAMPLES[keys]}"
        elif len(keys) == 1 and fields:
            example = f"{variable}__{next(iter(fields)).upper()}"
            remedy = f"set each key with its own variable, such as {example}"
        else:
            continue
        try:
            json.loads(os.environ[variable])
        except (ValueError, RecursionError):
            yield f"{variable} is not valid JSON; {remedy}"


def _fields(section: object) -> Mapping[str, FieldInfo]:
    if isinstance(section, type) and issubclass(section, BaseModel):
        return section.model_fields
    return {}


def _keys(variable: str) -> tuple[str, ...]:
    return tuple(variable.upper().removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))


def _line(problem: ErrorDetails, invalid: set[KeyPath], file: YamlFile | None) -> str:
    path, kind = _key_path(problem["loc"])
    address = ""
    if kind and file and not _variable(path, file) and (*path[:2], kind, kind) not in invalid:
        address = _source_address(file, path, kind)
    return _sentence(path, file, _message(problem, kind), address)


def _sentence(path: KeyPath, file: YamlFile | None, message: str, address: str = "") -> str:
    location = _variable(path, file) or (file.location(path) if file else "the environment")
    subject = format_key_path(path) + address
    return _statement(f"{subject} in {location}", message)


def _statement(subject: str, message: str) -> str:
    separator = " " if message.startswith(_PREDICATES) else ": "
    line = redact(f"{subject}{separator}{message}")
    return "".join(each if each.isprintable() else " " for each in line)


def _key_path(location: KeyPath) -> tuple[KeyPath, str | None]:
    """The keys as in the file, and the kind of source, which pydantic inserts between them."""
    if location[:1] == ("sources",) and location[2:3] and location[2] in SOURCE_KINDS:
        return (*location[:2], *location[3:]), str(location[2])
    return location, None


def _variable(path: KeyPath, file: YamlFile | None) -> str | None:
    """The variable that set the value at a key path; None if the file did."""
    ours = [name for name in os.environ if name.upper().startswith(ENVIRONMENT_PREFIX)]
    for name in sorted(ours, key=len, reverse=True):
        keys = _keys(name)
        exact = keys == path[: len(keys)] and (len(keys) > 1 or keys in _EXAMPLES)
        if exact or keys[: len(path)] == path:
            return name
        if keys == path[:1] and not (file and file.contains(path)):
            return name
    return None


def _source_address(file: YamlFile, path: KeyPath, kind: str) -> str:
    """The address of the source that the key path is in, as an addition; empty if it has none."""
    entry = file.content
    for part in path[:2]:
        if not isinstance(entry, Mapping | list):
            return ""
        entry = entry[part]  # type: ignore[index]  # a problem was found below it
    address = entry.get(kind) if isinstance(entry, Mapping) else None
    return f" ({kind} {redact_address(address)})" if isinstance(address, str) else ""


def _message(problem: ErrorDetails, kind: str | None) -> str:
    value, last = problem["input"], problem["loc"][-1]
    if problem["type"] == "extra_forbidden":
        return _unknown_key(str(last), kind if len(problem["loc"]) == 4 else None)  # noqa: PLR2004 - sources, its number, kind, key
    if kind and last == kind and isinstance(value, str) and problem["type"].startswith("model_"):
        shown = value if _PLAIN_PATH.fullmatch(value) and not is_secret_key(value) else "PATH"
        return f"write `- folder: {shown}`, or git, feed or api with an address"
    if value is None and not problem["type"].startswith(("model_", "tuple_", "value_")):
        return "has no value; write one"
    if problem["type"] == "literal_error":
        return f"write {problem['ctx']['expected']}"
    message = _MESSAGES.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}"


def _unknown_key(key: str, kind: str | None) -> str:
    """The message for a key that does not exist, or not for this kind of source."""
    if kind is None:
        return "is not a setting; `storywire docs settings` lists all settings"
    if key in SOURCE_KINDS:
        return f"can't be combined with `{kind}`; make two entries"
    others = [each for each, model in SOURCE_KINDS.items() if key in model.model_fields]
    if others:
        return (
            f"is not a setting of `{kind}`, only of {' and '.join(f'`{each}`' for each in others)}"
        )
    return "is not a setting; `storywire docs settings` lists all settings"
