"""Messages that consist of components ("V2")."""

from typing import Any

import pytest

from bot.sandbox import Permission, Sandbox
from tests.sandbox.support import Rest

IS_COMPONENTS_V2 = 1 << 15
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
PICTURE = {"media": {"url": "https://news.example/picture.png"}}
BUTTON = {"type": 2, "style": 2, "label": "About", "custom_id": "about"}


def text(content: str = "A text") -> dict[str, Any]:
    """A text display."""
    return {"type": 10, "content": content}


def container(*components: dict[str, Any]) -> dict[str, Any]:
    """A container with an accent."""
    return {"type": 17, "accent_color": 0x3B82C4, "components": list(components)}


EVERYTHING = container(
    {
        "type": 9,
        "components": [text("One"), text("Two")],
        "accessory": {"type": 11, **PICTURE, "description": "A bridge"},
    },
    {"type": 9, "components": [text("Three")], "accessory": {**BUTTON, "custom_id": "other"}},
    {"type": 14, "divider": False, "spacing": 2},
    {"type": 12, "items": [{**PICTURE, "description": "A bridge"}, PICTURE]},
    {"type": 1, "components": [BUTTON]},
)


def codes(answer: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """The codes of a response's errors, by the path of the field."""

    def walk(node: dict[str, Any], path: str) -> dict[str, str]:
        found = {path: node["_errors"][0]["code"]} if "_errors" in node else {}
        for key, inner in node.items():
            if key != "_errors":
                found |= walk(inner, f"{path}.{key}" if path else key)
        return found

    return walk(answer.get("errors", {}), "")


async def test_every_component_is_returned_as_discord_does(sandbox: Sandbox, rest: Rest) -> None:
    """With ids, and the fields that a request may omit."""
    news = sandbox.world.find_channel("news").id
    status, sent = await rest.send(
        news, flags=IS_COMPONENTS_V2, components=[text("Above"), EVERYTHING]
    )
    assert (status, sent["flags"], sent["content"]) == (200, IS_COMPONENTS_V2, "")
    above, shown = sent["components"]
    assert above == {"type": 10, "id": 1, "content": "Above"}
    assert [each["type"] for each in shown["components"]] == [9, 9, 14, 12, 1]
    first, second = shown["components"][3]["items"]
    assert (first["description"], second["description"]) == ("A bridge", None)
    assert first["media"]["proxy_url"] == PICTURE["media"]["url"]
    assert shown["components"][2] | {"id": 0} == {
        "type": 14,
        "id": 0,
        "spacing": 2,
        "divider": False,
    }


@pytest.mark.parametrize(
    ("components", "path", "code"),
    [
        ([text("x" * 4001)], "components.0.content", "BASE_TYPE_BAD_LENGTH"),
        (
            [text("x" * 2001), container(text("x" * 2000))],
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
        ),
        ([text()] * 41, "components", "BASE_TYPE_MAX_LENGTH"),
        ([container(*[text()] * 40)], "components", "BASE_TYPE_MAX_LENGTH"),
        ([text("")], "components.0.content", "BASE_TYPE_REQUIRED"),
        ([container()], "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        ([container(container(text()))], "components.0.components.0.type", "BASE_TYPE_CHOICES"),
        ([{"type": 12, "items": []}], "components.0.items", "BASE_TYPE_BAD_LENGTH"),
        ([{"type": 12, "items": [PICTURE] * 11}], "components.0.items", "BASE_TYPE_BAD_LENGTH"),
        (
            [container({"type": 12, "items": [PICTURE, {"media": {"url": "ftp://x.example"}}]})],
            "components.0.components.0.items.1.media.url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            [{"type": 9, "components": [text()], "accessory": text()}],
            "components.0.accessory.type",
            "BASE_TYPE_CHOICES",
        ),
        (
            [{"type": 9, "components": [text()] * 4}],
            "components.0.components",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            [{"type": 1, "components": [BUTTON]}, container({"type": 1, "components": [BUTTON]})],
            "components.1.components.0.components.0.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            [{**container(text()), "accent_color": 1 << 24}],
            "components.0.accent_color",
            "NUMBER_TYPE_MAX",
        ),
    ],
)
async def test_limits_of_layouts_are_enforced(
    sandbox: Sandbox, rest: Rest, components: list[Any], path: str, code: str
) -> None:
    """Invalid components are refused with the path of the field."""
    news = sandbox.world.find_channel("news").id
    status, answer = await rest.send(news, flags=IS_COMPONENTS_V2, components=components)
    assert (status, answer["code"]) == (400, 50035)
    assert codes(answer).get(path) == code
    sandbox.violations.clear()  # the description forbids most of them as well


async def test_a_layout_needs_its_flag(sandbox: Sandbox, rest: Rest) -> None:
    """Without it, a message has rows of buttons and selects only."""
    news = sandbox.world.find_channel("news").id
    status, answer = await rest.send(news, components=[text()])
    assert (status, codes(answer)) == (
        400,
        {"components.0.type": "BASE_TYPE_CHOICES"} | codes(answer),
    )


async def test_a_layout_has_no_content_and_no_embeds(sandbox: Sandbox, rest: Rest) -> None:
    """Neither when it is sent, nor after an edit; the flag can't be removed."""
    news = sandbox.world.find_channel("news").id
    status, answer = await rest.send(
        news,
        flags=IS_COMPONENTS_V2,
        components=[text()],
        content="x",
        embeds=[{"title": "x"}],
    )
    assert (status, codes(answer)) == (400, {"content": LEGACY, "embeds": LEGACY})
    _, sent = await rest.send(news, flags=IS_COMPONENTS_V2, components=[text()])
    path = f"/channels/{news}/messages/{sent['id']}"
    for flags in ({}, {"flags": 0}):
        status, answer = await rest.call("PATCH", path, {"content": "x", **flags})
        assert (status, codes(answer)) == (400, {"content": LEGACY})
    status, edited = await rest.call("PATCH", path, {"components": [text("New")], "flags": 0})
    assert (status, edited["flags"]) == (200, IS_COMPONENTS_V2)
    assert edited["components"][0]["content"] == "New"


async def test_a_message_becomes_a_layout_by_an_edit(sandbox: Sandbox, rest: Rest) -> None:
    """The edit has to remove its content and its embeds."""
    news = sandbox.world.find_channel("news").id
    _, sent = await rest.send(news, content="x", embeds=[{"title": "x"}])
    path = f"/channels/{news}/messages/{sent['id']}"
    changed = {"flags": IS_COMPONENTS_V2, "components": [text()]}
    status, answer = await rest.call("PATCH", path, changed)
    assert (status, codes(answer)) == (400, {"content": LEGACY, "embeds": LEGACY})
    status, edited = await rest.call("PATCH", path, {**changed, "content": None, "embeds": []})
    assert (status, edited["flags"]) == (200, IS_COMPONENTS_V2)


async def test_a_mention_works_in_the_texts_of_a_layout(sandbox: Sandbox, rest: Rest) -> None:
    """As far as `allowed_mentions` allows it."""
    news = sandbox.world.find_channel("news")
    roles = sandbox.world.guild(news.guild_id or 0).roles.values()
    role = next(each.id for each in roles if each.mentionable)
    for allowed in (True, False):
        _, sent = await rest.send(
            news.id,
            flags=IS_COMPONENTS_V2,
            components=[container(text(f"<@&{role}>"))],
            allowed_mentions={"parse": ["roles"] if allowed else []},
        )
        assert sent["mention_roles"] == ([str(role)] if allowed else [])


async def test_a_layout_does_not_need_embed_links(sandbox: Sandbox, rest: Rest) -> None:
    """Observed on Discord: https://github.com/discord/discord-api-docs/issues/8462."""
    news = sandbox.world.find_channel("news").id
    sandbox.faults.revoke(news, Permission.EMBED_LINKS)
    status, sent = await rest.send(news, flags=IS_COMPONENTS_V2, components=[EVERYTHING])
    assert (status, len(sent["components"])) == (200, 1)


async def test_an_edit_without_flags_keeps_them(sandbox: Sandbox, rest: Rest) -> None:
    """A message whose previews are suppressed stays so, unless an edit says otherwise."""
    news = sandbox.world.find_channel("news").id
    _, sent = await rest.send(news, content="https://news.example/", flags=1 << 2)
    path = f"/channels/{news}/messages/{sent['id']}"
    assert (await rest.call("PATCH", path, {"content": "x"}))[1]["flags"] == 1 << 2
    assert (await rest.call("PATCH", path, {"content": "x", "flags": 0}))[1]["flags"] == 0


async def test_a_button_in_a_layout_is_used(sandbox: Sandbox, rest: Rest) -> None:
    """A person finds it wherever it is; one that is not there can't be pressed."""
    news = sandbox.world.find_channel("news").id
    _, sent = await rest.send(news, flags=IS_COMPONENTS_V2, components=[EVERYTHING])
    for custom_id in ("about", "other"):
        pressed = await sandbox.person("Max").use_component(int(sent["id"]), custom_id, [])
        assert pressed.data["custom_id"] == custom_id
