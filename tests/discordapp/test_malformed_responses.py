"""Responses of any form end nothing, and no story is lost or repeated because of one."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    Found,
    MessageGone,
    NotFound,
    Refused,
    Unavailable,
    Unreadable,
)
from bot.discordapp.history import PAGE
from bot.discordapp.outcomes import FAILURES
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Sandbox, Status
from bot.sandbox.model.entities import Channel
from storage.models import DeliveryOptions, Mention, Subscription, SubscriptionSpec
from storage.posts import ClaimedPost, Post
from storage.reasons import Cause
from tests.discordapp.support import CREATE_MESSAGE, claim, make_post
from tests.support.articles import make_story
from tests.support.clock import START, FakeClock

SINCE = datetime.now(UTC) - timedelta(hours=1)
EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
DELETE_MESSAGE = "DELETE /channels/{channel_id}/messages/{message_id}"
HISTORY = "GET /channels/{channel_id}/messages"
OPEN_DIRECT_MESSAGE = "POST /users/@me/channels"
GET_CHANNEL = "GET /channels/{channel_id}"
EDIT_CHANNEL = "PATCH /channels/{channel_id}"
GET_ROLE = "GET /guilds/{guild_id}/roles/{role_id}"
# Longer than any request takes; a request that hangs fails the test.
PATIENCE = 30

RATE_LIMITED = Cause.RATE_LIMITED
MISSING = object()
VALUES = [MISSING, None, True, -1, 2**70, 1.5, "", "x" * 10_000, [], {}, [None], {"id": None}]
DEEP = b"[" * 100_000
BODIES = [
    b"",
    b"null",
    b"true",
    b"17",
    b'"text"',
    b"[]",
    b"[1, null]",
    b"{}",
    b'{"message": "Unauthorized", "code": 0}',
    b'{"id": "14',
    b"<html>",
    b"\xff\xfe",
    b'{"id": ' + b"9" * 5000 + b"}",
    DEEP,
]
ERROR_BODIES = [
    *BODIES,
    b'{"code": [], "message": {}, "errors": []}',
    b'{"code": null, "message": null, "errors": null}',
    b'{"code": "10003", "message": 1, "errors": "x"}',
    b'{"code": true, "message": ["x"], "errors": {"a": {"_errors": {}}}}',
    b'{"code": 1e400, "message": "\\ud800\\n", "errors": {"a": {"_errors": [1, {}]}}}',
    b'{"retry_after": [], "global": []}',
]
STRANGE_HEADERS = [
    {name: value}
    for name in ("Limit", "Remaining", "Reset-After", "Reset", "Bucket", "Global", "Scope")
    for value in ("", "abc", "-1", "nan", "1e400", "0", "9" * 30)
]


def spoiled(value: dict[str, Any], field: str, replacement: object) -> dict[str, Any]:
    """An object with another value in a field, or without it."""
    changed = {**value, field: replacement}
    return {key: each for key, each in changed.items() if each is not MISSING}


def respond(
    sandbox: Sandbox,
    route: str,
    *,
    status: int | None = None,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    """Change the responses of a route until the next `clear`."""

    def change(name: str, _path: str, response: web.Response) -> None:
        if name != route:
            return
        if body is not None:
            response.body = body
        if status is not None:
            response.set_status(status)
        for header, value in (headers or {}).items():
            response.headers[header] = value

    sandbox.faults.clear()
    sandbox.faults.spoil_responses(change)


def numbered(sandbox: Sandbox) -> Iterator[Post]:
    """Posts for #news."""
    number = 0
    while True:
        number += 1
        yield make_post(sandbox, number)


