"""Reads functions that make a permalink of a page's data, as templates. Pure.

https://www.11ty.dev/docs/data-computed, https://www.11ty.dev/docs/permalinks: nothing is run. What
is understood are texts put together from fields, constants that stand for them, and slugs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_LENGTH = 1_500
MAX_STATEMENTS = 10
_HEAD = re.compile(
    r"\bpermalink\s{0,20}(?::\s{0,20}(?:async\s{1,20})?(?:function\b\s{0,20}\w{0,40}\s{0,20})?)?"
    r"\(?\s{0,20}(?P<parameter>\w{1,40}|\{[\w\s,]{0,200}\})?\s{0,20}\)\s{0,20}(?P<body>=>|\{)"
    r"|\bpermalink\s{0,20}:\s{0,20}(?P<name>\w{1,40})\s{0,20}(?P<arrow>=>)"
)
_SPACE = re.compile(r"(?:\s|//[^\n]*\n|/\*[^*]*\*/)*+")
_CONSTANT = re.compile(r"(?:const|let|var)\s{1,20}(\w{1,40})\s{0,20}=\s{0,20}([^;\n]{1,300});?")
_RETURN = re.compile(r"return\s{1,20}")
_TEXT = re.compile(r"`([^`]{0,500})`")
_REST_OF_LINE = re.compile(r"[^;\n]{1,300}")
_SUBSTITUTION = re.compile(r"\$\{([^{}]{0,200})\}")
_SLUGIFIED = re.compile(r"(?P<of>(?:\w{1,40}\.){0,3})(?P<filter>slugify|slug)\((?P<inner>[^()]*)\)")
_LITERAL = re.compile(r"'[^'\"\\]*'|\"[^'\"\\]*\"")
_NAME = re.compile(r"\w{1,40}(?:\.\w{1,40}){0,5}")
_OR = re.compile(r"\s*(?:\?\?|\|\|)\s*")
_PLUS = re.compile(r"\s*\+\s*")


class _UnknownError(Exception):
    """A function does what is not read here."""


@dataclass(frozen=True, slots=True)
class PermalinkFunction:
    """A function: the template that it stands for, if it is read, and whether it may pass on data.

    Functions that use another permalink usually only decide whether a draft is written.
    """

    template: str | None
    uses_permalink: bool = False


def read_permalink_function(source: str) -> PermalinkFunction | None:
    """Return the first function for permalinks of a file; None if there is none."""
    head = _HEAD.search(source)
    if head is None:
        return None
    rest = source[head.end() : head.end() + MAX_LENGTH]
    parameter = head["parameter"] or head["name"] or ""
    names = _Names(parameter, {})
    try:
        if head["body"] != "{":
            start = _SPACE.match(rest)
            assert start is not None
            rest = rest[start.end() :]
            if not rest.startswith("{"):
                return PermalinkFunction(_returned(rest, names))
            rest = rest[1:]
        return PermalinkFunction(_statements(rest, names))
    except _UnknownError:
        own = rest.partition("\n  }")[0]
        return PermalinkFunction(None, ".permalink" in own or "permalink" in names.fields)


@dataclass(frozen=True, slots=True)
class _Names:
    """What names stand for: the parameter with the data, or fields of it, and constants."""

    parameter: str
    constants: dict[str, str]

    @property
    def fields(self) -> frozenset[str]:
        if not self.parameter.startswith("{"):
            return frozenset()
        return frozenset(each.strip() for each in self.parameter.strip("{}").split(","))


def _statements(body: str, names: _Names) -> str:
    position = 0
    for _ in range(MAX_STATEMENTS):
        space = _SPACE.match(body, position)
        assert space is not None
        position = space.end()
        if constant := _CONSTANT.match(body, position):
            names.constants[constant[1]] = _expression(constant[2], names)
            position = constant.end()
        elif returned := _RETURN.match(body, position):
            return _returned(body[returned.end() :], names)
        else:
            raise _UnknownError
    raise _UnknownError


def _returned(text: str, names: _Names) -> str:
    """The template of what is returned."""
    if literal := _TEXT.match(text):
        return _SUBSTITUTION.sub(lambda part: _output(_expression(part[1], names)), literal[1])
    line = _REST_OF_LINE.match(text)
    if line is None:
        raise _UnknownError
    parts = _PLUS.split(line[0].strip().rstrip(",}) "))
    return "".join(_output(_expression(part, names)) for part in parts)


def _output(expression: str) -> str:
    return f"{{{{ {expression} | safe }}}}"


def _expression(text: str, names: _Names) -> str:
    """Translate an expression into one of a template."""
    text = text.strip().replace("?.", ".")
    if slugified := _SLUGIFIED.fullmatch(text):
        # What is called `slugify` elsewhere may be another function.
        of_site = slugified["of"] in {"this.", "eleventyConfig."}
        name = slugified["filter"] if of_site else "slugify_plain"
        return f"({_expression(slugified['inner'], names)} | {name})"
    alternatives = _OR.split(text)
    if len(alternatives) > 1:
        return f"({' or '.join(_expression(each, names) for each in alternatives)})"
    if _LITERAL.fullmatch(text):
        return text
    if _NAME.fullmatch(text) is None:
        raise _UnknownError
    return _name(text, names)


def _name(text: str, names: _Names) -> str:
    first, _, rest = text.partition(".")
    if first in names.constants and not rest:
        return names.constants[first]
    if first in names.fields:
        return text
    if first != names.parameter or not rest:
        raise _UnknownError
    return rest


def template_of(source: str, *, is_computed: bool) -> Mapping[str, str]:
    """Return the permalink of a function in a data file, as a field; none if it passes data on.

    One that can't be read is a template that can't be evaluated.
    """
    function = read_permalink_function(source)
    if function is not None and function.template is not None:
        return {"permalink": function.template}
    passes_on = is_computed and (function is None or function.uses_permalink)
    return {} if passes_on else {"permalink": UNKNOWN_TEMPLATE}


UNKNOWN_TEMPLATE = "{{ computed() }}"
"""A permalink that can't be evaluated."""
