"""Selects, modals, and files to attach and to save on the page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.sandbox import Sandbox
from tests.sandbox.page.support import SIZES, HandBot, Json, Reader, hand_bot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SILENCE = "Don't respond"
COMMANDS: list[Json] = [
    {"name": "edit", "description": "Opens the editor"},
    {
        "name": "import",
        "description": "Reads a file",
        "options": [{"type": 11, "name": "file", "description": "Rules", "required": True}],
    },
]
MODAL: Json = {
    "custom_id": "words",
    "title": "Words",
    "components": [
        {
            "type": 18,
            "label": "Include",
            "component": {"type": 4, "style": 1, "custom_id": "include", "value": "space"},
        },
        {
            "type": 1,
            "components": [
                {"type": 4, "style": 2, "custom_id": "note", "label": "Note", "required": False}
            ],
        },
        {
            "type": 18,
            "label": "Mode",
            "component": {
                "type": 3,
                "custom_id": "mode",
                "options": [
                    {"label": "Daily", "value": "daily", "default": True},
                    {"label": "Weekly", "value": "weekly"},
                ],
            },
        },
        {
            "type": 18,
            "label": "Mention",
            "component": {"type": 6, "custom_id": "role", "required": False, "max_values": 2},
        },
    ],
}


def editor(channel: int, role: int) -> list[Json]:
    """Return selects with defaults, and a button that opens a modal."""
    return [
        {
            "type": 1,
            "components": [
                {
                    "type": 8,
                    "custom_id": "channel",
                    "channel_types": [0],
                    "default_values": [{"id": str(channel), "type": "channel"}],
                }
            ],
        },
        {
            "type": 1,
            "components": [
                {
                    "type": 6,
                    "custom_id": "role",
                    "min_values": 0,
                    "placeholder": "Nobody",
                    "default_values": [{"id": str(role), "type": "role"}],
                }
            ],
        },
        {
            "type": 1,
            "components": [{"type": 2, "style": 1, "label": "Words", "custom_id": "words"}],
        },
    ]


def values_of(parts: list[Json]) -> list[object]:
    """Return the values of a submitted modal."""
    fields = [part.get("component") or part["components"][0] for part in parts]
    return [each.get("value", each.get("values")) for each in fields]


@pytest_asyncio.fixture(loop_scope="session")
async def bot(sandbox: Sandbox, sandbox_ids: dict[str, int]) -> AsyncIterator[HandBot]:
    """A bot with an editor, which repeats the chosen and submitted values, except for SILENCE."""

    def answer(interaction: Json) -> Json | None:
        data = interaction["data"]
        if interaction["type"] == 5:
            if SILENCE in values_of(data["components"]):
                return None
            content = f"filled: {values_of(data['components'])}"
            return {"type": 7, "data": {"content": content, "components": []}}
        if data.get("custom_id") == "words":
            return {"type": 9, "data": MODAL}
        if interaction["type"] == 3:
            return {"type": 4, "data": {"content": f"chosen: {data['values']}", "flags": 64}}
        if data["name"] == "import":
            (file,) = data["resolved"]["attachments"].values()
            return {"type": 4, "data": {"content": f"{file['filename']}, {file['size']} bytes"}}
        shown = editor(sandbox_ids["ai"], sandbox_ids["Readers"])
        return {"type": 4, "data": {"content": "Editor", "components": shown, "flags": 64}}

    async with hand_bot(sandbox, answer) as online:
        await online.register(COMMANDS)
        yield online


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
@pytest.mark.usefixtures("bot")
async def test_modal_changes_its_message(reader: Reader) -> None:
    """The modal has the bot's values, and closes when it has been submitted."""
    await reader.open("news")
    await reader.press("/", "edit", "Enter", "Enter")
    await reader.page.get_by_role("button", name="Words").click()

    form = reader.page.get_by_role("dialog", name="Words")
    await expect(form.get_by_label("Include")).to_have_value("space")
    await form.get_by_label("Note").fill("two\nlines")
    await form.get_by_label("Mode").select_option("Weekly")
    await form.get_by_label("@Readers").check()
    await form.get_by_role("button", name="Submit").click()

    content = reader.page.locator(".message.is-ephemeral .message-content")
    await expect(content).to_contain_text("filled: ['space', 'two\\nlines', ['weekly'], ['")
    await expect(reader.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.usefixtures("bot")
async def test_invalid_modal_stays_open_and_explains(reader: Reader) -> None:
    """The sandbox checks it as Discord's client does; the typed text is not lost."""
    await reader.open("news")
    await reader.press("/", "edit", "Enter", "Enter")
    await reader.page.get_by_role("button", name="Words").click()
    form = reader.page.get_by_role("dialog", name="Words")
    await form.get_by_label("Include").fill("  ")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("alert")).to_have_text("Include is required.")
    reader.complaints.clear()  # Chromium logs every 400 response
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_have_count(0)


