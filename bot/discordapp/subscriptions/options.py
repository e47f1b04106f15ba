"""The options of a subscription, in one table.

From the table follow the options of `/subscriptions add`, the keys of a file, and the editor's
switches. An option is named as the field of `SubscriptionSpec`, `Rules` or `DeliveryOptions` that
holds its value; a digest and a mention are taken apart into several options.

CONTRIBUTING.md describes how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias

import discord
from discord import app_commands
from pydantic import AfterValidator, BeforeValidator, Field

from bot.discordapp.rendering.text import discord_length, plain
from bot.discordapp.subscriptions.parsing import (
    MAX_BEST,
    MAX_CATCH_UP,
    MAX_NAME_LENGTH,
    MAX_NAMES,
    MAX_PER_HOUR,
    MAX_QUALITY,
    WEEKDAYS,
    format_quiet,
    format_time,
    make_digest,
    parse_quiet,
    parse_time,
    parse_weekday,
    split_names,
)
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import DeliveryOptions, DigestDays, Kind, Mention, Rules, SubscriptionSpec

Channel: TypeAlias = discord.TextChannel | discord.Thread
CATCH_UP = "catch_up"


def _unchanged(value: Any) -> Any:  # noqa: ANN401 - the value of any option
    return value


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a subscription.

    `description` and `parameter` (a type that discord.py knows) are those of the command's option;
    `read` turns what Discord sends into the option's value, and raises `ValueError` with what to
    type instead. An option that the command calls otherwise has an `alias`.
    `key` is the type of the key in a file, as pydantic checks it: the checked key is the option's
    value, and `write` turns that back into plain YAML. Without a `key` the file doesn't have it.
    """

    name: str
    description: str
    parameter: Any
    read: Callable[[Any], Any] = _unchanged
    key: Any = None
    write: Callable[[Any], Any] = _unchanged
    alias: str = ""

    @property
    def command_name(self) -> str:
        """What the command calls it."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class Switch:
    """An option that is on or off: a boolean of `DeliveryOptions`.

    `label` and `hint` are shown in the editor. `phrase` describes, among a subscription's other
    properties, that the switch is not as it usually is.
    """

    name: str
    description: str
    label: str
    phrase: str
    hint: str | None = None

    @property
    def usual(self) -> bool:
        """Whether it is on where nobody says anything."""
        return bool(getattr(DeliveryOptions(), self.name))

    @property
    def option(self) -> Option:
        """The option; a file leaves out what is as usual."""
        usual = self.usual
        return Option(
            self.name,
            self.description,
            bool,
            key=bool,
            write=lambda on: None if on is usual else on,
        )


SWITCHES = (
    Switch(
        "silent",
        "Post without notifying anybody",
        label="Without notifications",
        phrase="without notifications",
    ),
    Switch(
        "fold",
        "Tell the same story once, as coverage of the first (yes)",
        label="The same story once",
        hint="What tells the same joins the first post's coverage",
        phrase="also stories that tell the same",
    ),
)


def clean(value: object) -> object:
    """A text from a file without what can't be seen."""
    return plain(value, discord_length(value)) if isinstance(value, str) else value


def _listed(value: object) -> object:
    """One name may stand without a list."""
    return [value] if isinstance(value, str) else value


Name: TypeAlias = Annotated[
    str, BeforeValidator(clean), Field(min_length=1, max_length=MAX_NAME_LENGTH)
]
_Names: TypeAlias = Annotated[
    tuple[Name, ...], BeforeValidator(_listed), Field(max_length=MAX_NAMES)
]
_Mode: TypeAlias = Literal["instant", "daily", "weekdays", "weekly"]
_Short: TypeAlias = app_commands.Range[str, 1, 60]


def _names(name: str, description: str, what: str) -> Option:
    """Names, separated by commas in the command and listed in a file; `what` is their plural."""
    return Option(
        name,
        description,
        app_commands.Range[str, 1, 1000],
        read=partial(split_names, what=what),
        key=_Names,
        write=list,
    )


def _number(name: str, description: str, least: int, most: int) -> Option:
    key = Annotated[int, Field(ge=least, le=most)]
    return Option(name, description, app_commands.Range[int, least, most], key=key)


