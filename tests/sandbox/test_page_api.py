import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox import PageAction, Sandbox, SandboxOptions
from bot.sandbox.model.entities import ChannelType, Message, MessageFlag
from tests.sandbox.support import Rest
from tests.support.sandbox import checked_sandbox

COMMAND = {
    "name": "news",
    "description": "d",
    "options": [{"type": 3, "name": "topic", "description": "d", "autocomplete": True}],
}


async def drop() -> str:
    return "A story was dropped."


class Page:
    """The requests of the page's script, without a browser."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.ada = str(sandbox.world.find_user("Ada").id)
        self.max = str(sandbox.world.find_user("Max").id)

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        data = None if body is None else json.dumps(body)
        url = f"{self.sandbox.url}{path}"
        async with self.session.request(method, url, data=data, headers=headers) as response:
            return response.status, await response.json()


async def test_samples_add_places_to_a_new_world() -> None:
    """They are an announcement channel, a forum with tags, and a second server with the bot."""
    async with checked_sandbox(SandboxOptions(has_samples=True)) as sandbox:
        world = sandbox.world
        first, second = world.guilds.values()
        assert world.find_channel("headlines").type is ChannelType.ANNOUNCEMENT
        assert [tag.name for tag in world.find_channel("stories").available_tags]
        assert first.members.keys() == second.members.keys()
        names = [{each.name for each in guild.channels.values()} for guild in (first, second)]
        assert names[0].isdisjoint(names[1])


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of a sandbox with one action and one command."""
    action = PageAction("drop", "Drop a story", "Writes one", drop)
    options = SandboxOptions(rates=None, actions=(action,))
    async with checked_sandbox(options) as sandbox, aiohttp.ClientSession() as session:
        path = f"/applications/{sandbox.world.bot.id}/commands"
        await Rest(sandbox, session).call("PUT", path, [COMMAND])
        yield Page(sandbox, session)


async def test_state_contains_what_a_person_can_see(page: Page) -> None:
    """It has servers, channels with missing bot permissions, people, commands and actions."""
    _, state = await page.call("GET", f"/sandbox/state?as={page.max}")
    assert state["bot"]["online"] is False
    assert {each["username"]: bool(each["admin_of"]) for each in state["people"]} == {
        "ada": True,
        "max": False,
    }
    channels = {each["name"]: each for each in state["guilds"][0]["channels"]}
    assert channels["news"]["bot_permissions"] == {"missing": []}
    assert "Send Messages" in channels["read-only"]["bot_permissions"]["missing"]
    assert channels["news"]["visible"] is True
    assert [each["name"] for each in state["commands"]] == ["news"]
    assert state["actions"][0]["label"] == "Drop a story"
    stranger = page.sandbox.world.add_user("stranger")
    assert (await page.call("GET", f"/sandbox/state?as={stranger.id}"))[1]["guilds"] == []
    assert (await page.call("GET", "/sandbox/state?as=5"))[0] == 404
    assert (await page.call("GET", "/sandbox/state?as=nobody"))[0] == 400
    assert await page.call("GET", "/sandbox/state") == await page.call(
        "GET", f"/sandbox/state?as={page.ada}"
    )


async def test_events_report_each_change_once(page: Page) -> None:
    """A message, its deletion, a new channel and a request are each reported once."""
    sandbox = page.sandbox
    news = sandbox.world.find_channel("news")
    rest = Rest(sandbox, page.session)
    events = f"{sandbox.url}/sandbox/events?as={page.max}"
    async with page.session.ws_connect(events) as socket:
        _, sent = await rest.send(news.id, content="hello")
        await rest.call("DELETE", f"/channels/{news.id}/messages/{sent['id']}")
        made = sandbox.world.add_channel(news.guild_id or 0, "new")
        sandbox.world.set_commands([])
        frames = [await socket.receive_json(timeout=60) for _ in range(6)]
        assert [each["type"] for each in frames] == [
            "message_create",
            "request",
            "message_delete",
            "request",
            "guild_update",
            "commands",
        ]
        assert frames[0]["data"]["content"] == "hello"
        assert frames[1]["data"]["method"] == "POST"
        assert str(made.id) in [each["id"] for each in frames[4]["data"]["channels"]]
    _, requests = await page.call("GET", "/sandbox/requests?limit=1")
    assert [each["method"] for each in requests] == ["DELETE"]
    await rest.send(news.id, content="one")
    await rest.send(news.id, content="two")
    path = f"/sandbox/channels/{news.id}/messages?as={page.max}&limit=1"
    _, newest = await page.call("GET", path)
    assert [each["content"] for each in newest] == ["two"]
    _, older = await page.call("GET", f"{path}&before={newest[0]['id']}")
    assert [each["content"] for each in older] == ["one"]


