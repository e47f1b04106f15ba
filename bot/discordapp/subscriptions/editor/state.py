"""An editor's draft: how each choice changes it, and its JSON. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from bot.discordapp.ids import parse_id
from bot.discordapp.subscriptions import parsing
from bot.discordapp.subscriptions.options import CATCH_UP, SWITCHES, change_options
from storage.models import Digest, DigestDays, Fact, Kind, Look, SubscriptionSpec

EVENING = time(18)
_CUSTOM_ID = re.compile(r"subs:(?P<draft>[0-9]{1,18}):(?P<field>[a-z_]{1,30})")


class Field(StrEnum):
    """What a component or a form of the editor is for.

    The values are part of custom_ids, so they must not change.
    """

    CHANNEL = "channel"
    TOPICS = "topics"
    MIN_QUALITY = "bar"
    MODE = "mode"
    MENTION = "mention"
    MENTION_QUALITY = "mention_bar"
    SECOND_MENTION = "second_mention"
    SECOND_MENTION_QUALITY = "second_mention_bar"
    KINDS = "kind"
    SWITCHES = "switches"
    NOT_IN = "not_in"
    LOOK = "look"
    COLOUR = "colour"
    FACTS = "facts"
    MORE = "more"
    OTHERS = "others"
    LOOK_AND_STYLE = "look_and_style"
    BACK = "back"
    UNDO = "undo"
    PREVIEW = "preview"
    SCHEDULE = "times"
    FILTERS = "words"
    TAGS = "tags"
    STYLE = "style"
    SAVE = "save"
    CANCEL = "cancel"


class Page(StrEnum):
    """The pages of the editor. The values are part of drafts, so they must not change."""

    MAIN = "main"
    MORE = "more"
    OTHERS = "others"
    """Kinds, other channels, second role."""
    LOOK_AND_STYLE = "look_and_style"


PAGES = {
    Field.BACK: Page.MAIN,
    Field.MORE: Page.MORE,
    Field.OTHERS: Page.OTHERS,
    Field.LOOK_AND_STYLE: Page.LOOK_AND_STYLE,
}
"""The buttons that open a page."""
_OFFERED_BY_DISCORD = {Field.CHANNEL, Field.MENTION, Field.SECOND_MENTION, Field.NOT_IN}


@dataclass(frozen=True, slots=True)
class RejectedInput:
    """A text that was typed into an input and is invalid, and what is wrong with it."""

    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class EditorState:
    """A draft. `subscription_id` is None for a new subscription.

    `catch_up` is how many of the best stories so far a new subscription gets at once;
    `default_catch_up` is that number when the switch is on. `rejected` are the invalid inputs of
    forms, by name; `spec` keeps their former values.
    """

    spec: SubscriptionSpec
    subscription_id: int | None = None
    page: Page = Page.MAIN
    catch_up: int = 0
    default_catch_up: int = 0
    rejected: Mapping[str, RejectedInput] = field(default_factory=dict)

    def choose(self, field: Field, values: Sequence[str], offered: Sequence[str]) -> "EditorState":
        """Return the state after a choice in a select with the `offered` values.

        Those of channels and roles are offered by Discord. Raises `ValueError` for values that the
        editor never offers, and `TypeError` for none or too many.
        """
        if field not in _OFFERED_BY_DISCORD and not set(values) <= set(offered):
            raise ValueError("value not offered")
        spec, delivery = self.spec, self.spec.delivery
        match field:
            case Field.CHANNEL | Field.NOT_IN:
                return self._choose_channels(field, values)
            case Field.TOPICS:
                kept = [name for name in spec.rules.topics if name not in set(offered)]
                return self.change(topics=(*values, *kept))
            case Field.MODE:
                best = delivery.digest.best if delivery.digest else parsing.DEFAULT_BEST
                delivery = replace(delivery, digest=read_mode(*values, best=best))
                return replace(self, spec=replace(spec, delivery=delivery))
            case Field.MENTION_QUALITY | Field.SECOND_MENTION_QUALITY:
                return self._choose_mention_quality(field, _parse_quality(*values))
            case Field.SWITCHES:
                return self._switch(set(values))
            case _:
                return self.change(**_chosen_option(field, values))

    def _choose_channels(self, field: Field, values: Sequence[str]) -> "EditorState":
        """The draft with another channel, or with those whose stories are left out."""
        channel_id, others = self.spec.channel_id, self.spec.rules.not_in
        if field is Field.CHANNEL:
            channel_id = _parse_id(*values)
        else:
            others = tuple(map(_parse_id, values))
        not_in = tuple(each for each in others if each != channel_id)
        return self.change(channel=channel_id, not_in=not_in)

    def _choose_mention_quality(self, field: Field, quality: int) -> "EditorState":
        """The draft with another minimum quality of a role that is mentioned."""
        name = "mention" if field is Field.MENTION_QUALITY else "second_mention"
        if getattr(self.spec.delivery, name) is None:
            raise ValueError("no role to mention")
        return self.change(**{f"{name}_quality": quality})

    def _switch(self, on: set[str]) -> "EditorState":
        names = {switch.name for switch in SWITCHES}
        if not on <= {*names, CATCH_UP}:
            raise ValueError("unknown switch")
        catch_up = self.default_catch_up if CATCH_UP in on else 0
        return replace(self, catch_up=catch_up).change(**{name: name in on for name in names})

    def change(self, **options: Any) -> "EditorState":  # noqa: ANN401 - the values of any options
        """Return the draft with some options changed; raises `ValueError`, see `options`."""
        return replace(self, spec=change_options(self.spec, options))


_STATE = TypeAdapter(EditorState)


def to_json(state: EditorState) -> str:
    """Encode the state for the store."""
    return _STATE.dump_json(state).decode()


def from_json(content: str) -> EditorState | None:
    """Decode a state; None if it is invalid, such as one that a later version wrote."""
    try:
        return _STATE.validate_python(_upgraded(json.loads(content)))
    except ValueError:
        return None


def _upgraded(draft: Any) -> Any:  # noqa: ANN401 - any JSON
    """Convert a draft of an earlier version.

    Such a draft has `more` if the second page is open. The first version kept `spec` and `catch_up`
    in `wish`.
    """
    if not isinstance(draft, dict):
        return draft
    if draft.get("more") is True:
        draft = {**draft, "page": Page.MORE}
    if not isinstance(wish := draft.get("wish"), dict):
        return draft
    return {
        **draft,
        "spec": wish,
        "catch_up": wish.get("catch_up", 0),
        "default_catch_up": draft.get("catch_up", 0),
    }


def custom_id(draft_id: int, field: Field) -> str:
    """The custom_id of a component or form of the editor."""
    return f"subs:{draft_id}:{field}"


def read_custom_id(text: str) -> tuple[int, Field] | None:
    """The draft's id and the field of a custom_id; None if it isn't one of the editor's."""
    found = _CUSTOM_ID.fullmatch(text)
    if found is None or found["field"] not in set(Field):
        return None
    return int(found["draft"]), Field(found["field"])


