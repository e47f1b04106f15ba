"""The editor's forms, for options that can't be chosen from a list. Pure.

discord.py keeps a form in memory until it is submitted, so it would be lost in a restart. The
editor recognises its forms by their custom_id instead (see `conversation.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.discordapp.subscriptions.editor.state import EditorState, Field, custom_id
from bot.discordapp.subscriptions.options import values_of
from bot.discordapp.subscriptions.parsing import (
    MAX_BEST,
    MAX_PER_HOUR,
    MAX_QUALITY,
    format_quiet,
    format_time,
    parse_count,
    parse_quiet,
    parse_time,
    split_names,
)
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import SubscriptionSpec

# 25 names of 100 characters fit.
_NAMES = 3000


@dataclass(frozen=True, slots=True)
class Input:
    """A text input of a form, named after its option (see `options.OPTIONS`).

    `show` is the inverse of `parse`, which raises `ValueError` with advice what to type instead.
    If the input is empty, that is parsed, too, or the value stays if it is `needed`. An input
    `of_digest` is shown only if there is a digest.
    """

    name: str
    label: str
    example: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    needed: bool = False
    length: int = 60
    of_digest: bool = False


def _names(name: str, label: str) -> Input:
    return Input(name, label, "separated by commas", split_names, ", ".join, length=_NAMES)


def _limit(typed: str, least: int, most: int, what: str) -> int | None:
    return parse_count(typed, least, most, what) if typed else None


_best = partial(parse_count, least=1, most=MAX_BEST, what="the best few")
_max_per_hour = partial(_limit, least=1, most=MAX_PER_HOUR, what="stories an hour")
_min_heat = partial(_limit, least=0, most=MAX_QUALITY, what="the heat")

# A form holds five fields at most: https://discord.com/developers/docs/components/reference#text-input
_TIMES = (
    Input(
        "at", "Time of the digest", "09:00", parse_time, format_time, needed=True, of_digest=True
    ),
    Input("best", "Stories in a digest", "10", _best, needed=True, of_digest=True),
    Input("timezone", "Time zone", "Europe/Berlin, or just Berlin", find_timezone, needed=True),
    Input("quiet", "Quiet hours", "22:00-08:00", parse_quiet, format_quiet),
    Input("max_per_hour", "Stories an hour at most", "no limit", _max_per_hour),
)
_WORDS = (
    _names("words", "Only with any of these words"),
    _names("without_words", "Without these words"),
    _names("without_topics", "Without these topics"),
    _names("providers", "Only from these providers"),
    Input("min_heat", "Heat at least", "any", _min_heat),
)
FORMS = {Field.TIMES: ("Times", _TIMES), Field.WORDS: ("Words and providers", _WORDS)}


def open_form(draft_id: int, field: Field, state: EditorState) -> discord.ui.Modal:
    """The form that a button opens, filled with the draft's values."""
    title, _ = FORMS[field]
    form = discord.ui.Modal(title=title, custom_id=custom_id(draft_id, field), timeout=None)
    for each, shown in _inputs(field, state.spec):
        form.add_item(
            discord.ui.TextInput(
                label=each.label,
                custom_id=each.name,
                default=shown or None,
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
    chosen, problems = dict[str, Any](), list[str]()
    for each, shown in _inputs(field, state.spec):
        text = typed.get(each.name, shown).strip()
        # Unchanged text isn't parsed again: a name may contain a comma.
        if text == shown or (each.needed and not text):
            continue
        try:
            chosen[each.name] = each.parse(text)
        except ValueError as error:
            problems.append(str(error))
    return state.change(**chosen), problems


def _inputs(field: Field, spec: SubscriptionSpec) -> Iterator[tuple[Input, str]]:
    """The inputs of a form that apply to a specification, with the text that they show."""
    values = values_of(spec)
    for each in FORMS[field][1]:
        if spec.delivery.digest or not each.of_digest:
            value = values[each.name]
            yield each, "" if value is None else each.show(value)


def typed_inputs(data: Mapping[str, Any]) -> dict[str, str]:
    """The text of each input of a submitted form, from the interaction's data."""
    typed, parts = dict[str, str](), list(data.get("components", []))
    while parts:
        part = parts.pop()
        parts += part.get("components", [])  # of a row
        parts += [part["component"]] if "component" in part else []  # of a label
        name, value = part.get("custom_id"), part.get("value")
        if isinstance(name, str) and isinstance(value, str):
            typed[name] = value
    return typed
