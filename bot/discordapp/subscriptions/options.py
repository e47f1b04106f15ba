"""The options of a subscription, in one table.

The options of `/subscriptions add`, the keys of an exported file and the editor's switches follow
from it. An option has the name of the field of `Rules` or `DeliveryOptions` that contains its
value; a digest, a mention and a style are several options each. The texts of the options are in
`bot.discordapp.messages.subscription_options`.

CONTRIBUTING.md describes how to add one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.messages import input_errors
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.messages.subscription_options import DESCRIPTIONS, SwitchText
from bot.discordapp.messages.subscription_options import SWITCHES as SWITCH_TEXTS
from bot.discordapp.subscriptions import parsing
from bot.discordapp.subscriptions.channel_option import ChannelOption
from bot.discordapp.subscriptions.timezone_names import current_name
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import (
    ALL_FACTS,
    MAX_NAMES,
    MAX_PER_HOUR,
    DeliveryOptions,
    DigestDays,
    Fact,
    Kind,
    Look,
    Mention,
    Rules,
    Style,
    SubscriptionSpec,
)

CATCH_UP = "catch_up"
# The longest time, day or range of hours, and the longest name of a time zone.
_SHORT, _TIMEZONE = 60, 100
_NO_FACTS = "none"


def _unchanged(value: Any) -> Any:  # noqa: ANN401 - the value of any option
    return value


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a subscription.

    In the command, if `in_command` (a command has at most 25 options): the type `parameter` (for
    discord.py), and the name `alias` if that differs. `read` converts the value that Discord sends
    to the option's value; it raises `InvalidInputError`.

    In a file: the type `key` (for pydantic), which validates to the option's value, or None if
    files don't have the option. `write` converts the value to plain YAML.
    """

    name: str
    parameter: Any
    read: Callable[[Any], Any] = _unchanged
    key: Any = None
    write: Callable[[Any], Any] = _unchanged
    alias: str = ""
    in_command: bool = True

    @property
    def command_name(self) -> str:
        """The name in the command."""
        return self.alias or self.name

    @property
    def description(self) -> str:
        """The description in the command."""
        return DESCRIPTIONS[self.name]


@dataclass(frozen=True, slots=True)
class Switch:
    """An option that is on or off: a boolean field of `DeliveryOptions`."""

    name: str

    @property
    def text(self) -> SwitchText:
        """Its label and hint in the editor, among others."""
        return SWITCH_TEXTS[self.name]

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
            bool,
            key=bool,
            write=lambda on: None if on is default else on,
            in_command=self.text.description is not None,
        )


SWITCHES = tuple(map(Switch, SWITCH_TEXTS))


def _clean(value: object) -> object:
    """Remove invisible characters from a text."""
    return plain(value, discord_length(value)) if isinstance(value, str) else value


def listed(value: object) -> object:
    """Accept one name without a list. Of a list that is too long, no more is validated."""
    if isinstance(value, str):
        return [value]
    return value[: MAX_NAMES + 1] if isinstance(value, list) else value


def _listed_facts(value: object) -> object:
    """Accept `none` for no fact at all."""
    return [] if value == _NO_FACTS else listed(value)


def _write_facts(facts: tuple[Fact, ...]) -> list[str] | str | None:
    if facts == ALL_FACTS:
        return None
    return [fact.value for fact in facts] or _NO_FACTS


def _read_tags(value: object) -> object:
    """The tags of topics in a file, which are a mapping."""
    if not isinstance(value, dict):
        raise InvalidInputError(input_errors.TAGS_BY_TOPIC)
    return parsing.make_tags((str(topic), str(tag)) for topic, tag in value.items())


def _text(length: int, parse: Callable[[str], Any]) -> Any:  # noqa: ANN401 - a type for pydantic
    """A text of at most `length` characters in a file, which `parse` converts to the value."""
    return Annotated[str, Field(max_length=length), AfterValidator(parse)]


Name: TypeAlias = Annotated[
    str, BeforeValidator(_clean), Field(min_length=1, max_length=parsing.MAX_NAME_LENGTH)
]
_Names: TypeAlias = Annotated[
    tuple[Name, ...], BeforeValidator(listed), Field(max_length=MAX_NAMES)
]
_Mode: TypeAlias = Literal["instant", "daily", "weekdays", "weekly"]
_Short: TypeAlias = app_commands.Range[str, 1, _SHORT]


def _names(name: str) -> Option:
    """Names: separated by commas in the command, a list in a file."""
    return Option(
        name, app_commands.Range[str, 1, 1000], read=parsing.split_names, key=_Names, write=list
    )


def _number(name: str, least: int, most: int) -> Option:
    key = Annotated[int, Field(ge=least, le=most)]
    return Option(name, app_commands.Range[int, least, most], key=key)