async def test_unanswered_modal_keeps_what_was_typed(
    reader: Reader, bot: HandBot, sandbox: Sandbox
) -> None:
    """It stays open until the bot responds, and says so if it doesn't."""
    await reader.open("news")
    await reader.press("/", "edit", "Enter", "Enter")
    await reader.page.get_by_role("button", name="Words").click()
    form = reader.page.get_by_role("dialog", name="Words")
    await form.get_by_label("Note").fill(SILENCE)
    while not bot.interactions.empty():
        bot.interactions.get_nowait()
    await form.get_by_role("button", name="Submit").click()
    await asyncio.wait_for(bot.interactions.get(), 60)

    sandbox.faults.move_clock(timedelta(minutes=2))

    await expect(form.get_by_role("alert")).to_have_text("The application did not respond.")
    await expect(form.get_by_label("Note")).to_have_value(SILENCE)
    await expect(reader.page.locator(".toast")).to_have_count(0)


@pytest.mark.usefixtures("bot")
async def test_selects_show_defaults_and_can_be_cleared(
    reader: Reader, sandbox_ids: dict[str, int]
) -> None:
    """Channel types are respected, and an optional select can be cleared."""
    await reader.open("news")
    await reader.press("/", "edit", "Enter", "Enter")
    channel = reader.page.locator("select[data-control=channel]")
    await expect(channel).to_have_value(str(sandbox_ids["ai"]))
    role = reader.page.locator("select[data-control=role]")
    await expect(role).to_have_value(str(sandbox_ids["Readers"]))
    await expect(channel).to_have_accessible_name("#ai")
    await expect(role).to_have_accessible_name("Nobody")
    await role.select_option("Nobody")
    await expect(reader.page.get_by_text("chosen: []", exact=True)).to_be_visible()
    await channel.select_option("#general")
    chosen = f"chosen: ['{sandbox_ids['general']}']"
    await expect(reader.page.get_by_text(chosen, exact=True)).to_be_visible()


@pytest.mark.usefixtures("bot")
async def test_file_is_attached_to_a_command(reader: Reader) -> None:
    """Without a file the command does not run."""
    await reader.open("news")
    await reader.press("/", "import", "Enter")
    run = reader.page.get_by_role("button", name="Run the command")
    await run.click()
    await expect(reader.page.locator("#command-hint")).to_have_text("file: choose a file")
    file = {"name": "my rules.yaml", "mimeType": "application/yaml", "buffer": b"topics: [AI]\n"}
    await reader.page.get_by_label("file").set_input_files(file)  # type: ignore[arg-type] # playwright's own shape
    await run.click()
    await expect(reader.page.get_by_text("my_rules.yaml, 13 bytes", exact=True)).to_be_visible()


async def test_file_of_the_bot_can_be_saved(reader: Reader, bot: HandBot, sandbox: Sandbox) -> None:
    """It is downloaded under its name and never opened as a page of the sandbox."""
    channel = sandbox.world.find_channel("news").id
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "Here", "flags": 4096}')
    form.add_field(
        "files[0]", b"<script>alert(1)</script>", filename="a.html", content_type="text/html"
    )
    async with aiohttp.ClientSession() as http:
        url = f"{sandbox.api_url}/channels/{channel}/messages"
        headers = {"Authorization": f"Bot {sandbox.token}"}
        async with http.post(url, data=form, headers=headers) as response:
            assert response.ok
    await reader.open("news")
    await expect(reader.page.get_by_label("silent")).to_be_visible()
    async with reader.page.expect_download() as download:
        await reader.page.get_by_role("link", name="a.html").click()
    assert (await download.value).suggested_filename == "a.html"
    assert bot.interactions.empty()
