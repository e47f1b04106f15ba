from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import Sandbox
from bot.sandbox.errors import ApiError, UnsupportedError
from bot.sandbox.model.field_validation import length
from bot.sandbox.model.message_body import read_message_body
from tests.sandbox.support import Rest


def problems(body: dict[str, Any]) -> dict[str, str]:
    """Return the codes of the problems of a message by path."""
    with pytest.raises(ApiError) as caught:
        read_message_body(body)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    found: dict[str, str] = {}

    def walk(node: dict[str, Any], path: str) -> None:
        for key, inner in node.items():
            if key == "_errors":
                found[path] = inner[0]["code"]
            else:
                walk(inner, f"{path}.{key}".strip("."))

    walk(caught.value.errors or {}, "")
    return found


def button(**changes: object) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "Go", "custom_id": "go"} | changes


def select(**changes: object) -> dict[str, Any]:
    options = [{"label": "A", "value": "a"}]
    return {"type": 3, "custom_id": "pick", "options": options} | changes


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def embed(**changes: object) -> dict[str, Any]:
    return {"embeds": [{"title": "A story"} | changes]}


MAX, BAD, REQUIRED = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_REQUIRED"

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"content": "x" * 2001}, "content", MAX),
    ({"content": "👍" * 1001}, "content", MAX),
    ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
    ({"content": "x", "nonce": "n" * 26}, "nonce", MAX),
    ({"embeds": [{"title": "t"}] * 11}, "embeds", MAX),
    ({"embeds": "no"}, "embeds", "LIST_TYPE_CONVERT"),
    ({"embeds": ["no"]}, "embeds.0", "MODEL_TYPE_CONVERT"),
    ({"embeds": [{}]}, "embeds.0.description", REQUIRED),
    (embed(title="x" * 257), "embeds.0.title", MAX),
    (embed(description="x" * 4097), "embeds.0.description", MAX),
    (embed(author={"name": "x" * 257}), "embeds.0.author.name", MAX),
    (embed(author={}), "embeds.0.author.name", REQUIRED),
    (embed(footer={"text": "x" * 2049}), "embeds.0.footer.text", MAX),
    (embed(fields=[{"name": "n", "value": "v"}] * 26), "embeds.0.fields", MAX),
    (embed(fields=[{"name": "n" * 257, "value": "v"}]), "embeds.0.fields.0.name", MAX),
    (embed(fields=[{"name": "n", "value": "v" * 1025}]), "embeds.0.fields.0.value", MAX),
    (embed(fields=[{"name": "n", "value": " "}]), "embeds.0.fields.0.value", REQUIRED),
    (embed(color=0x1000000), "embeds.0.color", "NUMBER_TYPE_MAX"),
    (embed(color=-1), "embeds.0.color", "NUMBER_TYPE_MIN"),
    (embed(color="red"), "embeds.0.color", "NUMBER_TYPE_COERCE"),
    (embed(url="javascript:alert(1)"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(url="not a url"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="http://[broken"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="https://a.example/" + "x" * 2048), "embeds.0.url", MAX),
    (embed(url="https://my_site.example.org/a"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="https://-.example.org/a"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="https://example..org/a"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="https://example.org:x/a"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(author={"name": "A", "icon_url": "https://a_b.example.org/i.png"}),
     "embeds.0.author.icon_url", "URL_TYPE_INVALID_URL"),
    (embed(image={"url": "https://a_b.example.org/i.png"}),
     "embeds.0.image.url", "URL_TYPE_INVALID_URL"),
    ({"components": [row(button(style=5, url="https://a_b.example.org/", custom_id=None))]},
     "components.0.components.0.url", "URL_TYPE_INVALID_URL"),
    (embed(image={"url": "data:x"}), "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(image={}), "embeds.0.image.url", REQUIRED),
    (embed(timestamp="yesterday"), "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    (
        {"embeds": [{"description": "x" * 3000}] * 2 + [{"title": "x"}]},
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    ({"components": [row(button())] * 6}, "components", MAX),
    ({"components": [row()]}, "components.0.components", BAD),
    ({"components": [row(*[button(custom_id=str(n)) for n in range(6)])]},
     "components.0.components", BAD),
    ({"components": [row(button(label="x" * 81))]}, "components.0.components.0.label", MAX),
    ({"components": [row(button(custom_id="x" * 101))]},
     "components.0.components.0.custom_id", BAD),
    ({"components": [row(button(custom_id=None))]},
     "components.0.components.0.custom_id", REQUIRED),
    ({"components": [row(button(label=None))]},
     "components.0.components.0", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"),
    ({"components": [row(button(style=5))]},
     "components.0.components.0.url", "BUTTON_COMPONENT_URL_REQUIRED"),
    ({"components": [row(button(style=9))]},
     "components.0.components.0.style", "BASE_TYPE_CHOICES"),
    ({"components": [row(button(), button())]},
     "components.0.components.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ({"components": [row(select(), button())]},
     "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ({"components": [row(select(options=[]))]}, "components.0.components.0.options", BAD),
    ({"components": [row(select(placeholder="x" * 151))]},
     "components.0.components.0.placeholder", MAX),
    ({"components": [row(select(max_values=2))]},
     "components.0.components.0.max_values", "COMPONENT_MAX_VALUES"),
    ({"components": [row(select(options=[{"label": str(n), "value": str(n)} for n in range(26)]))]},
     "components.0.components.0.options", BAD),
    ({"components": [row(select(custom_id="x" * 101))]},
     "components.0.components.0.custom_id", BAD),
    ({"components": [row(select(custom_id=str(n))) for n in range(6)]}, "components", MAX),
    ({"components": [row(select(min_values=2))]},
     "components.0.components.0.min_values", "NUMBER_TYPE_MAX"),
    ({"components": [row(select(options=[
        {"label": each, "value": each, "default": True} for each in "ab"]))]},
     "components.0.components.0", "SELECT_COMPONENT_DEFAULT_VALUES_RANGE"),
    ({"components": [row(select(type=8, default_values=[{"id": "1", "type": "role"}]))]},
     "components.0.components.0.default_values.0.type", "BASE_TYPE_CHOICES"),
    ({"components": [row(select(type=6, default_values=[{"id": "x", "type": "role"}]))]},
     "components.0.components.0.default_values.0.id", "NUMBER_TYPE_COERCE"),
    ({"components": [row(select(options=[{"label": "A", "value": "a"}] * 2))]},
     "components.0.components.0.options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    ({"allowed_mentions": {"parse": ["users"], "users": ["1"]}},
     "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"),
    ({"allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", "BASE_TYPE_CHOICES"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "path", "code"), WRONG)
def test_exceeded_limit_is_reported_with_its_path(
    body: dict[str, Any], path: str, code: str
) -> None:
    """The errors tree of 50035 leads to the field and contains Discord's code."""
    assert problems(body).get(path) == code


def test_everything_at_its_limit_is_accepted() -> None:
    """Limits are inclusive, and texts are trimmed before they are counted."""
    body = read_message_body(
        {
            "content": " " + "x" * 2000 + "\n",
            "embeds": [
                {
                    "title": "t" * 256,
                    "description": "d" * 3488,
                    "author": {"name": "a" * 256, "icon_url": "attachment://icon.png"},
                    "footer": {"text": "f" * 1024},
                    "fields": [{"name": "n" * 256, "value": "v" * 720}],
                    "image": {"url": "https://a.example/i.png"},
                    "timestamp": "2024-05-01T12:00:00Z",
                }
            ],
            "components": [row(*[button(custom_id=str(n)) for n in range(5)]), row(select())],
            "nonce": "n" * 25,
        }
    )
    assert body.content == "x" * 2000
    assert body.embeds is not None
    assert body.embeds[0]["timestamp"] == "2024-05-01T12:00:00+00:00"
    assert [c["id"] for c in (body.components or [])] == [1, 7]


def test_several_problems_are_reported_together() -> None:
    """One response names every invalid field."""
    body = {"content": "x" * 2001} | embed(title="x" * 257, url="ftp://a.example")
    assert set(problems(body)) == {"content", "embeds.0.title", "embeds.0.url"}


@given(st.text())
def test_lengths_are_counted_in_utf16_code_units(text: str) -> None:
    """Characters outside the basic multilingual plane count twice."""
    assert length(text) == sum(2 if ord(each) > 0xFFFF else 1 for each in text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["content", "embeds", "components", "type", "fields", "url", "image"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Any JSON gives a message body or one of Discord's errors."""
    try:
        read_message_body(
            value if isinstance(value, dict) else {"embeds": value, "components": value}
        )
    except (UnsupportedError, ApiError) as error:
        refused = getattr(error, "code", 501)
    else:
        refused = None
    assert refused in {None, 501, 50035}


async def test_empty_message_is_refused(sandbox: Sandbox, rest: Rest) -> None:
    """The code is 50006, also for a message that contains only white space."""
    channel = sandbox.world.find_channel("news").id
    bodies: list[dict[str, Any]] = [{}, {"content": "  \n"}, {"embeds": []}]
    for body in bodies:
        status, answer = await rest.send(channel, **body)
        assert (status, answer) == (
            400,
            {"message": "Cannot send an empty message", "code": 50006},
        )


ACCEPTED_ADDRESSES = (
    "https://example.org/a_b?c_d=e_f#g_h",
    "https://sub.xn--strae-oqa.de:8080/",
    "http://127.0.0.1:8000/picture.png",
    "https://example.org/новости/日本語",
)


@pytest.mark.parametrize("address", ACCEPTED_ADDRESSES)
def test_only_the_host_is_limited_to_letters_and_digits(address: str) -> None:
    """Paths, queries and fragments may have underscores and letters of any script."""
    body = read_message_body(embed(url=address, image={"url": address}))
    assert body.embeds is not None
    assert body.embeds[0]["url"] == body.embeds[0]["image"]["url"] == address


def test_name_of_an_attached_picture_may_have_underscores() -> None:
    body = read_message_body(embed(image={"url": "attachment://my_picture.png"}))
    assert body.embeds is not None
    assert body.embeds[0]["image"]["url"] == "attachment://my_picture.png"
