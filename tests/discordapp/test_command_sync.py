"""Registering the commands never keeps the bot from posting, or from answering earlier commands."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import discord
import pytest

from bot.discordapp.client import StorywireClient
from bot.discordapp.command_sync import LONGEST_WAIT, CommandSync
from bot.discordapp.commands_problem import (
    STORED_AS,
    CommandsProblem,
    Obstacle,
    decode_problem,
    encode_problem,
)
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.membership import Membership
from bot.sandbox import Hold, RateLimited, Reset, Status
from storage.open import open_store
from storage.protocols import Store
from tests.discordapp.subscriptions.support import described
from tests.support.clock import START, FakeClock
from tests.support.database import set_pragma
from tests.support.desk import Desk

PUT = "PUT /applications/{application_id}/commands"
REJECTED = json.dumps(
    {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {"0": {"options": {"3": {"name": {"_errors": [{"code": "X", "message": "Y"}]}}}}},
    }
)
DAILY = json.dumps({"message": "Max number of daily creates", "code": 30034, "retry_after": 7200.5})


@asynccontextmanager
async def logged_in(desk: Desk, store: Store, clock: FakeClock) -> AsyncIterator[CommandSync]:
    """The registration of one command by a client that has logged in."""
    membership = Membership(store, clock, asyncio.Event())
    with discord_endpoint(desk.sandbox.api_url):
        client = StorywireClient(clock, membership, http_trace=TracedRequests().trace())

        @client.tree.command(description="Answer.")
        async def ping(interaction: discord.Interaction) -> None:
            """Do nothing."""

        await client.log_in(desk.sandbox.token)
        yield CommandSync(client.tree, store, clock, client.mentions)
        await client.close()


async def forget_commands(desk: Desk) -> None:
    """Make the next start register the commands again."""
    async with open_store(desk.database) as store:
        name = f"commands:{desk.sandbox.world.bot.id}:{desk.sandbox.api_url}"
        assert await store.get_value(name)
        await store.set_value(name, "an earlier version")


def requests(desk: Desk) -> int:
    """How often the bot has sent its commands."""
    return sum(request.method == "PUT" for request in desk.sandbox.requests)


FAULTS = [
    pytest.param(Status(400, body=REJECTED), "Discord rejected them", id="400"),
    pytest.param(Status(429, body=DAILY), "limit of new commands per day", id="daily limit"),
    pytest.param(RateLimited(3600), "rate limited by Discord", id="429"),
    pytest.param(Status(401), "Discord denied access", id="401"),
    pytest.param(Status(403), "Discord denied access", id="403"),
    pytest.param(Status(503), "Discord had a server error", id="503"),
    pytest.param(Reset(after_commit=False), "can't connect to Discord", id="broken connection"),
    pytest.param(Status(200, body="{}"), "answer doesn't contain them", id="object"),
    pytest.param(Status(200, body="<html>"), "answer doesn't contain them", id="HTML"),
    pytest.param(Status(200, body="{"), "answer doesn't contain them", id="half of an object"),
    pytest.param(Status(400, body='{"errors": 1}'), "", id="400 of another shape"),
    pytest.param(
        Status(429, body='{"retry_after": "x"}'), "rate limited", id="429 without a number"
    ),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS)
async def test_posting_goes_on_without_registration(
    desk: Desk, caplog: pytest.LogCaptureFixture, fault: Status | RateLimited | Reset, words: str
) -> None:
    """Earlier commands are answered, and `status` names the reason. The log has one line."""
    async with desk.bot():
        await desk.subscribe()
    await forget_commands(desk)
    desk.sandbox.faults.plan(fault, route=PUT, times=None)
    caplog.clear()
    async with desk.bot():
        desk.write("one")
        await desk.wait_for_stories(1)
        await desk.sandbox.wait_until(lambda: "not registered" in caplog.text)
        text = described(await desk.ask("subscriptions status"))
    assert "⚠ Discord hasn't accepted my current commands" in text
    assert words in text
    (line,) = (each for each in caplog.records if each.name.startswith("bot.discordapp"))
    assert "the commands are not registered" in line.message
    assert "\n" not in line.message
    assert "Traceback" not in caplog.text


async def test_a_request_without_an_answer_delays_nothing(desk: Desk) -> None:
    """The stories are posted, and the bot stops, while Discord is silent."""
    async with desk.bot():
        await desk.subscribe()
    await forget_commands(desk)
    desk.sandbox.faults.plan(Hold(asyncio.Event()), route=PUT)
    async with desk.bot():
        desk.write("one")
        await desk.wait_for_stories(1)


async def test_a_new_bot_posts_without_any_command(desk: Desk) -> None:
    """Nothing that it does after the login waits for the registration."""
    desk.sandbox.faults.plan(Status(400, body=REJECTED), route=PUT, times=None)
    async with desk.bot(registered=False):
        assert desk.sandbox.world.commands == []


def _without_ids(_name: str, commands: list[dict[str, object]]) -> object:
    return [{key: value for key, value in each.items() if key != "id"} for each in commands]


@pytest.mark.parametrize(
    "change",
    [
        _without_ids,
        lambda _, commands: commands[:-1],
        lambda _, commands: [None, *commands[1:]],
        lambda _, commands: [{**each, "id": None} for each in commands],
        lambda _, commands: [{**each, "name": ["x"]} for each in commands],
        lambda *_: b"[" * 100_000,
        lambda *_: None,
        lambda *_: "registered",
    ],
)
async def test_an_unreadable_answer_confirms_nothing(
    desk: Desk, store: Store, clock: FakeClock, change: Callable[..., object]
) -> None:
    """The bot asks again, the next time after ten minutes."""
    desk.sandbox.faults.spoil(change, PUT)
    async with logged_in(desk, store, clock) as sync, asyncio.TaskGroup() as group:
        running = group.create_task(sync.run())
        await clock.wait_for_sleepers(1)
        problem = decode_problem(await store.get_value(STORED_AS))
        assert problem is not None
        assert problem.obstacle is Obstacle.UNCONFIRMED
        assert problem.retry_at == START + timedelta(minutes=10)
        await clock.advance(timedelta(minutes=10))
        await running
    assert await store.get_value(STORED_AS) == ""
    assert requests(desk) == 2


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Status(400, body=REJECTED), [600, 1200, 2400]),
        (Status(403), [600, 1200, 2400]),
        (Status(503), [5, 10, 20]),
        (Reset(after_commit=False), [5, 10, 20]),
        (Status(429, body=DAILY), [7200.5, 7200.5, 7200.5]),
        (RateLimited(3600), [3600, 3600, 3600]),
        (Status(429, body='{"retry_after": NaN}'), [5, 10, 20]),
        (Status(429, body='{"retry_after": -1}'), [5, 10, 20]),
        (Status(429, body='{"retry_after": 1e300}'), [LONGEST_WAIT.total_seconds()] * 3),
        (Status(429, body=f'{{"retry_after": 1{"0" * 400}}}'), [5, 10, 20]),
        (Status(429, body=f'{{"retry_after": "1{"0" * 400}"}}'), [5, 10, 20]),
        (Status(429, body=f'{{"retry_after": 1{"0" * 5000}}}'), [5, 10, 20]),
    ],
)
async def test_attempts_are_repeated_at_growing_intervals(
    desk: Desk,
    store: Store,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    fault: Status | RateLimited | Reset,
    waits: list[float],
) -> None:
    """What passes by itself is tried again soon; what Discord asks to wait is waited."""
    cancel = desk.sandbox.faults.plan(fault, route=PUT, times=None)
    async with logged_in(desk, store, clock) as sync, asyncio.TaskGroup() as group:
        running = group.create_task(sync.run())
        for number, wait in enumerate(waits, start=1):
            await clock.wait_for_sleeps(number)
            if number == len(waits):
                cancel()
            await clock.advance(wait)
        await running
    assert clock.slept == waits
    assert caplog.text.count("are not registered") == 1


async def test_unchanged_commands_are_not_sent_again(
    desk: Desk, store: Store, clock: FakeClock
) -> None:
    """What an earlier run could not do is done, so its problem is forgotten."""
    async with logged_in(desk, store, clock) as sync:
        await sync.run()
        problem = CommandsProblem(Obstacle.REJECTED, "", START, START)
        await store.set_value(STORED_AS, encode_problem(problem))
        await sync.run()
    assert await store.get_value(STORED_AS) == ""
    assert requests(desk) == 1


async def test_a_full_disk_does_not_prevent_answers(
    desk: Desk, store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The commands are registered; that this was done is recorded later."""
    await set_pragma(store, "query_only = 1")
    async with logged_in(desk, store, clock) as sync:
        await sync.run()
    assert "the next start will register the commands again" in caplog.text


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"obstacle": "new"}', "null"])
def test_a_stored_problem_of_another_version_is_ignored(text: str | None) -> None:
    assert decode_problem(text) is None
