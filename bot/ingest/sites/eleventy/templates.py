"""Evaluates the short templates in which Eleventy's permalinks are written. Pure.

https://www.11ty.dev/docs/permalinks/#use-data-variables-in-permalink: in Liquid or Nunjucks. What
is output of variables, text and filters is evaluated, and `if`. Nothing else is: there are no
loops, so the work is bounded by the length of the template.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.ingest.sites.eleventy.slugs import slug, slugify

MAX_TEMPLATE = 1_000
MAX_TEXT = 2_000
MAX_PARENTHESES = 20
_INDEX = re.compile(r"[0-9]{1,9}")
_TAG = re.compile(r"\{\{-?(?P<output>.*?)-?\}\}|\{%-?(?P<tag>.*?)-?%\}|\{#.*?#\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+|\[['"][\w -]+['"]\])*"""
    r")|(?P<number>\d+)|(?P<mark>==|!=|[|:,()~+]))",
    re.ASCII,
)
_STEP = re.compile(r"""\[['"]([\w -]+)['"]\]""", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9 -]*")
# The parts of a date in the notations of strftime, and of Luxon, Moment.js and Day.js.
_STRFTIME = re.compile(r"%(-?.)")
_STRFTIME_PARTS: Mapping[str, Callable[[datetime], str]] = {
    "Y": lambda date: f"{date.year:04}",
    "y": lambda date: f"{date.year % 100:02}",
    "m": lambda date: f"{date.month:02}",
    "-m": lambda date: str(date.month),
    "d": lambda date: f"{date.day:02}",
    "-d": lambda date: str(date.day),
    "H": lambda date: f"{date.hour:02}",
    "M": lambda date: f"{date.minute:02}",
    "S": lambda date: f"{date.second:02}",
}
_DATE_WORDS = re.compile(r"[A-Za-z]+")
_DATE_PARTS = {"YYYY": "%Y", "yyyy": "%Y", "MM": "%m", "LL": "%m", "DD": "%d", "dd": "%d"}
# https://mozilla.github.io/nunjucks/templating.html#autoescaping
_ESCAPED = re.compile(r"[&\"'<>`\\]")
_NAMED = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"}


class UnknownError(Exception):
    """A template contains what is not evaluated here."""


Values = Mapping[str, object]


def is_template(text: str) -> bool:
    """Whether a text has to be evaluated."""
    return "{{" in text or "{%" in text


def evaluate(
    template: str, values: Values, changed_filters: frozenset[str], *, escape: bool = False
) -> str:
    """Return the text that a template makes of the data of a page.

    `changed_filters` are those that the site defines itself. With `escape`, special characters of
    HTML are escaped, as in Nunjucks. Raises `UnknownError`.
    """
    if len(template) > MAX_TEMPLATE:
        raise UnknownError
    result: list[str] = []
    # Whether the parts of each `if` around are shown, and whether one of them was.
    shown: list[tuple[bool, bool]] = []
    position = 0
    for found in _TAG.finditer(template):
        if all(is_shown for is_shown, _ in shown):
            result.append(template[position : found.start()])
            if found["output"] is not None:
                output = _Expression(found["output"], values, changed_filters)
                text = _written(output.value)
                result.append(_ESCAPED.sub(_escape, text) if escape and not output.safe else text)
        position = found.end()
        if found["tag"] is not None:
            _follow(found["tag"].strip(), shown, values, changed_filters)
    if shown:
        raise UnknownError
    return "".join((*result, template[position:]))[:MAX_TEXT]


def _escape(character: re.Match[str]) -> str:
    return _NAMED.get(character[0], f"&#{ord(character[0])};")


def _follow(
    tag: str, shown: list[tuple[bool, bool]], values: Values, changed_filters: frozenset[str]
) -> None:
    name, _, rest = tag.partition(" ")
    if name == "if":
        holds = _truth(_Expression(rest, values, changed_filters).value)
        shown.append((holds, holds))
    elif name in {"elsif", "elif", "elseif"} and shown:
        _, before = shown.pop()
        holds = not before and _truth(_Expression(rest, values, changed_filters).value)
        shown.append((holds, before or holds))
    elif name == "else" and shown:
        _, before = shown.pop()
        shown.append((not before, True))
    elif name == "endif" and shown:
        shown.pop()
    else:
        raise UnknownError


