"""Reads the posts of a forum as a history: the first message of each of the bot's threads.

A forum has no messages of its own. Its threads are listed as active or archived, and the first
message of a thread has the thread's id.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import discord
from discord.http import HTTPClient

from bot.discordapp.history import PAGE
from bot.discordapp.responses import UnreadableResponseError, read_id

_LIMIT = 100


class ForumHistory:
    """The posts that the bot started in a forum since a time, page by page.

    Threads of others are left out, as far as they are known to be; `own_id` is the bot's id.
    """

    def __init__(
        self,
        http: HTTPClient,
        guild_id: int,
        forum_id: int,
        since: datetime,
        own_id: int | None,
    ) -> None:
        self._http = http
        self._guild_id = guild_id
        self._forum_id = forum_id
        self._since = since
        self._own_id = own_id
        self._threads: list[int] | None = None

    async def fetch_page(self, after: int | None) -> list[object]:
        """The first messages with ids after this one; None: the newest.

        Raises what the requests raise, and `UnreadableResponseError`.
        """
        if self._threads is None:
            self._threads = await self._list_threads()
        newest = self._threads[-PAGE:]
        wanted = newest if after is None else [each for each in self._threads if each > after]
        messages: list[object] = []
        for thread_id in wanted:
            messages += await self._fetch_first(thread_id)
            if len(messages) == PAGE:
                break
        return messages

    async def _list_threads(self) -> list[int]:
        """The ids of the threads, the oldest first."""
        # A thread that is archived meanwhile is in both lists.
        active = _read_threads(await self._http.get_active_threads(self._guild_id))
        found = self._own(each for each in active if _parent(each) == self._forum_id)
        before: str | None = None
        has_more = True
        while has_more:
            answer: object = await self._http.get_public_archived_threads(
                self._forum_id, before, _LIMIT
            )
            threads = _read_threads(answer)
            found |= self._own(threads)
            times = [_archived_at(each) for each in threads]
            # The last archived are first, and none was archived before it was started.
            has_more = _has_more(answer) and bool(times) and times[-1] >= self._since
            before = times[-1].isoformat() if times else None
        earliest = discord.utils.time_snowflake(self._since)
        return sorted(each for each in found if each > earliest)

    def _own(self, threads: Iterable[Mapping[str, object]]) -> set[int]:
        found = set()
        for each in threads:
            owner = read_id(each.get("owner_id"))
            if self._own_id is None or owner is None or owner == self._own_id:
                found.add(_required_id(each.get("id")))
        return found

    async def _fetch_first(self, thread_id: int) -> list[object]:
        """The first message of a thread, or none if it was deleted."""
        try:
            found: object = await self._http.logs_from(thread_id, 1, after=thread_id - 1)
        except discord.NotFound:
            return []
        if not isinstance(found, list):
            raise UnreadableResponseError("the response contains no list of messages")
        return [each for each in found if not _is_later(each, thread_id)]


def _is_later(message: object, thread_id: int) -> bool:
    """Whether a message is known not to be the first of its thread."""
    message_id = read_id(message.get("id")) if isinstance(message, dict) else None
    return message_id is not None and message_id != thread_id


def _read_threads(answer: object) -> list[Mapping[str, object]]:
    threads = answer.get("threads") if isinstance(answer, dict) else None
    if not isinstance(threads, list) or not all(isinstance(each, dict) for each in threads):
        raise UnreadableResponseError("the response contains no list of threads")
    return threads


def _parent(thread: Mapping[str, object]) -> int:
    return _required_id(thread.get("parent_id"))


def _required_id(value: object) -> int:
    if (found := read_id(value)) is None:
        raise UnreadableResponseError("the response contains a thread that can't be read")
    return found


def _archived_at(thread: Mapping[str, object]) -> datetime:
    metadata = thread.get("thread_metadata")
    text = metadata.get("archive_timestamp") if isinstance(metadata, dict) else None
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnreadableResponseError("the response does not say when a thread was archived")
    return moment


def _has_more(answer: object) -> bool:
    more = answer.get("has_more") if isinstance(answer, dict) else None
    if not isinstance(more, bool):
        raise UnreadableResponseError("the response does not say whether there are more threads")
    return more
