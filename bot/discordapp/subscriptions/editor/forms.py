"""The editor's forms: what can't be chosen from a list. Pure.

discord.py keeps a form in memory until it is sent, and so forgets it over a restart; ours are told
by their custom_id instead (see `conversation.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.discordapp.subscriptions.editor.state import EditorState, Field, Input, custom_id
from bot.discordapp.subscriptions.typed import join_names
from bot.discordapp.subscriptions.words import clock_time

# The most that 25 names of 100 characters take.
_NAMES = 3000
_SHORT = 60


def times_form(draft_id: int, state: EditorState) -> discord.ui.Modal:
    """When stories come; the inputs for digests only where there is one."""
    delivery, wish = state.wish.delivery, state.wish
    quiet, digest = delivery.quiet, delivery.digest
    inputs = [
        _input(Input.TIMEZONE, "Time zone", delivery.timezone, "Europe/Berlin, or just Berlin"),
        _input(
            Input.QUIET,
            "Quiet hours",
            f"{clock_time(quiet.begin)}-{clock_time(quiet.end)}" if quiet else "",
            "22:00-08:00",
        ),
        _input(
            Input.MAX_PER_HOUR,
            "Stories an hour at most",
            str(wish.max_per_hour or ""),
            "no limit",
        ),
    ]
    if digest:
        inputs.insert(0, _input(Input.AT, "Time of the digest", clock_time(digest.at), "09:00"))
        inputs.insert(1, _input(Input.BEST, "Stories in a digest", str(digest.best), "10"))
    return _form("Times", custom_id(draft_id, Field.TIMES), inputs)


def words_form(draft_id: int, state: EditorState) -> discord.ui.Modal:
    """Which stories, beyond topics and quality; several are separated by commas."""
    rules = state.wish.rules
    heat = "" if rules.min_heat is None else str(rules.min_heat)
    return _form(
        "Words and providers",
        custom_id(draft_id, Field.WORDS),
        [
            _names(Input.WORDS, "Only with any of these words", rules.words),
            _names(Input.WITHOUT_WORDS, "Without these words", rules.without_words),
            _names(Input.WITHOUT_TOPICS, "Without these topics", rules.without_topics),
            _names(Input.PROVIDERS, "Only from these providers", rules.providers),
            _input(Input.MIN_HEAT, "Heat at least", heat, "any"),
        ],
    )


def typed_inputs(data: Mapping[str, Any]) -> dict[str, str]:
    """What was typed into a form, by input, from the interaction's data."""
    return {name: value for part in data.get("components", []) for name, value in _walk(part)}


def _walk(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The inputs in a row, or below a label."""
    inner = component.get("components", [])
    for each in [*inner, component["component"]] if "component" in component else inner:
        yield from _walk(each)
    name, value = component.get("custom_id"), component.get("value")
    if isinstance(name, str) and isinstance(value, str):
        yield name, value


def _form(
    title: str, name: str, inputs: Sequence[discord.ui.TextInput[discord.ui.Modal]]
) -> discord.ui.Modal:
    form = discord.ui.Modal(title=title, custom_id=name, timeout=None)
    for each in inputs:
        form.add_item(each)
    form.stop()
    return form


def _input(
    name: Input, label: str, value: str, example: str
) -> discord.ui.TextInput[discord.ui.Modal]:
    return discord.ui.TextInput(
        label=label,
        custom_id=name.value,
        default=value or None,
        placeholder=example,
        required=False,
        max_length=_SHORT,
    )


def _names(name: Input, label: str, names: Sequence[str]) -> discord.ui.TextInput[discord.ui.Modal]:
    return discord.ui.TextInput(
        label=label,
        custom_id=name.value,
        default=join_names(names) or None,
        placeholder="separated by commas",
        required=False,
        max_length=_NAMES,
    )