async def check_send(sandbox: Sandbox, poster: DiscordPoster, post: Post) -> None:
    """Send a post while responses are spoiled, then repeat and search for it: it is sent once."""
    before = len(sandbox.world.log(post.channel_id))
    async with asyncio.timeout(PATIENCE):
        outcome = await poster.send(claim(post))
        sandbox.faults.clear()
        if not isinstance(outcome, Accepted):
            assert isinstance(outcome, Unavailable)
            assert outcome.unknown
            assert "\n" not in str(outcome.reason)
            outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    assert len(sandbox.world.log(post.channel_id)) == before + 1
    (*_, message) = sandbox.world.log(post.channel_id).all()
    assert message.id == outcome.message_id
    assert not outcome.embed_missing
    assert await poster.find(post, SINCE) == Found(message.id)


async def test_a_message_with_a_spoiled_field(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Each field of the response to a send is missing or has a value of another type."""
    posts, fields = numbered(sandbox), set[str]()

    def look(_name: str, value: dict[str, Any]) -> object:
        fields.update(value)
        return value

    sandbox.faults.spoil(look, CREATE_MESSAGE)
    await check_send(sandbox, poster, next(posts))
    assert {"id", "embeds", "author", "components"} <= fields
    for field in sorted(fields):
        for value in VALUES if field in {"id", "embeds", "content"} else VALUES[:2]:
            if field == "embeds" and value == []:
                continue  # that means something
            change = partial(lambda f, v, _, body: spoiled(body, f, v), field, value)
            sandbox.faults.spoil(change, CREATE_MESSAGE)
            await check_send(sandbox, poster, next(posts))


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_a_body_that_is_no_message(
    sandbox: Sandbox, poster: DiscordPoster, status: int
) -> None:
    """Whether the message was sent is unknown, and found out later."""
    posts = numbered(sandbox)
    for body in BODIES:
        respond(sandbox, CREATE_MESSAGE, status=status, body=body)
        await check_send(sandbox, poster, next(posts))


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "///"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "deflate"},
        {"Set-Cookie": "a b=\x7f; expires=never"},
        {"Location": "http://127.0.0.1:9/"},
    ],
    ids=str,
)
async def test_a_response_with_other_headers(
    sandbox: Sandbox, poster: DiscordPoster, headers: dict[str, str]
) -> None:
    """A compressed body that isn't compressed breaks the connection."""
    respond(sandbox, CREATE_MESSAGE, headers=headers)
    await check_send(sandbox, poster, make_post(sandbox))


async def test_limits_that_make_no_sense(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """No later request of the route waits for them."""
    posts = numbered(sandbox)
    sensible = {"Limit": "5", "Remaining": "4", "Reset-After": "1", "Bucket": "b"}
    for strange in STRANGE_HEADERS:
        merged = {f"X-RateLimit-{name}": each for name, each in (sensible | strange).items()}
        if merged["X-RateLimit-Remaining"] == "0":
            continue  # a limit that is used up makes sense
        respond(sandbox, CREATE_MESSAGE, headers=merged)
        await check_send(sandbox, poster, next(posts))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304, 399])
async def test_a_redirect_is_not_followed(
    sandbox: Sandbox, poster: DiscordPoster, status: int
) -> None:
    """A stranger would get the token and the story."""
    other = f"{sandbox.api_url}/users/@me"
    respond(sandbox, CREATE_MESSAGE, status=status, headers={"Location": other})
    requests = len(sandbox.requests)
    await check_send(sandbox, poster, make_post(sandbox))
    assert all("/users/@me" not in each.path for each in list(sandbox.requests)[requests:])


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Refused),
        (401, Unavailable),
        (403, Unavailable),  # until it is confirmed
        (404, Unavailable),
        (407, Unavailable),
        (408, Unavailable),
        (413, Refused),
        (418, Unavailable),
        (429, Unavailable),
        (501, Unavailable),
        (503, Unavailable),
        (599, Unavailable),
    ],
)
async def test_an_error_with_any_body(
    sandbox: Sandbox, poster: DiscordPoster, status: int, expected: type
) -> None:
    """What the status means does not depend on the body, and its text is one line."""
    posts = numbered(sandbox)
    for body in ERROR_BODIES:
        headers = {"Content-Type": "application/json"}
        respond(sandbox, CREATE_MESSAGE, status=status, body=body, headers=headers)
        async with asyncio.timeout(PATIENCE):
            outcome = await poster.send(claim(next(posts)))
        assert isinstance(outcome, expected | ChannelClosed if status in {403, 404} else expected)
        assert not isinstance(outcome, Accepted)
        reason = str(outcome.reason)
        assert reason.isprintable()
        assert len(reason) < 500
        if isinstance(outcome, Unavailable):
            assert outcome.unknown is (status >= 500)


