"""The options `publish` and `discuss`: where they are refused, and what the status says."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.discordapp.markdown import relative_time
from bot.discordapp.messages.pending import describe_follow_ups
from bot.sandbox import Permission, RateOptions, Sandbox, SandboxOptions
from bot.sandbox.model.entities import Channel, ChannelType
from storage.models import SubscriptionActivity, WaitingMessages
from storage.reasons import Cause
from tests.discordapp.subscriptions.support import (
    choose,
    components,
    import_file,
    problems,
    until,
    yaml_file,
)
from tests.support.clock import START
from tests.support.desk import Desk
from tests.support.sandbox import checked_sandbox

CROSSPOSTED = 1


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox with Discord's limit of published messages."""
    rates = RateOptions(routes={}, global_per_second=None)
    async with checked_sandbox(SandboxOptions(rates=rates)) as made:
        yield made


@pytest.fixture
def releases(desk: Desk) -> Channel:
    """An announcement channel."""
    guild_id = desk.channel().guild_id or 0
    return desk.sandbox.world.add_channel(guild_id, "releases", ChannelType.ANNOUNCEMENT)


def published(desk: Desk) -> int:
    """How many stories are published."""
    return sum(bool(each.flags & CROSSPOSTED) for each in desk.posts("releases"))


@pytest.mark.usefixtures("releases")
async def test_stories_are_published(desk: Desk) -> None:
    """The best ten within an hour; the status says what waits."""
    async with desk.bot():
        added = await desk.ask(
            "subscriptions add", {"publish": True, "catch_up": 0}, channel="releases"
        )
        assert " · published to following channels" in added.content
        for number in range(12):
            desk.write(f"story-{number}", quality=80 + number)
        await desk.wait_for_stories(12, "releases")
        await desk.sandbox.wait_until(lambda: published(desk) >= 10)
        text = "📣 2 messages wait to be published, the next <t:"
        waiting = await until(desk, "subscriptions status", {}, text)
    assert "(Discord limits publishing in the channel)" in waiting
    assert published(desk) == 10


def test_the_status_says_what_messages_wait_for() -> None:
    """With the time if it is in the future, and the reason."""
    idle = SubscriptionActivity(0, 0, 0, 0, 0, skipped=(), next_at=None)
    activity = replace(
        idle,
        unpublished=WaitingMessages(1, START),
        without_thread=WaitingMessages(2, START + timedelta(hours=1), Cause.TOO_MANY_THREADS),
    )
    at = relative_time(START + timedelta(hours=1))
    assert describe_follow_ups(activity, START) == [
        "📣 1 message waits to be published.",
        f"🧵 2 messages wait for a thread, the next {at} (the server has too many active threads"
        " – archive some).",
    ]
    assert describe_follow_ups(idle, START) == []


async def test_a_text_channel_cannot_publish(desk: Desk, releases: Channel) -> None:
    """The command, the editor and an import refuse it with one sentence."""
    async with desk.bot():
        refused = await desk.ask("subscriptions add", {"publish": True})
        sentence = f"<#{desk.channel().id}> isn't an announcement channel"
        assert refused.content.startswith(sentence)
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        editor = await choose(desk, editor, "switches", "publish", "fold")
        assert sentence in problems(editor)
        await desk.press(editor, "Back")
        editor = await choose(desk, editor, "channel", releases.id)
        assert len(editor.embeds) == 1
        text = "subscriptions:\n- channel: news\n  publish: true\n"
        assert sentence in await import_file(desk, yaml_file(text))


async def test_a_channel_may_stop_being_one_for_announcements(
    desk: Desk, releases: Channel
) -> None:
    """Its stories are still posted."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"publish": True, "catch_up": 0}, channel="releases")
        releases.type = ChannelType.TEXT
        desk.write("one")
        await desk.wait_for_stories(1, "releases")
        await until(desk, "subscriptions status", {}, "1 posted")
    assert published(desk) == 0


async def test_the_editor_offers_the_option(desk: Desk) -> None:
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
    switches = components(editor)["switches"]["options"]
    assert "Publish to following channels" in [each["label"] for each in switches]


async def test_threads_are_opened_under_stories(desk: Desk) -> None:
    """The option is in the editor and in files only, and needs a permission."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        editor = await choose(desk, editor, "switches", "discuss", "fold")
        assert not problems(editor)
        desk.sandbox.faults.revoke(desk.channel().id, Permission.CREATE_PUBLIC_THREADS)
        text = "subscriptions:\n- channel: news\n  discuss: true\n"
        missing = "Grant me **Create Public Threads** there"
        assert missing in await import_file(desk, yaml_file(text))
        desk.sandbox.faults.grant(desk.channel().id, Permission.CREATE_PUBLIC_THREADS)
        assert await import_file(desk, yaml_file(text)) == "Added 1 subscription."
        desk.write("one")
        await desk.wait_for_stories(1)
        (story,) = desk.posts()
        await desk.sandbox.wait_until(lambda: story.id in desk.sandbox.world.channels)
        desk.sandbox.faults.revoke(desk.channel().id, Permission.CREATE_PUBLIC_THREADS)
        await until(desk, "subscriptions status", {}, "**Create Public Threads**")
    thread = desk.sandbox.world.channel(story.id)
    assert thread.name == "Story one"


async def test_threads_cannot_have_threads(desk: Desk) -> None:
    world = desk.sandbox.world
    thread = world.add_thread(desk.channel().id, "Science")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        editor = await choose(desk, editor, "channel", thread.id)
        await desk.press(editor, "More…")
        editor = await choose(desk, editor, "switches", "discuss")
        assert f"I can't open threads under messages in <#{thread.id}>." in problems(editor)
