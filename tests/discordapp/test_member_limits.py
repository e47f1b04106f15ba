"""One member, or one server, that asks without a pause keeps nobody else waiting."""

import asyncio
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp import client
from bot.discordapp.member_limits import (
    MOST_MEMBERS,
    MOST_SERVERS,
    Excess,
    MemberLimits,
    Rate,
    Rates,
)
from bot.discordapp.messages.errors import SERVER_SLOW_DOWN, SLOW_DOWN
from bot.sandbox.interactions.interaction import Interaction, InteractionType
from tests.support.clock import START, FakeClock
from tests.support.desk import Desk, button_id

RATE = Rate(burst=3, per_second=2)
PLENTY = Rate(burst=100_000, per_second=1)
SERVER = 7


def limits_of(clock: FakeClock, *, member: Rate = PLENTY, server: Rate = PLENTY) -> MemberLimits:
    """Limits of the two kinds."""
    return MemberLimits(clock, Rates(member, server))


def announced(*taken: Excess | None) -> list[bool | None]:
    """For each request: None if it is answered, or whether its refusal is announced."""
    return [None if each is None else each.announce for each in taken]


def test_a_burst_is_allowed_and_then_a_few_per_second(clock: FakeClock) -> None:
    """The first refusal is announced; more follow in silence, until a request is allowed again."""
    limits = limits_of(clock, member=RATE)
    taken = [limits.take(1, SERVER) for _ in range(5)]
    assert announced(*taken) == [None, None, None, True, False]
    assert limits.take(2, SERVER) is None
    clock.skip(0.5)
    taken = [limits.take(1, None) for _ in range(3)]
    assert announced(*taken) == [None, True, False]
    clock.skip(3600)
    assert announced(*(limits.take(1, SERVER) for _ in range(4))) == [None, None, None, True]


def test_the_members_of_a_server_share_an_allowance(clock: FakeClock) -> None:
    """Each of them reads why; other servers, direct messages and admins don't count."""
    limits = limits_of(clock, server=RATE)
    taken = [limits.take(member_id, SERVER) for member_id in range(5)]
    assert announced(*taken) == [None, None, None, True, True]
    assert all(each.server for each in taken if each)
    assert limits.take(9, SERVER + 1) is None
    assert limits.take(9, None) is None
    clock.skip(0.5)
    assert announced(limits.take(5, SERVER), limits.take(6, SERVER)) == [None, True]


def test_a_refusal_states_when_the_next_request_is_answered(clock: FakeClock) -> None:
    """In whole seconds, and not earlier than that."""
    limits = limits_of(clock, member=Rate(1, 0.1))
    assert limits.take(1, None) is None
    refused = limits.take(1, None)
    assert refused is not None
    assert not refused.server
    assert refused.retry_at == START + timedelta(seconds=11)
    clock.skip((refused.retry_at - clock.now()).total_seconds())
    assert limits.take(1, None) is None


def test_no_more_members_are_kept_than_needed(clock: FakeClock) -> None:
    """Whoever asked last is kept, however many others ask, in however many servers."""
    limits = limits_of(clock, member=RATE, server=RATE)
    for member_id in range(MOST_MEMBERS + 50):
        limits.take(member_id, member_id)
        limits.take(-1, -1)
    assert len(limits) == MOST_MEMBERS + MOST_SERVERS
    assert limits.take(-1, None) is not None


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 3)), max_size=60))
def test_nobody_gets_more_than_burst_and_rate(requests: list[tuple[int, float]]) -> None:
    """Over any time, at most the burst and what the time adds is allowed; others don't matter."""
    clock = FakeClock()
    limits, start = limits_of(clock, member=RATE), clock.monotonic()
    allowed = dict.fromkeys(range(3), 0)
    for member_id, wait in requests:
        clock.skip(wait)
        allowed[member_id] += limits.take(member_id, SERVER) is None
        most = RATE.burst + (clock.monotonic() - start) * RATE.per_second
        assert allowed[member_id] <= most + 1e-6


async def test_a_member_without_a_pause_is_slowed_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That goes for commands, completions and buttons. Others get their answers."""
    slow = Rates(Rate(burst=5, per_second=0.001), PLENTY)
    monkeypatch.setattr(client, "ANSWERS", slow)
    monkeypatch.setattr(client, "COMPLETIONS", slow)
    desk.write("one")
    max_, channel_id = desk.sandbox.person("Max"), desk.channel().id
    async with desk.bot():
        await desk.subscribe()
        await desk.wait_for_stories(1)
        (post,) = desk.posts()
        presses = [await max_.press(post.id, button_id(post, "About this story")) for _ in range(4)]
        commands = [await max_.command(channel_id, "news latest") for _ in range(100)]
        options = [
            {"name": "latest", "type": 1, "options": [_focused("topic", "x")]},
        ]
        news = next(each for each in desk.sandbox.world.commands if each["name"] == "news")
        data = {"id": news["id"], "name": "news", "type": 1, "options": options}
        typed = [
            await max_.forge(channel_id, InteractionType.AUTOCOMPLETE, data) for _ in range(20)
        ]
        answer = await desk.ask("news latest")
        assert answer.embeds
        await asyncio.gather(*(each.answered() for each in [*presses, *commands[:2], *typed]))
    assert text(commands[0]) == ""
    assert re.fullmatch(f"{SLOW_DOWN} Try again <t:[0-9]+:R>.", text(commands[1]))
    assert all(each.response_type is None for each in commands[2:])
    assert all(each.choices == [] for each in typed[5:]), "no choices, and no error"


async def test_a_busy_server_leaves_admins_and_others_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members of the server read why; its admins go on, and so do members in direct messages."""
    monkeypatch.setattr(client, "ANSWERS", Rates(PLENTY, Rate(burst=2, per_second=0.001)))
    world, channel_id = desk.sandbox.world, desk.channel().id
    max_ = desk.sandbox.person("Max")
    async with desk.bot():
        asked = [await max_.command(channel_id, "news latest") for _ in range(4)]
        for each in asked:
            await each.answered()
        assert text(asked[3]).startswith(SERVER_SLOW_DOWN)
        assert (await desk.ask("help")).content.startswith(SERVER_SLOW_DOWN)
        editor = await desk.ask("subscriptions add")
        assert (await desk.press(editor, "Save")).content.startswith("Subscribed")
        direct = world.direct_channel(world.find_user("Max").id).id
        assert (await (await max_.command(direct, "help")).settled()).embeds


def text(used: Interaction) -> str:
    """The content of an answer."""
    assert used.original is not None
    return used.original.content


def _focused(name: str, typed: str) -> dict[str, object]:
    return {"name": name, "type": 3, "value": typed, "focused": True}
