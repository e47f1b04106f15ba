"""What was chosen so far, as JSON, and how each choice changes it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from enum import Enum, StrEnum
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.discordapp.subscriptions import typed
from bot.discordapp.subscriptions.timezones import find_timezone
from bot.discordapp.subscriptions.wish import MAX_BEST, MAX_PER_HOUR, MAX_QUALITY, Wish
from storage.models import DeliveryOptions, Digest, DigestDays, Kind, Mention, Rules

ParsedT = TypeVar("ParsedT")

EVENING = time(18)
_CUSTOM_ID = re.compile(r"subs:(?P<draft>[0-9]{1,18}):(?P<field>[a-z_]{1,30})")


class Field(StrEnum):
    """What a component or a form of the editor is for."""

    CHANNEL = "channel"
    TOPICS = "topics"
    BAR = "bar"
    MODE = "mode"
    MENTION = "mention"
    MENTION_BAR = "mention_bar"
    KIND = "kind"
    SWITCHES = "switches"
    MORE = "more"
    BACK = "back"
    TIMES = "times"
    WORDS = "words"
    SAVE = "save"
    CANCEL = "cancel"


class Switch(StrEnum):
    """What is on or off."""

    CATCH_UP = "catch_up"
    FOLD = "fold"
    SILENT = "silent"


class Input(StrEnum):
    """What is typed into a form."""

    AT = "at"
    TIMEZONE = "timezone"
    QUIET = "quiet"
    BEST = "best"
    MAX_PER_HOUR = "max_per_hour"
    WORDS = "words"
    WITHOUT_WORDS = "without_words"
    WITHOUT_TOPICS = "without_topics"
    PROVIDERS = "providers"
    MIN_HEAT = "min_heat"


@dataclass(frozen=True, slots=True)
class EditorState:
    """A draft. `subscription_id` None: it is to be a new one. `more`: the second page is open.

    `catch_up` is how many stories so far a new subscription gets where that is switched on.
    """

    wish: Wish
    subscription_id: int | None = None
    more: bool = False
    catch_up: int = 0

    def choose(self, field: Field, values: Sequence[str], offered: Sequence[str]) -> EditorState:
        """The state after a choice in a select; `offered` is what it held.

        Raises `ValueError` for what no select of ours offers.
        """
        if offered and not set(values) <= set(offered):
            raise ValueError("That is not offered.")
        if field in {Field.TOPICS, Field.BAR, Field.KIND}:
            return self._choose_rule(field, values, offered)
        wish, delivery = self.wish, self.wish.delivery
        match field:
            case Field.CHANNEL:
                return self._with(replace(wish, channel_id=int(*values)))
            case Field.MODE:
                best = delivery.digest.best if delivery.digest else typed.DEFAULT_BEST
                return self._with_delivery(replace(delivery, digest=read_mode(*values, best=best)))
            case Field.MENTION | Field.MENTION_BAR:
                mention = _mention(delivery.mention, field, values)
                return self._with_delivery(replace(delivery, mention=mention))
            case Field.SWITCHES:
                on = set(map(Switch, values))
                changed = replace(delivery, silent=Switch.SILENT in on, fold=Switch.FOLD in on)
                catch_up = self.catch_up if Switch.CATCH_UP in on else 0
                return self._with(replace(wish, delivery=changed, catch_up=catch_up))
            case _:
                raise ValueError("This menu is from another version of me.")

    def _choose_rule(
        self, field: Field, values: Sequence[str], offered: Sequence[str]
    ) -> EditorState:
        rules = self.wish.rules
        match field:
            case Field.TOPICS:
                kept = [name for name in rules.topics if name not in set(offered)]
                return self._with_rules(replace(rules, topics=(*values, *kept)))
            case Field.KIND:
                kinds = tuple(map(Kind, values)) if len(values) < len(Kind) else ()
                return self._with_rules(replace(rules, kinds=kinds))
            case _:
                return self._with_rules(replace(rules, min_quality=_bar(*values)))

    def type_times(self, inputs: Mapping[str, str]) -> tuple[EditorState, list[str]]:
        """The state after the form with times; what can't be read stays as it was, with reasons."""
        reader = _Reader(inputs)
        delivery, wish = self.wish.delivery, self.wish
        zone = reader.read(Input.TIMEZONE, find_timezone, delivery.timezone)
        quiet = reader.read(Input.QUIET, typed.parse_quiet, delivery.quiet, empty=None)
        digest = delivery.digest
        if digest is not None:
            at = reader.read(Input.AT, typed.parse_time, digest.at)
            best = reader.read(
                Input.BEST,
                lambda text: typed.parse_count(text, 1, MAX_BEST, "the best few"),
                digest.best,
            )
            digest = replace(digest, at=at, best=best)
        hourly = reader.read(
            Input.MAX_PER_HOUR,
            lambda text: typed.parse_count(text, 1, MAX_PER_HOUR, "stories an hour"),
            wish.max_per_hour,
            empty=None,
        )
        changed = replace(delivery, timezone=zone, quiet=quiet, digest=digest)
        wish = replace(wish, delivery=changed, max_per_hour=hourly)
        return self._with(wish), reader.problems

    def type_words(self, inputs: Mapping[str, str]) -> tuple[EditorState, list[str]]:
        """The state after the form with words; what can't be read stays, with reasons."""
        reader, rules = _Reader(inputs), self.wish.rules
        changed = replace(
            rules,
            words=reader.names(Input.WORDS, rules.words),
            without_words=reader.names(Input.WITHOUT_WORDS, rules.without_words),
            without_topics=reader.names(Input.WITHOUT_TOPICS, rules.without_topics),
            providers=reader.names(Input.PROVIDERS, rules.providers),
            min_heat=reader.read(
                Input.MIN_HEAT,
                lambda text: typed.parse_count(text, 0, MAX_QUALITY, "the heat"),
                rules.min_heat,
                empty=None,
            ),
        )
        return self._with_rules(changed), reader.problems

    def _with(self, wish: Wish) -> EditorState:
        return replace(self, wish=wish)

    def _with_rules(self, rules: Rules) -> EditorState:
        return self._with(replace(self.wish, rules=rules))

    def _with_delivery(self, delivery: DeliveryOptions) -> EditorState:
        return self._with(replace(self.wish, delivery=delivery))


