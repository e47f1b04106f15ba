"""The app of a person, in servers without the bot, in groups, and in the bot's direct messages."""

from collections.abc import Mapping

import pytest

from bot.sandbox import PersonError
from bot.sandbox.model.entities import Channel, Message
from bot.sandbox.model.seed import EVERYONE
from tests.discordapp.test_contexts import NEWS
from tests.support.desk import Desk, button_id

PLACES = ["server", "group", "direct messages"]


@pytest.fixture
def elsewhere(desk: Desk) -> Mapping[str, Channel]:
    """Channels in which Ada, who has installed the app, may use it. The bot is in none of them."""
    world = desk.sandbox.world
    ada, max_ = world.find_user("Ada").id, world.find_user("Max").id
    world.install_app(ada)
    server = world.add_guild("Elsewhere", max_, everyone=int(EVERYONE))
    channel = world.add_channel(server.id, "elsewhere")
    world.add_member(server.id, ada)
    group = world.add_group("Friends", [ada, max_])
    return {"server": channel, "group": group, "direct messages": world.direct_channel(ada)}


async def ask(desk: Desk, channel: Channel, path: str, **options: object) -> Message:
    """Use a command as Ada."""
    used = await desk.sandbox.person("Ada").command(channel.id, path, options)
    return await used.settled()


@pytest.mark.parametrize("place", PLACES)
async def test_every_command_answers_wherever_the_app_is(
    desk: Desk, elsewhere: Mapping[str, Channel], caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """The subscriptions of a server are not offered there."""
    desk.write("one")
    async with desk.bot():
        for name, options in NEWS.items():
            given = {each["name"]: each["value"] for each in options}
            answer = await ask(desk, elsewhere[place], f"news {name}", **given)
            assert answer.embeds, name
            assert not answer.ephemeral_for, name
        private = await ask(desk, elsewhere[place], "news latest", private=True)
        assert private.ephemeral_for
        for name in ("help", "about"):
            answer = await ask(desk, elsewhere[place], name)
            assert answer.ephemeral_for
            assert "ubscriptions" not in answer.embeds[0]["description"]
            assert "this server" not in answer.embeds[0]["description"]
        with pytest.raises(PersonError):
            await ask(desk, elsewhere[place], "subscriptions list")
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


@pytest.mark.parametrize("place", PLACES)
async def test_buttons_and_completions_work_wherever_the_app_is(
    desk: Desk, elsewhere: Mapping[str, Channel], place: str
) -> None:
    """A page turns in place, and names are completed."""
    for number in range(7):
        desk.write(f"story-{number}")
    async with desk.bot():
        answer = await ask(desk, elsewhere[place], "news latest")
        ada = desk.sandbox.person("Ada")
        pressed = await ada.press(answer.id, button_id(answer, "Next"))
        assert (await pressed.settled()).id == answer.id
        assert "page 2" in answer.embeds[0]["footer"]["text"]
        offered = await ada.autocomplete(elsewhere[place].id, "news topic", "topic", "a")
        assert [each["value"] for each in offered] == ["AI"]


async def test_an_app_that_is_not_installed_can_not_be_used(
    desk: Desk, elsewhere: Mapping[str, Channel]
) -> None:
    """Max has not installed it, so Discord does not offer him its commands there."""
    async with desk.bot():
        for place in ("server", "group"):
            with pytest.raises(PersonError, match="not installed"):
                await desk.sandbox.person("Max").command(elsewhere[place].id, "news latest")


async def test_help_in_a_server_with_bot_and_app_has_everything(
    desk: Desk, elsewhere: Mapping[str, Channel]
) -> None:
    assert elsewhere
    async with desk.bot():
        answer = await ask(desk, desk.channel(), "help")
        assert desk.mention("subscriptions add") in answer.embeds[0]["description"]
