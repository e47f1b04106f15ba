"""`/subscriptions` as an admin and as a member use it."""

from __future__ import annotations

import pytest

from bot.sandbox import Permission, PersonError
from tests.support.desk import Desk

EVERYONE = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES


async def test_add_lists_and_remove(desk: Desk) -> None:
    """The whole life of a subscription, in this channel and in another one."""
    desk.write("one", topic="Space")
    async with desk.bot():
        assert "Nothing arrives here yet" in (await desk.ask("subscriptions list")).content
        other = desk.channel("ai")
        added = await desk.ask(
            "subscriptions add",
            {"channel": other.id, "topics": "space", "min_quality": 50, "catch_up": 1},
        )
        assert added.content == (
            f"<#{other.id}> now gets Space, quality 50 or better. The best 1 so far is on the way."
        )
        await desk.told(1, "ai")
        listed = await desk.ask("subscriptions list")
        assert listed.content == f"• <#{other.id}>: Space, quality 50 or better"
        choices = await desk.sandbox.person("Ada").autocomplete(
            other.id, "subscriptions remove", "subscription", "spa"
        )
        assert [choice["name"] for choice in choices] == ["#ai: Space, quality 50+"]
        removed = await desk.ask("subscriptions remove", {"subscription": str(choices[0]["value"])})
        assert "no longer gets" in removed.content
        assert "Nothing arrives here yet" in (await desk.ask("subscriptions list")).content


async def test_the_same_subscription_twice_is_one(desk: Desk) -> None:
    """Topics in another order or case are the same rules."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"topics": "AI, Space"})
        again = await desk.ask("subscriptions add", {"topics": "space,, ai"})
        assert "already gets" in again.content
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
        assert "Nothing arrives here yet" in (await desk.ask("subscriptions list")).content
        desk.sandbox.faults.grant(channel.id, denied)
        answer = await desk.ask("subscriptions add", {"channel": channel.id})
        assert "now gets" in answer.content


async def test_an_unknown_topic_is_taken_with_a_word_of_doubt(desk: Desk) -> None:
    """A topic may come later, or be a slip."""
    async with desk.bot():
        answer = await desk.ask("subscriptions add", {"topics": "Gardning"})
        assert "No story so far is about Gardning" in answer.content


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


async def test_a_member_may_not_subscribe_even_if_the_command_was_opened(desk: Desk) -> None:
    """The right is checked on our side; Discord's own check can be overridden by a server."""
    async with desk.bot():
        max_ = desk.sandbox.person("Max")
        with pytest.raises(PersonError):
            await max_.command(desk.channel().id, "subscriptions add")
        await desk.ask("subscriptions add")
        for command in desk.sandbox.world.commands:
            command["default_member_permissions"] = None
        for path, options in (
            ("subscriptions add", {}),
            ("subscriptions list", {}),
            ("subscriptions remove", {"subscription": "1"}),
        ):
            answer = await desk.ask(path, options, person="Max")
            assert "You need **Manage Server**" in answer.content
            assert answer.ephemeral_for is not None
        offered = await max_.autocomplete(
            desk.channel().id, "subscriptions remove", "subscription", ""
        )
        assert offered == []
        assert len((await desk.ask("subscriptions list")).content.splitlines()) == 1


async def test_a_subscription_of_another_server_is_not_there(desk: Desk) -> None:
    """Neither offered nor removable by its number."""
    world = desk.sandbox.world
    async with desk.bot():
        await desk.ask("subscriptions add")
        ada = world.find_user("Ada")
        foreign = world.add_guild("Elsewhere", ada.id, everyone=EVERYONE)
        world.add_member(foreign.id, world.bot.id)
        channel = world.add_channel(foreign.id, "elsewhere")
        person = desk.sandbox.person("Ada")
        offered = await person.autocomplete(channel.id, "subscriptions remove", "subscription", "")
        assert offered == []
        for crafted in ("1", "99999999999999999999", "-1", "x"):
            interaction = await person.command(
                channel.id, "subscriptions remove", {"subscription": crafted}
            )
            answer = await interaction.answered()
            assert answer is not None
            assert "no longer gets" not in answer.content
        assert len((await desk.ask("subscriptions list")).content.splitlines()) == 1


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
        await desk.ask("subscriptions add")
        desk.write("one", title="@everyone [click](https://evil.example) <@1> # **now**")
        await desk.told(1)
        (message,) = desk.posts()
        title = message.embeds[0]["title"]
        assert "@everyone" not in title
        assert "](https://" not in title
        assert "<@1>" not in title.replace("\\<", "")
        assert message.content == ""
