"""`/subscriptions` as an admin and as a member use it."""

import pytest

from bot.config.settings import SubscriptionSettings
from bot.sandbox import Permission, PersonError
from tests.discordapp.subscriptions.support import (
    described,
    elsewhere,
    import_file,
    until,
    yaml_file,
)
from tests.support.desk import Desk


async def test_a_subscription_is_added_listed_and_removed(desk: Desk) -> None:
    desk.write("one", topic="Space")
    async with desk.bot():
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content
        other = desk.channel("ai")
        added = await desk.ask(
            "subscriptions add",
            {"channel": other.id, "topics": "space", "min_quality": 50, "catch_up": 1},
        )
        assert added.content == (
            f"Subscribed <#{other.id}> to Space · quality 50+.\n"
            "The best story so far is on its way."
        )
        await desk.wait_for_stories(1, "ai")
        listed = await desk.ask("subscriptions list")
        assert listed.content == f"• <#{other.id}>: Space · quality 50+"
        choices = await desk.sandbox.person("Ada").autocomplete(
            other.id, "subscriptions remove", "subscription", "spa"
        )
        assert [choice["name"] for choice in choices] == ["#ai: Space · quality 50+"]
        removed = await desk.ask("subscriptions remove", {"subscription": str(choices[0]["value"])})
        assert removed.content.startswith(f"Unsubscribed <#{other.id}> from Space")
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_quiet_hours_delay_the_promised_catch_up(desk: Desk) -> None:
    desk.write("one")
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"quiet": "22:00-08:00"})
        assert added.content.endswith(
            "The best story so far will be posted outside the quiet hours."
        )


@pytest.mark.parametrize(
    ("options", "range_and_delay"),
    [
        ({"at": "07:30", "quiet": "22-8"}, "22:00-08:00, so the digest is sent at 08:00"),
        (
            {"at": "22:00", "quiet": "22-8"},
            "22:00-08:00, so the digest is sent at 08:00 the next day",
        ),
        ({"at": "08:00", "quiet": "22-8"}, "22:00-08:00"),
        ({"at": "12:30", "quiet": "12-13"}, "12:00-13:00, so the digest is sent at 13:00"),
    ],
)
async def test_answers_show_when_quiet_hours_delay_a_digest(
    desk: Desk, options: dict[str, str], range_and_delay: str
) -> None:
    """The confirmation, the list and the editor show the time at which the digest is sent."""
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"mode": "daily", "catch_up": 0, **options})
        assert f"quiet hours {range_and_delay}.\nThe first digest is sent <t:" in added.content
        assert added.content.endswith(":R> if there are stories by then.")
        listed = await desk.ask("subscriptions list")
        assert listed.content.endswith(f"quiet hours {range_and_delay}")
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        assert f"quiet hours {range_and_delay}" in editor.embeds[0]["description"].splitlines()[3]


async def test_new_stories_are_not_promised_in_quiet_hours(desk: Desk) -> None:
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"quiet": "22:00-08:00", "catch_up": 0})
        assert added.content.endswith(
            "New stories are posted as they arrive, outside the quiet hours."
        )


async def test_answers_mention_that_a_subscription_is_paused(desk: Desk) -> None:
    """Edit, undo and preview say so."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        paused = await desk.ask("subscriptions pause", {"subscription": "1"})
        assert paused.content.endswith(
            "quality 70+). Stories that arrive during the pause are not posted. Resume with"
            f" {desk.mention('subscriptions resume')}. You can undo this for one hour."
        )
        preview = await desk.ask("subscriptions preview")
        still = f"Still paused – use {desk.mention('subscriptions resume')} to continue."
        assert preview.embeds[0]["description"].endswith(still)
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        saved = await desk.press(editor, "Save")
        assert saved.content.endswith(f"{still} You can undo this for one hour.")
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        assert (await desk.press(removed, "Undo")).content.endswith(still)


async def test_resume_and_undo_name_missing_permissions(desk: Desk) -> None:
    """Otherwise nobody would notice before the first story."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        await desk.ask("subscriptions pause", {"subscription": "1"})
        desk.sandbox.faults.revoke(desk.channel().id, Permission.EMBED_LINKS)
        advice = "⚠ I can't post there yet. Grant me **Embed Links** (Edit Channel → Permissions)."
        resumed = await desk.ask("subscriptions resume", {"subscription": "1"})
        assert resumed.content.endswith(advice)
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        assert (await desk.press(removed, "Undo")).content.endswith(advice)


