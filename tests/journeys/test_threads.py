"""A subscription of a thread, with the whole bot."""

from bot.sandbox.model.entities import Channel
from tests.discordapp.subscriptions.support import described, until
from tests.support.desk import Desk


def start_thread(desk: Desk) -> Channel:
    """Start a thread in #news."""
    return desk.sandbox.world.add_thread(desk.channel().id, "Science")


async def test_an_archived_thread_gets_its_stories(desk: Desk) -> None:
    """It is reopened for a story, and for a change of one."""
    thread = start_thread(desk)
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0}, channel="Science")
        desk.sandbox.world.update_thread(thread.id, archived=True)
        text = await until(desk, "subscriptions status", {}, "This thread is archived")
        assert "✅ I have all the permissions I need" in text
        desk.write("one")
        assert await desk.wait_for_stories(1, "Science") == ["Story one"]
        assert not thread.archived
        desk.sandbox.world.update_thread(thread.id, archived=True)
        desk.write("one", title="Better")
        await desk.sandbox.wait_until(lambda: desk.titles("Science") == ["Better"])
        assert not thread.archived
        desk.sandbox.world.update_thread(thread.id, archived=True)
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        assert "Saved." in (await desk.press(editor, "Save")).content


async def test_a_locked_thread_pauses_until_it_is_unlocked(desk: Desk) -> None:
    """The admins are notified, and no story is lost."""
    thread = start_thread(desk)
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0}, channel="Science")
        desk.sandbox.world.update_thread(thread.id, archived=True, locked=True)
        desk.write("one")
        paused = await until(desk, "subscriptions status", {}, "Paused by me")
        assert "the thread is locked" in paused
        assert described(await desk.ask("subscriptions why", {"story": "1"}, channel="news"))
        desk.sandbox.world.update_thread(thread.id, archived=False, locked=False)
        assert await desk.wait_for_stories(1, "Science") == ["Story one"]
        desk.sandbox.world.update_thread(thread.id, locked=True)
        await until(desk, "subscriptions status", {}, "Manage Threads (or unlock the thread)")
        desk.write("two")
        await until(desk, "subscriptions status", {}, "Paused by me")
        desk.sandbox.world.update_thread(thread.id, locked=False)
        assert await desk.wait_for_stories(2, "Science") == ["Story one", "Story two"]
