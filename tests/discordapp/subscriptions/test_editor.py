"""The editor as an admin uses it, including after a restart."""

import asyncio

import pytest
import yaml

from bot.sandbox import Permission
from bot.sandbox.model.entities import OverwriteType
from tests.discordapp.subscriptions.support import (
    attached,
    choose,
    chosen,
    components,
    described,
    fill,
    only_subscription,
    problems,
    yaml_file,
)
from tests.support.desk import Desk, button_id


async def test_the_editor_describes_and_previews_a_draft(desk: Desk) -> None:
    """It shows the channel, rules and delivery, the latest matches, and how many to expect."""
    for number in range(5):
        desk.write(f"number-{number}", quality=70 + number)
    desk.write("poor", quality=30)
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        text = described(editor)
        assert editor.ephemeral_for is not None
        assert f"**Channel:** <#{desk.channel().id}>" in text
        assert "**Stories:** all topics · quality 70+" in text
        assert "**Delivery:** each story immediately" in text
        assert "**To start:** the best 3 stories so far, of any age" in text
        assert "Posted when you save: " in text
        assert text.count("](https://news.example/number-") == 3
        assert "poor" not in text
        assert "About 1 per week." in text
        assert chosen(editor, "channel") == [str(desk.channel().id)]
        assert chosen(editor, "bar") == ["70"]
        assert chosen(editor, "mode") == ["instant"]
        assert desk.posts() == []


async def test_the_editor_shows_and_saves_each_choice(desk: Desk) -> None:
    desk.write("star", topic="Space")
    desk.write("robot", topic="AI")
    ai = desk.channel("ai").id
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await choose(desk, editor, "channel", ai)
        await choose(desk, editor, "topics", "Space", "AI")
        await choose(desk, editor, "topics", "Space")
        await choose(desk, editor, "bar", "50")
        await choose(desk, editor, "mode", "weekdays 0 09:00")
        text = described(editor)
        assert f"**Channel:** <#{ai}>" in text
        assert "**Stories:** Space · quality 50+" in text
        assert "**Delivery:** digest on weekdays at 09:00 UTC" in text
        assert "robot" not in text
        assert chosen(editor, "topics") == ["Space"]
        saved = await desk.press(editor, "Save")
        assert saved.id == editor.id
        assert saved.components == []
        assert saved.content == (
            f"Subscribed <#{ai}> to Space · quality 50+ · digest on weekdays at 09:00 (UTC), top"
            " 10.\nThe best story so far is on its way."
        )


async def test_the_other_pages_have_all_other_options(desk: Desk) -> None:
    """What can't be chosen from a list is typed into forms."""
    world = desk.sandbox.world
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    role = world.add_role(guild_id, "Readers")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        assert components(editor)["mention_bar"]["disabled"]
        await choose(desk, editor, "mention", role.id)
        await choose(desk, editor, "mention_bar", "90")
        await choose(desk, editor, "switches", "silent")
        await fill(
            desk,
            editor,
            "Schedule…",
            {"timezone": "berlin", "quiet": "22-8", "max_per_hour": "5"},
        )
        await fill(
            desk,
            editor,
            "Filters…",
            {
                "words": "moon, mars",
                "without_words": "rumour",
                "without_topics": "sport",
                "providers": "Reuters",
                "min_heat": "3",
            },
        )
        await desk.press(editor, "Kinds, channels, role…")
        await choose(desk, editor, "kind", "video")
        await desk.press(editor, "Back")
        await desk.press(editor, "Look and style…")
        await choose(desk, editor, "look", "compact")
        await choose(desk, editor, "facts", "quality", "time")
        saved = await desk.press(editor, "Save")
        for phrase in (
            "all topics except sport",
            "heat 3+",
            "videos only",
            "from Reuters",
            "with “moon” or “mars”",
            "without “rumour”",
            "quiet hours 22:00-08:00 (Europe/Berlin)",
            f"mentions <@&{role.id}> for quality 90+",
            " · silent · ",
            "compact look · shows only quality and time",
            "stories about the same event posted separately",
            "New stories are posted as they arrive, outside the quiet hours",
        ):
            assert phrase in saved.content


