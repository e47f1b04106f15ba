"""The whole way of a story: file, database, outbox, discord.py, channel, and a command."""

import shutil
from pathlib import Path

import pytest

from bot.cli.load import load_all
from bot.config.sources import FolderSettings
from bot.sandbox import Permission, Status
from storage.errors import StoreLockedError
from storage.open import open_store
from storage.posts import PostStatus
from tests.support.database import execute
from tests.support.desk import Desk

SEEDS = Path(__file__).parents[2] / "seeds"
SEND = Permission.SEND_MESSAGES
CREATE_MESSAGE = "POST /channels/{channel_id}/messages"


async def test_the_first_post_takes_two_interactions(desk: Desk) -> None:
    """A new admin uses `/subscriptions add` and Save, with no manual and no setup."""
    desk.write("one")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        assert desk.posts() == []
        saved = await desk.press(editor, "Save")
        assert "The best story so far is on its way" in saved.content
        assert await desk.wait_for_stories(1) == ["Story one"]


async def test_a_new_story_reaches_a_subscribed_channel(desk: Desk) -> None:
    async with desk.bot():
        answer = await desk.subscribe()
        assert "to all topics · quality 70+" in answer.content
        desk.write("one")
        assert await desk.wait_for_stories(1) == ["Story one"]


async def test_subscribing_posts_the_best_existing_stories(desk: Desk) -> None:
    """They are posted whatever their age, oldest first; the others are not news."""
    desk.write("old", quality=150, published="2020-01-01T00:00:00Z")
    desk.write("good", quality=100, published="2026-01-01T00:00:00Z")
    desk.write("fair", quality=75)
    desk.write("poor", quality=30)
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 2})
        assert await desk.wait_for_stories(2) == ["Story old", "Story good"]
        desk.write("new")
        assert await desk.wait_for_stories(3) == ["Story old", "Story good", "Story new"]


async def test_a_restarted_bot_posts_only_new_stories(desk: Desk) -> None:
    """The outbox remembers what was posted; the folder is read again."""
    async with desk.bot():
        await desk.subscribe()
        desk.write("one")
        await desk.wait_for_stories(1)
    desk.write("two")
    async with desk.bot():
        assert await desk.wait_for_stories(2) == ["Story one", "Story two"]
        desk.write("three")
        assert await desk.wait_for_stories(3) == ["Story one", "Story two", "Story three"]


async def test_a_story_that_reaches_the_quality_is_posted_once(desk: Desk) -> None:
    """Its quality rises and falls across the minimum for weeks."""
    async with desk.bot():
        await desk.subscribe()
        for quality in (53, 93, 53, 95):
            desk.write("one", quality=quality)
            desk.write(f"marker-{quality}")
            await desk.sandbox.wait_until(
                lambda q=quality: f"Story marker-{q}" in desk.titles()  # type: ignore[misc]  # mypy can't infer a lambda with a default
            )
    assert desk.titles().count("Story one") == 1