OPTIONS = (
    Option("channel", ChannelOption, read=lambda channel: channel.id),
    _names("topics"),
    _names("without_topics"),
    _names("providers"),
    _number("min_quality", 0, parsing.MAX_QUALITY),
    _number("min_heat", 0, parsing.MAX_QUALITY),
    Option(
        "kinds",
        Literal["article", "video", "short"],
        read=lambda kind: (Kind(kind),),
        key=Annotated[tuple[Kind, ...], BeforeValidator(listed)],
        write=lambda kinds: [kind.value for kind in kinds],
        alias="kind",
    ),
    _names("words"),
    _names("without_words"),
    Option("not_in", ChannelOption, read=lambda channel: (channel.id,)),
    Option("mode", _Mode, key=_Mode),
    Option(
        "at",
        _Short,
        read=parsing.parse_time,
        key=_text(_SHORT, parsing.parse_time),
        write=parsing.format_time,
    ),
    Option(
        "weekday",
        int,
        key=_text(_SHORT, parsing.parse_weekday),
        write=parsing.WEEKDAYS.__getitem__,
    ),
    Option(
        "timezone",
        app_commands.Range[str, 1, _TIMEZONE],
        read=find_timezone,
        key=_text(_TIMEZONE, find_timezone),
        # Old subscriptions may have a zone such as EST, which the import would ask about.
        write=current_name,
    ),
    _number("best", 1, parsing.MAX_BEST),
    Option(
        "quiet",
        _Short,
        read=parsing.parse_quiet,
        key=_text(_SHORT, parsing.parse_quiet),
        write=parsing.format_quiet,
    ),
    Option("mention", discord.Role, read=lambda role: role.id),
    _number("mention_quality", 0, parsing.MAX_QUALITY),
    Option("second_mention", None, in_command=False),
    replace(_number("second_mention_quality", 0, parsing.MAX_QUALITY), in_command=False),
    *(switch.option for switch in SWITCHES),
    Option(
        "look",
        Literal["card", "compact", "headline", "gallery"],
        read=Look,
        key=Look,
        write=lambda look: None if look is Look.CARD else look.value,
    ),
    Option(
        "colour",
        None,
        key=_text(_SHORT, parsing.parse_colour),
        write=parsing.format_colour,
        in_command=False,
    ),
    Option("line", None, key=_text(parsing.MAX_LINE, parsing.parse_line), in_command=False),
    Option(
        "footer",
        None,
        key=Annotated[str, Field(max_length=parsing.MAX_FOOTER), BeforeValidator(_clean)],
        in_command=False,
    ),
    Option(
        "facts",
        None,
        key=Annotated[
            tuple[Fact, ...], BeforeValidator(_listed_facts), AfterValidator(parsing.sort_facts)
        ],
        write=_write_facts,
        in_command=False,
    ),
    Option(
        "tags",
        None,
        key=Annotated[tuple[tuple[str, str], ...], BeforeValidator(_read_tags)],
        write=lambda tags: dict(tags) or None,
        in_command=False,
    ),
    Option("fallback_tag", None, key=Name, in_command=False),
    _number("max_per_hour", 1, MAX_PER_HOUR),
    Option(CATCH_UP, app_commands.Range[int, 0, parsing.MAX_CATCH_UP]),
)
COMMAND_OPTIONS = tuple(option for option in OPTIONS if option.in_command)
_RULES = {field.name for field in fields(Rules)}
_STYLE = {field.name for field in fields(Style)}


_CHECKED = {
    option.name: (option, TypeAdapter(option.key))
    for option in OPTIONS
    if option.key is not None and option.name != "timezone"
}


def impossible_option(spec: SubscriptionSpec) -> str | None:
    """The name of an option whose value nobody can choose; None if there is none.

    The last check before a subscription is stored, whatever it was made of.
    """
    for name, value in values_of(spec).items():
        if name not in _CHECKED or value is None or value == ():
            continue
        option, adapter = _CHECKED[name]
        try:
            written = option.write(value)  # None: a switch with its default
            adapter.validate_python(value if written is None else written)
        except (ValueError, LookupError):
            return option.command_name
    return None if _is_timezone(spec.delivery.timezone) else "timezone"


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # such as a path, or a folder of zones
        return False
    return True


def values_of(spec: SubscriptionSpec) -> dict[str, Any]:
    """Return the value of every option by name."""
    rules, delivery, style = spec.rules, spec.delivery, spec.delivery.style
    digest, mention, second = delivery.digest, delivery.mention, delivery.second_mention
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
        "second_mention": second.role_id if second else None,
        "second_mention_quality": second.min_quality if second else None,
        **{switch.name: getattr(delivery, switch.name) for switch in SWITCHES},
        "look": delivery.look,
        **{each.name: getattr(style, each.name) for each in OPTIONS if each.name in _STYLE},
        "tags": delivery.tags,
        "fallback_tag": delivery.fallback_tag,
        "max_per_hour": spec.max_per_hour,
    }


def change_options(spec: SubscriptionSpec, chosen: Mapping[str, Any]) -> SubscriptionSpec:
    """Return a specification with some options changed: the inverse of `values_of`.

    Raises `InvalidInputError` if the options contradict each other.
    """
    value = values_of(spec) | dict(chosen)
    if value["channel"] in value["not_in"]:
        raise InvalidInputError(input_errors.OWN_CHANNEL)
    return SubscriptionSpec(
        channel_id=value["channel"],
        rules=Rules(**{name: value[name] for name in _RULES}),
        max_per_hour=value["max_per_hour"],
        delivery=DeliveryOptions(
            timezone=value["timezone"],
            digest=parsing.make_digest(value["mode"], value["at"], value["weekday"], value["best"]),
            quiet=value["quiet"],
            mention=_make_mention(value, "mention"),
            second_mention=_make_mention(value, "second_mention"),
            look=value["look"],
            **{switch.name: value[switch.name] for switch in SWITCHES},
            tags=value["tags"],
            fallback_tag=value["fallback_tag"],
            style=Style(**{name: value[name] for name in _STYLE}),
        ),
    )


def _make_mention(value: Mapping[str, Any], name: str) -> Mention | None:
    role_id = value[name]
    return None if role_id is None else Mention(role_id, value[f"{name}_quality"] or 0)


def read_command(given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the command's arguments to values of options, without those that are None.

    Raises `InvalidInputError`. The first name of a time zone takes half a second, while all names
    are read, so this is for a thread.
    """
    chosen = {
        option.name: option.read(given[option.command_name])
        for option in COMMAND_OPTIONS
        if given.get(option.command_name) is not None
    }
    if "mention_quality" in chosen and "mention" not in chosen:
        raise InvalidInputError(input_errors.MENTION_MISSING)
    return chosen
