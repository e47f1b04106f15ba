"""All answers to interactions go through a reply, which knows what Discord has got so far."""

import asyncio
from collections.abc import Awaitable, Callable

import discord
import pytest

from bot.discordapp.messages.errors import FORM_TOO_LATE
from bot.discordapp.replies import Reply, reply_to
from bot.sandbox import Sandbox
from bot.sandbox.interactions.interaction import Interaction, InteractionType, ResponseType
from bot.sandbox.model.entities import Message

COMMAND = {"id": "1", "name": "ask", "type": 1, "options": []}
EPHEMERAL = 1 << 6
Ask = Callable[..., Awaitable[tuple[Interaction, discord.Interaction[discord.Client]]]]


@pytest.fixture
def ask(sandbox: Sandbox, client: discord.Client) -> Ask:
    """Let Ada use a command, or a component of a message; returns both ends of the interaction."""
    arrived = asyncio.Queue[discord.Interaction[discord.Client]]()

    async def on_interaction(interaction: discord.Interaction[discord.Client]) -> None:
        arrived.put_nowait(interaction)

    client.event(on_interaction)
    channel = sandbox.world.find_channel("news")

    async def start(
        below: Message | None = None,
    ) -> tuple[Interaction, discord.Interaction[discord.Client]]:
        ada = sandbox.person("Ada")
        if below is None:
            used = await ada.forge(channel.id, InteractionType.COMMAND, COMMAND)
        else:
            data = {"custom_id": "x", "component_type": 2}
            used = await ada.forge(channel.id, InteractionType.COMPONENT, data, below.id)
        return used, await arrived.get()

    return start


async def test_later_answers_are_messages_of_their_own(ask: Ask) -> None:
    """Such as an error after a part of the work was done."""
    used, interaction = await ask()
    reply = Reply(interaction)
    await reply.send("one")
    await reply.send("two", private=True)
    assert used.original is not None
    assert used.original.content == "one"
    assert not used.original.flags & EPHEMERAL
    (second,) = used.follow_ups
    assert (second.content, second.flags & EPHEMERAL) == ("two", EPHEMERAL)


async def test_nothing_is_deferred_after_an_answer(ask: Ask) -> None:
    used, interaction = await ask()
    reply = Reply(interaction)
    await asyncio.gather(reply.send("one"), reply.defer())
    assert used.response_type is ResponseType.MESSAGE


async def test_a_deferral_in_progress_is_awaited(ask: Ask) -> None:
    """The answer replaces it, however close they are."""
    used, interaction = await ask()
    reply = Reply(interaction, private=False)
    await asyncio.gather(reply.defer(), reply.send("one"))
    assert used.response_type is ResponseType.DEFERRED_MESSAGE
    assert (await used.settled()).content == "one"
    await reply.send("two")
    assert [each.content for each in used.follow_ups] == ["two"]


async def test_a_form_that_is_late_asks_to_try_again(ask: Ask) -> None:
    """Discord opens no form after a deferral."""
    asked, first = await ask()
    await Reply(first).send("an editor")
    used, interaction = await ask(asked.original)
    reply = Reply(interaction)
    await reply.defer()
    await reply.open_form(discord.ui.Modal(title="Words", custom_id="form"))
    assert used.response_type is ResponseType.DEFERRED_UPDATE
    (answer,) = used.follow_ups
    assert (answer.content, answer.flags & EPHEMERAL) == (FORM_TOO_LATE, EPHEMERAL)


async def test_the_message_that_was_sent_last_is_improved(ask: Ask) -> None:
    """After a deferred press of a button that is not the one with the button."""
    asked, first = await ask()
    await Reply(first).send("a list")
    assert asked.original is not None
    used, interaction = await ask(asked.original)
    reply = Reply(interaction)
    await reply.defer()
    await reply.send(embeds=[discord.Embed(title="a copy")], private=True)
    await reply.improve([discord.Embed(title="a better copy")], [])
    (copy,) = used.follow_ups
    assert copy.embeds[0]["title"] == "a better copy"
    assert (asked.original.content, asked.original.embeds) == ("a list", [])
    await Reply(first).improve([discord.Embed(title="a better list")], [])
    assert asked.original.embeds[0]["title"] == "a better list"


async def test_an_interaction_has_one_reply(ask: Ask) -> None:
    """So answers from different places know of each other."""
    _, interaction = await ask()
    assert reply_to(interaction) is reply_to(interaction)
