"""What a history proves, whatever its messages look like."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.poster_port import Found, NotFound, SearchResult, Unreadable
from bot.discordapp.history import (
    PAGE,
    PAGES,
    mark_reader,
    read_page,
    search_history,
)
from bot.discordapp.responses import UnreadableResponseError
from storage.reasons import Cause, HistoryTooLong

SINCE = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
FIRST = discord.utils.time_snowflake(SINCE)
IDS = range(FIRST + 1, discord.utils.time_snowflake(SINCE + timedelta(days=366)))
BOT, SOMEBODY = 1443958712345678901, 1443958712345678902
MARK = "story:1:abc"
MISSING = object()
EMPTY = Unreadable(Cause.CHANNEL_INVISIBLE)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
keys = st.sampled_from(["id", "author", "components", "custom_id", "type", "url", "embeds"])


def message(number: int, *, mark: str = MARK, author: int = BOT) -> dict[str, Any]:
    """A message of the history."""
    button = {"type": 2, "style": 2, "custom_id": mark, "label": "About"}
    link = {"type": 2, "style": 5, "url": "https://news.example/1", "label": "Read"}
    return {
        "id": str(FIRST + number),
        "type": 0,
        "author": {"id": str(author), "username": "Storywire"},
        "content": "",
        "embeds": [{"title": "Story"}],
        "components": [{"type": 1, "components": [button, link]}],
    }


def other(number: int) -> dict[str, Any]:
    """A message of somebody else."""
    return {**message(number, author=SOMEBODY), "components": []}


def spoils(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """The path of each value within JSON."""
    if not isinstance(value, dict | list):
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield (*path, key)
        yield from spoils(inner, (*path, key))


def spoiled(value: Any, path: tuple[Any, ...], replacement: object) -> Any:  # noqa: ANN401
    """JSON with another value at a path, or without it."""
    changed = copy.deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if replacement is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = replacement
    return changed


def test_no_spoiled_value_hides_the_message() -> None:
    """Without its mark, or its id, the history proves nothing."""
    history = [other(2), message(1)]
    replacements = [MISSING, None, True, -1, 1.5, 2**70, "", "x", {}, [None], {"id": None}]
    ours = [path for path in spoils(history) if path[0] == 1]
    assert len(ours) > 15
    for path in ours:
        for replacement in replacements:
            if path[-1] == "custom_id" and isinstance(replacement, str):
                continue  # the mark of another message
            if isinstance(path[-1], int) and replacement is MISSING:
                continue  # a shorter list is a list
            page = read_page(spoiled(history, path, replacement), mark_reader(MARK, BOT), IDS)
            assert page.found == (Found(FIRST + 1),) or not page.complete, (path, replacement)


def test_values_of_other_messages_do_not_matter() -> None:
    """Except ids, which say whether messages are missing."""
    history = [other(2), message(1, mark="story:2:def", author=SOMEBODY)]
    assert read_page(history, mark_reader(MARK, BOT), IDS).complete
    for path in spoils(history):
        for replacement in (MISSING, None, 17, "x", [], {}):
            page = read_page(spoiled(history, path, replacement), mark_reader(MARK, BOT), IDS)
            assert not page.found
            if len(path) > 1 and path[1] not in {"id", "author", "components"}:
                assert page.complete


@given(st.lists(st.dictionaries(keys, json_values) | json_values, max_size=4))
def test_any_history_can_be_read(messages: list[object]) -> None:
    """The next page always begins later."""
    page = read_page(json.loads(json.dumps(messages)), mark_reader(MARK, BOT), IDS)
    assert page.newest is None or page.newest in IDS
    assert page.length == len(messages)


@given(json_values.filter(lambda value: not isinstance(value, list)))
def test_other_json_is_no_history(value: object) -> None:
    with pytest.raises(UnreadableResponseError):
        read_page(value, mark_reader(MARK, BOT), IDS)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(
    ("messages", "result"),
    [
        ([], EMPTY),
        ([other(1)], NotFound()),
        ([message(1)], Found(FIRST + 1)),
        ([message(1), *map(other, range(2, 5 * PAGE))], Found(FIRST + 1)),
        ([*map(other, range(1, 5 * PAGE)), message(5 * PAGE)], Found(FIRST + 5 * PAGE)),
        (list(map(other, range(1, 1 + 2 * PAGE))), NotFound()),
        (
            list(map(other, range(1, 1 + PAGE * PAGES))),
            Unreadable(HistoryTooLong(PAGE * PAGES)),
        ),
    ],
)
async def test_the_pages_are_read_in_order(
    messages: list[dict[str, Any]], result: SearchResult, newest_first: bool
) -> None:
    """A page may begin with its newest message, or with its oldest."""

    async def fetch(after: int | None) -> object:
        if after is None:
            return messages[-PAGE:]
        page = [each for each in messages if int(each["id"]) > after][:PAGE]
        return page[::-1] if newest_first else page

    assert await search_history(fetch, MARK, SINCE, BOT, if_empty=EMPTY) == result


@given(st.lists(st.lists(st.integers(-1, 250), max_size=PAGE + 5), max_size=30))
async def test_the_search_ends(pages: list[list[int]]) -> None:
    """Whatever the pages contain, the number of requests is limited."""
    left, requests = iter(pages), 0

    async def fetch(_: int | None) -> object:
        nonlocal requests
        requests += 1
        return [other(number) for number in next(left, range(PAGE))]

    await search_history(fetch, MARK, SINCE, BOT, if_empty=EMPTY)
    assert requests <= 3 * (PAGES + 2)