_STATE = TypeAdapter(EditorState)


def to_json(state: EditorState) -> str:
    """The state as the store keeps it."""
    return _STATE.dump_json(state).decode()


def from_json(content: str) -> EditorState | None:
    """The state; None if another version wrote it."""
    try:
        return _STATE.validate_json(content)
    except ValidationError:
        return None


def custom_id(draft_id: int, field: Field) -> str:
    """What a component or a form of the editor is called."""
    return f"subs:{draft_id}:{field}"


def read_custom_id(text: str) -> tuple[int, Field] | None:
    """The draft's id and what the component is for; None if it is none of ours."""
    found = _CUSTOM_ID.fullmatch(text)
    if found is None or found["field"] not in set(Field):
        return None
    return int(found["draft"]), Field(found["field"])


def mode_value(digest: Digest | None) -> str:
    """A mode as the value of a choice."""
    if digest is None:
        return typed.INSTANT
    return f"{digest.days} {digest.weekday} {digest.at.isoformat('minutes')}"


def read_mode(value: str, *, best: int) -> Digest | None:
    """The mode that a choice stands for. Raises `ValueError`."""
    if value == typed.INSTANT:
        return None
    days, weekday, at = value.split()
    day = int(weekday)
    if not 0 <= day < len(typed.WEEKDAYS):
        raise ValueError("There is no such day.")
    return Digest(DigestDays(days), typed.parse_time(at), day, best)


def modes(current: Digest | None) -> list[Digest | None]:
    """The modes to choose from; digests at the time of the current one."""
    at = current.at if current else typed.DEFAULT_TIME
    offered: list[Digest | None] = [None, Digest(DigestDays.DAILY, at)]
    if at == typed.DEFAULT_TIME:
        offered.append(Digest(DigestDays.DAILY, EVENING))
    offered.append(Digest(DigestDays.WEEKDAYS, at))
    return offered + [Digest(DigestDays.WEEKLY, at, day) for day in range(len(typed.WEEKDAYS))]


def _mention(current: Mention | None, field: Field, values: Sequence[str]) -> Mention | None:
    if field is Field.MENTION:
        bar = current.min_quality if current else 0
        return Mention(int(*values), bar) if values else None
    if current is None:
        raise ValueError("Please choose a role to mention first.")
    return replace(current, min_quality=_bar(*values))


def _bar(value: str) -> int:
    return typed.parse_count(value, 0, MAX_QUALITY, "the quality")


class _Unset(Enum):
    """Stands for nothing."""

    UNSET = "unset"


_UNSET = _Unset.UNSET


class _Reader:
    """Reads a form's inputs, and collects what can't be read."""

    def __init__(self, inputs: Mapping[str, str]) -> None:
        self._inputs = inputs
        self.problems: list[str] = []

    def read(
        self,
        name: Input,
        parse: Callable[[str], ParsedT],
        current: ParsedT,
        *,
        empty: ParsedT | _Unset = _UNSET,
    ) -> ParsedT:
        """What was typed; `current` where it can't be read, `empty` (or `current`) for nothing."""
        if name not in self._inputs:
            return current
        text = self._inputs[name].strip()
        if not text:
            return current if isinstance(empty, _Unset) else empty
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(str(error))
            return current

    def names(self, name: Input, current: tuple[str, ...]) -> tuple[str, ...]:
        """Names; what was not touched stays, though a name of it may hold a comma."""
        if self._inputs.get(name, "").strip() == typed.join_names(current):
            return current
        return self.read(name, typed.split_names, current, empty=())
