"""Searches a channel's history for the message of a post, whatever the messages look like.

Of each message only its id, author and components are read. A message that could be the wanted one
but can't be read proves nothing, and so does an answer whose ids don't add up.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import discord

from bot.announce.poster_port import Found, NotFound, SearchResult, Unreadable
from bot.discordapp.messages.reasons import DAMAGED_HISTORY
from bot.discordapp.responses import UnreadableResponseError, lacks_embed, read_id
from storage.reasons import HistoryTooLong, HistoryUnreadable

PAGES = 10
PAGE = 100
# How often to ask for a page that can't be read completely.
_ATTEMPTS = 3
_UNREADABLE = Unreadable(HistoryUnreadable(DAMAGED_HISTORY))
_DEPTH = 10
# Components that contain no others and can't have a custom_id: texts, pictures, separators.
_OTHERS = frozenset({10, 11, 12, 13, 14})
# A later id is damaged: it would make the search skip all messages before it.
_LONGEST_SEARCH = timedelta(days=366)

# From the id after which messages are wanted (None: the newest) to the JSON of a response.
FetchPage = Callable[[int | None], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a history.

    `found` has the mark. `newest` is the largest id, None if no id is as expected. `complete`: if
    nothing was found, the messages don't contain the wanted one.
    """

    length: int
    newest: int | None
    found: Found | None
    complete: bool


async def search_history(
    fetch_page: FetchPage, mark: str, since: datetime, own_id: int | None, *, if_empty: SearchResult
) -> SearchResult:
    """Search for a message with a mark, sent after `since`.

    `own_id` is the bot's id, whose messages alone can have the mark. `if_empty` is the result if
    there is no message at all. Raises what `fetch_page` raises, and `UnreadableResponseError` if a
    response contains no list of messages.
    """
    after, complete = discord.utils.time_snowflake(since), True
    end = discord.utils.time_snowflake(since + _LONGEST_SEARCH)
    for number in range(PAGES):
        ids = range(after + 1, end)
        page = await _read_page(fetch_page, after, mark, ids, own_id)
        if number == page.length == 0:
            # The response may be damaged, and not every server's ids are times.
            latest = await _read_page(fetch_page, None, mark, ids, own_id)
            if latest.found is not None or latest.newest is None:
                return _result(latest, if_empty)
            page = await _read_page(fetch_page, after, mark, ids, own_id)
            if page.length == 0:
                return _UNREADABLE
        complete = complete and page.complete
        if page.found is not None or page.length < PAGE:
            empty = NotFound() if number else if_empty
            return _result(replace(page, complete=complete), empty)
        if page.newest is None:
            return _UNREADABLE
        after = page.newest
    return Unreadable(HistoryTooLong(PAGES * PAGE))


def _result(last: Page, if_empty: SearchResult) -> SearchResult:
    """The result of a search whose pages before the last one don't have the mark."""
    if last.found is not None:
        return last.found
    if not last.complete:
        return _UNREADABLE
    return NotFound() if last.length else if_empty


async def _read_page(
    fetch_page: FetchPage, after: int | None, mark: str, ids: range, own_id: int | None
) -> Page:
    """Read a page; if a message can't be read, ask again, as the response may have been damaged."""
    page = Page(0, None, None, complete=False)
    for _ in range(_ATTEMPTS):
        page = read_page(await fetch_page(after), mark, ids, own_id, has_older=after is None)
        if page.complete:
            break
    return page


def read_page(
    messages: object, mark: str, ids: range, own_id: int | None, *, has_older: bool = False
) -> Page:
    """Read messages, whose ids are expected among `ids`; `has_older`: or below.

    Raises `UnreadableResponseError` if it is not a list.
    """
    if not isinstance(messages, list):
        raise UnreadableResponseError("the response contains no list of messages")
    seen: set[int] = set()
    found, complete = None, True
    for message in messages:
        fields = message if isinstance(message, dict) else {}
        message_id = read_id(fields.get("id"))
        has_mark = _has_mark(fields, mark, own_id)
        if has_mark and message_id is not None:
            found = Found(message_id, embed_missing=lacks_embed(fields))
        if message_id is not None and message_id in ids and message_id not in seen:
            seen.add(message_id)
            complete = complete and has_mark is not None
        elif not (has_older and message_id is not None and message_id < ids.start):
            complete = False
    return Page(len(messages), max(seen, default=None), found, complete)


def _has_mark(message: dict[str, object], mark: str, own_id: int | None) -> bool | None:
    """Whether a message has the mark; None if that can't be known."""
    custom_ids = set(_custom_ids(message.get("components"), _DEPTH))
    if mark in custom_ids:
        return True
    return None if None in custom_ids and not _is_by_another(message, own_id) else False


def _is_by_another(message: dict[str, object], own_id: int | None) -> bool:
    author = message.get("author")
    author_id = read_id(author.get("id")) if isinstance(author, dict) else None
    return own_id is not None and author_id is not None and author_id != own_id


def _custom_ids(components: object, depth: int) -> Iterator[str | None]:
    """The custom_ids of components and of those inside; None for each that can't be read.

    https://discord.com/developers/docs/components/reference
    """
    if not isinstance(components, list) or not depth:
        yield None
        return
    for each in components:
        if not isinstance(each, dict):
            yield None
        elif isinstance(custom_id := each.get("custom_id"), str):
            yield custom_id
        elif "components" in each:
            yield from _custom_ids(each["components"], depth - 1)
        elif not isinstance(each.get("url"), str) and not _is_other(each):
            yield None


def _is_other(component: dict[str, object]) -> bool:
    kind = component.get("type")
    return isinstance(kind, int) and kind in _OTHERS
