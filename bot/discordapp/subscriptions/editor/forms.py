"""The editor's forms, for options that can't be chosen from a list. Pure.

discord.py keeps a form in memory until it is submitted, so it would be lost in a restart. The
editor recognises its forms by their custom_id instead (see `conversation.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.messages.editor import (
    FILTERS_TITLE,
    SCHEDULE_TITLE,
    STYLE_TITLE,
    TAGS_TITLE,
    invalid_input,
)
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.messages.subscription_options import INPUTS
from bot.discordapp.subscriptions.editor.state import (
    EditorState,
    Field,
    RejectedInput,
    custom_id,
)
from bot.discordapp.subscriptions.options import values_of
from bot.discordapp.subscriptions.parsing import (
    MAX_BEST,
    MAX_FOOTER,
    MAX_LINE,
    MAX_NAME_LENGTH,
    MAX_QUALITY,
    format_colour,
    format_quiet,
    format_tags,
    format_time,
    parse_colour,
    parse_count,
    parse_footer,
    parse_line,
    parse_name,
    parse_quiet,
    parse_tags,
    parse_time,
    split_names,
)
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import MAX_PER_HOUR, SubscriptionSpec

# 25 names of 100 characters fit.
_NAMES = 3000


@dataclass(frozen=True, slots=True)
class Input:
    """A text input of a form, named after its option (see `options.OPTIONS`).

    `show` is the inverse of `parse`, which raises `InvalidInputError`. Empty text is parsed, too,
    unless the value is `needed`; then it stays. An input `of_digest` is shown only if there is a
    digest.
    """

    name: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    needed: bool = False
    length: int = 60
    of_digest: bool = False


def _names(name: str) -> Input:
    return Input(name, split_names, ", ".join, length=_NAMES)


def _parse_limit(typed: str, least: int, most: int) -> int | None:
    return parse_count(typed, least, most) if typed else None


_parse_best = partial(parse_count, least=1, most=MAX_BEST)
_parse_max_per_hour = partial(_parse_limit, least=1, most=MAX_PER_HOUR)
_parse_min_heat = partial(_parse_limit, least=0, most=MAX_QUALITY)

# A form has five inputs at most: https://discord.com/developers/docs/components/reference#text-input
_SCHEDULE = (
    Input("at", parse_time, format_time, needed=True, of_digest=True),
    Input("best", _parse_best, needed=True, of_digest=True),
    Input("timezone", find_timezone, needed=True),
    Input("quiet", parse_quiet, format_quiet),
    Input("max_per_hour", _parse_max_per_hour),
)
_FILTERS = (
    _names("words"),
    _names("without_words"),
    _names("without_topics"),
    _names("providers"),
    Input("min_heat", _parse_min_heat),
)
_TAGS = (
    Input("tags", parse_tags, format_tags, length=_NAMES),
    Input("fallback_tag", parse_name, length=MAX_NAME_LENGTH),
)
_STYLE = (
    Input("colour", parse_colour, format_colour),
    Input("line", parse_line, length=MAX_LINE),
    Input("footer", parse_footer, length=MAX_FOOTER),
)
FORMS = {
    Field.SCHEDULE: (SCHEDULE_TITLE, _SCHEDULE),
    Field.FILTERS: (FILTERS_TITLE, _FILTERS),
    Field.TAGS: (TAGS_TITLE, _TAGS),
    Field.STYLE: (STYLE_TITLE, _STYLE),
}


def open_form(draft_id: int, field: Field, state: EditorState) -> discord.ui.Modal:
    """The form that a button opens, filled with the draft's values and invalid inputs."""
    title, _ = FORMS[field]
    form = discord.ui.Modal(title=title, custom_id=custom_id(draft_id, field), timeout=None)
    for each, text in _inputs(field, state.spec):
        rejected = state.rejected.get(each.name)
        form.add_item(
            discord.ui.TextInput(
                label=INPUTS[each.name].label,
                custom_id=each.name,
                default=(rejected.text if rejected else text) or None,
                placeholder=INPUTS[each.name].placeholder,
                required=False,
                max_length=each.length,
            )
        )
    form.stop()
    return form


def read_form(field: Field, state: EditorState, typed: Mapping[str, str]) -> EditorState:
    """Return the state after a form, with the inputs that could not be parsed.

    This is for a thread, as `options.read_command` is.
    """
    chosen, rejected = dict[str, Any](), dict(state.rejected)
    for each, current in _inputs(field, state.spec):
        if each.name not in typed:
            continue
        text = typed[each.name].strip()
        rejected.pop(each.name, None)
        # Unchanged text isn't parsed again: a name may contain a comma.
        if text == current or (each.needed and not text):
            continue
        try:
            chosen[each.name] = each.parse(text)
        except InvalidInputError as error:
            shown = text if discord_length(text) <= each.length else plain(text, each.length)
            rejected[each.name] = RejectedInput(shown, invalid_input(each.name, str(error)))
    return replace(state.change(**chosen), rejected=rejected)


def input_problems(state: EditorState) -> list[str]:
    """What is wrong with the draft's invalid inputs, as far as a form has them now."""
    shown = [each.name for field in FORMS for each, _ in _inputs(field, state.spec)]
    return [state.rejected[name].problem for name in shown if name in state.rejected]


def _inputs(field: Field, spec: SubscriptionSpec) -> Iterator[tuple[Input, str]]:
    """The inputs of a form that apply to a specification, with the text that they show."""
    values = values_of(spec)
    for each in FORMS[field][1]:
        if spec.delivery.digest or not each.of_digest:
            value = values[each.name]
            yield each, "" if value is None else each.show(value)
