"""Reads a channel's history, whatever the messages look like.

Of each message only what the reader asks for is read. A message that could be a wanted one but
can't be read proves nothing, and so does an answer whose ids don't add up.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeAlias, TypeVar

import discord

from bot.announce.poster_port import Found, NotFound, SearchResult, Unreadable
from bot.discordapp.messages.reasons import DAMAGED_HISTORY
from bot.discordapp.responses import UnreadableResponseError, lacks_embed, read_id
from storage.reasons import HistoryTooLong, HistoryUnreadable, Reason

T = TypeVar("T")

PAGES = 10
PAGE = 100
# How often to ask for a page that can't be read completely.
_ATTEMPTS = 3
_DAMAGED = HistoryUnreadable(DAMAGED_HISTORY)
_DEPTH = 10
# Components that contain no others and can't have a custom_id: texts, pictures, separators.
_OTHERS = frozenset({10, 11, 12, 13, 14})
# A later id is damaged: it would make the search skip all messages before it.
_LONGEST_SEARCH = timedelta(days=366)

# From the id after which messages are wanted (None: the newest) to the JSON of a response.
FetchPage: TypeAlias = Callable[[int | None], Awaitable[object]]
Message: TypeAlias = dict[str, object]


class UnreadableMessageError(Exception):
    """A message can't be read, and may be a wanted one."""


# From a message and its id to what is wanted of it, or None. Raises `UnreadableMessageError`.
ReadMessage: TypeAlias = Callable[[Message, int], T | None]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Messages of a history.

    `found` is what is wanted of them. `newest` is the largest id, None if no id is as expected.
    `complete`: nothing that is wanted can be missing from `found`.
    """

    length: int
    newest: int | None
    found: tuple[T, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class PagesRead(Generic[T]):
    """What was found in a history.

    `problem` says why something may be missing. `is_empty`: the history has no message at all.
    """

    found: tuple[T, ...]
    problem: Reason | None = None
    is_empty: bool = False


async def search_history(
    fetch_page: FetchPage, mark: str, since: datetime, own_id: int | None, *, if_empty: SearchResult
) -> SearchResult:
    """Search for a message with a mark, sent after `since`.

    `own_id` is the bot's id, whose messages alone can have the mark. `if_empty` is the result if
    there is no message at all. Raises what `fetch_page` raises, and `UnreadableResponseError` if a
    response contains no list of messages.
    """
    read = mark_reader(mark, own_id)
    result = await read_pages(fetch_page, read, since, pages=PAGES, until_found=True)
    if result.found:
        return result.found[-1]
    if result.problem is not None:
        return Unreadable(result.problem)
    return if_empty if result.is_empty else NotFound()


async def read_pages(
    fetch_page: FetchPage,
    read: ReadMessage[T],
    since: datetime,
    *,
    pages: int,
    until_found: bool = False,
) -> PagesRead[T]:
    """Read the messages that were sent after `since`, in at most so many `pages`.

    `until_found`: stop after the first page with something that is wanted. Raises like
    `search_history`.
    """
    after, complete = discord.utils.time_snowflake(since), True
    end = discord.utils.time_snowflake(since + _LONGEST_SEARCH)
    found: tuple[T, ...] = ()
    for number in range(pages):
        ids = range(after + 1, end)
        page = await _read_page(fetch_page, after, read, ids)
        if number == page.length == 0:
            # The response may be damaged, and not every server's ids are times.
            latest = await _read_page(fetch_page, None, read, ids)
            if latest.found or latest.newest is None:
                problem = None if latest.complete else _DAMAGED
                return PagesRead(latest.found, problem, is_empty=not latest.length)
            page = await _read_page(fetch_page, after, read, ids)
            if page.length == 0:
                return PagesRead((), _DAMAGED)
        complete = complete and page.complete
        found += page.found
        if page.length < PAGE or (found and until_found):
            return PagesRead(found, None if complete else _DAMAGED)
        if page.newest is None:
            return PagesRead(found, _DAMAGED)
        after = page.newest
    return PagesRead(found, HistoryTooLong(pages * PAGE))


async def _read_page(
    fetch_page: FetchPage, after: int | None, read: ReadMessage[T], ids: range
) -> Page[T]:
    """Read a page; if a message can't be read, ask again, as the response may have been damaged."""
    page: Page[T] = Page(0, None, (), complete=False)
    for _ in range(_ATTEMPTS):
        page = read_page(await fetch_page(after), read, ids, has_older=after is None)
        if page.complete:
            break
    return page


def read_page(
    messages: object, read: ReadMessage[T], ids: range, *, has_older: bool = False
) -> Page[T]:
    """Read messages, whose ids are expected among `ids`; `has_older`: or below.

    Raises `UnreadableResponseError` if it is not a list.
    """
    if not isinstance(messages, list):
        raise UnreadableResponseError("the response contains no list of messages")
    seen: set[int] = set()
    found, complete = list[T](), True
    for message in messages:
        fields = message if isinstance(message, dict) else {}
        message_id = read_id(fields.get("id"))
        if message_id is None:
            complete = False
            continue
        is_expected = message_id in ids and message_id not in seen
        try:
            wanted = read(fields, message_id)
        except UnreadableMessageError:
            complete = complete and not is_expected
        else:
            found += [] if wanted is None else [wanted]
        if is_expected:
            seen.add(message_id)
        elif not (has_older and message_id < ids.start):
            complete = False
    return Page(len(messages), max(seen, default=None), tuple(found), complete)


def mark_reader(mark: str, own_id: int | None) -> ReadMessage[Found]:
    """A reader that wants the message of `own_id` with a mark."""

    def read(message: Message, message_id: int) -> Found | None:
        custom_ids = set(read_custom_ids(message.get("components")))
        if mark in custom_ids:
            return Found(message_id, embed_missing=lacks_embed(message))
        if None in custom_ids and not is_by_another(message, own_id):
            raise UnreadableMessageError
        return None

    return read


def is_by_another(message: Message, own_id: int | None) -> bool:
    """Whether a message is known not to be by the bot."""
    author = message.get("author")
    author_id = read_id(author.get("id")) if isinstance(author, dict) else None
    return own_id is not None and author_id is not None and author_id != own_id


def read_custom_ids(components: object, depth: int = _DEPTH) -> Iterator[str | None]:
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
            yield from read_custom_ids(each["components"], depth - 1)
        elif not isinstance(each.get("url"), str) and not _is_other(each):
            yield None


def _is_other(component: dict[str, object]) -> bool:
    kind = component.get("type")
    return isinstance(kind, int) and kind in _OTHERS