async def test_a_role_that_is_not_notified_gets_a_warning(desk: Desk) -> None:
    """@everyone is refused."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    role = world.add_role(guild_id, "Readers")
    role.mentionable = False
    desk.sandbox.faults.revoke(desk.channel().id, Permission.MENTION_EVERYONE)
    async with desk.bot():
        added = await desk.ask("subscriptions add", {"mention": role.id, "mention_quality": 80})
        assert f"mentions <@&{role.id}> for quality 80+" in added.content
        assert "won't be notified yet" in added.content
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        await choose(desk, editor, "mention", guild_id)
        assert "I don't mention everyone" in problems(editor)
        assert chosen(editor, "mention") == []


async def test_cancel_changes_nothing(desk: Desk) -> None:
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        cancelled = await desk.press(editor, "Cancel")
        assert cancelled.content == "Cancelled. Nothing was changed."
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_an_open_editor_works_after_a_restart(desk: Desk) -> None:
    """Selects, buttons and forms find the draft."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await choose(desk, editor, "bar", "50")
        await desk.press(editor, "More…")
        ada = desk.sandbox.person("Ada")
        form = await ada.press(editor.id, button_id(editor, "Filters…"))
        await form.answered()
    async with desk.bot():
        await (await ada.submit(form, {"words": "moon"})).settled()
        assert "quality 50+ · with “moon”" in described(editor)
        await desk.press(editor, "Kinds, channels, role…")
        await choose(desk, editor, "kind", "article")
        saved = await desk.press(editor, "Save")
        assert "quality 50+ · articles only · with “moon”" in saved.content


async def test_edit_opens_the_editor_with_the_current_values(desk: Desk) -> None:
    """Options that aren't touched stay the same."""
    desk.write("one", topic="Space")
    async with desk.bot():
        await desk.ask(
            "subscriptions add",
            {
                "topics": "Space, Gardening",
                "min_quality": 65,
                "mode": "weekly",
                "weekday": 4,
                "at": "16:15",
                "timezone": "Europe/Berlin",
                "best": 4,
                "words": "moon",
                "catch_up": 0,
            },
        )
        editor = await desk.ask(
            "subscriptions edit", {"subscription": await only_subscription(desk)}
        )
        assert "Edit subscription" in described(editor)
        assert chosen(editor, "topics") == ["Space", "Gardening"]
        assert chosen(editor, "bar") == ["65"]
        assert chosen(editor, "mode") == ["weekly 4 16:15"]
        await choose(desk, editor, "bar", "80")
        saved = await desk.press(editor, "Save")
        assert saved.content.startswith("Saved. ")
        listed = (await desk.ask("subscriptions list")).content
        assert listed == (
            f"• <#{desk.channel().id}>: Space, Gardening · quality 80+ · with “moon” ·"
            " digest every Friday at 16:15 (Europe/Berlin), top 4"
        )


async def test_admins_can_edit_each_others_subscriptions(desk: Desk) -> None:
    """A subscription outlasts the admin who made it."""
    world = desk.sandbox.world
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    admin = world.add_role(guild_id, "Admins", Permission.MANAGE_GUILD)
    async with desk.bot():
        await desk.subscribe()
        world.set_member_roles(guild_id, world.find_user("Max").id, [admin.id])
        subscription = await only_subscription(desk)
        editor = await desk.ask("subscriptions edit", {"subscription": subscription}, person="Max")
        await choose(desk, editor, "bar", "90", person="Max")
        saved = await desk.press(editor, "Save", "Max")
        assert "quality 90+" in saved.content


async def test_the_editor_stays_open_if_saving_is_refused(desk: Desk) -> None:
    """Saving fails for a missing permission and for a duplicate. Another choice can be saved."""
    async with desk.bot():
        await desk.subscribe()
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "Save")
        assert "is already subscribed to all topics" in problems(editor)
        assert components(editor)
        closed = desk.channel("read-only").id
        await choose(desk, editor, "channel", closed)
        assert problems(editor).count("Grant me **Send Messages") == 1
        await desk.press(editor, "Save")
        assert problems(editor).count("Grant me **Send Messages") == 1
        await choose(desk, editor, "channel", desk.channel("ai").id)
        saved = await desk.press(editor, "Save")
        assert f"Subscribed <#{desk.channel('ai').id}> to" in saved.content


