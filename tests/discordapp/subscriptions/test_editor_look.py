"""The editor's choices of a look, a colour, facts and a second role."""

import pytest

from bot.discordapp.subscriptions.editor.state import EditorState, Field
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import Message
from storage.models import Fact, Look, Mention, SubscriptionSpec
from tests.discordapp.subscriptions.support import (
    choose,
    chosen,
    components,
    described,
    elsewhere,
    fill,
    only_subscription,
    open_look_and_style,
    problems,
)
from tests.support.desk import Desk

NEW = EditorState(SubscriptionSpec(20))


async def _open_others(desk: Desk, editor: Message) -> None:
    await desk.press(editor, "More…")
    await desk.press(editor, "Kinds, channels, role…")


@pytest.mark.parametrize("look", Look)
async def test_each_look_is_chosen_and_saved(desk: Desk, look: Look) -> None:
    """The page shows it when the subscription is edited."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await open_look_and_style(desk, editor)
        assert chosen(editor, "look") == ["card"]
        await choose(desk, editor, "look", look)
        assert chosen(editor, "look") == [look]
        saved = (await desk.press(editor, "Save")).content
        assert (f"{look} look" in saved) is (look is not Look.CARD)
        edit = {"subscription": await only_subscription(desk)}
        editor = await desk.ask("subscriptions edit", edit)
        await open_look_and_style(desk, editor)
        assert chosen(editor, "look") == [look]


@pytest.mark.parametrize(
    ("facts", "phrase"),
    [
        (["quality", "topics", "time"], None),
        (["quality", "time"], "shows only quality and time"),
        ([], "without quality, topics and time"),
    ],
)
async def test_any_facts_are_chosen(desk: Desk, facts: list[str], phrase: str | None) -> None:
    """All of them are shown by default."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await open_look_and_style(desk, editor)
        assert chosen(editor, "facts") == ["quality", "topics", "time"]
        await choose(desk, editor, "facts", *reversed(facts))
        assert chosen(editor, "facts") == facts
        saved = (await desk.press(editor, "Save")).content
        assert phrase is None or phrase in saved
        edit = {"subscription": await only_subscription(desk)}
        editor = await desk.ask("subscriptions edit", edit)
        await open_look_and_style(desk, editor)
        assert chosen(editor, "facts") == facts


async def test_a_colour_is_chosen_or_typed(desk: Desk) -> None:
    """The select also has the colour that was typed."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await open_look_and_style(desk, editor)
        assert chosen(editor, "colour") == ["none"]
        await choose(desk, editor, "colour", "blue")
        assert chosen(editor, "colour") == ["blue"]
        assert "colour #3498db" in described(editor)
        await fill(desk, editor, "Style…", {"colour": "#123456"})
        assert chosen(editor, "colour") == ["#123456"]
        assert "colour #123456" in (await desk.press(editor, "Save")).content
        edit = {"subscription": await only_subscription(desk)}
        editor = await desk.ask("subscriptions edit", edit)
        await open_look_and_style(desk, editor)
        assert chosen(editor, "colour") == ["#123456"]
        await choose(desk, editor, "colour", "none")
        assert "colour" not in (await desk.press(editor, "Save")).content


async def test_a_second_role_has_its_own_quality(desk: Desk) -> None:
    """Without the role, there is no quality to choose."""
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    role = desk.sandbox.world.add_role(guild_id, "Editors")
    async with desk.bot():
        editor = await desk.ask("subscriptions add", {})
        await _open_others(desk, editor)
        assert components(editor)["second_mention_bar"]["disabled"]
        await choose(desk, editor, "second_mention", role.id)
        await choose(desk, editor, "second_mention_bar", "90")
        saved = (await desk.press(editor, "Save")).content
        assert f"mentions <@&{role.id}> for quality 90+" in saved
        edit = {"subscription": await only_subscription(desk)}
        editor = await desk.ask("subscriptions edit", edit)
        await _open_others(desk, editor)
        assert chosen(editor, "second_mention") == [str(role.id)]
        assert chosen(editor, "second_mention_bar") == ["90"]
        await choose(desk, editor, "second_mention")
        assert "mentions" not in (await desk.press(editor, "Save")).content


async def test_a_second_role_is_of_the_server(desk: Desk) -> None:
    """Neither another server's role nor everyone is mentioned. A client may send any id."""
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    other = desk.sandbox.world.add_role(elsewhere(desk).guild_id, "Strangers")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await _open_others(desk, editor)
        for role_id, problem in ((other.id, "no longer exists"), (guild_id, "everyone")):
            part = components(editor)["second_mention"]
            data = {
                "custom_id": part["custom_id"],
                "component_type": part["type"],
                "id": part["id"],
                "values": [str(role_id)],
            }
            used = await desk.sandbox.person("Ada").forge(
                editor.channel_id, InteractionType.COMPONENT, data, editor.id
            )
            await used.settled()
            assert problem in problems(editor)
            assert chosen(editor, "second_mention") == []
        assert "mentions" not in (await desk.press(editor, "Save")).content


@pytest.mark.parametrize("field", [Field.LOOK, Field.COLOUR, Field.FACTS])
@pytest.mark.parametrize("values", [["poster"], ["card", "poster"], ["Card"], ["Blau"]])
def test_a_forged_choice_is_refused(field: Field, values: list[str]) -> None:
    """Also if the client pretends that it was offered."""
    with pytest.raises(ValueError, match="not offered"):
        NEW.choose(field, values, [*Look, *Fact])
    with pytest.raises((ValueError, TypeError)):
        NEW.choose(field, values, values)


@pytest.mark.parametrize("values", [[], ["card", "gallery"]])
def test_exactly_one_look_is_chosen(values: list[str]) -> None:
    with pytest.raises((ValueError, TypeError)):
        NEW.choose(Field.LOOK, values, [*Look])


def test_each_role_has_its_own_quality() -> None:
    """A quality without its role is refused."""
    with pytest.raises(ValueError, match="no role"):
        NEW.choose(Field.SECOND_MENTION_QUALITY, ["90"], ["90"])
    both = NEW
    for field, value in (
        (Field.MENTION, "7"),
        (Field.SECOND_MENTION, "8"),
        (Field.MENTION_QUALITY, "80"),
        (Field.SECOND_MENTION_QUALITY, "95"),
    ):
        both = both.choose(field, [value], [value])
    assert both.spec.delivery.mentions == (Mention(7, 80), Mention(8, 95))
