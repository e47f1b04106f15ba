"""Feeds and channels of MonitoRSS (https://github.com/synzen/MonitoRSS). Pure.

It had two formats. The backup of a server, which its bot and later its website wrote until 2026, is
an object with `feeds`, each of which has one channel. Since then, an operator exports the
collection `userfeeds` with `mongoexport`, as an array or with one object per line; each of these
feeds has connections to channels. Both contain more than is read here, such as tokens of webhooks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.config.sources import MAX_NAME_LENGTH
from bot.errors import ImportFileError
from bot.switching.feeds import ListedFeed, make_feed

MAX_FILE = 20 * 2**20
_SECONDS_PER_HOUR = 3600
# As many as a subscription may mention.
_MOST_ROLES = 2
# Channels in which a feed makes a thread for each article.
_THREAD_PER_ARTICLE = {"forum", "new-thread"}

Snowflake: TypeAlias = Annotated[int, Field(gt=0, lt=2**63)]


@dataclass(frozen=True, slots=True)
class Connection:
    """A channel that gets the articles of a feed; `problem` says why it can't with Storywire."""

    guild_id: int
    channel_id: int
    role_ids: tuple[int, ...] = ()
    max_per_hour: int | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectedFeed:
    """A feed with its channels."""

    feed: ListedFeed
    connections: tuple[Connection, ...] = ()


def _number(value: object) -> object:
    """A number as MongoDB's extended JSON may write it: `{"$numberInt": "60"}`."""
    if isinstance(value, Mapping) and len(value) == 1:
        (value,) = value.values()
    return value


def _identifier(value: object) -> str:
    return str(_number(value))


