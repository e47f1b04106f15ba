"""Answers buttons, selects and forms by their custom_ids, so that they outlive a restart.

Nothing is kept between uses. discord.py's `DynamicItem` does the same for buttons and selects, but
it converts the whole message first, and an error there is lost.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import discord

from bot.discordapp.interactions import (
    Interaction,
    answer_error,
    answer_privately,
    server_asking,
    slow_down,
)
from bot.discordapp.malformed import MalformedData
from bot.discordapp.member_limits import MemberLimits
from bot.discordapp.messages import errors
from bot.discordapp.option_values import is_storable
from bot.discordapp.replies import Replies

_USES = {discord.InteractionType.component, discord.InteractionType.modal_submit}
# https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id
_CUSTOM_ID = 100
# Of a form: https://discord.com/developers/docs/components/reference#text-input
_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Use:
    """A button that was pressed, a select with its chosen `values`, or a form that was submitted.

    `offered` are the values of the select in the message, if that was sent; `typed` are the texts
    of a form by the custom_ids of its inputs.
    """

    match: re.Match[str]
    values: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def custom_id(self) -> str:
        """The custom_id of the component or the form."""
        return self.match.string


Answer: TypeAlias = Callable[[Interaction, Use], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ComponentKind:
    """The components and forms whose custom_ids match a pattern, and what answers them.

    Those `for_admins` don't count towards what the members of a server may ask.
    """

    pattern: re.Pattern[str]
    answer: Answer
    for_admins: bool = False


class Components:
    """Finds the answer of a component or a form. `limits` bounds how often a member gets one."""

    def __init__(self, limits: MemberLimits, malformed: MalformedData, replies: Replies) -> None:
        self._limits = limits
        self._replies = replies
        self._malformed = malformed
        self._kinds: list[ComponentKind] = []

    def add(self, *kinds: ComponentKind) -> None:
        """Answer these, too."""
        self._kinds += kinds

    async def answer(self, interaction: Interaction) -> None:
        """Answer an interaction; others than those with components and forms are ignored."""
        if interaction.type not in _USES:
            return
        data: object = interaction.data
        custom_id = data.get("custom_id") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(custom_id, str):
            self._skip("no custom_id")
            return
        for kind in self._kinds:
            if len(custom_id) <= _CUSTOM_ID and (match := kind.pattern.fullmatch(custom_id)):
                await self._answer(interaction, kind, match, data)
                return

    async def _answer(
        self,
        interaction: Interaction,
        kind: ComponentKind,
        match: re.Match[str],
        data: Mapping[str, object],
    ) -> None:
        user: object = interaction.user
        values = _values(data)
        typed = _typed(data.get("components"))
        if not isinstance(user, discord.User | discord.Member) or values is None or typed is None:
            self._skip("no user, or impossible values")
            await answer_privately(interaction, errors.UNREADABLE)
            return
        excess = self._limits.take(user.id, None if kind.for_admins else server_asking(interaction))
        if excess is not None:
            if excess.announce:
                await answer_privately(interaction, slow_down(excess))
            return
        self._replies.open(interaction)
        use = Use(match, values, tuple(_offered(interaction, match.string)), typed)
        try:
            await kind.answer(interaction, use)
        except Exception as error:  # noqa: BLE001 - the last boundary: a bug is answered and logged there
            await answer_error(interaction, error)

    def _skip(self, problem: str) -> None:
        self._malformed.skip(
            "use of a button, menu or form", TypeError(problem), "others are answered"
        )


def _values(data: Mapping[str, object]) -> tuple[str, ...] | None:
    """The chosen values; None if they can't be read."""
    values = data.get("values", [])
    if not isinstance(values, list):
        return None
    texts = tuple(value for value in values if isinstance(value, str) and is_storable(value))
    return texts if len(texts) == len(values) else None


def _typed(components: object) -> dict[str, str] | None:
    """The text of each input of a submitted form; None if one can't be stored."""
    typed, parts = dict[str, str](), _parts(components)
    while parts:
        part = parts.pop()
        parts += _parts(part.get("components"))  # of a row
        parts += _parts([part.get("component")])  # of a label
        name, value = part.get("custom_id"), part.get("value")
        if isinstance(name, str) and isinstance(value, str):
            if len(value) > _TEXT or not is_storable(value):
                return None
            typed[name] = value
    return typed


def _parts(value: object) -> list[Mapping[str, object]]:
    found: Iterable[object] = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)]


def _offered(interaction: Interaction, custom_id: str) -> Iterator[str]:
    """The values of the select with a custom_id in the interaction's message."""
    for row in interaction.message.components if interaction.message else []:
        for part in row.children if isinstance(row, discord.ActionRow) else []:
            if isinstance(part, discord.SelectMenu) and part.custom_id == custom_id:
                yield from (option.value for option in part.options)