async def test_a_channel_hidden_from_the_person_is_refused(desk: Desk) -> None:
    """Discord doesn't offer it, but a client may send it. The draft stays the same."""
    world = desk.sandbox.world
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    max_id = world.find_user("Max").id
    admin = world.add_role(guild_id, "Admins", Permission.MANAGE_GUILD)
    world.set_member_roles(guild_id, max_id, [admin.id])
    hidden = world.add_channel(guild_id, "hidden")
    world.set_overwrite(hidden.id, max_id, OverwriteType.MEMBER, deny=Permission.VIEW_CHANNEL)
    async with desk.bot():
        editor = await desk.ask("subscriptions add", person="Max")
        await choose(desk, editor, "channel", hidden.id, person="Max")
        assert "You can't see that channel" in problems(editor)
        assert chosen(editor, "channel") == [str(desk.channel().id)]


async def test_saving_twice_at_once_subscribes_once(desk: Desk) -> None:
    """An impatient admin may press the button twice."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        ada, save = desk.sandbox.person("Ada"), button_id(editor, "Save")
        pressed = [await ada.press(editor.id, save) for _ in range(2)]
        await asyncio.gather(*(each.settled() for each in pressed))
        assert len((await desk.ask("subscriptions list")).content.splitlines()) == 1


async def test_simultaneous_choices_are_both_applied(desk: Desk) -> None:
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        ada, parts = desk.sandbox.person("Ada"), components(editor)
        used = [
            await ada.select(editor.id, parts["bar"]["custom_id"], ["90"]),
            await ada.select(editor.id, parts["mode"]["custom_id"], ["daily 0 18:00"]),
        ]
        await asyncio.gather(*(each.settled() for each in used))
        await desk.press(editor, "More…")
        assert "quality 90" in described(editor)
        assert "digest every day at 18:00" in described(editor)


@pytest.mark.parametrize("name", ["x" * 300, "@everyone **now**", "two\u202etimes"])
async def test_unusual_topic_names_break_no_menu(desk: Desk, name: str) -> None:
    """Names that aren't valid values of a menu are left out."""
    desk.write("one", topic=f'"{name}"')
    desk.write("two", topic="AI")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        offered = [each["value"] for each in components(editor)["topics"]["options"]]
        assert "AI" in offered
        assert all(len(each) <= 100 for each in offered)


async def test_a_rarely_used_chosen_topic_stays_in_the_menu(desk: Desk) -> None:
    """A menu has 25 options, the chosen ones first."""
    for number in range(30):
        for copy in range(2):
            desk.write(f"t-{number}-{copy}", topic=f"Topic {number:02}")
    desk.write("rare", topic="Rare")
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "Rare", "catch_up": 0})
        editor = await desk.ask(
            "subscriptions edit", {"subscription": await only_subscription(desk)}
        )
        options = components(editor)["topics"]["options"]
        assert len(options) == 25
        assert chosen(editor, "topics") == ["Rare"]


async def test_the_editor_leaves_stories_to_other_channels(desk: Desk) -> None:
    """They are no longer among the latest matches; the subscription's own channel is refused."""
    desk.write("robot", topic="AI")
    desk.write("star", topic="Space")
    async with desk.bot():
        ai, news = desk.channel("ai").id, desk.channel().id
        await desk.ask("subscriptions add", {"topics": "AI", "catch_up": 0}, channel="ai")
        editor = await desk.ask("subscriptions add")
        assert "Story robot" in described(editor)
        await desk.press(editor, "More…")
        await desk.press(editor, "Kinds, channels, role…")
        await choose(desk, editor, "not_in", ai, news)
        assert "A channel never gets a story twice" in problems(editor)
        assert chosen(editor, "not_in") == [str(ai)]
        assert f"except what <#{ai}> takes" in described(editor)
        assert "Story robot" not in described(editor)
        await desk.press(editor, "Back")
        await desk.press(editor, "Back")
        await choose(desk, editor, "channel", ai)
        assert "except" not in described(editor)
        await choose(desk, editor, "channel", news)
        await desk.press(editor, "More…")
        await desk.press(editor, "Kinds, channels, role…")
        await choose(desk, editor, "not_in", ai)
        assert f"except what <#{ai}> takes" in (await desk.press(editor, "Save")).content
        assert await desk.wait_for_stories(1) == ["Story star"]


