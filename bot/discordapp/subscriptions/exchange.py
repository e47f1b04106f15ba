"""A server's subscriptions as a YAML file, and back. Pure.

`Entry` tells the fields, and says what each may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.discordapp.rendering.text import discord_length, escaped, plain
from bot.discordapp.subscriptions import typed
from bot.discordapp.subscriptions.timezones import find_timezone
from bot.discordapp.subscriptions.uploaded import FileRefusedError, read_subscriptions
from bot.discordapp.subscriptions.wish import (
    MAX_BEST,
    MAX_NAME_LENGTH,
    MAX_NAMES,
    MAX_PER_HOUR,
    MAX_QUALITY,
)
from bot.discordapp.subscriptions.words import clock_time
from storage.models import DeliveryOptions, DigestDays, Kind, Mention, Rules, Subscription

_MAX_ENTRIES = 1000
_PROBLEMS = 8
_PROBLEM = 200


def _cleaned(value: object) -> object:
    return plain(value, discord_length(value)) if isinstance(value, str) else value


def _names(value: object) -> object:
    """One name may stand without a list."""
    return [value] if isinstance(value, str) else value


_Name: TypeAlias = Annotated[
    str, BeforeValidator(_cleaned), Field(min_length=1, max_length=MAX_NAME_LENGTH)
]
_Names: TypeAlias = Annotated[
    tuple[_Name, ...], BeforeValidator(_names), Field(max_length=MAX_NAMES)
]
_Id: TypeAlias = Annotated[int, Field(gt=0, lt=2**63)]
_Bar: TypeAlias = Annotated[int, Field(ge=0, le=MAX_QUALITY)]
_Best: TypeAlias = Annotated[int, Field(ge=1, le=MAX_BEST)]
_Hourly: TypeAlias = Annotated[int, Field(ge=1, le=MAX_PER_HOUR)]


class Entry(BaseModel):
    """One subscription of a file. Channel and role are found by id, else by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: _Name | None = None
    channel_id: _Id | None = None
    topics: _Names = ()
    without_topics: _Names = ()
    providers: _Names = ()
    min_quality: _Bar | None = None
    min_heat: _Bar | None = None
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(_names)] = ()
    words: _Names = ()
    without_words: _Names = ()
    mode: Literal["instant", "daily", "weekdays", "weekly"] | None = None
    at: str | None = None
    weekday: str | None = None
    best: _Best | None = None
    timezone: str = "UTC"
    quiet: str | None = None
    mention: _Name | None = None
    mention_id: _Id | None = None
    mention_quality: _Bar = 0
    silent: bool = False
    fold: bool = True
    max_per_hour: _Hourly | None = None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return find_timezone(name)

    @field_validator("at")
    @classmethod
    def _time(cls, at: str | None) -> str | None:
        return None if at is None else clock_time(typed.parse_time(at))

    @field_validator("weekday")
    @classmethod
    def _weekday(cls, weekday: str | None) -> str | None:
        return None if weekday is None else typed.WEEKDAYS[typed.parse_weekday(weekday)]

    @field_validator("quiet")
    @classmethod
    def _quiet(cls, quiet: str | None) -> str | None:
        if quiet is not None:
            typed.parse_quiet(quiet)
        return quiet

    @model_validator(mode="after")
    def _whole(self) -> Entry:
        if self.channel is None and self.channel_id is None:
            raise ValueError("name a channel")
        self.delivery(None)
        return self

    def rules(self, min_quality: int) -> Rules:
        """Which stories it wants; `min_quality` where the entry says nothing."""
        return Rules(
            topics=self.topics,
            min_quality=min_quality if self.min_quality is None else self.min_quality,
            without_topics=self.without_topics,
            providers=self.providers,
            min_heat=self.min_heat,
            kinds=self.kinds,
            words=self.words,
            without_words=self.without_words,
        )

    def delivery(self, role_id: int | None) -> DeliveryOptions:
        """How they arrive. `role_id` is what the mentioned role was found to be."""
        weekday = None if self.weekday is None else typed.parse_weekday(self.weekday)
        return DeliveryOptions(
            timezone=self.timezone,
            digest=typed.parse_digest(self.mode, self.at, weekday, self.best),
            quiet=None if self.quiet is None else typed.parse_quiet(self.quiet),
            mention=None if role_id is None else Mention(role_id, self.mention_quality),
            silent=self.silent,
            fold=self.fold,
        )

    def hourly(self, usual: int | None) -> int | None:
        """The cap per hour; `usual` where the entry says nothing, None: no cap."""
        return self.max_per_hour if "max_per_hour" in self.model_fields_set else usual