def mode_value(digest: Digest | None) -> str:
    """Encode a mode as the value of a choice."""
    if digest is None:
        return parsing.INSTANT
    return f"{digest.days} {digest.weekday} {digest.at.isoformat('minutes')}"


def read_mode(value: str, *, best: int) -> Digest | None:
    """Parse the value of a choice; None: each story at once. Raises `ValueError`."""
    if value == parsing.INSTANT:
        return None
    days, weekday, at = value.split()
    day = int(weekday)
    if not 0 <= day < len(parsing.WEEKDAYS):
        raise ValueError("unknown weekday")
    return Digest(DigestDays(days), parsing.parse_time(at), day, best)


def modes(current: Digest | None) -> list[Digest | None]:
    """The modes to choose from; a digest keeps the current one's time."""
    at = current.at if current else parsing.DEFAULT_TIME
    offered: list[Digest | None] = [None, Digest(DigestDays.DAILY, at)]
    if at == parsing.DEFAULT_TIME:
        offered.append(Digest(DigestDays.DAILY, EVENING))
    offered.append(Digest(DigestDays.WEEKDAYS, at))
    return offered + [Digest(DigestDays.WEEKLY, at, day) for day in range(len(parsing.WEEKDAYS))]


def _parse_id(value: str) -> int:
    if (parsed := parse_id(value)) is None:
        raise ValueError("not an id")
    return parsed


def _chosen_option(field: Field, values: Sequence[str]) -> dict[str, Any]:
    """The option that a select is for, with the chosen value. Raises as `EditorState.choose`."""
    match field:
        case Field.KINDS:
            return {"kinds": tuple(map(Kind, values)) if len(values) < len(Kind) else ()}
        case Field.MIN_QUALITY:
            return {"min_quality": _parse_quality(*values)}
        case Field.MENTION | Field.SECOND_MENTION:
            return {field.value: _parse_id(*values) if values else None}
        case Field.LOOK:
            return {"look": Look(*values)}
        case Field.COLOUR:
            return {"colour": parsing.parse_colour(*values)}
        case Field.FACTS:
            return {"facts": parsing.sort_facts(set(map(Fact, values)))}
        case _:
            raise ValueError("unknown menu")


def _parse_quality(value: str) -> int:
    quality = int(value)
    if not 0 <= quality <= parsing.MAX_QUALITY:
        raise ValueError("quality out of range")
    return quality