async def test_a_deleted_channel_is_no_longer_left_out(desk: Desk) -> None:
    async with desk.bot():
        await desk.ask("subscriptions add", {"not_in": desk.channel("ai").id})
        edit = {"subscription": await only_subscription(desk)}
        desk.sandbox.faults.delete_channel(desk.channel("ai").id)
        async with asyncio.timeout(60):
            while "whose stories are left out" not in problems(
                editor := await desk.ask("subscriptions edit", edit)
            ):
                pass
        assert "except" not in (await desk.press(editor, "Save")).content


async def test_a_deleted_role_is_no_longer_mentioned(desk: Desk) -> None:
    """The editor says so, and saving removes the mention."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    role = world.add_role(guild_id, "Readers")
    async with desk.bot():
        await desk.ask("subscriptions add", {"mention": role.id})
        world.delete_role(guild_id, role.id)
        editor = await desk.ask(
            "subscriptions edit", {"subscription": await only_subscription(desk)}
        )
        assert "A mentioned role no longer exists." in problems(editor)
        saved = await desk.press(editor, "Save")
        assert "mentions" not in saved.content


async def test_the_largest_subscription_fits_everywhere(desk: Desk) -> None:
    """Each list has 25 names of 100 characters, all of them markup."""
    desk.write("one")
    names = [f"{number:02}" + "*" * 98 for number in range(25)]
    entry: dict[str, object] = dict.fromkeys(
        ("topics", "without_topics", "providers", "words", "without_words"), names
    )
    file = yaml_file(yaml.safe_dump({"subscriptions": [{"channel": "news", **entry}]}))
    async with desk.bot():
        used = await desk.sandbox.person("Ada").command(
            desk.channel().id, "subscriptions import", {"file": file}
        )
        assert (await used.settled()).content == "Added 1 subscription."
        again = await desk.sandbox.person("Ada").command(
            desk.channel().id, "subscriptions import", {"file": file}
        )
        assert "is already subscribed to" in (await again.settled()).content
        chosen_one = {"subscription": "1"}
        editor = await desk.ask("subscriptions edit", chosen_one)
        assert len(chosen(editor, "topics")) == 25
        await desk.press(editor, "More…")
        await fill(desk, editor, "Filters…", {"min_heat": "1"})
        assert "heat 1+" in described(editor)
        await fill(desk, editor, "Filters…", {"min_heat": "x" * 60})
        assert "Minimum heat: " in problems(editor)
        await desk.press(editor, "Undo input")
        saved = await desk.press(editor, "Save")
        assert saved.content.startswith("Saved. ")
        listed = await desk.ask("subscriptions list")
        assert f"<#{desk.channel().id}>" in listed.content
        assert f"<#{desk.channel().id}>" in described(await desk.ask("subscriptions status"))
        assert described(await desk.ask("subscriptions preview"))
        assert "❌ Topics" in described(await desk.ask("subscriptions why", {"story": "1"}))
        await desk.ask("subscriptions pause", chosen_one)
        await desk.ask("subscriptions resume", chosen_one)
        assert "Unsubscribed" in (await desk.ask("subscriptions remove", chosen_one)).content


async def test_names_with_commas_survive_an_unchanged_input(desk: Desk) -> None:
    """Unchanged text isn't parsed again."""
    text = 'subscriptions:\n- {channel: news, providers: ["The Times, London", Reuters]}\n'
    async with desk.bot():
        used = await desk.sandbox.person("Ada").command(
            desk.channel().id, "subscriptions import", {"file": yaml_file(text)}
        )
        await used.settled()
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        await desk.press(editor, "More…")
        await fill(desk, editor, "Filters…", {"words": "moon"})
        await desk.press(editor, "Save")
        exported = await attached(await desk.ask("subscriptions export"))
        assert "  - The Times, London\n  - Reuters\n" in exported