async def test_topics_decide_which_channel_gets_a_story(desk: Desk) -> None:
    """Each channel has its own rules."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "energy, Space"})
        await desk.ask("subscriptions add", {"topics": "AI"}, channel="ai")
        desk.write("sun", topic="Energy")
        desk.write("robot", topic="AI")
        assert await desk.wait_for_stories(1) == ["Story sun"]
        assert await desk.wait_for_stories(1, "ai") == ["Story robot"]


async def test_the_seed_article_is_posted_in_full(desk: Desk) -> None:
    """It has title, excerpt, provider, image, topics, quality, time, coverage and a button."""
    name = (
        "2020-09-11-ibm-says-us-should-adopt-new-export-controls-on-facial-recognition-systems.md"
    )
    shutil.copy(SEEDS / name, desk.folder)
    settings = desk.settings()
    source = FolderSettings(folder=desk.folder, unpublished="announce")
    async with desk.bot(settings.model_copy(update={"sources": (source,)})):
        await desk.subscribe()
        await desk.wait_for_stories(1)
        (message,) = desk.posts()
        embed = message.embeds[0]
        assert embed["title"] == (
            "IBM says U.S. should adopt new export controls on facial recognition systems"
        )
        assert embed["url"] == (
            "https://www.reuters.com/article/ibm-facial-recognition-exports-idUSL1N2G8043"
        )
        assert "limit the export of facial recognition systems" in embed["description"]
        assert embed["author"]["name"] == "Reuters"
        assert embed["author"]["icon_url"].endswith("reuters.com-50x50.jpg")
        assert embed["image"]["url"].startswith("https://s3.reutersmedia.net/")
        assert embed["timestamp"].startswith("2020-09-11T12:19:00")
        shown = str(embed)
        assert "Computer Vision" in shown
        assert "86" in shown
        assert "Kill Portland" in shown
        buttons = [button for row in message.components for button in row["components"]]
        mark = next(b["custom_id"] for b in buttons if b.get("custom_id", "").startswith("story:"))
        pressed = await desk.sandbox.person("Max").press(message.id, mark)
        coverage = await pressed.answered()
        assert coverage is not None
        assert coverage.ephemeral_for is not None
        assert "Gizmodo" in str(coverage.embeds)


async def test_a_lost_answer_posts_a_story_once(desk: Desk) -> None:
    """Discord deduplicates the repeated nonce."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(503, after_commit=True), route=CREATE_MESSAGE, times=1)
        desk.write("one")
        await desk.wait_for_stories(1)
        await desk.sandbox.wait_for_request(
            lambda request: request.route == CREATE_MESSAGE and request.status == 200
        )
    assert desk.titles() == ["Story one"]
    async with open_store(desk.database) as store:
        post = await store.get_post(1)
    assert (post.status, post.attempts) == (PostStatus.SENT, 2)
    assert post.message_id == desk.posts()[0].id


async def test_a_crash_between_two_commits_posts_a_story_once(desk: Desk) -> None:
    """If the nonce is too old, the mark in the channel's history shows that it was posted."""
    async with desk.bot():
        await desk.subscribe()
        desk.write("one")
        await desk.wait_for_stories(1)
    # What a crash leaves behind.
    execute(
        desk.database,
        "UPDATE posts SET status = 'claimed', message_id = NULL,"
        " claimed_at = '2026-01-01T00:00:00.000000+00:00'",
    )
    async with desk.bot():
        desk.write("two")
        assert await desk.wait_for_stories(2) == ["Story one", "Story two"]
    async with open_store(desk.database) as store:
        assert (await store.get_post(1)).message_id == desk.posts()[0].id


async def test_a_second_bot_on_the_same_database_is_refused(desk: Desk) -> None:
    """Two bots would post everything twice."""
    async with desk.bot():
        with pytest.raises(ExceptionGroup) as refused:
            async with desk.bot():
                pass
        assert refused.group_contains(StoreLockedError, match="another Storywire")


async def test_a_running_bot_posts_what_load_wrote(desk: Desk) -> None:
    """Another process may load stories; the bot needs no signal."""
    watched = desk.folder / "watched"
    watched.mkdir()
    settings = desk.settings()
    only_watched = settings.model_copy(update={"sources": (FolderSettings(folder=watched),)})
    async with desk.bot(only_watched):
        await desk.subscribe()
        desk.write("one")
        report = await load_all(settings)
        assert report.counts.new == 1
        assert await desk.wait_for_stories(1) == ["Story one"]


async def test_a_lost_permission_pauses_and_its_return_resumes(desk: Desk) -> None:
    """Stories wait in the meantime, and the list shows why."""
    channel = desk.channel()
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.revoke(channel.id, SEND)
        desk.write("one")
        while "Paused" not in (await desk.ask("subscriptions list")).content:
            pass
        desk.sandbox.faults.grant(channel.id, SEND)
        assert await desk.wait_for_stories(1) == ["Story one"]
        assert "Paused" not in (await desk.ask("subscriptions list")).content
