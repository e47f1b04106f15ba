"""`/subscriptions` as an admin and as a member use it."""

import pytest

from bot.config.settings import SubscriptionSettings
from bot.sandbox import Permission, PersonError
from tests.support.desk import Desk


async def test_add_lists_and_remove(desk: Desk) -> None:
    """The whole life of a subscription, in this channel and in another one."""
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
        await desk.told(1, "ai")
        listed = await desk.ask("subscriptions list")
        assert listed.content == f"• <#{other.id}>: Space · quality 50+"
        choices = await desk.sandbox.person("Ada").autocomplete(
            other.id, "subscriptions remove", "subscription", "spa"
        )
        assert [choice["name"] for choice in choices] == ["#ai: Space · quality 50+"]
        removed = await desk.ask("subscriptions remove", {"subscription": str(choices[0]["value"])})
        assert removed.content.startswith(f"Unsubscribed <#{other.id}> from Space")
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_what_quiet_hours_may_hold_is_not_promised_at_once(desk: Desk) -> None:
    """The best stories so far wait, too."""
    desk.write("one")
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"quiet": "22:00-08:00"})
        assert added.content.endswith(
            "The best story so far will be posted outside the quiet hours."
        )


@pytest.mark.parametrize(
    ("options", "comes"),
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
async def test_a_digest_in_quiet_hours_is_told_with_the_time_at_which_it_comes(
    desk: Desk, options: dict[str, str], comes: str
) -> None:
    """By the confirmation, the list and the editor."""
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"mode": "daily", "catch_up": 0, **options})
        assert f"quiet hours {comes}.\nThe first digest is sent <t:" in added.content
        assert added.content.endswith(":R> if there are stories by then.")
        listed = await desk.ask("subscriptions list")
        assert listed.content.endswith(f"quiet hours {comes}")
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        assert f"quiet hours {comes}" in editor.embeds[0]["description"].splitlines()[3]


async def test_new_stories_are_not_promised_in_quiet_hours(desk: Desk) -> None:
    """They come when these end."""
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"quiet": "22:00-08:00", "catch_up": 0})
        assert added.content.endswith(
            "New stories are posted as they arrive, outside the quiet hours."
        )


async def test_what_is_paused_is_not_said_to_get_anything(desk: Desk) -> None:
    """Neither by an edit, nor by an undo, nor by a preview."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        paused = await desk.ask("subscriptions pause", {"subscription": "1"})
        assert paused.content.endswith(
            "Waiting stories and those that arrive during the pause are skipped. Resume with"
            " `/subscriptions resume`."
        )
        preview = await desk.ask("subscriptions preview")
        still = "Still paused – use `/subscriptions resume` to continue."
        assert preview.embeds[0]["description"].endswith(still)
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        assert (await desk.press(editor, "Save")).content.endswith(still)
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        assert (await desk.press(removed, "Undo")).content.endswith(still)


async def test_what_can_t_be_posted_yet_is_said_where_it_goes_on(desk: Desk) -> None:
    """After a pause and after an undo nobody looks at the permissions before the first story."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        await desk.ask("subscriptions pause", {"subscription": "1"})
        desk.sandbox.faults.revoke(desk.channel().id, Permission.EMBED_LINKS)
        advice = "⚠ I can't post there yet. Grant me **Embed Links** (Edit Channel → Permissions)."
        resumed = await desk.ask("subscriptions resume", {"subscription": "1"})
        assert resumed.content.endswith(advice)
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        assert (await desk.press(removed, "Undo")).content.endswith(advice)


async def test_what_is_there_already_but_paused_is_told_so(desk: Desk) -> None:
    """Whoever adds it again means to resume it."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        await desk.ask("subscriptions pause", {"subscription": "1"})
        again = await desk.ask("subscriptions add", {"catch_up": 0})
        assert "quality 70+. Still paused – use `/subscriptions resume`" in again.content


async def test_the_same_subscription_twice_is_one(desk: Desk) -> None:
    """Topics in another order or case are the same rules."""
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
async def test_add_says_at_once_which_permission_is_missing(
    desk: Desk, denied: Permission, words: str
) -> None:
    """In the words of Discord's settings, and without subscribing."""
    async with desk.bot():
        channel = desk.channel("ai")
        desk.sandbox.faults.revoke(channel.id, denied)
        answer = await desk.ask("subscriptions add", {"channel": channel.id})
        assert f"**{words}" in answer.content
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content
        desk.sandbox.faults.grant(channel.id, denied)
        answer = await desk.ask("subscriptions add", {"channel": channel.id})
        assert "Subscribed" in answer.content


async def test_an_unknown_topic_is_taken_with_a_word_of_doubt(desk: Desk) -> None:
    """A topic may come later, or be a slip."""
    async with desk.bot():
        answer = await desk.ask("subscriptions add", {"topics": "Gardning"})
        assert "No stories about Gardning yet \u2013 check the spelling." in answer.content