async def test_ephemeral_message_reaches_only_its_reader(page: Page) -> None:
    """Other people see it neither in events nor in lists."""
    world = page.sandbox.world
    news = world.find_channel("news").id
    secret = Message(world.snowflakes.next(), news, world.bot.id, world.clock(), "for Ada only")
    secret.flags, secret.ephemeral_for = MessageFlag.EPHEMERAL, int(page.ada)
    events = f"{page.sandbox.url}/sandbox/events?as="
    async with (
        page.session.ws_connect(f"{events}{page.ada}") as adas,
        page.session.ws_connect(f"{events}{page.max}") as maxs,
    ):
        world.add_message(secret)
        await page.sandbox.person("Max").say(news, "for all")
        seen = [(await each.receive_json(timeout=60))["data"]["content"] for each in (adas, maxs)]
    assert seen == ["for Ada only", "for all"]
    for who, contents in ((page.ada, ["for all", "for Ada only"]), (page.max, ["for all"])):
        _, listed = await page.call("GET", f"/sandbox/channels/{news}/messages?as={who}")
        assert [each["content"] for each in listed] == contents


async def test_interactions_are_accepted_or_refused(page: Page) -> None:
    """The response is 202 with the interaction's id, or 4xx with a one-line message."""
    news = str(page.sandbox.world.find_channel("news").id)
    command = page.sandbox.world.commands[0]["id"]
    body = {"as": page.max, "channel_id": news, "kind": "command", "command": command}
    status, answer = await page.call("POST", "/sandbox/interactions", body)
    assert (status, set(answer)) == (202, {"interaction_id"})
    wrong: list[tuple[dict[str, object], int]] = [
        ({"kind": "dance"}, 400),
        ({"command": "1"}, 404),
        ({"channel_id": "5"}, 404),
        ({"options": "no"}, 400),
        ({"kind": "component", "message_id": "5", "custom_id": "x"}, 404),
        ({"as": None}, 400),
    ]
    for changes, code in wrong:
        status, answer = await page.call("POST", "/sandbox/interactions", body | changes)
        assert (status, set(answer)) == (code, {"message"})


async def test_file_is_stored_for_a_command(page: Page) -> None:
    """The bytes are sent as base64; invalid data and media types are refused."""
    body = {
        "as": page.ada,
        "channel_id": str(page.sandbox.world.find_channel("news").id),
        "name": "a.yaml",
        "content_type": "",
        "data": base64.b64encode(b"a: 1").decode(),
    }
    status, kept = await page.call("POST", "/sandbox/files", body)
    assert (status, set(kept)) == (201, {"id"})
    for change in ({"data": "!"}, {"content_type": "text\r\nX: y"}, {"name": ""}, {"as": "1"}):
        status, refused = await page.call("POST", "/sandbox/files", body | change)
        assert status in {400, 404}
        assert refused["message"]


async def test_unknown_modal_is_refused(page: Page) -> None:
    """A submission without values is refused, too."""
    body = {"as": page.ada, "kind": "modal", "interaction_id": "5", "values": {"a": "b"}}
    status, refused = await page.call("POST", "/sandbox/interactions", body)
    assert (status, refused["message"]) == (404, "This form is no longer open.")
    status, _ = await page.call("POST", "/sandbox/interactions", body | {"values": None})
    assert status == 400


async def test_only_admins_can_change_the_server(page: Page) -> None:
    """Channels, roles, bot permissions and actions return 403 for a member."""
    world = page.sandbox.world
    news = world.find_channel("news")
    rights = f"/sandbox/channels/{news.id}/bot-permissions"
    changes: list[tuple[str, str, dict[str, object]]] = [
        ("POST", f"/sandbox/guilds/{news.guild_id}/channels", {"name": "Sport News", "type": 0}),
        ("POST", f"/sandbox/guilds/{news.guild_id}/roles", {"name": "R", "permissions": "0"}),
        ("PUT", rights, {"deny": ["Send Messages", "Embed Links"]}),
        ("POST", "/sandbox/actions/drop", {}),
        ("DELETE", f"/sandbox/channels/{world.find_channel('ai').id}", {}),
    ]
    for method, path, body in changes:
        assert (await page.call(method, path, body | {"as": page.max}))[0] == 403
        status, answer = await page.call(method, path, body | {"as": page.ada})
        assert status in {200, 201}, answer
    assert world.find_channel("sport-news").guild_id == news.guild_id
    assert (await Rest(page.sandbox, page.session).send(news.id, content="x"))[0] == 403
    await page.call("PUT", rights, {"as": page.ada, "deny": []})
    assert (await Rest(page.sandbox, page.session).send(news.id, content="x"))[0] == 200
    for deny in (["Fly"], "no"):
        assert (await page.call("PUT", rights, {"deny": deny, "as": page.ada}))[0] == 400