class _Expression:
    """A value with filters, in the notation of Liquid (`a: b, c`) or of Nunjucks (`a(b, c)`)."""

    def __init__(self, text: str, values: Values, changed_filters: frozenset[str]) -> None:
        self._values = values
        self._changed = changed_filters
        self._tokens = _tokens(text)
        if self._tokens.count("(") > MAX_PARENTHESES:
            raise UnknownError
        self._position = 0
        self.safe = self._tokens[-2:] == ["|", "safe"]
        self.value = self._chosen()
        if self._position < len(self._tokens):
            raise UnknownError

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if not token or (wanted and token not in wanted):
            return ""
        self._position += 1
        return token

    def _chosen(self) -> object:
        value = self._required()
        while self._take("or"):
            other = self._required()
            value = value if _truth(value) else other
        return value

    def _required(self) -> object:
        value = self._compared()
        while self._take("and"):
            other = self._compared()
            value = other if _truth(value) else value
        return value

    def _compared(self) -> object:
        if self._peek() == "not":
            self._take()
            return not _truth(self._joined())
        left = self._joined()
        if operator := self._take("==", "!="):
            return (_written(left) == _written(self._joined())) is (operator == "==")
        return left

    def _joined(self) -> object:
        value = self._filtered()
        while self._take("~", "+"):
            value = _written(value) + _written(self._filtered())
        return value

    def _filtered(self) -> object:
        value = self._term()
        while self._take("|"):
            name = self._take()
            if self._take(":"):
                arguments = self._arguments()
            elif self._take("("):
                arguments = [] if self._peek() == ")" else self._arguments()
                if not self._take(")"):
                    raise UnknownError
            else:
                arguments = []
            value = _apply(name, value, arguments, self._changed)
        return value

    def _arguments(self) -> Sequence[object]:
        arguments = [self._term()]
        while self._take(","):
            arguments.append(self._term())
        return arguments

    def _term(self) -> object:
        token = self._take()
        if token[:1] == "(":
            value = self._chosen()
            if not self._take(")"):
                raise UnknownError
            return value
        if token[:1] in {'"', "'"}:
            return token[1:-1]
        if token.isdecimal():
            return token
        if not token or not (token[0].isalpha() or token[0] == "_"):
            raise UnknownError
        if token in {"true", "false"}:
            return "true".startswith(token)
        return _look_up(self._values, _STEP.sub(r".\1", token).split("."))


def _tokens(text: str) -> Sequence[str]:
    tokens: list[str] = []
    position = 0
    text = text.strip()
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise UnknownError
        tokens.append(token[0].strip())
        position = token.end()
    return tokens


def _look_up(values: Values, names: Sequence[str]) -> object:
    value: object = values
    for name in names:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, str) and name in {"size", "length"}:
            value = str(len(value))
        elif value is None:
            return None
        else:
            raise UnknownError  # A method, such as `toISOString`.
    return value


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    raise UnknownError  # A date would be written in a long form, and a list with commas.


def _truth(value: object) -> bool:
    return value not in {None, False, "", "false"} if isinstance(value, str | bool | None) else True


def _apply(
    name: str, value: object, arguments: Sequence[object], changed: frozenset[str]
) -> object:
    text = _written(value) if not isinstance(value, datetime | list) else ""
    if name in {"slugify", "slug", "slugify_plain"}:
        # Whatever the site uses instead, it makes the same of plain words.
        is_unknown = name in changed or name == "slugify_plain"
        if arguments or (is_unknown and _PLAIN.fullmatch(text) is None):
            raise UnknownError
        return slug(text) if name == "slug" else slugify(text)
    if isinstance(value, datetime):
        return _format_date(name, value, arguments)
    if name in changed:
        raise UnknownError
    if name == "default":
        return value if _truth(value) else next(iter(arguments), None)
    if name in {"first", "last"} and isinstance(value, list):
        return value[0 if name == "first" else -1] if value else None
    texts = [_written(each) for each in arguments]
    if name == "join" and isinstance(value, list):
        return (texts[0] if texts else "").join(_written(each) for each in value)
    filter_function = _FILTERS.get((name, len(texts)))
    if filter_function is None:
        raise UnknownError
    return filter_function(text, *texts)[:MAX_TEXT]


# By their numbers of arguments.
_FILTERS: Mapping[tuple[str, int], Callable[..., str]] = {
    ("downcase", 0): str.lower,
    ("lower", 0): str.lower,
    ("upcase", 0): str.upper,
    ("upper", 0): str.upper,
    ("strip", 0): str.strip,
    ("trim", 0): str.strip,
    ("safe", 0): str,
    ("string", 0): str,
    ("url", 0): str,
    ("append", 1): lambda text, end: text + end,
    ("prepend", 1): lambda text, start: start + text,
    ("remove", 1): lambda text, part: text.replace(part, "") if part else text,
    ("replace", 2): lambda text, old, new: text.replace(old, new) if old else text,
    ("remove_first", 1): lambda text, part: text.replace(part, "", 1) if part else text,
    ("replace_first", 2): lambda text, old, new: text.replace(old, new, 1) if old else text,
}


def _format_date(name: str, date: datetime, arguments: Sequence[object]) -> str:
    """A date in UTC; sites call their filters for dates as they like."""
    if not arguments:
        # https://github.com/11ty/eleventy-base-blog
        if name in {"htmlDateString", "dateIso", "isoDate", "dateISO"}:
            return f"{date:%Y-%m-%d}"
        if name in {"year", "getYear"}:
            return f"{date:%Y}"
        raise UnknownError
    form = _written(arguments[0])
    if "%" in form:
        parts = _STRFTIME.findall(form)
        if any(part not in _STRFTIME_PARTS for part in parts):
            raise UnknownError
        return _STRFTIME.sub(lambda part: _STRFTIME_PARTS[part[1]](date), form)
    words = _DATE_WORDS.findall(form)
    if not words or any(word not in _DATE_PARTS for word in words):
        raise UnknownError
    return date.strftime(_DATE_WORDS.sub(lambda word: _DATE_PARTS[word[0]], form))
