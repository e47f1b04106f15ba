"""For whom the app is installed where a command is used, and in which kind of channel that is."""

import pytest

from bot.sandbox import PersonError, Sandbox
from bot.sandbox.interactions.application_commands import overwrite_commands
from bot.sandbox.interactions.interaction import Interaction, interaction_payload
from bot.sandbox.model.entities import Channel
from bot.sandbox.model.seed import EVERYONE


@pytest.fixture
def places(sandbox: Sandbox) -> dict[str, Channel]:
    """Where Ada is; two commands are registered, one of them only for servers."""
    world = sandbox.world
    everywhere = {"integration_types": [0, 1], "contexts": [0, 1, 2]}
    overwrite_commands(
        world,
        [
            {"name": "news", "description": "x", **everywhere},
            {"name": "manage", "description": "x"},
        ],
    )
    ada, max_ = world.find_user("Ada").id, world.find_user("Max").id
    other = world.add_guild("Elsewhere", max_, everyone=int(EVERYONE))
    world.add_member(other.id, ada)
    return {
        "home": world.find_channel("news"),
        "elsewhere": world.add_channel(other.id, "elsewhere"),
        "direct": world.direct_channel(ada),
        "group": world.add_group("Friends", [ada, max_]),
    }


async def use(sandbox: Sandbox, channel: Channel, name: str = "news") -> Interaction:
    """Let Ada use a command."""
    return await sandbox.person("Ada").command(channel.id, name)


@pytest.mark.parametrize(
    ("place", "context"), [("home", 0), ("elsewhere", 0), ("direct", 1), ("group", 2)]
)
async def test_a_person_with_the_app_uses_it_everywhere(
    sandbox: Sandbox, places: dict[str, Channel], place: str, context: int
) -> None:
    """The bot learns for whom it is installed, and what kind of channel it is."""
    channel, ada = places[place], sandbox.world.find_user("Ada").id
    sandbox.world.install_app(ada)
    payload = interaction_payload(sandbox.world, await use(sandbox, channel))
    of_server = {"home": {"0": str(channel.guild_id)}, "direct": {"0": "0"}}.get(place, {})
    assert payload["authorizing_integration_owners"] == {**of_server, "1": str(ada)}
    assert payload["context"] == context
    assert payload.get("guild_id") == (str(channel.guild_id) if channel.guild_id else None)
    assert ("member" in payload) is (channel.guild_id is not None)


async def test_others_use_it_where_the_bot_is(sandbox: Sandbox, places: dict[str, Channel]) -> None:
    for place in ("home", "direct"):
        payload = interaction_payload(sandbox.world, await use(sandbox, places[place]))
        assert "1" not in payload["authorizing_integration_owners"]
    for place in ("elsewhere", "group"):
        with pytest.raises(PersonError, match="not installed"):
            await use(sandbox, places[place])


async def test_a_command_for_servers_is_not_offered_elsewhere(
    sandbox: Sandbox, places: dict[str, Channel]
) -> None:
    sandbox.world.install_app(sandbox.world.find_user("Ada").id)
    await use(sandbox, places["home"], "manage")
    for place in ("elsewhere", "group"):
        with pytest.raises(PersonError, match="not installed"):
            await use(sandbox, places[place], "manage")
