"""One member who asks without a pause keeps nobody else waiting."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp import client
from bot.discordapp.member_limits import MOST_MEMBERS, Allowance, MemberLimits, Rate
from bot.discordapp.messages.errors import SLOW_DOWN
from bot.sandbox.interactions.interaction import InteractionType
from tests.support.clock import FakeClock
from tests.support.desk import Desk, button_id

RATE = Rate(burst=3, per_second=2)


def test_a_burst_is_allowed_and_then_a_few_per_second(clock: FakeClock) -> None:
    """The first refusal is announced; more follow in silence, until a request is allowed again."""
    limits = MemberLimits(clock, RATE)
    taken = [limits.take(1) for _ in range(5)]
    assert taken == [Allowance.ALLOWED] * 3 + [Allowance.REFUSED_FIRST, Allowance.REFUSED]
    assert limits.take(2) is Allowance.ALLOWED
    clock.skip(0.5)
    taken = [limits.take(1) for _ in range(3)]
    assert taken == [Allowance.ALLOWED, Allowance.REFUSED_FIRST, Allowance.REFUSED]
    clock.skip(3600)
    assert [limits.take(1) for _ in range(4)][2:] == [Allowance.ALLOWED, Allowance.REFUSED_FIRST]


def test_no_more_members_are_kept_than_needed(clock: FakeClock) -> None:
    """Whoever asked last is kept, however many others ask."""
    limits = MemberLimits(clock, RATE)
    for member_id in range(MOST_MEMBERS + 50):
        limits.take(member_id)
        limits.take(-1)
    assert len(limits) == MOST_MEMBERS
    assert limits.take(-1) is Allowance.REFUSED


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 3)), max_size=60))
def test_nobody_gets_more_than_burst_and_rate(requests: list[tuple[int, float]]) -> None:
    """Over any time, at most the burst and what the time adds is allowed; others don't matter."""
    clock = FakeClock()
    limits, start = MemberLimits(clock, RATE), clock.monotonic()
    allowed = dict.fromkeys(range(3), 0)
    for member_id, wait in requests:
        clock.skip(wait)
        allowed[member_id] += limits.take(member_id) is Allowance.ALLOWED
        most = RATE.burst + (clock.monotonic() - start) * RATE.per_second
        assert allowed[member_id] <= most + 1e-6


async def test_a_member_without_a_pause_is_slowed_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That goes for commands, completions and buttons. Others get their answers."""
    slow = Rate(burst=5, per_second=0.001)
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
            await max_.forge(channel_id, InteractionType.AUTOCOMPLETE, data) for _ in range(100)
        ]
        answer = await desk.ask("news latest")
        assert answer.embeds
        await asyncio.gather(*(each.answered() for each in [*presses, *commands[:2], *typed[:5]]))
    assert [each.original.content for each in commands[:3] if each.original] == ["", SLOW_DOWN]
    assert all(each.response_type is None for each in [*commands[2:], *typed[5:]])


def _focused(name: str, typed: str) -> dict[str, object]:
    return {"name": name, "type": 3, "value": typed, "focused": True}