def export(
    subscriptions: Sequence[Subscription],
    channel_name: Callable[[int], str | None],
    role_name: Callable[[int], str | None],
) -> str:
    """The file. The names tell people, and another server, what the ids mean here."""
    entries = [_exported(each, channel_name, role_name) for each in subscriptions]
    return yaml.safe_dump(
        {"subscriptions": entries}, sort_keys=False, allow_unicode=True, width=100
    )


def _exported(
    subscription: Subscription,
    channel_name: Callable[[int], str | None],
    role_name: Callable[[int], str | None],
) -> dict[str, object]:
    """What is unusual, and channel and bar always."""
    rules, delivery = subscription.spec.rules, subscription.spec.delivery
    digest, mention = delivery.digest, delivery.mention
    entry: dict[str, object] = {
        "channel": channel_name(subscription.spec.channel_id),
        "channel_id": subscription.spec.channel_id,
        "topics": list(rules.topics),
        "without_topics": list(rules.without_topics),
        "providers": list(rules.providers),
        "min_quality": rules.min_quality,
        "min_heat": rules.min_heat,
        "kinds": [kind.value for kind in rules.kinds],
        "words": list(rules.words),
        "without_words": list(rules.without_words),
        "mode": digest.days.value if digest else None,
        "at": clock_time(digest.at) if digest else None,
        "weekday": (
            typed.WEEKDAYS[digest.weekday] if digest and digest.days is DigestDays.WEEKLY else None
        ),
        "best": digest.best if digest else None,
        "timezone": delivery.timezone,
        "quiet": (
            f"{clock_time(delivery.quiet.begin)}-{clock_time(delivery.quiet.end)}"
            if delivery.quiet
            else None
        ),
        "mention": role_name(mention.role_id) if mention else None,
        "mention_id": mention.role_id if mention else None,
        "mention_quality": mention.min_quality if mention else None,
        "silent": delivery.silent or None,
        "fold": None if delivery.fold else False,
    }
    said = {name: value for name, value in entry.items() if value not in (None, [], "")}
    return said | {"max_per_hour": subscription.spec.max_per_hour}


def read_entries(content: bytes) -> list[Entry]:
    """The entries of a file. Raises `FileRefusedError` naming each entry and field at fault."""
    listed = read_subscriptions(content)
    if len(listed) > _MAX_ENTRIES:
        raise FileRefusedError(f"That file has more than {_MAX_ENTRIES} entries.")
    return _validated(listed)


def _validated(listed: Sequence[object]) -> list[Entry]:
    entries, problems = [], list[str]()
    for number, fields in enumerate(listed, start=1):
        if isinstance(fields, dict):
            # Nothing after the colon is as good as no line at all, but for the cap: there it says
            # that there is none.
            fields = {k: v for k, v in fields.items() if v is not None or k == "max_per_hour"}  # noqa: PLW2901 - the same, tidied
        try:
            entries.append(Entry.model_validate(fields))
        except ValidationError as error:
            problems += [
                f"• Entry {number}{_place(each['loc'])}: {_sentence(each)}"
                for each in error.errors(include_url=False)
            ]
    if problems:
        more = len(problems) - _PROBLEMS
        shown = problems[:_PROBLEMS] + ([f"… and {more} more"] if more > 0 else [])
        raise FileRefusedError("Nothing was added, because of this:\n" + "\n".join(shown))
    return entries


def _place(location: tuple[int | str, ...]) -> str:
    if not location:
        return ""
    return f", `{plain(str(location[0]), 50).replace('`', '')}`"


_SENTENCES = {
    "extra_forbidden": "there is no such field",
    "model_type": "write it as `channel: …` with fields below",
    "model_attributes_type": "write it as `channel: …` with fields below",
    "dict_type": "write it as `channel: …` with fields below",
    "int_parsing": "write a whole number",
    "bool_parsing": "write yes or no",
    "string_type": "write text",
    "tuple_type": "write a list of names",
}


def _sentence(error: Mapping[str, Any]) -> str:
    """What is wrong, in words of ours or pydantic's; values are not repeated but by ours."""
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] != "value_error":
        message = escaped(message[:1].lower() + message[1:], _PROBLEM)
    return _SENTENCES.get(str(error["type"])) or message
