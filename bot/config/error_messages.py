"""Error messages for settings: a line per problem, without values, which may be secrets."""

import json
import os
import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.config.sources import SOURCE_KINDS
from bot.config.yaml_file import Place, YamlFile, in_words
from bot.urls.safety import redact_address

ENVIRONMENT_PREFIX = "STORYWIRE_"
# Not settings: which file to read, and the tests' description of Discord's API.
OTHER_VARIABLES = frozenset({"STORYWIRE_CONFIG", "STORYWIRE_DISCORD_OPENAPI"})

# Pydantic words these for Python programmers.
_WORDS = {
    **dict.fromkeys(
        ("model_type", "model_attributes_type"), "write keys below it, or leave it out"
    ),
    "tuple_type": "write a list: in the file with `- ` before each entry, in a variable as JSON",
    "path_type": "write a path",
    "string_type": "write text, in quotes if it looks like a number or a date",
    "string_pattern_mismatch": "write a name of letters, digits and _",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "write a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "write a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "write true or false"),
    "missing": "it is missing; write it",
}
_EXAMPLES = {
    ("sources",): '[{"folder": "articles"}]',
    ("topics", "rules"): '[{"name": "AI", "keywords": ["robot"]}]',
    ("topics", "folders"): '["topics"]',
}
# A path that can't be a secret.
_PLAIN_PATH = re.compile(r"[\w./-]{1,60}")


def explain(error: ValidationError, file: YamlFile | None) -> list[str]:
    """A line per problem: key, place and remedy."""
    problems = error.errors(include_url=False)
    wrong = {problem["loc"] for problem in problems}
    return [_line(problem, wrong, file) for problem in problems]


def variable_problems(sections: Mapping[str, FieldInfo]) -> Iterator[str]:
    """Problems with variables: those that would be ignored, and values that are not JSON."""
    for variable in sorted(os.environ):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in OTHER_VARIABLES:
            continue
        keys = _keys(variable)
        if keys[0] not in sections:
            yield (
                f"{variable} is no setting; the settings are {', '.join(sections)}"
                " (docs/settings.md)"
            )
            continue
        fields = _fields(sections[keys[0]].annotation)
        if keys in _EXAMPLES:
            mend = f"write JSON like {_EXAMPLES[keys]}"
        elif len(keys) == 1 and fields:
            mend = f"set each key by itself, such as {variable}__{next(iter(fields)).upper()}"
        else:
            continue
        try:
            json.loads(os.environ[variable])
        except (ValueError, RecursionError):
            yield f"{variable} is no JSON; {mend}"


def _fields(section: object) -> Mapping[str, FieldInfo]:
    if isinstance(section, type) and issubclass(section, BaseModel):
        return section.model_fields
    return {}


def _keys(variable: str) -> tuple[str, ...]:
    return tuple(variable.upper().removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))


def _line(problem: ErrorDetails, wrong: set[Place], file: YamlFile | None) -> str:
    place, kind = _place(problem["loc"])
    variable = _variable(place, file)
    where = variable or (file.where(place) if file else "the environment")
    subject = in_words(place)
    if kind and file and not variable and (*place[:2], kind, kind) not in wrong:
        subject += _address(file, place, kind)
    message = _message(problem, kind)
    separator = " " if message.startswith(("is no ", "does not ")) else ": "
    line = f"{subject} in {where}{separator}{message}"
    return "".join(letter if letter.isprintable() else " " for letter in line)


def _place(location: Place) -> tuple[Place, str | None]:
    """The keys that lead there, and the kind of source, which pydantic adds to them."""
    if location[:1] == ("sources",) and location[2:3] and location[2] in SOURCE_KINDS:
        return (*location[:2], *location[3:]), str(location[2])
    return location, None


def _variable(place: Place, file: YamlFile | None) -> str | None:
    """The variable that set the value at a place; None if the file did."""
    ours = [name for name in os.environ if name.upper().startswith(ENVIRONMENT_PREFIX)]
    for name in sorted(ours, key=len, reverse=True):
        keys = _keys(name)
        exact = keys == place[: len(keys)] and (len(keys) > 1 or keys in _EXAMPLES)
        if exact or keys[: len(place)] == place:
            return name
        if keys == place[:1] and not (file and file.holds(place)):
            return name
    return None


def _address(file: YamlFile, place: Place, kind: str) -> str:
    """Names the source of an entry of the file, if it has an address."""
    entry = file.content
    for part in place[:2]:
        entry = entry[part]  # type: ignore[index]  # a problem was found below it
    address = entry.get(kind) if isinstance(entry, Mapping) else None
    return f" ({kind} {redact_address(address)})" if isinstance(address, str) else ""


def _message(problem: ErrorDetails, kind: str | None) -> str:
    value, last = problem["input"], problem["loc"][-1]
    if problem["type"] == "extra_forbidden":
        return _unknown(str(last), kind if len(problem["loc"]) == 4 else None)  # noqa: PLR2004 - sources, its number, kind, key
    if kind and last == kind and isinstance(value, str) and problem["type"].startswith("model_"):
        shown = value if _PLAIN_PATH.fullmatch(value) else "PATH"
        return f"write `- folder: {shown}`, or git, feed or api with an address"
    if value is None and not problem["type"].startswith(("model_", "tuple_", "value_")):
        return "there is no value; write one"
    if problem["type"] == "literal_error":
        return f"write {problem['ctx']['expected']}"
    message = _WORDS.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}"


def _unknown(key: str, kind: str | None) -> str:
    """For a key that does not exist, or not in this place."""
    if kind is None:
        return "is no setting; docs/settings.md lists them"
    if key in SOURCE_KINDS:
        return f"does not go with `{kind}`; make two entries of it"
    others = [each for each, model in SOURCE_KINDS.items() if key in model.model_fields]
    if others:
        return (
            f"does not go with `{kind}`, only with {' and '.join(f'`{each}`' for each in others)}"
        )
    return "is no setting; docs/settings.md lists them"