async def test_topics_complete_one_after_the_other(desk: Desk) -> None:
    """What stands before the last comma stays, and is not offered again."""
    for topic in ("Space", "Spiders", "AI"):
        desk.write(topic.lower(), topic=topic)
    async with desk.bot():
        ada = desk.sandbox.person("Ada")
        offered = await ada.autocomplete(
            desk.channel().id, "subscriptions add", "topics", "space, sp"
        )
        assert [choice["value"] for choice in offered] == ["space, Spiders"]


async def test_discord_itself_keeps_the_commands_from_members(desk: Desk) -> None:
    """They don't see them; what is done where a server shows them is told in test_isolation."""
    async with desk.bot():
        with pytest.raises(PersonError):
            await desk.sandbox.person("Max").command(desk.channel().id, "subscriptions add")


async def test_every_option_is_saved_at_once(desk: Desk) -> None:
    """And told in words."""
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
            " “gossip” · digest on weekdays at 18:30 (Europe/Berlin), top 5 · quiet hours"
            f" 22:00-08:00 · mentions <@&{role.id}> for quality 95+ · silent · stories about the"
            " same event posted separately.\nThe first digest is sent <t:"
        )


@pytest.mark.parametrize(
    ("options", "said"),
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
async def test_what_can_t_be_meant_is_answered_with_what_to_type(
    desk: Desk, options: dict[str, object], said: str
) -> None:
    """And nothing is saved."""
    async with desk.bot():
        answer = await desk.ask("subscriptions add", options)
        assert said in answer.content
        assert answer.ephemeral_for is not None
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_time_zones_are_offered_the_server_s_own_first(desk: Desk) -> None:
    """With what the clocks show there; a new subscription takes the server's latest."""
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


async def test_a_paused_subscription_posts_nothing_until_it_is_resumed(desk: Desk) -> None:
    """What came meanwhile is no news; what comes then is."""
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
        await desk.told(1, "ai")
        resumed = await desk.ask("subscriptions resume", subscription)
        assert resumed.content.startswith("Resumed ")
        assert "isn't paused" in (await desk.ask("subscriptions resume", subscription)).content
        desk.write("two")
        assert await desk.told(1) == ["Story two"]


async def test_a_pause_of_the_bot_s_own_ends_by_itself(desk: Desk) -> None:
    """An admin can't end it; the answer says why."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.revoke(desk.channel().id, Permission.SEND_MESSAGES)
        desk.write("one")
        while "Paused" not in (await desk.ask("subscriptions list")).content:
            pass
        answer = await desk.ask("subscriptions resume", {"subscription": "1"})
        assert "I paused this subscription" in answer.content


async def test_a_removal_can_be_undone(desk: Desk) -> None:
    """By the button below the answer, also after a restart; once."""
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
        assert await desk.told(1) == ["Story sun"]


async def test_an_undo_makes_no_twins(desk: Desk) -> None:
    """Where the same was added again meanwhile, what was removed stays removed."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "Space"})
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        await desk.ask("subscriptions add", {"topics": "Space"})
        assert "is already subscribed to Space" in (await desk.press(removed, "Undo")).content
        assert len((await desk.ask("subscriptions list")).content.splitlines()) == 1


async def test_a_server_has_a_limit(desk: Desk) -> None:
    """Of subscriptions and of channels; what is there can still be changed."""
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


async def test_a_list_may_be_of_one_channel(desk: Desk) -> None:
    """Where a server has many."""
    async with desk.bot():
        await desk.subscribe()
        await desk.subscribe("ai")
        listed = await desk.ask("subscriptions list", {"channel": desk.channel("ai").id})
        assert listed.content == f"• <#{desk.channel('ai').id}>: all topics · quality 70+"


async def test_the_command_fits_discord_s_limits(desk: Desk) -> None:
    """25 options, and 8000 characters over all."""
    async with desk.bot():
        (group,) = (c for c in desk.sandbox.world.commands if c["name"] == "subscriptions")
        assert max(len(each.get("options", [])) for each in group["options"]) <= 25


async def test_a_long_list_fits_a_message(desk: Desk) -> None:
    """What doesn't fit is counted."""
    async with desk.bot():
        for number in range(40):
            topics = ", ".join(f"a fairly long topic {number} {each}" for each in range(5))
            await desk.ask("subscriptions add", {"topics": topics})
        listed = await desk.ask("subscriptions list")
        assert len(listed.content) <= 2000
        assert "more" in listed.content.splitlines()[-1]


async def test_a_story_full_of_markup_arrives_as_text(desk: Desk) -> None:
    """No mention, no link in disguise, no heading."""
    async with desk.bot():
        await desk.subscribe()
        desk.write("one", title="@everyone [click](https://evil.example) <@1> # **now**")
        await desk.told(1)
        (message,) = desk.posts()
        title = message.embeds[0]["title"]
        assert "@everyone" not in title
        assert "](https://" not in title
        assert "<@1>" not in title.replace("\\<", "")
        assert message.content == ""