OPTIONS = (
    Option("channel", "Where to post (this channel)", Channel, read=lambda channel: channel.id),
    _names("topics", "Only stories about any of these, separated by commas (all topics)", "topics"),
    _names("without_topics", "No stories about any of these, separated by commas", "topics"),
    _names("providers", "Only stories from these, separated by commas", "providers"),
    _number("min_quality", "Only stories at least this good", 0, MAX_QUALITY),
    _number("min_heat", "Only stories at least this hot", 0, MAX_QUALITY),
    Option(
        "kinds",
        "Only articles, or only videos",
        Literal["article", "video"],
        read=lambda kind: (Kind(kind),),
        key=Annotated[tuple[Kind, ...], BeforeValidator(_listed)],
        write=lambda kinds: [kind.value for kind in kinds],
        alias="kind",
    ),
    _names("words", "Only stories with any of these words, separated by commas", "words"),
    _names("without_words", "No stories with any of these words, separated by commas", "words"),
    Option("mode", "Each story at once, or the best in a digest", _Mode, key=_Mode),
    Option(
        "at",
        "When a digest comes, like 09:00",
        _Short,
        read=parse_time,
        key=Annotated[str, AfterValidator(parse_time)],
        write=format_time,
    ),
    Option(
        "weekday",
        "On which day a weekly digest comes",
        int,
        key=Annotated[str, AfterValidator(parse_weekday)],
        write=WEEKDAYS.__getitem__,
    ),
    Option(
        "timezone",
        "Where your clocks are",
        app_commands.Range[str, 1, 100],
        read=find_timezone,
        key=Annotated[str, AfterValidator(find_timezone)],
    ),
    _number("best", "How many stories a digest holds at most", 1, MAX_BEST),
    Option(
        "quiet",
        "When nothing is posted, like 22:00-08:00",
        _Short,
        read=parse_quiet,
        key=Annotated[str, AfterValidator(parse_quiet)],
        write=format_quiet,
    ),
    Option("mention", "A role to mention", discord.Role, read=lambda role: role.id),
    _number("mention_quality", "Mention it only for stories at least this good", 0, MAX_QUALITY),
    *(switch.option for switch in SWITCHES),
    _number("max_per_hour", "How many stories an hour at most; more wait", 1, MAX_PER_HOUR),
    Option(
        CATCH_UP,
        "How many of the best stories so far to post at once",
        app_commands.Range[int, 0, MAX_CATCH_UP],
    ),
)
_RULES = {field.name for field in fields(Rules)}


def values_of(spec: SubscriptionSpec) -> dict[str, Any]:
    """Return the value of every option, by name; None for a part of a digest that there is not."""
    rules, delivery = spec.rules, spec.delivery
    digest, mention = delivery.digest, delivery.mention
    return {
        "channel": spec.channel_id,
        **{each.name: getattr(rules, each.name) for each in OPTIONS if each.name in _RULES},
        "mode": digest.days.value if digest else None,
        "at": digest.at if digest else None,
        "weekday": digest.weekday if digest and digest.days is DigestDays.WEEKLY else None,
        "best": digest.best if digest else None,
        "timezone": delivery.timezone,
        "quiet": delivery.quiet,
        "mention": mention.role_id if mention else None,
        "mention_quality": mention.min_quality if mention else None,
        **{switch.name: getattr(delivery, switch.name) for switch in SWITCHES},
        "max_per_hour": spec.max_per_hour,
    }


def change_options(spec: SubscriptionSpec, chosen: Mapping[str, Any]) -> SubscriptionSpec:
    """Return a spec with some options changed: the opposite of `values_of`.

    Raises `ValueError`, with what to type instead, if the options contradict each other.
    """
    value = values_of(spec) | dict(chosen)
    role_id = value["mention"]
    return SubscriptionSpec(
        channel_id=value["channel"],
        rules=Rules(**{name: value[name] for name in _RULES}),
        max_per_hour=value["max_per_hour"],
        delivery=DeliveryOptions(
            timezone=value["timezone"],
            digest=make_digest(value["mode"], value["at"], value["weekday"], value["best"]),
            quiet=value["quiet"],
            mention=None if role_id is None else Mention(role_id, value["mention_quality"] or 0),
            **{switch.name: value[switch.name] for switch in SWITCHES},
        ),
    )


def read_command(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read what Discord sends with the command; returns the value of each option that was used.

    Raises `ValueError` with what to type instead.
    """
    chosen = {
        option.name: option.read(given[option.command_name])
        for option in OPTIONS
        if given.get(option.command_name) is not None
    }
    if "mention_quality" in chosen and "mention" not in chosen:
        raise ValueError("Please name the role, too, with `mention:`.")
    return chosen
