"""A story's page links to its messages in the server where it is asked for."""

import asyncio

import pytest

from bot.sandbox import Permission
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import ChannelType, Message, OverwriteType
from tests.discordapp.forged import command, text_option
from tests.discordapp.subscriptions.support import elsewhere
from tests.discordapp.test_contexts import in_a_group, in_another_server
from tests.support.desk import Desk

# A public answer would be another message with the story.
STORY = {"story": "Story one", "private": True}


def linked(desk: Desk, answer: Message) -> list[str]:
    """The names of the channels that an answer links to."""
    fields = answer.embeds[0].get("fields", [])
    lines = [each["value"] for each in fields if each["name"] == "In this server"]
    names = {channel.id: channel.name for channel in desk.sandbox.world.channels.values()}
    found = []
    for line in "\n".join(lines).splitlines():
        channel, link = line.split(" · ")
        channel_id = int(channel.strip("<#>"))
        (post,) = desk.posts(names[channel_id] or "")
        assert link.endswith(f"/{desk.channel().guild_id}/{channel_id}/{post.id})")
        found.append(str(names[channel_id]))
    return found


async def posted(desk: Desk, *channels: str) -> None:
    """Post a story in channels, one after the other, until their messages are recorded."""
    for number, channel in enumerate(channels, start=1):
        await desk.subscribe(channel)
        await desk.wait_for_stories(1, channel)
        async with asyncio.timeout(60):
            while len(await ask(desk, person="Ada")) < number:
                pass


async def ask(desk: Desk, channel: str = "news", person: str = "Max") -> list[str]:
    """The channels that the story's page links to."""
    return linked(desk, await desk.ask("news story", STORY, channel=channel, person=person))


async def test_a_story_links_to_its_messages(desk: Desk) -> None:
    """The message in the same channel comes first, then the latest."""
    desk.write("one")
    async with desk.bot():
        assert await ask(desk) == []
        await posted(desk, "news", "ai", "general")
        assert await ask(desk, "ai") == ["ai", "general", "news"]
        assert await ask(desk, "news") == ["news", "general", "ai"]
        listed = await desk.ask("news latest", {"private": True}, channel="ai")
        (select,) = (each for row in listed.components for each in row["components"])
        used = await desk.sandbox.person("Ada").select(
            listed.id, select["custom_id"], [select["options"][0]["value"]]
        )
        assert linked(desk, await used.settled()) == ["ai", "general", "news"]


@pytest.mark.parametrize("hidden", [Permission.VIEW_CHANNEL, Permission.READ_MESSAGE_HISTORY])
async def test_only_channels_that_the_member_may_read_are_linked(
    desk: Desk, hidden: Permission
) -> None:
    """Others are not even mentioned; who may read them gets their links."""
    desk.write("one")
    world = desk.sandbox.world
    async with desk.bot():
        await posted(desk, "news", "ai")
        max_ = world.find_user("Max").id
        world.set_overwrite(desk.channel("ai").id, max_, OverwriteType.MEMBER, deny=hidden)
        assert await ask(desk, "general") == ["news"]
        assert await ask(desk, "general", "Ada") == ["ai", "news"]


async def test_a_private_thread_is_linked_within_it_only(desk: Desk) -> None:
    """Who its members are is not known; a public thread is as visible as its channel."""
    desk.write("one")
    world = desk.sandbox.world
    world.add_thread(desk.channel().id, "hidden", ChannelType.PRIVATE_THREAD)
    world.add_thread(desk.channel().id, "open")
    async with desk.bot():
        await posted(desk, "open")
        await desk.subscribe("hidden")
        await desk.wait_for_stories(1, "hidden")
        async with asyncio.timeout(60):
            while await ask(desk, "hidden", "Ada") != ["hidden", "open"]:
                pass
        assert await ask(desk, "general", "Ada") == ["open"]


async def test_other_servers_are_never_linked(desk: Desk) -> None:
    """Not in another server of the same member, nor in direct messages or groups."""
    desk.write("one")
    async with desk.bot():
        await posted(desk, "news")
        there = elsewhere(desk)
        assert linked(desk, await there.ask("news story", STORY)) == []
        data = command(desk, "news story", text_option("story", "Story one"))
        ada = desk.sandbox.person("Ada")
        direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
        used = await ada.forge(direct, InteractionType.COMMAND, data)
        assert linked(desk, await used.settled()) == []
        for context in (in_another_server, in_a_group):
            desk.sandbox.faults.spoil(context, "INTERACTION_CREATE", times=None)
            used = await ada.forge(desk.channel().id, InteractionType.COMMAND, data)
            assert linked(desk, await used.settled()) == []
            desk.sandbox.faults.clear()
