"""What admins are told: preview, why, status."""

import pytest

from bot.sandbox import Permission, Status
from tests.discordapp.subscriptions.support import described, until
from tests.support.desk import Desk

CREATE_MESSAGE = "POST /channels/{channel_id}/messages"


async def test_preview_shows_what_a_subscription_would_post(desk: Desk) -> None:
    """The last stories that meet its rules; of a new one where there is none."""
    desk.write("good", quality=90)
    desk.write("fair", quality=75)
    async with desk.bot():
        unborn = described(await desk.ask("subscriptions preview"))
        assert "This channel has no subscription yet" in unborn
        assert "Story good" in unborn
        assert "Story fair" in unborn
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


async def test_preview_tells_what_waits(desk: Desk) -> None:
    """A digest that is still to come."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"mode": "daily"})
        await desk.subscribe("ai")
        desk.write("one")
        await desk.told(1, "ai")
        shown = described(await desk.ask("subscriptions preview"))
        assert "Waiting: 1 story\n🕘 Next digest: <t:" in shown


async def test_why_tells_each_rule_with_its_verdict_and_the_history(desk: Desk) -> None:
    """Of each subscription of the channel, and the way that the story took there."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"min_quality": 80, "catch_up": 0})
        await desk.ask("subscriptions add", {"topics": "Space", "catch_up": 0})
        desk.write("good", quality=90)
        desk.write("poor", quality=20)
        await desk.told(1)
        why = {"story": "Story good"}
        told = await until(desk, "subscriptions why", why, "Posted")
        assert "**Subscription 1:** all topics · quality 80+" in told
        assert "✅ Quality: 90 (minimum 80)" in told
        assert "❌ Topics: no match for Space" in told
        message = desk.posts()[0]
        assert "Posted: https://discord.com/channels/" in told
        assert str(message.id) in told
        assert "> planned" in told
        assert "> posted" in told
        untold = described(await desk.ask("subscriptions why", {"story": "Story poor"}))
        assert "❌ Quality: 20 (minimum 80)" in untold
        assert f"Not selected for <#{desk.channel().id}>." in untold


async def test_why_asks_about_any_channel_of_the_server(desk: Desk) -> None:
    """And offers stories by their titles."""
    desk.write("one")
    async with desk.bot():
        offered = await desk.sandbox.person("Ada").autocomplete(
            desk.channel().id, "subscriptions why", "story", "sto"
        )
        assert [each["name"] for each in offered] == ["Story one — The Example"]
        options = {"story": offered[0]["value"], "channel": desk.channel("ai").id}
        text = described(await desk.ask("subscriptions why", options))
        assert f"Not selected for <#{desk.channel('ai').id}>." in text
        assert "This channel has no subscriptions." in text
        unknown = await desk.ask("subscriptions why", {"story": "zebra"})
        assert "No story matches “zebra”" in unknown.content


async def test_why_tells_what_came_before_the_subscription_and_what_was_withdrawn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdicts are those of the planner."""
    monkeypatch.setattr("bot.ingest.folder.missing_files.QUIET_SECONDS", 0.1)
    desk.write("early")
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        early = described(await desk.ask("subscriptions why", {"story": "Story early"}))
        assert "❌ New: already matched when the subscription started" in early
        desk.write("late")
        await desk.told(1)
        (desk.folder / "late.md").unlink()
        text = await until(desk, "subscriptions why", {"story": "2"}, "withdrawn")
        assert "❌ Still published: the story was withdrawn" in text


async def test_why_tells_which_story_took_another_one_in(desk: Desk) -> None:
    """What tells the same is folded into the first post's coverage."""
    title = "Astronomers find water on a distant planet"
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        desk.write("first", title=title)
        await desk.told(1)
        desk.write("second", title=f"{title}!")
        joins = f"Shown as coverage of [{title}]"
        await until(desk, "subscriptions why", {"story": "2"}, joins)


async def test_status_counts_and_says_what_is_missing(desk: Desk) -> None:
    """Posted, waiting, skipped, permissions in Discord's words, the next digest."""
    async with desk.bot():
        assert "No subscriptions yet" in (await desk.ask("subscriptions status")).content
        await desk.subscribe()
        await desk.ask("subscriptions add", {"mode": "daily"}, channel="ai")
        desk.write("one")
        await desk.told(1)
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


async def test_status_tells_what_discord_refused(desk: Desk) -> None:
    """A failure stands out."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(400), route=CREATE_MESSAGE, times=1)
        desk.write("one")
        text = await until(desk, "subscriptions status", {}, "**1 failed**")
        why = described(await desk.ask("subscriptions why", {"story": "1"}))
        assert "Failed: Discord rejected the message" in why
        assert "0 posted" in text


async def test_a_long_status_fits_a_message(desk: Desk) -> None:
    """What has no room is counted."""
    async with desk.bot():
        for number in range(30):
            topics = ", ".join(f"a fairly long topic {number} {each}" for each in range(5))
            await desk.ask("subscriptions add", {"topics": topics, "catch_up": 0})
        (embed,) = (await desk.ask("subscriptions status")).embeds
        assert len(embed["description"]) <= 4096
        assert "more" in embed["description"].splitlines()[-1]