async def test_adding_a_paused_duplicate_suggests_resume(desk: Desk) -> None:
    """An admin who adds it again wants to resume it."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        await desk.ask("subscriptions pause", {"subscription": "1"})
        again = await desk.ask("subscriptions add", {"catch_up": 0})
        assert f"Still paused – use {desk.mention('subscriptions resume')}" in again.content


async def test_a_duplicate_subscription_is_refused(desk: Desk) -> None:
    """The order and case of topics make no difference."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "AI, Space"})
        again = await desk.ask("subscriptions add", {"topics": "space,, ai"})
        assert "is already subscribed to" in again.content
        listed = await desk.ask("subscriptions list")
        assert len(listed.content.splitlines()) == 1


@pytest.mark.parametrize(
    ("denied", "words"),
    [
        (Permission.SEND_MESSAGES, "Send Messages"),
        (Permission.EMBED_LINKS, "Embed Links"),
        (Permission.READ_MESSAGE_HISTORY, "Read Message History"),
        (Permission.VIEW_CHANNEL, "View Channel"),
    ],
)
async def test_add_names_the_missing_permission(desk: Desk, denied: Permission, words: str) -> None:
    """It uses the name in Discord's settings, and adds no subscription."""
    async with desk.bot():
        channel = desk.channel("ai")
        desk.sandbox.faults.revoke(channel.id, denied)
        answer = await desk.ask("subscriptions add", {"channel": channel.id})
        assert f"**{words}" in answer.content
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content
        desk.sandbox.faults.grant(channel.id, denied)
        answer = await desk.ask("subscriptions add", {"channel": channel.id})
        assert "Subscribed" in answer.content


async def test_an_unknown_topic_is_accepted_with_a_warning(desk: Desk) -> None:
    """Stories about the topic may arrive later, or it is misspelt."""
    async with desk.bot():
        answer = await desk.ask("subscriptions add", {"topics": "Gardning"})
        assert "No stories about Gardning yet \u2013 check the spelling." in answer.content


async def test_autocompletion_completes_the_last_topic(desk: Desk) -> None:
    """It keeps the topics before the last comma, and doesn't offer them again."""
    for topic in ("Space", "Spiders", "AI"):
        desk.write(topic.lower(), topic=topic)
    async with desk.bot():
        ada = desk.sandbox.person("Ada")
        offered = await ada.autocomplete(
            desk.channel().id, "subscriptions add", "topics", "space, sp"
        )
        assert [choice["value"] for choice in offered] == ["space, Spiders"]


async def test_discord_hides_the_commands_from_members(desk: Desk) -> None:
    """`test_isolation` covers servers that show them to everyone."""
    async with desk.bot():
        with pytest.raises(PersonError):
            await desk.sandbox.person("Max").command(desk.channel().id, "subscriptions add")


