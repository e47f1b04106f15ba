"""The options of a subscription, in one table.

The options of `/subscriptions add`, the keys of an exported file, the editor's switches and
parts of the descriptions follow from it. An option has the name of the field of `Rules` or
`DeliveryOptions` that holds its value; a digest and a mention are several options each.

CONTRIBUTING.md describes how to add one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias

import discord
from discord import app_commands
from pydantic import AfterValidator, BeforeValidator, Field

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.permissions import PostingChannel
from bot.discordapp.subscriptions import parsing
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import DeliveryOptions, DigestDays, Kind, Mention, Rules, SubscriptionSpec

CATCH_UP = "catch_up"


def _unchanged(value: Any) -> Any:  # noqa: ANN401 - the value of any option
    return value


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a subscription.

    In the command: `description`, the type `parameter` (for discord.py), and the name `alias` if
    that differs. `read` converts what Discord sends to the option's value; it raises `ValueError`
    with advice what to type instead.

    In a file: the type `key` (for pydantic), which validates to the option's value, or None if
    files don't have the option. `write` converts the value to plain YAML.
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
        """The name in the command."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class Switch:
    """An option that is on or off: a boolean field of `DeliveryOptions`.

    `label` and `hint` are shown in the editor. `phrase` is the part of a subscription's
    description if the switch is not as by default.
    """

    name: str
    description: str
    label: str
    phrase: str
    hint: str | None = None

    @property
    def default(self) -> bool:
        """The default of the field."""
        return bool(getattr(DeliveryOptions(), self.name))

    @property
    def option(self) -> Option:
        """The switch as an option; files leave out the default."""
        default = self.default
        return Option(
            self.name,
            self.description,
            bool,
            key=bool,
            write=lambda on: None if on is default else on,
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


def _clean(value: object) -> object:
    """Remove invisible characters from a text."""
    return plain(value, discord_length(value)) if isinstance(value, str) else value


def _listed(value: object) -> object:
    """Accept one name without a list."""
    return [value] if isinstance(value, str) else value


Name: TypeAlias = Annotated[
    str, BeforeValidator(_clean), Field(min_length=1, max_length=parsing.MAX_NAME_LENGTH)
]
_Names: TypeAlias = Annotated[
    tuple[Name, ...], BeforeValidator(_listed), Field(max_length=parsing.MAX_NAMES)
]
_Mode: TypeAlias = Literal["instant", "daily", "weekdays", "weekly"]
_Short: TypeAlias = app_commands.Range[str, 1, 60]


def _names(name: str, description: str, what: str) -> Option:
    """Names: separated by commas in the command, a list in a file; `what` is for errors."""
    return Option(
        name,
        description,
        app_commands.Range[str, 1, 1000],
        read=partial(parsing.split_names, what=what),
        key=_Names,
        write=list,
    )


def _number(name: str, description: str, least: int, most: int) -> Option:
    key = Annotated[int, Field(ge=least, le=most)]
    return Option(name, description, app_commands.Range[int, least, most], key=key)


OPTIONS = (
    Option(
        "channel", "Where to post (this channel)", PostingChannel, read=lambda channel: channel.id
    ),
    _names("topics", "Only stories about any of these, separated by commas (all topics)", "topics"),
    _names("without_topics", "No stories about any of these, separated by commas", "topics"),
    _names("providers", "Only stories from these, separated by commas", "providers"),
    _number("min_quality", "Only stories at least this good", 0, parsing.MAX_QUALITY),
    _number("min_heat", "Only stories at least this hot", 0, parsing.MAX_QUALITY),
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
        read=parsing.parse_time,
        key=Annotated[str, AfterValidator(parsing.parse_time)],
        write=parsing.format_time,
    ),
    Option(
        "weekday",
        "On which day a weekly digest comes",
        int,
        key=Annotated[str, AfterValidator(parsing.parse_weekday)],
        write=parsing.WEEKDAYS.__getitem__,
    ),
    Option(
        "timezone",
        "Where your clocks are",
        app_commands.Range[str, 1, 100],
        read=find_timezone,
        key=Annotated[str, AfterValidator(find_timezone)],
    ),
    _number("best", "How many stories a digest holds at most", 1, parsing.MAX_BEST),
    Option(
        "quiet",
        "When nothing is posted, like 22:00-08:00",
        _Short,
        read=parsing.parse_quiet,
        key=Annotated[str, AfterValidator(parsing.parse_quiet)],
        write=parsing.format_quiet,
    ),
    Option("mention", "A role to mention", discord.Role, read=lambda role: role.id),
    _number(
        "mention_quality", "Mention it only for stories at least this good", 0, parsing.MAX_QUALITY
    ),
    *(switch.option for switch in SWITCHES),
    _number("max_per_hour", "How many stories an hour at most; more wait", 1, parsing.MAX_PER_HOUR),
    Option(
        CATCH_UP,
        "How many of the best stories so far to post at once",
        app_commands.Range[int, 0, parsing.MAX_CATCH_UP],
    ),
)
_RULES = {field.name for field in fields(Rules)}


def values_of(spec: SubscriptionSpec) -> dict[str, Any]:
    """Return the value of every option by name."""
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
    """Return a specification with some options changed: the inverse of `values_of`.

    Raises `ValueError`, with advice what to type instead, if the options contradict each other.
    """
    value = values_of(spec) | dict(chosen)
    role_id = value["mention"]
    return SubscriptionSpec(
        channel_id=value["channel"],
        rules=Rules(**{name: value[name] for name in _RULES}),
        max_per_hour=value["max_per_hour"],
        delivery=DeliveryOptions(
            timezone=value["timezone"],
            digest=parsing.make_digest(value["mode"], value["at"], value["weekday"], value["best"]),
            quiet=value["quiet"],
            mention=None if role_id is None else Mention(role_id, value["mention_quality"] or 0),
            **{switch.name: value[switch.name] for switch in SWITCHES},
        ),
    )


def read_command(given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the command's arguments to values of options, without those that are None.

    Raises `ValueError` with advice what to type instead.
    """
    chosen = {
        option.name: option.read(given[option.command_name])
        for option in OPTIONS
        if given.get(option.command_name) is not None
    }
    if "mention_quality" in chosen and "mention" not in chosen:
        raise ValueError("Please name the role, too, with `mention:`.")
    return chosen