async def test_a_server_error_with_any_body(
    sandbox: Sandbox, poster: DiscordPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py reads it before its repetitions, whose sleeps are skipped here."""
    sleep = asyncio.sleep
    monkeypatch.setattr("discord.http.asyncio.sleep", lambda _: sleep(0))
    posts = numbered(sandbox)
    for body in ERROR_BODIES:
        headers = {"Content-Type": "application/json"}
        respond(sandbox, CREATE_MESSAGE, status=502, body=body, headers=headers)
        await check_send(sandbox, poster, next(posts))


async def sent(poster: DiscordPoster, post: Post) -> ClaimedPost:
    """Send a post; returns an edit of it."""
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Accepted)
    return ClaimedPost(replace(post, message_id=outcome.message_id), make_story(title="Better"))


@pytest.mark.parametrize("delete", [False, True])
async def test_an_edit_is_done_whatever_the_response_contains(
    sandbox: Sandbox, poster: DiscordPoster, delete: bool
) -> None:
    """Its status says so."""
    posts = numbered(sandbox)
    for body in BODIES:
        edit = await sent(poster, next(posts))
        respond(sandbox, DELETE_MESSAGE if delete else EDIT_MESSAGE, status=200, body=body)
        async with asyncio.timeout(PATIENCE):
            outcome = await poster.edit(edit, delete=delete)
        assert outcome == Accepted(edit.post.message_id or 0)
        sandbox.faults.clear()


@pytest.mark.parametrize("delete", [False, True])
@pytest.mark.parametrize("body", [b"{}", b'{"code": 10003}', b'{"code": 0}', b"<html>"])
async def test_an_edit_of_something_unknown_is_dropped(
    sandbox: Sandbox, poster: DiscordPoster, delete: bool, body: bytes
) -> None:
    """It says nothing about the channel: no subscription is paused or deleted."""
    edit = await sent(poster, make_post(sandbox))
    respond(sandbox, DELETE_MESSAGE if delete else EDIT_MESSAGE, status=404, body=body)
    assert isinstance(await poster.edit(edit, delete=delete), MessageGone)


def change_each(
    change: Callable[[dict[str, Any]], object],
) -> Callable[[str, Any], list[object]]:
    """Apply a change to each message of a history."""
    return lambda _name, messages: [change(message) for message in messages]


async def test_a_history_with_a_spoiled_field(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Only the ids and the components of the bot's messages matter."""
    post = make_post(sandbox)
    edit = await sent(poster, post)
    fields = ["id", "author", "components", "embeds", "content", "type", "timestamp", "flags"]
    for field in fields:
        for value in VALUES:
            change = change_each(partial(spoiled, field=field, replacement=value))
            sandbox.faults.spoil(change, HISTORY, times=None)
            outcome = await poster.find(post, SINCE)
            if field not in {"id", "components"}:
                assert isinstance(outcome, Found)
                assert outcome.message_id == edit.post.message_id
            elif field == "components" and value == []:
                assert outcome == NotFound()  # as if it were another message
            else:
                assert isinstance(outcome, Unreadable)
            sandbox.faults.clear()


async def test_a_spoiled_history_is_read_again(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The response may be damaged only once."""
    post = make_post(sandbox)
    edit = await sent(poster, post)
    for field in ("id", "components"):
        sandbox.faults.spoil(
            change_each(partial(spoiled, field=field, replacement=None)),
            HISTORY,
            times=2,
        )
        found = await poster.find(post, SINCE)
        assert isinstance(found, Found)
        assert found.message_id == edit.post.message_id


async def test_a_strange_message_of_somebody_else_hides_nothing(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The history is complete without it."""
    post, missing = make_post(sandbox, 1), make_post(sandbox, 2)
    await sent(poster, post)
    author = str(sandbox.world.find_user("Ada").id)

    def add(_name: str, messages: Any) -> list[Any]:  # noqa: ANN401 - JSON
        strange = {**messages[0], "id": str(int(messages[0]["id"]) + 1)}
        return [{**strange, "author": {"id": author}, "components": 17, "embeds": "x"}, *messages]

    sandbox.faults.spoil(add, HISTORY, times=None)
    assert isinstance(await poster.find(post, SINCE), Found)
    assert await poster.find(missing, SINCE) == NotFound()


@pytest.mark.parametrize(
    "body",
    [body for body in BODIES if body != b"[]"],
    ids=lambda body: repr(body[:20]),
)
async def test_a_history_that_is_no_list(
    sandbox: Sandbox, poster: DiscordPoster, body: bytes
) -> None:
    """It is read later; it may be the page of a proxy."""
    post = make_post(sandbox)
    await sent(poster, post)
    respond(sandbox, HISTORY, body=body)
    outcome = await poster.find(post, SINCE)
    if body == b"[1, null]":
        assert isinstance(outcome, Unreadable)
    else:
        assert isinstance(outcome, Unavailable)
    sandbox.faults.clear()
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_a_history_as_text_is_read(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """discord.py takes JSON for text if its media type has a parameter."""
    post = make_post(sandbox)
    await sent(poster, post)
    respond(sandbox, HISTORY, headers={"Content-Type": "application/json; charset=utf-8"})
    assert isinstance(await poster.find(post, SINCE), Found)


@pytest.mark.parametrize(
    "changed_id",
    [
        lambda _: MISSING,
        lambda _: "9" * 18,
        lambda _: str(2**63 - 1),
        lambda message_id: message_id[:-1],
        lambda _: "17",
        int,
    ],
)
async def test_a_long_history_with_wrong_ids_ends(
    sandbox: Sandbox, poster: DiscordPoster, changed_id: Callable[[str], object]
) -> None:
    """The search never skips messages because of an id, and never asks without end."""
    post = make_post(sandbox, 1, "general")
    ada = sandbox.person("Ada")
    for number in range(PAGE + 5):
        await ada.say(post.channel_id, f"message {number}")
    await sent(poster, post)
    missing = make_post(sandbox, 2, "general")

    def spoil_newest(_name: str, messages: Any) -> list[Any]:  # noqa: ANN401 - JSON
        newest = max(messages, key=lambda each: int(each["id"]))
        return [
            spoiled(each, "id", changed_id(each["id"])) if each is newest else each
            for each in messages
        ]

    sandbox.faults.spoil(spoil_newest, HISTORY, times=None)
    before = len(sandbox.requests)
    assert isinstance(await poster.find(missing, SINCE), Unreadable)
    assert len(sandbox.requests) - before < 50
    sandbox.faults.clear()
    sandbox.faults.spoil(spoil_newest, HISTORY)
    assert isinstance(await poster.find(post, SINCE), Found)


async def test_an_empty_history_is_checked(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The newest messages show that the response was damaged."""
    post, missing = make_post(sandbox, 1), make_post(sandbox, 2)
    await sent(poster, post)
    sandbox.faults.spoil(lambda *_: [], HISTORY)
    assert isinstance(await poster.find(post, SINCE), Found)
    sandbox.faults.spoil(lambda *_: [], HISTORY)
    assert await poster.find(missing, SINCE) == NotFound()
    sandbox.world.delete_message(sandbox.world.log(post.channel_id).all()[0])
    assert await poster.find(post, SINCE) == NotFound()


async def test_a_message_on_a_server_that_counts(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Its ids are not times, so it has no messages after the id of a time."""
    post, missing = make_post(sandbox, 1), make_post(sandbox, 2)
    await sent(poster, post)

    def count(_name: str, path: str, response: web.Response) -> None:
        assert isinstance(response.body, bytes)
        messages = json.loads(response.body)
        for message in messages:
            message["id"] = "1001"
        if path.endswith("messages"):
            response.body = json.dumps(messages if first.is_set() else []).encode()
            first.set()

    for wanted, result in ((post, Found(1001)), (missing, NotFound())):
        first = asyncio.Event()
        sandbox.faults.spoil_responses(count)
        assert await poster.find(wanted, SINCE) == result
        sandbox.faults.clear()


async def test_a_page_that_is_repeated_ends_the_search(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The server ignores where the page is to begin."""
    post = make_post(sandbox, 1, "general")
    ada = sandbox.person("Ada")
    for number in range(PAGE):
        await ada.say(post.channel_id, f"message {number}")
    first: list[Any] = []

    def repeat(_name: str, messages: Any) -> list[Any]:  # noqa: ANN401 - JSON
        first[:] = first or messages
        return first

    sandbox.faults.spoil(repeat, HISTORY, times=None)
    assert isinstance(await poster.find(post, SINCE), Unreadable)


async def test_permissions_that_are_not_known(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client
) -> None:
    """The gateway has sent the server without the bot: stories are sent nevertheless."""
    post = make_post(sandbox)
    guild = client.get_guild(post.guild_id)
    assert guild is not None
    assert client.user is not None
    assert await poster.find(post, SINCE) == NotFound()
    guild._members.pop(client.user.id)  # noqa: SLF001 - as after a malformed event
    assert isinstance(await poster.find(post, SINCE), Unreadable)
    await sent(poster, post)
    assert isinstance(await poster.find(post, SINCE), Found)
    assert await poster.find(make_post(sandbox, 2), SINCE) == NotFound()
    guild._roles.clear()  # noqa: SLF001 - as after a malformed event
    await sent(poster, make_post(sandbox, 3))


@pytest.fixture
async def archived(sandbox: Sandbox, client: discord.Client) -> Channel:
    """An archived thread, about which Discord is asked."""
    thread = sandbox.world.add_thread(sandbox.world.find_channel("news").id, "Science")
    await client.wait_for("thread_create")
    sandbox.world.update_thread(thread.id, archived=True)
    await client.wait_for("raw_thread_update")
    return thread


async def test_a_thread_that_can_not_be_read(
    sandbox: Sandbox, poster: DiscordPoster, archived: Channel
) -> None:
    """The message is found, and edited, without what Discord says about the thread."""
    post = replace(make_post(sandbox), channel_id=archived.id)
    edit = await sent(poster, post)
    for body in (b"{}", b"[]", b'{"type": 99, "id": "1"}', b'{"type": 11}', b"null"):
        sandbox.world.update_thread(archived.id, archived=True)
        for route in (GET_CHANNEL, EDIT_CHANNEL):
            sandbox.faults.spoil(partial(lambda body, *_: body, body), route, times=None)
        found = await poster.find(post, SINCE)
        assert isinstance(found, Found)
        assert found.message_id == edit.post.message_id
        assert isinstance(await poster.edit(edit, delete=False), Accepted)
        sandbox.faults.clear()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (200, b"[]"),
        (200, b"<html>"),
        (404, b"<html>"),
        (404, b'{"code": null}'),
        (403, b"[]"),
        (429, b"{}"),
    ],
)
async def test_a_role_that_can_not_be_read_is_mentioned(
    sandbox: Sandbox, poster: DiscordPoster, client: discord.Client, status: int, body: bytes
) -> None:
    """Only a role that Discord does not know is left out."""
    post = make_post(sandbox)
    role = sandbox.world.add_role(post.guild_id, "Readers")
    await client.wait_for("guild_role_create")
    guild = client.get_guild(post.guild_id)
    assert guild is not None
    guild._roles.pop(role.id)  # noqa: SLF001 - as after a malformed event
    delivery = DeliveryOptions(mention=Mention(role.id))
    spec = SubscriptionSpec(post.channel_id, delivery=delivery)
    subscription = Subscription(1, post.guild_id, 1, START, spec)
    respond(sandbox, GET_ROLE, status=status, body=body)
    outcome = await poster.send(replace(claim(post), subscription=subscription))
    assert isinstance(outcome, Accepted)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert message.mention_roles == [role.id]


async def test_a_direct_message_needs_only_ids(sandbox: Sandbox, client: discord.Client) -> None:
    """The other fields of its channel and of the message may have any form."""
    ada = sandbox.world.find_user("Ada").id
    fields: dict[str, set[str]] = {OPEN_DIRECT_MESSAGE: set(), CREATE_MESSAGE: set()}
    for route, named in fields.items():
        sandbox.faults.spoil(lambda _, body, named=named: named.update(body) or body, route)  # type: ignore[misc]  # binds the loop's variable
    await (await client.create_dm(discord.Object(ada))).send("Hello")
    for route, named in fields.items():
        assert "id" in named
        for field in sorted(named):
            for value in VALUES:
                change = partial(lambda f, v, _, body: spoiled(body, f, v), field, value)
                sandbox.faults.spoil(change, route)
                try:
                    channel = await client.create_dm(discord.Object(ada))
                    await channel.send("Hello")
                except FAILURES:
                    assert field == "id"
                else:
                    assert field != "id"


def limit(
    sandbox: Sandbox, route: str, seconds: float, *, as_html: bool = False, is_global: bool = False
) -> None:
    """Respond with 429 and without `Via`, as servers other than Discord's and Cloudflare do."""
    body = {"message": "Slow down.", "retry_after": seconds, "global": is_global}
    respond(
        sandbox,
        route,
        status=429,
        body=b"error code: 1015" if as_html else json.dumps(body).encode(),
        headers={"Retry-After": str(int(seconds))},
    )


def sends(sandbox: Sandbox) -> int:
    """How often a message was sent, successfully or not."""
    return sum(each.route == CREATE_MESSAGE for each in sandbox.requests)


async def test_a_rate_limit_without_via_is_observed(
    sandbox: Sandbox, poster: DiscordPoster, clock: FakeClock
) -> None:
    """No request is made in the channel until then; other channels have their own limit."""
    limit(sandbox, CREATE_MESSAGE, 40)
    sandbox.faults.plan(Status(503), route=CREATE_MESSAGE)  # the message is not stored
    assert (await poster.send(claim(make_post(sandbox)))) == Unavailable(
        RATE_LIMITED, False, timedelta(seconds=40)
    )
    sandbox.faults.clear()
    before = sends(sandbox)
    await clock.advance(10)
    waiting = await poster.send(claim(make_post(sandbox)))
    assert waiting == Unavailable(RATE_LIMITED, False, timedelta(seconds=30), request_made=False)
    assert sends(sandbox) == before
    await sent(poster, make_post(sandbox, 2, "ai"))
    await clock.advance(30)
    await sent(poster, make_post(sandbox))


@pytest.mark.parametrize("as_html", [False, True])
async def test_a_global_limit_is_met_once(
    sandbox: Sandbox, poster: DiscordPoster, clock: FakeClock, as_html: bool
) -> None:
    """After one channel has met it, no other one sends, edits or searches."""
    edit = await sent(poster, make_post(sandbox, 1, "general"))
    limit(sandbox, CREATE_MESSAGE, 40, as_html=as_html, is_global=True)
    sandbox.faults.plan(Status(503), route=CREATE_MESSAGE)
    assert isinstance(await poster.send(claim(make_post(sandbox, 2))), Unavailable)
    sandbox.faults.clear()
    before = len(sandbox.requests)
    for outcome in (
        await poster.send(claim(make_post(sandbox, 3, "ai"))),
        await poster.edit(edit, delete=False),
        await poster.find(edit.post, SINCE),
    ):
        assert outcome == Unavailable(
            RATE_LIMITED, False, timedelta(seconds=40), request_made=False
        )
    assert len(sandbox.requests) == before
    await clock.advance(40)
    await sent(poster, make_post(sandbox, 3, "ai"))
