"""The answers of preview, why and status."""

import pytest

from bot.sandbox import Invalid, Permission, Status
from tests.discordapp.subscriptions.support import described, until
from tests.support.desk import Desk

CREATE_MESSAGE = "POST /channels/{channel_id}/messages"


async def test_preview_shows_the_latest_matches(desk: Desk) -> None:
    """In a channel without a subscription it shows those of a new one."""
    desk.write("good", quality=90)
    desk.write("fair", quality=75)
    async with desk.bot():
        without_subscription = described(await desk.ask("subscriptions preview"))
        assert "This channel has no subscription yet" in without_subscription
        assert "Story good" in without_subscription
        assert "Story fair" in without_subscription
        await desk.ask("subscriptions add", {"min_quality": 80, "catch_up": 0})
        shown = described(await desk.ask("subscriptions preview"))
        assert f"<#{desk.channel().id}> is subscribed to all topics · quality 80+." in shown
        assert "Story good" in shown
        assert "Story fair" not in shown
        await desk.ask("subscriptions add", {"min_quality": 99, "catch_up": 0})
        several = await desk.ask("subscriptions preview")
        assert "Choose one with `subscription:`" in several.content
        other = described(await desk.ask("subscriptions preview", {"subscription": "2"}))
        assert "No matches yet." in other
        assert "No stories match these rules yet." in other


async def test_preview_shows_waiting_stories(desk: Desk) -> None:
    async with desk.bot():
        await desk.ask("subscriptions add", {"mode": "daily"})
        await desk.subscribe("ai")
        desk.write("one")
        await desk.wait_for_stories(1, "ai")
        shown = described(await desk.ask("subscriptions preview"))
        assert "Waiting: 1 story\n🕘 Next digest: <t:" in shown


async def test_why_shows_verdicts_and_history(desk: Desk) -> None:
    """It covers each subscription of the channel."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"min_quality": 80, "catch_up": 0})
        await desk.ask("subscriptions add", {"topics": "Space", "catch_up": 0})
        desk.write("good", quality=90)
        desk.write("poor", quality=20)
        await desk.wait_for_stories(1)
        why = {"story": "Story good"}
        posted = await until(desk, "subscriptions why", why, "Posted")
        assert posted.splitlines()[1].startswith("**Posted on <t:")
        assert "**Subscription 1:** all topics · quality 80+ (chose this story)" in posted
        assert "✅ Quality: 90 (minimum 80)" in posted
        assert "❌ Topics: no match for Space" in posted
        message = desk.posts()[0]
        assert f"\nhttps://discord.com/channels/{desk.channel().guild_id}/" in posted
        assert str(message.id) in posted
        assert "> planned" in posted
        assert "> posted" in posted
        skipped = described(await desk.ask("subscriptions why", {"story": "Story poor"}))
        assert "❌ Quality: 20 (minimum 80)" in skipped
        assert "none of its subscriptions wants it" in skipped


async def test_why_explains_any_channel_of_the_server(desk: Desk) -> None:
    """Autocompletion offers stories by their titles."""
    desk.write("one")
    async with desk.bot():
        offered = await desk.sandbox.person("Ada").autocomplete(
            desk.channel().id, "subscriptions why", "story", "sto"
        )
        assert [each["name"] for each in offered] == ["Story one — The Example"]
        options = {"story": offered[0]["value"], "channel": desk.channel("ai").id}
        text = described(await desk.ask("subscriptions why", options))
        here = f"<#{desk.channel('ai').id}>"
        assert f"Not posted in {here}: this channel has no subscriptions." in text
        unknown = await desk.ask("subscriptions why", {"story": "zebra"})
        assert "No story matches “zebra”" in unknown.content


async def test_why_recognises_old_and_withdrawn_stories(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdicts are those of the planner."""
    monkeypatch.setattr("bot.ingest.folder.missing_files.QUIET_SECONDS", 0.1)
    desk.write("early")
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        early = described(await desk.ask("subscriptions why", {"story": "Story early"}))
        assert "❌ New: already matched when the subscription was added" in early
        desk.write("late")
        await desk.wait_for_stories(1)
        (desk.folder / "late.md").unlink()
        text = await until(desk, "subscriptions why", {"story": "2"}, "withdrawn")
        assert "and later withdrawn" in text
        assert "❌" not in text


async def test_why_links_to_the_story_it_was_folded_into(desk: Desk) -> None:
    title = "Astronomers find water on a distant planet"
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        desk.write("first", title=title)
        await desk.wait_for_stories(1)
        desk.write("second", title=f"{title}!")
        joins = f"Shown as coverage of [{title}]"
        await until(desk, "subscriptions why", {"story": "2"}, joins)