_Number: TypeAlias = Annotated[int, BeforeValidator(_number)]
_Identifier: TypeAlias = Annotated[str, BeforeValidator(_identifier)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Channel(_Model):
    id: Snowflake
    guild_id: Snowflake = Field(alias="guildId")
    type: str | None = None


class _Webhook(_Model):
    guild_id: Snowflake = Field(alias="guildId")
    channel_id: Snowflake | None = Field(None, alias="channelId")
    thread_id: Snowflake | None = Field(None, alias="threadId")
    type: str | None = None


class _Details(_Model):
    channel: _Channel | None = None
    webhook: _Webhook | None = None
    content: str | None = None
    embeds: tuple[Any, ...] | None = None
    components: Any = Field(None, alias="componentsV2")


class _Target(_Model):
    id: Snowflake
    type: str
    filters: Any = None


class _Mentions(_Model):
    targets: tuple[_Target, ...] | None = None


class _RateLimit(_Model):
    seconds: _Number = Field(alias="timeWindowSeconds")
    limit: _Number


class _Connection(_Model):
    disabled: str | None = Field(None, alias="disabledCode")
    filters: Any = None
    rate_limits: tuple[_RateLimit, ...] | None = Field(None, alias="rateLimits")
    mentions: _Mentions | None = None
    details: _Details


class _Connections(_Model):
    channels: tuple[_Connection, ...] = Field((), alias="discordChannels")


class _UserFeed(_Model):
    title: str = ""
    url: str
    disabled: str | None = Field(None, alias="disabledCode")
    connections: _Connections = _Connections()
    every: _Number | None = Field(None, alias="userRefreshRateSeconds")
    passing_comparisons: Any = Field(None, alias="passingComparisons")
    blocking_comparisons: Any = Field(None, alias="blockingComparisons")
    external_properties: Any = Field(None, alias="externalProperties")


class _BackupFeed(_Model):
    id: _Identifier = Field("", alias="_id")
    title: str = ""
    url: str
    guild: Snowflake
    channel: Snowflake
    text: str | None = None
    embeds: tuple[Any, ...] | None = None
    filters: Any = None
    rfilters: Any = None
    disabled: str | None = None
    webhook: Any = None
    passing_comparisons: Any = Field(None, alias="pcomparisons")
    blocking_comparisons: Any = Field(None, alias="ncomparisons")


class _Subscriber(_Target):
    feed: _Identifier
    rfilters: Any = None


class _Format(_Model):
    feed: _Identifier


def read_monitorrss(content: bytes) -> Sequence[ConnectedFeed]:
    """Return the feeds of a backup or an export. Raises `ImportFileError`."""
    if len(content) > MAX_FILE:
        raise ImportFileError(f"is larger than {MAX_FILE // 2**20} MB; split it")
    data = _parse(content)
    if isinstance(data, dict):
        feeds = data.get("feeds")
        if not isinstance(feeds, list):
            raise ImportFileError("is not a backup of MonitoRSS: it has no list `feeds`")
        return list(_read_backup(feeds, data))
    return [_read_feed(each) for each in data]


def _parse(content: bytes) -> dict[str, Any] | list[Any]:
    """An object, or a list of what is in an array or on the lines."""
    try:
        text = content.decode("utf-8-sig").strip()
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg != "Extra data":
                raise
            data = [json.loads(line) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError as error:
        raise ImportFileError(f"is not valid JSON in line {error.lineno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ImportFileError("is not UTF-8 text; export it as JSON") from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise ImportFileError("is not JSON that MonitoRSS writes") from error
    if isinstance(data, dict) and "url" in data:  # one feed on one line
        return [data]
    if not isinstance(data, dict | list):
        raise ImportFileError("is not JSON that MonitoRSS writes")
    return data


def _read_feed(value: object) -> ConnectedFeed:
    try:
        feed = _UserFeed.model_validate(value)
    except ValidationError as error:
        return _invalid(value, error)
    if feed.disabled:
        return _disabled(feed.title, feed.url, feed.disabled)
    more = {"every": f"{feed.every}s"} if feed.every else {}
    notes = _comparisons(feed) + (("its external properties",) if feed.external_properties else ())
    return ConnectedFeed(
        make_feed(feed.url, feed.title, more=more, notes=_left_out(notes)),
        tuple(filter(None, map(_read_connection, feed.connections.channels))),
    )


def _read_connection(connection: _Connection) -> Connection | None:
    channel, webhook = connection.details.channel, connection.details.webhook
    notes = list[str]()
    if channel is not None:
        guild_id, channel_id, kind = channel.guild_id, channel.id, channel.type
    elif webhook is not None and (place := webhook.thread_id or webhook.channel_id):
        guild_id, channel_id, kind = webhook.guild_id, place, webhook.type
        notes.append("the name of its webhook")
    else:
        return None
    problem = None
    if connection.disabled:
        problem = f"is disabled ({connection.disabled})"
    elif kind in _THREAD_PER_ARTICLE:
        problem = "makes a thread for each article"
    elif connection.filters:
        problem = _FILTERED
    if connection.details.content or connection.details.embeds or connection.details.components:
        notes.append("the format of its messages")
    role_ids, left_out = _mentions(connection.mentions.targets if connection.mentions else None)
    limits = [each.limit for each in connection.rate_limits or () if _is_hourly(each)]
    if len(limits) < len(connection.rate_limits or ()):
        left_out = (*left_out, "limits that are not per hour")
    return Connection(
        guild_id,
        channel_id,
        role_ids,
        min(limits, default=None),
        problem,
        _left_out((*notes, *left_out)),
    )


def _read_backup(feeds: Sequence[object], data: Mapping[str, Any]) -> Iterator[ConnectedFeed]:
    subscribers = list(_valid(_Subscriber, data.get("subscribers")))
    formatted = {each.feed for each in _valid(_Format, data.get("filteredFormats"))}
    for value in feeds:
        try:
            feed = _BackupFeed.model_validate(value)
        except ValidationError as error:
            yield _invalid(value, error)
            continue
        if feed.disabled:
            yield _disabled(feed.title, feed.url, feed.disabled)
            continue
        role_ids, left_out = _mentions([each for each in subscribers if each.feed == feed.id])
        if feed.text or feed.embeds or feed.id in formatted:
            left_out = ("the format of its messages", *left_out)
        if feed.webhook:
            left_out = ("the name of its webhook", *left_out)
        connection = Connection(
            feed.guild,
            feed.channel,
            role_ids,
            problem=_FILTERED if feed.filters or feed.rfilters else None,
            notes=_left_out(left_out),
        )
        yield ConnectedFeed(
            make_feed(feed.url, feed.title, notes=_left_out(_comparisons(feed))), (connection,)
        )


_FILTERED = "has filters; add it with `/subscriptions add`, which has `words` and `without_words`"


def _is_hourly(limit: _RateLimit) -> bool:
    return limit.seconds == _SECONDS_PER_HOUR and limit.limit > 0


def _mentions(targets: Sequence[_Target] | None) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The roles that are mentioned, at most two, and what else is mentioned."""
    targets = targets or ()
    roles = [
        each.id
        for each in targets
        if each.type == "role" and not each.filters and not getattr(each, "rfilters", None)
    ]
    kept = tuple(roles[:_MOST_ROLES])
    return kept, ("further mentions",) if len(targets) > len(kept) else ()


def _comparisons(feed: _UserFeed | _BackupFeed) -> tuple[str, ...]:
    return ("its comparisons",) if feed.passing_comparisons or feed.blocking_comparisons else ()


def _left_out(what: Sequence[str]) -> tuple[str, ...]:
    return (f"without {', '.join(what)}",) if what else ()


def _valid(model: type[Any], values: object) -> Iterator[Any]:
    for value in values if isinstance(values, list) else ():
        try:
            yield model.model_validate(value)
        except ValidationError:
            continue


def _disabled(title: str, url: str, code: str) -> ConnectedFeed:
    feed = make_feed(url, title)
    return ConnectedFeed(ListedFeed(feed.name, {}, f"is disabled ({code})"))


def _invalid(value: object, error: ValidationError) -> ConnectedFeed:
    where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
    title = value.get("title") if isinstance(value, dict) else None
    name = title if isinstance(title, str) and title else "an entry without a title"
    return ConnectedFeed(
        ListedFeed(
            name[:MAX_NAME_LENGTH], {}, f"has no valid `{where}`" if where else "is not a feed"
        )
    )
