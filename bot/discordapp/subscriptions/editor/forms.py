"""The editor's forms, for options that can't be chosen from a list. Pure.

discord.py keeps a form in memory until it is submitted, so it would be lost in a restart. The
editor recognises its forms by their custom_id instead (see `conversation.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.discordapp.subscriptions.editor.state import EditorState, Field, custom_id
from bot.discordapp.subscriptions.options import change_options, values_of
from bot.discordapp.subscriptions.parsing import (
    MAX_BEST,
    MAX_PER_HOUR,
    MAX_QUALITY,
    format_quiet,
    format_time,
    join_names,
    parse_count,
    parse_quiet,
    parse_time,
    split_names,
)
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import SubscriptionSpec

# 25 names of 100 characters fit.
_NAMES = 3000
_SHORT = 60
_KEPT = object()


@dataclass(frozen=True, slots=True)
class Input:
    """A text input of a form, named after its option (see `options.OPTIONS`).

    `show` is the inverse of `parse`, which raises `ValueError` with advice what to type instead.
    `empty` is the option's value if the input is empty; by default that leaves it unchanged.
    An input `of_digest` is shown only if there is a digest.
    """

    name: str
    label: str
    example: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    empty: Any = _KEPT
    length: int = _SHORT
    of_digest: bool = False


def _count(name: str, label: str, example: str, least: int, most: int, what: str) -> Input:
    parse = partial(parse_count, least=least, most=most, what=what)
    return Input(name, label, example, parse, empty=None)


def _names(name: str, label: str) -> Input:
    return Input(
        name,
        label,
        "separated by commas",
        split_names,
        join_names,
        empty=(),
        length=_NAMES,
    )


# A form holds five fields at most: https://discord.com/developers/docs/components/reference#text-input
FORMS = {
    Field.TIMES: (
        "Times",
        (
            Input("at", "Time of the digest", "09:00", parse_time, format_time, of_digest=True),
            Input(
                "best",
                "Stories in a digest",
                "10",
                partial(parse_count, least=1, most=MAX_BEST, what="the best few"),
                of_digest=True,
            ),
            Input("timezone", "Time zone", "Europe/Berlin, or just Berlin", find_timezone),
            Input("quiet", "Quiet hours", "22:00-08:00", parse_quiet, format_quiet, empty=None),
            _count(
                "max_per_hour",
                "Stories an hour at most",
                "no limit",
                1,
                MAX_PER_HOUR,
                "stories an hour",
            ),
        ),
    ),
    Field.WORDS: (
        "Words and providers",
        (
            _names("words", "Only with any of these words"),
            _names("without_words", "Without these words"),
            _names("without_topics", "Without these topics"),
            _names("providers", "Only from these providers"),
            _count("min_heat", "Heat at least", "any", 0, MAX_QUALITY, "the heat"),
        ),
    ),
}


def open_form(draft_id: int, field: Field, state: EditorState) -> discord.ui.Modal:
    """The form that a button opens, filled with the draft's values."""
    title, _ = FORMS[field]
    current = values_of(state.spec)
    form = discord.ui.Modal(title=title, custom_id=custom_id(draft_id, field), timeout=None)
    for each in _inputs(field, state.spec):
        form.add_item(
            discord.ui.TextInput(
                label=each.label,
                custom_id=each.name,
                default=_shown(each, current) or None,
                placeholder=each.example,
                required=False,
                max_length=each.length,
            )
        )
    form.stop()
    return form


def read_form(
    field: Field, state: EditorState, typed: Mapping[str, str]
) -> tuple[EditorState, list[str]]:
    """Return the state after a form, and why an input could not be parsed and was ignored."""
    current, problems = values_of(state.spec), list[str]()
    chosen: dict[str, Any] = {}
    for each in _inputs(field, state.spec):
        text = typed.get(each.name, _shown(each, current)).strip()
        # Unchanged text isn't parsed again: a name may contain a comma.
        if text == _shown(each, current):
            continue
        if not text:
            if each.empty is not _KEPT:
                chosen[each.name] = each.empty
            continue
        try:
            chosen[each.name] = each.parse(text)
        except ValueError as error:
            problems.append(str(error))
    return state.with_spec(change_options(state.spec, chosen)), problems


def _inputs(field: Field, spec: SubscriptionSpec) -> list[Input]:
    """The inputs of a form that apply to a specification."""
    _, inputs = FORMS[field]
    return [each for each in inputs if spec.delivery.digest or not each.of_digest]


def _shown(each: Input, current: Mapping[str, Any]) -> str:
    value = current[each.name]
    return "" if value is None else each.show(value)


def typed_inputs(data: Mapping[str, Any]) -> dict[str, str]:
    """The text of each input of a submitted form, from the interaction's data."""
    return {name: value for part in data.get("components", []) for name, value in _walk(part)}


def _walk(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The inputs in a row or a label."""
    inner = component.get("components", [])
    for each in [*inner, component["component"]] if "component" in component else inner:
        yield from _walk(each)
    name, value = component.get("custom_id"), component.get("value")
    if isinstance(name, str) and isinstance(value, str):
        yield name, value
