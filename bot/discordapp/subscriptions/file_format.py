"""Writes a server's subscriptions as a YAML file, and reads such files. Pure.

The keys of an entry are the options in `options.OPTIONS`. An entry has its channel and roles by id
and by name.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, TypeAlias

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import ErrorDetails

from bot.discordapp.messages import subscription_files as messages
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.subscriptions.options import OPTIONS, Name, change_options, listed, values_of
from bot.discordapp.subscriptions.upload_parser import FileRefusedError, read_subscriptions
from storage.models import MAX_NAMES, Subscription, SubscriptionSpec

_MAX_ENTRIES = 1000

_Id: TypeAlias = Annotated[int, Field(gt=0, lt=2**63)]
_KEYS = {option.name: option for option in OPTIONS if option.key is not None}


class ListedChannel(BaseModel):
    """A channel in a list; a person may write only its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Name | None = None
    channel_id: _Id | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        return {"channel": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check(self) -> "ListedChannel":
        if self.channel is None and self.channel_id is None:
            raise InvalidInputError(messages.CHANNEL_MISSING)
        return self


class Entry(BaseModel):
    """One subscription of a file. Channels and roles are looked up by id first, then by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Name | None = None
    channel_id: _Id | None = None
    mention: Name | None = None
    mention_id: _Id | None = None
    second_mention: Name | None = None
    second_mention_id: _Id | None = None
    not_in: Annotated[
        tuple[ListedChannel, ...], BeforeValidator(listed), Field(max_length=MAX_NAMES)
    ] = ()

    @model_validator(mode="after")
    def _check(self) -> "Entry":
        if self.channel is None and self.channel_id is None:
            raise InvalidInputError(messages.CHANNEL_MISSING)
        self.to_spec(SubscriptionSpec(0), None)
        return self

    @property
    def options(self) -> dict[str, Any]:
        """The values of the options that the entry sets, by name."""
        return {name: getattr(self, name) for name in _KEYS if name in self.model_fields_set}

    def to_spec(
        self,
        default: SubscriptionSpec,
        role_id: int | None,
        not_in: Sequence[int] = (),
        *,
        second_role_id: int | None = None,
    ) -> SubscriptionSpec:
        """Return the entry's specification.

        `default` has the channel, and the values of the options that the entry does not set.
        `role_id` and `second_role_id` are the mentioned roles in this server, `not_in` are the
        channels of that option. Raises `InvalidInputError`, see `change_options`.
        """
        roles = {"mention": role_id, "second_mention": second_role_id}
        return change_options(default, {**self.options, **roles, "not_in": tuple(not_in)})


_KEY_TYPES: dict[str, Any] = {name: (option.key | None, None) for name, option in _KEYS.items()}
_AnyEntry = create_model("Entry", __base__=Entry, **_KEY_TYPES)
_IGNORED_IF_NULL = _AnyEntry.model_fields.keys() - {"max_per_hour"}


def export(
    subscriptions: Sequence[Subscription],
    channel_name: Callable[[int], str | None],
    role_name: Callable[[int], str | None],
) -> str:
    """Return the file. Its names are for people, and for servers where the ids are unknown."""
    entries = [_export_entry(each.spec, channel_name, role_name) for each in subscriptions]
    return yaml.safe_dump(
        {"subscriptions": entries}, sort_keys=False, allow_unicode=True, width=100
    )


def _export_entry(
    spec: SubscriptionSpec,
    channel_name: Callable[[int], str | None],
    role_name: Callable[[int], str | None],
) -> dict[str, object]:
    """The values that aren't empty or the default, and always `max_per_hour`."""
    entry: dict[str, object] = {}
    for name, value in values_of(spec).items():
        if value is None:
            continue
        if name == "channel":
            entry |= {"channel": channel_name(value), "channel_id": value}
        elif name in {"mention", "second_mention"}:
            entry |= {name: role_name(value), f"{name}_id": value}
        elif name == "not_in":
            entry[name] = [_export_channel(each, channel_name) for each in value]
        else:
            entry[name] = _KEYS[name].write(value)
    set_options = {name: value for name, value in entry.items() if value not in (None, [], "")}
    # Without the key, an import would use the default limit.
    return set_options | {"max_per_hour": spec.max_per_hour}


def _export_channel(
    channel_id: int, channel_name: Callable[[int], str | None]
) -> dict[str, object]:
    name = channel_name(channel_id)
    return {"channel": name, "channel_id": channel_id} if name else {"channel_id": channel_id}


def read_entries(content: bytes) -> list[Entry]:
    """Parse a file.

    Raises `FileRefusedError` that names invalid entries and fields; those after the first few are
    not looked for. A large file takes a tenth of a second.
    """
    raw_entries = read_subscriptions(content)
    if len(raw_entries) > _MAX_ENTRIES:
        raise FileRefusedError(messages.too_many_entries(_MAX_ENTRIES))
    entries, problems = list[Entry](), list[str]()
    for number, fields in enumerate(raw_entries, start=1):
        if len(problems) > messages.MOST_PROBLEMS:
            break
        if isinstance(fields, dict):
            # A key without a value is ignored, but `max_per_hour: null` means no limit.
            fields = {k: v for k, v in fields.items() if v is not None or k not in _IGNORED_IF_NULL}  # noqa: PLW2901 - the same, tidied
        try:
            entries.append(_AnyEntry.model_validate(fields))
        except ValidationError as error:
            problems += [
                messages.describe_problem(number, _key(each["loc"]), _describe(each))
                for each in error.errors(include_url=False)
            ]
    if problems:
        raise FileRefusedError(messages.describe_problems(problems))
    return entries


def _key(location: tuple[int | str, ...]) -> str | None:
    return str(location[0]) if location else None


def _describe(error: ErrorDetails) -> str:
    """What is wrong with a key or its value, never in pydantic's words."""
    context = error.get("ctx", {})
    if isinstance(invalid := context.get("error"), InvalidInputError):
        return str(invalid)
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][-1])
        return messages.unknown_key(get_close_matches(key.casefold(), _AnyEntry.model_fields, 1))
    return messages.describe_value_problem(error["type"], context)