async def test_add_accepts_every_option(desk: Desk) -> None:
    """The answer describes all of them."""
    role = next(
        role
        for guild in desk.sandbox.world.guilds.values()
        for role in guild.roles.values()
        if role.name == "Readers"
    )
    async with desk.bot():
        added = await desk.ask(
            "subscriptions add",
            {
                "topics": "Space",
                "without_topics": "Sport",
                "providers": "Reuters, The Example",
                "min_quality": 80,
                "min_heat": 5,
                "kind": "article",
                "words": "moon",
                "without_words": "rumour, gossip",
                "not_in": desk.channel("ai").id,
                "mode": "weekdays",
                "at": "6:30 pm",
                "timezone": "Europe/Berlin",
                "best": 5,
                "quiet": "22-8",
                "mention": role.id,
                "mention_quality": 95,
                "silent": True,
                "fold": False,
                "max_per_hour": 3,
                "catch_up": 0,
            },
        )
        assert added.content.startswith(
            f"Subscribed <#{desk.channel().id}> to Space except Sport · quality 80+ · heat 5+ ·"
            " articles only · from Reuters or The Example · with “moon” · without “rumour” or"
            f" “gossip” · except what <#{desk.channel('ai').id}> takes · digest on weekdays"
            " at 18:30 (Europe/Berlin), top 5 · quiet hours"
            f" 22:00-08:00 · mentions <@&{role.id}> for quality 95+ · silent · stories about the"
            " same event posted separately.\nThe first digest is sent <t:"
        )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"at": "25:00"}, "isn't a valid time. Use 24-hour time, like 18:30."),
        ({"quiet": "at night"}, "Use a range like 22:00-08:00"),
        ({"timezone": "Atlantis"}, "Use the nearest big city"),
        ({"mode": "instant", "at": "9:00"}, "Choose another `mode:`"),
        ({"mode": "daily", "weekday": 3}, "Choose `mode:weekly`"),
        ({"mention_quality": 80}, "choose a role with `mention:`"),
        ({"topics": ",".join(map(str, range(26)))}, "too many entries. Use at most 25."),
        ({"words": "x" * 101}, "too long"),
    ],
)
async def test_an_invalid_option_is_refused_with_advice(
    desk: Desk, options: dict[str, object], expected: str
) -> None:
    """Nothing is saved."""
    async with desk.bot():
        answer = await desk.ask("subscriptions add", options)
        assert expected in answer.content
        assert answer.ephemeral_for is not None
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_the_servers_time_zone_is_offered_first(desk: Desk) -> None:
    """Each one is shown with its local time. A new subscription uses the server's latest."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"timezone": "Asia/Tokyo", "mode": "daily"})
        ada = desk.sandbox.person("Ada")
        offered = await ada.autocomplete(desk.channel().id, "subscriptions add", "timezone", "")
        assert offered[0]["value"] == "Asia/Tokyo"
        assert "(now " in offered[0]["name"]
        found = await ada.autocomplete(desk.channel().id, "subscriptions add", "timezone", "berl")
        assert [each["value"] for each in found] == ["Europe/Berlin"]
        added = await desk.ask("subscriptions add", {"mode": "daily", "min_quality": 99})
        assert "digest every day at 09:00 (Asia/Tokyo)" in added.content


async def test_a_paused_subscription_posts_nothing(desk: Desk) -> None:
    """Stories that arrive during the pause are never posted, later ones are."""
    async with desk.bot():
        await desk.subscribe()
        await desk.subscribe("ai")
        subscription = {"subscription": "1"}
        paused = await desk.ask("subscriptions pause", subscription)
        assert f"Paused <#{desk.channel().id}>" in paused.content
        again = await desk.ask("subscriptions pause", subscription)
        assert "already paused" in again.content
        assert "⏸ Paused" in (await desk.ask("subscriptions list")).content
        desk.write("one")
        await desk.wait_for_stories(1, "ai")
        resumed = await desk.ask("subscriptions resume", subscription)
        assert resumed.content.startswith("Resumed ")
        assert "isn't paused" in (await desk.ask("subscriptions resume", subscription)).content
        desk.write("two")
        assert await desk.wait_for_stories(1) == ["Story two"]


async def test_a_pause_keeps_waiting_stories(desk: Desk) -> None:
    """Every answer says how many wait; they are posted after the pause."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0, "mode": "daily"})
        desk.write("one")
        await until(desk, "subscriptions status", {}, "1 waiting")
        subscription = {"subscription": "1"}
        paused = (await desk.ask("subscriptions pause", subscription)).content
        assert "1 story waits. It is posted after the pause, unless too old by then." in paused
        resume = desk.mention("subscriptions resume")
        waits = f"⏸ Paused by an admin until {resume}. 1 story waits."
        assert waits in (await desk.ask("subscriptions list")).content
        assert waits in described(await desk.ask("subscriptions status"))
        desk.write("two")
        why = {"story": "Story one"}
        await until(desk, "subscriptions why", why, f"Waiting until {resume}")
        resumed = (await desk.ask("subscriptions resume", subscription)).content
        assert "The story that waited is posted next, unless too old. New" in resumed
        assert "1 waiting" in described(await desk.ask("subscriptions status"))


async def test_an_admin_cannot_end_a_pause_by_the_bot(desk: Desk) -> None:
    """The answer says why."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.revoke(desk.channel().id, Permission.SEND_MESSAGES)
        desk.write("one")
        while "Paused" not in (await desk.ask("subscriptions list")).content:
            pass
        answer = await desk.ask("subscriptions resume", {"subscription": "1"})
        assert "I paused this subscription" in answer.content


async def test_a_removal_can_be_undone(desk: Desk) -> None:
    """The button below the answer works once, even after a restart."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "Space"})
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        assert "from Space" in removed.content
    async with desk.bot():
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content
        desk.write("sun", topic="Space")
        undone = await desk.press(removed, "Undo")
        assert undone.content.startswith("Restored. ")
        assert undone.components == []
        assert await desk.wait_for_stories(1) == ["Story sun"]


