"""A subscription of a forum, with the whole bot."""

import pytest

from bot.announce.outbox import Outbox
from bot.clock import SystemClock
from bot.sandbox import Permission, Reset, Status
from bot.sandbox.model.entities import Channel, ChannelType
from storage.open import open_store
from storage.posts import Sent
from tests.discordapp.subscriptions.support import (
    choose,
    described,
    fill,
    problems,
    until,
)
from tests.support.desk import Desk
from tests.support.places import LIST_ACTIVE

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


async def test_a_forum_that_requires_a_tag(desk: Desk, forum: Channel) -> None:
    """The refusal says what to do, and the editor's form does it."""
    desk.sandbox.world.set_forum_tags(forum.id, ["Machines", "Other"], required=True)
    async with desk.bot():
        options = {"channel": forum.id, "catch_up": 0}
        text = await until(desk, "subscriptions add", options, "requires a tag on every post")
        assert "**Machines**, **Other**" in text
        editor = await desk.ask("subscriptions add")
        editor = await choose(desk, editor, "channel", forum.id)
        assert "requires a tag on every post" in problems(editor)
        filled = {"tags": "AI = machines", "fallback_tag": "Other"}
        await desk.press(editor, "More…")
        editor = await fill(desk, editor, "Forum tags…", filled)
        assert "tags AI → machines · tag Other if no other applies" in described(editor)
        assert problems(editor) == ""
        await desk.press(editor, "Save")
        desk.write("one")
        await wait_for_threads(desk, "Story one")
        desk.write("two", topic="Space")
        await wait_for_threads(desk, "Story one", "Story two")
        names = {tag.id: tag.name for tag in forum.available_tags}
        applied = [[names[tag] for tag in each.applied_tags] for each in threads(desk)]
        assert applied == [["Machines"], ["Other"]]


async def test_a_story_waits_for_a_tag(desk: Desk, forum: Channel) -> None:
    """If the forum requires one later; nothing is lost, and a change of the subscription helps."""
    async with desk.bot():
        await subscribe(desk)
        desk.sandbox.world.set_forum_tags(forum.id, ["Other"], required=True)
        desk.write("one")
        text = await until(desk, "subscriptions status", {}, "Paused by me")
        assert "the forum requires a tag" in text
        assert "requires a tag on every post" in text
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        await desk.press(editor, "More…")
        editor = await fill(desk, editor, "Forum tags…", {"tags": "", "fallback_tag": "other"})
        await desk.press(editor, "Save")
        await wait_for_threads(desk, "Story one")


async def test_invalid_tags_are_explained(desk: Desk, forum: Channel) -> None:
    """The form keeps what was typed."""
    async with desk.bot():
        editor = await choose(desk, await desk.ask("subscriptions add"), "channel", forum.id)
        await desk.press(editor, "More…")
        editor = await fill(desk, editor, "Forum tags…", {"tags": "AI", "fallback_tag": ""})
        assert "“AI” isn't a topic and its tag" in problems(editor)


async def test_titles_of_threads_follow_the_story(desk: Desk, forum: Channel) -> None:
    """If that is wanted; a withdrawal is named."""
    async with desk.bot():
        editor = await choose(desk, await desk.ask("subscriptions add"), "channel", forum.id)
        editor = await desk.press(editor, "More…")
        editor = await choose(desk, editor, "switches", "fold", "update_titles")
        await desk.press(editor, "Save")
        desk.write("one")
        desk.write("two")
        await desk.sandbox.wait_until(lambda: len(threads(desk)) == 2)
        desk.write("one", title="Better")
        await desk.sandbox.wait_until(lambda: "Better" in {each.name for each in threads(desk)})
        (desk.folder / "two.md").unlink()
        withdrawn = "Withdrawn: Story two"
        await desk.sandbox.wait_until(lambda: withdrawn in {each.name for each in threads(desk)})


async def test_an_edit_waits_for_its_thread(desk: Desk, forum: Channel) -> None:
    """A moderator has locked it; other stories are posted, and it is edited once it is unlocked."""
    async with desk.bot():
        await subscribe(desk)
        desk.write("one")
        await wait_for_threads(desk, "Story one")
        (thread,) = threads(desk)
        desk.sandbox.world.update_thread(thread.id, locked=True)
        desk.write("one", title="Better")
        desk.write("two")
        await wait_for_threads(desk, "Story one", "Story two")
        assert desk.titles("Story one") == ["Story one"]
        desk.sandbox.world.update_thread(thread.id, locked=False)
        await desk.sandbox.wait_until(lambda: desk.titles("Story one") == ["Better"])
    assert forum.id == thread.parent_id


async def test_a_resolved_post_is_followed_and_linked(desk: Desk, forum: Channel) -> None:
    """An operator names the message only: the thread has its id."""
    async with desk.bot():
        editor = await choose(desk, await desk.ask("subscriptions add"), "channel", forum.id)
        editor = await desk.press(editor, "More…")
        editor = await choose(desk, editor, "switches", "update_titles")
        await desk.press(editor, "Save")
        desk.sandbox.faults.plan(Reset(), route=CREATE)
        desk.sandbox.faults.plan(Status(403), route=LIST_ACTIVE)
        desk.write("one")
        where = {"story": "1", "channel": forum.id}
        await until(desk, "subscriptions why", where, "Uncertain since")
        (thread,) = threads(desk)
        async with open_store(desk.database) as store:
            await Outbox(store).override(1, Sent(thread.id), SystemClock().now())
        link = f"https://discord.com/channels/{forum.guild_id}/{thread.id}/{thread.id}"
        await until(desk, "subscriptions why", where, link)
        assert link in described(await desk.ask("news story", {"story": "Story one"}))
        desk.write("one", title="Better")
        await desk.sandbox.wait_until(lambda: thread.name == "Better")
        assert desk.titles("Better") == ["Better"]