async def test_only_admins_can_change_threads(page: Page) -> None:
    """Only threads can be archived or locked; other types than the offered ones can't be added."""
    world = page.sandbox.world
    news = world.find_channel("news")
    thread = world.add_thread(news.id, "Talk")
    path = f"/sandbox/channels/{thread.id}"
    change = {"archived": True, "locked": True}
    assert (await page.call("PATCH", path, change | {"as": page.max}))[0] == 403
    status, changed = await page.call("PATCH", path, change | {"as": page.ada})
    assert (status, changed["thread_metadata"]["archived"]) == (200, True)
    assert (thread.archived, thread.locked) == (True, True)
    wrong: list[tuple[str, str, dict[str, object]]] = [
        ("PATCH", path, {"archived": "no"}),
        ("PATCH", f"/sandbox/channels/{news.id}", {"archived": True}),
        ("POST", f"/sandbox/guilds/{news.guild_id}/channels", {"name": "x", "type": 11}),
        ("POST", f"/sandbox/guilds/{news.guild_id}/channels", {"name": "x", "tags": "AI"}),
    ]
    for method, address, body in wrong:
        status, answer = await page.call(method, address, body | {"as": page.ada})
        assert (status, set(answer)) == (400, {"message"})


async def test_offered_faults_can_be_applied(page: Page) -> None:
    """An admin can apply and clear each fault, and the response describes it."""
    rest = Rest(page.sandbox, page.session)
    news = page.sandbox.world.find_channel("news").id
    _, state = await page.call("GET", f"/sandbox/state?as={page.ada}")
    started = page.sandbox.clock()
    for fault in state["faults"]:
        assert set(fault) == {"name", "label", "description"}
        status, answer = await page.call(
            "POST", "/sandbox/faults", {"as": page.ada, "name": fault["name"]}
        )
        assert (status, set(answer)) == (200, {"message"})
    assert page.sandbox.clock() - started > timedelta(minutes=59)
    assert (await rest.send(news, content="after everything was cleared"))[0] == 200

    for name, expected, sent in (("lose_answer", 503, 1), ("rate_limit", 429, 0)):
        before = len(page.sandbox.world.log(news))
        await page.call("POST", "/sandbox/faults", {"as": page.ada, "name": name})
        assert (await rest.call("GET", "/users/@me"))[0] == 200
        assert (await rest.send(news, content="x"))[0] == expected
        assert len(page.sandbox.world.log(news)) == before + sent
    forum = page.sandbox.world.add_channel(
        page.sandbox.world.channel(news).guild_id or 0, "stories", ChannelType.FORUM
    )
    await page.call("POST", "/sandbox/faults", {"as": page.ada, "name": "lose_answer"})
    body = {"name": "x", "message": {"content": "x"}}
    assert (await rest.call("POST", f"/channels/{forum.id}/threads", body))[0] == 503
    assert len(page.sandbox.world.active_threads(forum.guild_id or 0)) == 1
    await page.call("POST", "/sandbox/faults", {"as": page.ada, "name": "outage"})
    assert (await rest.call("GET", "/users/@me"))[0] == 503


async def test_only_admins_can_apply_faults(page: Page) -> None:
    """The status is 403 for a member, and 404 for an unknown fault."""
    for who, name, expected in ((page.max, "outage", 403), (page.ada, "flood", 404)):
        status, answer = await page.call("POST", "/sandbox/faults", {"as": who, "name": name})
        assert (status, set(answer)) == (expected, {"message"})
    assert not page.sandbox.faults.has_outage


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
async def test_other_sites_can_not_use_the_page_api(
    page: Page, headers: dict[str, str], status: int
) -> None:
    """Rebound names, foreign origins and forms of other pages are refused."""
    body = {"as": page.ada}
    found, answer = await page.call("POST", "/sandbox/actions/drop", body, **headers)
    assert (found, set(answer)) == (status, {"message"})


async def test_own_origin_and_localhost_are_allowed(page: Page) -> None:
    """Both names of the loopback address with our port are allowed."""
    port = page.sandbox.url.rsplit(":", 1)[1]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        answer = await page.call("POST", "/sandbox/actions/drop", {"as": page.ada}, **headers)
        assert answer == (200, {"message": "A story was dropped."})
