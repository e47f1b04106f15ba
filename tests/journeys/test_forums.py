"""A subscription of a forum, with the whole bot."""

import pytest

from bot.sandbox import Permission, Reset, Status
from bot.sandbox.model.entities import Channel, ChannelType
from tests.discordapp.subscriptions.support import choose, described, until
from tests.support.desk import Desk

CREATE = "POST /channels/{channel_id}/threads"


@pytest.fixture
def forum(desk: Desk) -> Channel:
    """A forum with a tag."""
    guild = next(iter(desk.sandbox.world.guilds))
    made = desk.sandbox.world.add_channel(guild, "stories", ChannelType.FORUM)
    return desk.sandbox.world.set_forum_tags(made.id, ["AI"])


def threads(desk: Desk) -> list[Channel]:
    """The forum's threads, the oldest first."""
    forum = desk.channel("stories")
    return [each for each in desk.sandbox.world.channels.values() if each.parent_id == forum.id]


async def wait_for_threads(desk: Desk, *titles: str) -> None:
    """Wait until the forum has these threads."""
    await desk.sandbox.wait_until(lambda: [each.name for each in threads(desk)] == list(titles))


async def subscribe(desk: Desk) -> None:
    """Subscribe the forum."""
    await desk.ask("subscriptions add", {"channel": desk.channel("stories").id, "catch_up": 0})


async def test_a_forum_gets_a_thread_for_each_story(desk: Desk, forum: Channel) -> None:
    """Edits reach its first message, and links lead there."""
    async with desk.bot():
        await subscribe(desk)
        desk.write("one")
        await wait_for_threads(desk, "Story one")
        (thread,) = threads(desk)
        assert thread.applied_tags == [forum.available_tags[0].id]
        desk.sandbox.world.update_thread(thread.id, archived=True)
        desk.write("one", title="Better")
        await desk.sandbox.wait_until(lambda: desk.titles("Story one") == ["Better"])
        link = f"https://discord.com/channels/{forum.guild_id}/{thread.id}/{thread.id}"
        why = await desk.ask("subscriptions why", {"story": "1", "channel": forum.id})
        assert link in described(why)
        assert link in described(await desk.ask("news story", {"story": "Better"}))
        desk.write("two")
        await wait_for_threads(desk, "Story one", "Story two")
        (desk.folder / "one.md").unlink()
        await desk.sandbox.wait_until(lambda: "~~" in desk.titles("Story one")[0])


async def test_a_lost_answer_starts_no_second_thread(desk: Desk, forum: Channel) -> None:
    """The bot finds the thread that it started."""
    async with desk.bot():
        await subscribe(desk)
        faults: list[Reset | Status] = [Reset(), Status(502, after_commit=True)]
        for number, fault in enumerate(faults, 1):
            desk.sandbox.faults.plan(fault, route=CREATE, times=1)
            desk.write(f"s{number}")
            where = {"story": str(number), "channel": forum.id}
            await until(desk, "subscriptions why", where, "Posted on")
    assert [each.name for each in threads(desk)] == ["Story s1", "Story s2"]


async def test_a_forum_without_permissions_is_refused(desk: Desk, forum: Channel) -> None:
    """The answer names what is missing."""
    async with desk.bot():
        desk.sandbox.faults.revoke(forum.id, Permission.SEND_MESSAGES_IN_THREADS)
        options = {"channel": forum.id, "catch_up": 0}
        text = await until(desk, "subscriptions add", options, "Send Messages in Threads")
        assert "I can't post in" in text


async def test_the_editor_offers_forums(desk: Desk, forum: Channel) -> None:
    """It moves a subscription to one."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        editor = await choose(desk, editor, "channel", forum.id)
        assert "Subscribed" in (await desk.press(editor, "Save")).content
        desk.write("one")
        await wait_for_threads(desk, "Story one")
