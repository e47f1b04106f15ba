"""Ids from outside, which may be anything, in every place of the sandbox that takes one."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.model.snowflakes import read_id
from tests.sandbox.support import Rest

# Python converts no text of more than 4,300 digits, but digits of any script.
LONG, ARABIC = "9" * 5000, "١٢٣"
NO_IDS = (LONG, ARABIC, "9" * 20, "-1", "+1", "1e3", "1_0", " 1", "²", "x")
NO_TEXTS: tuple[object, ...] = (None, True, -1, 1.5, 2**64, [], {}, [LONG], {"id": LONG})

INTERACTIONS = "/sandbox/interactions"
PAGE: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("GET", "/sandbox/state?as=ID", {}),
    ("GET", "/sandbox/channels/ID/messages?as=ADA", {}),
    ("GET", "/sandbox/channels/NEWS/messages?as=ID", {}),
    ("GET", "/sandbox/channels/NEWS/messages?as=ADA&before=ID", {}),
    ("GET", "/sandbox/events?as=ID", {}),
    ("POST", INTERACTIONS, {"as": "ID", "kind": "command"}),
    ("POST", INTERACTIONS, {"as": "ADA", "kind": "command", "channel_id": "ID"}),
    ("POST", INTERACTIONS, {"as": "ADA", "kind": "autocomplete", "channel_id": "ID"}),
    ("POST", INTERACTIONS, {"as": "ADA", "kind": "component", "message_id": "ID"}),
    ("POST", INTERACTIONS, {"as": "ADA", "kind": "modal", "interaction_id": "ID", "values": {}}),
    ("POST", "/sandbox/files", {"as": "ADA", "channel_id": "ID", "name": "a", "data": ""}),
    ("POST", "/sandbox/actions/x", {"as": "ID"}),
    ("POST", "/sandbox/faults", {"as": "ID"}),
    ("POST", "/sandbox/guilds/ID/channels", {"as": "ADA", "name": "a"}),
    ("POST", "/sandbox/guilds/ID/roles", {"as": "ADA", "name": "a"}),
    ("DELETE", "/sandbox/channels/ID", {"as": "ADA"}),
    ("PUT", "/sandbox/channels/ID/bot-permissions", {"as": "ADA", "deny": []}),
)
REST: tuple[tuple[str, str, object], ...] = (
    ("GET", "/channels/ID", None),
    ("GET", "/channels/ID/messages", None),
    ("GET", "/channels/NEWS/messages?before=ID", None),
    ("GET", "/channels/NEWS/messages?limit=ID", None),
    ("GET", "/channels/NEWS/messages/ID", None),
    ("PATCH", "/channels/NEWS/messages/ID", {"content": "x"}),
    ("DELETE", "/channels/NEWS/messages/ID", None),
    ("POST", "/channels/ID/messages", {"content": "x"}),
    (
        "POST",
        "/channels/NEWS/messages",
        {"content": "x", "message_reference": {"message_id": "ID"}},
    ),
    ("POST", "/channels/NEWS/messages", {"content": "x", "message_reference": "ID"}),
    ("POST", "/users/@me/channels", {"recipient_id": "ID"}),
    ("PUT", "/applications/ID/commands", []),
    (
        *("PUT", "/applications/BOT/commands"),
        [{"name": "a", "description": "d", "default_member_permissions": "ID"}],
    ),
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox that is not compared with Discord's description, which these requests violate."""
    async with Sandbox(SandboxOptions(rates=None)).serve() as served:
        yield served


@pytest.mark.parametrize("text", [*NO_IDS, *NO_TEXTS])
def test_only_numbers_of_64_bits_are_ids(text: object) -> None:
    """They are written in the digits of ASCII."""
    assert read_id(text) is None
    assert read_id("18446744073709551615") == read_id(2**64 - 1) == 2**64 - 1


def filled(sandbox: Sandbox, template: object, value: object) -> Any:  # noqa: ANN401 - any JSON
    """The value in place of `ID`, and ids of the sandbox in place of their names."""
    news = sandbox.world.find_channel("news")
    ada, bot = sandbox.world.find_user("Ada").id, sandbox.world.bot.id
    known = {"ADA": ada, "NEWS": news.id, "GUILD": news.guild_id, "BOT": bot}
    if template == "ID" or not isinstance(template, str):
        return value if template == "ID" else template
    for name, number in known.items():
        template = template.replace(name, str(number))
    # A longer address would not get further than the web server.
    return template.replace("ID", str(value)[:4400])


@pytest.mark.parametrize(("method", "path", "body"), PAGE)
async def test_the_page_refuses_what_is_no_id(
    sandbox: Sandbox, rest: Rest, method: str, path: str, body: dict[str, object]
) -> None:
    """It is never an error of the sandbox, and the answer is short."""
    headers = {"Content-Type": "application/json"} if body else {}
    for value in (*NO_IDS, *(NO_TEXTS if "ID" in body.values() else ())):
        url = sandbox.url + filled(sandbox, path, value)
        sent = {key: filled(sandbox, each, value) for key, each in body.items()}
        data = json.dumps(sent) if body else None
        async with rest.session.request(method, url, data=data, headers=headers) as response:
            assert response.status in {400, 403, 404}, (path, str(value)[:100])
            assert len(await response.text()) < 300


@pytest.mark.parametrize(("method", "path", "body"), REST)
async def test_the_api_refuses_what_is_no_id(
    sandbox: Sandbox, rest: Rest, method: str, path: str, body: object
) -> None:
    """As Discord does, with 400 or 404."""
    for value in NO_IDS:
        sent = None if body is None else json.loads(json.dumps(body).replace("ID", value))
        status, _ = await rest.call(method, filled(sandbox, path, value), sent)
        assert status in {400, 403, 404}, (path, value[:100])


@pytest.mark.parametrize("value", [*NO_IDS, *NO_TEXTS])
async def test_ids_in_a_message_are_refused_or_passed_over(
    sandbox: Sandbox, rest: Rest, value: object
) -> None:
    """Mentions and kept attachments that nobody has are none."""
    news = sandbox.world.find_channel("news").id
    mentions = {"parse": [], "users": [value], "roles": [value]}
    status, sent = await rest.send(news, content="x", allowed_mentions=mentions)
    assert status in {200, 400}
    _, sent = await rest.send(news, content="x")
    for kept in ({"id": value}, value):
        body = {"attachments": [kept]}
        status, _ = await rest.call("PATCH", f"/channels/{news}/messages/{sent['id']}", body)
        assert status in {200, 400}