async def test_status_shows_counts_and_missing_permissions(desk: Desk) -> None:
    """It shows the next digest, too."""
    async with desk.bot():
        assert "No subscriptions yet" in (await desk.ask("subscriptions status")).content
        await desk.subscribe()
        await desk.ask("subscriptions add", {"mode": "daily"}, channel="ai")
        desk.write("one")
        await desk.wait_for_stories(1)
        text = await until(desk, "subscriptions status", {}, "1 posted, 0 waiting, 0 skipped")
        assert f"**<#{desk.channel().id}>** all topics · quality 70+" in text
        assert "0 posted, 1 waiting, 0 skipped" in text
        assert "🕘 Next digest: <t:" in text
        assert "if there are any stories" not in text
        await desk.ask("subscriptions add", {"mode": "daily", "catch_up": 0}, channel="general")
        general = {"channel": desk.channel("general").id}
        empty = described(await desk.ask("subscriptions status", general))
        assert ":R> (if there are any stories)" in empty
        assert text.count("✅ I have all the permissions I need") == 2
        desk.sandbox.faults.revoke(desk.channel("ai").id, Permission.EMBED_LINKS)
        here = described(await desk.ask("subscriptions status", {"channel": desk.channel("ai").id}))
        assert "❌ Missing permissions: **Embed Links**" in here
        assert str(desk.channel().id) not in here


async def test_status_says_once_what_is_wrong_with_a_channel(desk: Desk) -> None:
    """The subscriptions of a channel are together."""
    ai, news = desk.channel("ai").id, desk.channel().id
    async with desk.bot():
        for topics, channel_id in (("A", ai), ("B", news), ("C", ai)):
            options = {"topics": topics, "catch_up": 0, "channel": channel_id}
            await desk.ask("subscriptions add", options)
        desk.sandbox.faults.revoke(ai, Permission.EMBED_LINKS)
        desk.write("one", topic="A")
        text = await until(desk, "subscriptions status", {}, "Paused by me")
        assert text.count("Embed Links**") == text.count("(missing permission: Embed Links)") == 1
        assert text.count("✅ I have all the permissions I need") == 1
        assert text.index("** A ·") < text.index("** C ·") < text.index("** B ·")


async def test_status_highlights_failed_posts(desk: Desk) -> None:
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(400), route=CREATE_MESSAGE, times=None)
        desk.write("one")
        text = await until(desk, "subscriptions status", {}, "**1 failed**")
        assert "• 1 failed: Discord rejected the message: 400" in text
        why = described(await desk.ask("subscriptions why", {"story": "1"}))
        assert ":f>: Discord rejected the message" in why
        assert "0 posted" in text


async def test_status_shows_what_discord_rejected(desk: Desk) -> None:
    """So does why, in the post's history."""
    invalid = Invalid(("components.0.components.1.url",))
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(invalid, route=CREATE_MESSAGE, times=None)
        desk.write("one")
        left_out = "posted without a button, which Discord rejected: Invalid Form Body (components"
        text = await until(desk, "subscriptions status", {}, left_out)
        assert "1 posted, 0 waiting" in text
        why = described(await desk.ask("subscriptions why", {"story": "1"}))
        assert "> posted: without a button, which Discord rejected" in why
        assert len(desk.posts()) == 1


async def test_a_deleted_role_is_named(desk: Desk) -> None:
    """Status says how to choose another one; list and preview name it, too."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    async with desk.bot():
        role = world.add_role(guild_id, "Readers")
        options = {"mention": role.id, "mention_quality": 80, "catch_up": 0}
        await desk.ask("subscriptions add", options)
        before = described(await desk.ask("subscriptions status"))
        assert f"mentions <@&{role.id}> for quality 80+" in before
        world.delete_role(guild_id, role.id)
        text = await until(desk, "subscriptions status", {}, "mentions a deleted role")
        assert "⚠ A role to mention was deleted" in text
        assert desk.mention("subscriptions edit") in text
        listed = (await desk.ask("subscriptions list")).content
        preview = described(await desk.ask("subscriptions preview"))
        assert all("mentions a deleted role" in answer for answer in (listed, preview))
        assert not any(str(role.id) in answer for answer in (text, listed, preview))
        desk.write("one")
        await desk.wait_for_stories(1)
        assert desk.posts()[0].content == ""


async def test_a_long_status_fits_a_message(desk: Desk) -> None:
    """It ends with the number of subscriptions that don't fit."""
    async with desk.bot():
        for number in range(30):
            topics = ", ".join(f"a fairly long topic {number} {each}" for each in range(5))
            await desk.ask("subscriptions add", {"topics": topics, "catch_up": 0})
        (embed,) = (await desk.ask("subscriptions status")).embeds
        assert len(embed["description"]) <= 4096
        assert "more" in embed["description"].splitlines()[-1]