async def test_undo_creates_no_duplicate(desk: Desk) -> None:
    """If the same subscription was added again, the removed one stays removed."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "Space"})
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        await desk.ask("subscriptions add", {"topics": "Space"})
        assert "is already subscribed to Space" in (await desk.press(removed, "Undo")).content
        assert len((await desk.ask("subscriptions list")).content.splitlines()) == 1


async def test_a_server_has_limits(desk: Desk) -> None:
    """Subscriptions and channels are limited. Existing subscriptions can still be changed."""
    settings = desk.settings().model_copy(
        update={"subscriptions": SubscriptionSettings(max_per_server=3, max_channels=2)}
    )
    async with desk.bot(settings):
        await desk.subscribe()
        await desk.subscribe("ai")
        refused = await desk.ask("subscriptions add", {"min_quality": 90}, channel="general")
        assert "I already post in 2 channels of this server (limit: 2)" in refused.content
        await desk.ask("subscriptions add", {"min_quality": 90})
        refused = await desk.ask("subscriptions add", {"min_quality": 95})
        assert "This server already has 3 subscriptions (limit: 3)" in refused.content
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        assert "Saved" in (await desk.press(editor, "Save")).content


async def test_a_list_can_show_one_channel(desk: Desk) -> None:
    async with desk.bot():
        await desk.subscribe()
        await desk.subscribe("ai")
        listed = await desk.ask("subscriptions list", {"channel": desk.channel("ai").id})
        assert listed.content == f"• <#{desk.channel('ai').id}>: all topics · quality 70+"


async def test_the_commands_have_at_most_25_options(desk: Desk) -> None:
    """The sandbox checks the 8,000 characters that a command may have."""
    async with desk.bot():
        (group,) = (c for c in desk.sandbox.world.commands if c["name"] == "subscriptions")
        assert max(len(each.get("options", [])) for each in group["options"]) <= 25


async def test_a_channel_gets_what_another_leaves(desk: Desk) -> None:
    """The answers to list, why, preview and status say so, and what is missing for it."""
    async with desk.bot():
        ai, rest = desk.channel("ai"), {"not_in": desk.channel("ai").id, "catch_up": 0}
        refused = await desk.ask("subscriptions add", rest, channel="ai")
        assert "`not_in:` is for other channels" in refused.content
        added = await desk.ask("subscriptions add", rest)
        assert added.content.startswith(
            f"Subscribed <#{desk.channel().id}> to all topics · quality 70+ ·"
            f" except what <#{ai.id}> takes."
        )
        idle = f"⚠ <#{ai.id}> has no active subscription, so nothing is left out because of it."
        assert idle in described(await desk.ask("subscriptions status"))
        await desk.ask("subscriptions add", {"topics": "AI", "catch_up": 0}, channel="ai")
        assert idle not in described(await desk.ask("subscriptions status"))
        desk.write("one", topic="AI")
        desk.write("two", topic="Space")
        assert await desk.wait_for_stories(1, "ai") == ["Story one"]
        assert await desk.wait_for_stories(1) == ["Story two"]
        why = described(await desk.ask("subscriptions why", {"story": "Story one"}))
        assert f"**Not selected for <#{desk.channel().id}>: other channels: <#{ai.id}> al" in why
        assert f"❌ Other channels: <#{ai.id}> already takes it" in why
        shown = described(await desk.ask("subscriptions preview"))
        assert "Story two" in shown
        assert "Story one" not in shown


async def test_a_channel_of_another_server_is_refused(desk: Desk) -> None:
    """Whatever a client or a file names."""
    async with desk.bot():
        other = elsewhere(desk)
        text = f"subscriptions:\n- {{channel: news, not_in: [{{channel_id: {other.channel_id}}}]}}"
        assert "There's no channel" in await import_file(desk, yaml_file(text))
        itself = "subscriptions:\n- {channel: news, not_in: news}"
        assert "is for other channels" in await import_file(desk, yaml_file(itself))
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_a_long_list_fits_a_message(desk: Desk) -> None:
    """The list ends with the number of subscriptions that don't fit."""
    async with desk.bot():
        for number in range(40):
            topics = ", ".join(f"a fairly long topic {number} {each}" for each in range(5))
            await desk.ask("subscriptions add", {"topics": topics})
        listed = await desk.ask("subscriptions list")
        assert len(listed.content) <= 2000
        assert "more" in listed.content.splitlines()[-1]


async def test_markup_in_a_title_is_posted_as_text(desk: Desk) -> None:
    """It becomes no mention, link or heading."""
    async with desk.bot():
        await desk.subscribe()
        desk.write("one", title="@everyone [click](https://evil.example) <@1> # **now**")
        await desk.wait_for_stories(1)
        (message,) = desk.posts()
        title = message.embeds[0]["title"]
        assert "@everyone" not in title
        assert "](https://" not in title
        assert "<@1>" not in title.replace("\\<", "")
        assert message.content == ""
