"""Reads which stories a message of the bot announced, from its addresses. Pure.

It reads what `bot.discordapp.rendering` writes: the embed of a story or a digest, the texts of the
looks without one, the plain text that replaces what Discord rejects, and the buttons. Text from
outside can't be mistaken for it, because its markup is escaped.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator

import discord

from bot.announce.poster_port import Announcement
from bot.discordapp.history import Message, UnreadableMessageError, is_by_another, read_custom_ids
from bot.discordapp.messages.stories import COVERAGE, RELATED, also_covered_by
from bot.discordapp.responses import (
    consists_of_components,
    has_thread,
    is_published,
    suppresses_embeds,
)
from bot.urls.normalise import normalised_forms
from storage.models import Look
from storage.posts import FollowUpAction

_MARK = re.compile(r"story:[0-9]{1,18}:[^:]+")
_DIGEST_LINE = re.compile(r"\*\*[0-9]+\.\*\* ")
_LINK = re.compile(r"(?<!\\)\]\((https?://[^\s)]+)\)")
_ADDRESS = re.compile(r"https?://\S+")
_HEADINGS = {f"**{COVERAGE}**": COVERAGE, f"**{RELATED}**": RELATED}
_COMPACT_COVERAGE = also_covered_by([""])
_DEPTH = 5


def read_announcement(message: Message, message_id: int, own_id: int | None) -> Announcement | None:
    """Read a message; None if it is not an announcement of the bot, whose id is `own_id`.

    Raises `UnreadableMessageError` if it may be one and can't be read.
    """
    if is_by_another(message, own_id):
        return None
    custom_ids = list(read_custom_ids(message.get("components")))
    mark = next((each for each in custom_ids if each and _MARK.fullmatch(each)), None)
    if mark is None:
        if None in custom_ids:
            raise UnreadableMessageError
        return None
    embeds = message.get("embeds")
    if not isinstance(embeds, list) or not all(isinstance(each, dict) for each in embeds):
        raise UnreadableMessageError
    parts = list(_text_parts(message, embeds))
    lines = [line for heading, line in parts if not heading]
    is_digest = any(map(_DIGEST_LINE.match, lines))
    own = list(_embed_addresses(embeds))
    buttons = (each.get("url") for each in _components(message.get("components")))
    own += [url for url in buttons if isinstance(url, str)]
    own += _LINK.findall("\n".join(lines))
    # Plain text has the address in a line of its own. In an embed, that is part of the excerpt.
    own += filter(
        _ADDRESS.fullmatch,
        (line for text in _texts(message) for _, line in _with_headings(text)),
    )
    covered = "\n".join(line for heading, line in parts if heading == COVERAGE)
    shown = _normalised(own)
    return Announcement(
        message_id,
        discord.utils.snowflake_time(message_id),
        mark,
        story=frozenset() if is_digest else shown,
        digest=shown if is_digest else frozenset(),
        coverage=_normalised(_LINK.findall(covered)) - shown,
        is_digest=is_digest,
        look=_read_look(message, embeds),
        done=frozenset(_read_done(message)),
    )


def _read_done(message: Message) -> Iterator[FollowUpAction]:
    """The follow-ups that a message had."""
    if is_published(message):
        yield FollowUpAction.PUBLISH
    if has_thread(message):
        yield FollowUpAction.DISCUSS


def _read_look(message: Message, embeds: Iterable[object]) -> Look:
    """The look of a message, as far as an edit has to know it."""
    if consists_of_components(message):
        return Look.GALLERY
    if suppresses_embeds(message):
        return Look.COMPACT
    small = any(isinstance(each, dict) and "thumbnail" in each for each in embeds)
    return Look.HEADLINE if small else Look.CARD


def _text_parts(message: Message, embeds: Iterable[object]) -> Iterator[tuple[str, str]]:
    """The lines of a message, each with the heading of its part; "" for the stories themselves."""
    for text in _texts(message):
        yield from _with_headings(text)
    for embed in embeds:
        fields = embed if isinstance(embed, dict) else {}
        yield from _with_headings(fields.get("description"))
        listed = fields.get("fields", [])
        for field in listed if isinstance(listed, list) else []:
            if not isinstance(field, dict):
                raise UnreadableMessageError
            name = field.get("name")
            heading = name if name in {COVERAGE, RELATED} else ""
            yield from ((heading, line) for _, line in _with_headings(field.get("value")))


def _texts(message: Message) -> Iterator[object]:
    """The texts of a message outside of embeds: its content, or those of its components."""
    yield message.get("content")
    yield from (each.get("content") for each in _components(message.get("components")))


def _with_headings(text: object) -> Iterator[tuple[str, str]]:
    """The lines of a text; in plain text, headings begin the parts below the stories."""
    heading = ""
    for line in text.splitlines() if isinstance(text, str) else ():
        heading = _HEADINGS.get(line, heading)
        yield COVERAGE if line.startswith(_COMPACT_COVERAGE) else heading, line


def _embed_addresses(embeds: Iterable[object]) -> Iterator[str]:
    for embed in embeds:
        url = embed.get("url") if isinstance(embed, dict) else None
        if isinstance(url, str):
            yield url


def _components(components: object, depth: int = _DEPTH) -> Iterator[dict[str, object]]:
    """The components of a message, and those inside."""
    for each in components if isinstance(components, list) and depth else ():
        if isinstance(each, dict):
            yield each
            yield from _components(each.get("components"), depth - 1)


def _normalised(addresses: Iterable[str]) -> frozenset[str]:
    forms = set[str]()
    for address in addresses:
        with contextlib.suppress(ValueError):
            forms.update(normalised_forms(address))
    # Messages have a space as `%20`; articles may have it as `+`, which is the same in a query.
    return frozenset(forms | {_with_plus(form) for form in forms})


def _with_plus(address: str) -> str:
    page, mark, query = address.partition("?")
    return page + mark + query.replace("%20", "+")
