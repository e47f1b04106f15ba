from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from bot.sandbox import PageAction, Sandbox, SandboxOptions
from tests.sandbox.page.support import HandBot, Json, Reader, hand_bot
from tests.support.chromium import ARGUMENTS, MISSING, find_chromium
from tests.support.sandbox import checked_sandbox

TOPICS = ("AI", "Aviation", "Robotics")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of the page."""
    path = find_chromium()
    if path is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox with one action for the page."""

    async def drop() -> str:
        return "A story was dropped."

    action = PageAction("drop", "Drop a story", "A story lands in the folder", drop)
    async with checked_sandbox(SandboxOptions(rates=None, actions=(action,))) as made:
        yield made


@pytest.fixture
def sandbox_ids(sandbox: Sandbox) -> dict[str, int]:
    """The ids of the people, roles and channels of a new sandbox, by name."""
    world = sandbox.world
    named: dict[str, int] = {user.global_name or "": user.id for user in world.users.values()}
    for guild in world.guilds.values():
        named |= {role.name: role.id for role in guild.roles.values()}
        named |= {channel.name: channel.id for channel in guild.channels.values()}
    return named


@pytest_asyncio.fixture(loop_scope="session")
async def bot(sandbox: Sandbox) -> AsyncIterator[HandBot]:
    """A bot that completes topics, turns pages and repeats the options that it received.

    Its answer to `mode: daily` is longer than a window.
    """
    async with hand_bot(sandbox, _answer) as online:
        yield online


def _answer(interaction: Json) -> Json:
    data = interaction["data"]
    if interaction["type"] == 4:
        typed = data["options"][0]["options"][0]["value"].casefold()
        found = [topic for topic in TOPICS if topic.casefold().startswith(typed)]
        return {"type": 8, "data": {"choices": [{"name": f"{t}!", "value": t} for t in found]}}
    if interaction["type"] == 3:
        return {"type": 7, "data": {"content": f"pressed {data['custom_id']}"}}
    options = data["options"][0].get("options", [])
    values = " ".join(f"{each['name']}={each['value']}" for each in options)
    more = "\n" * 80 + "the last line" if "mode=daily" in values else ""
    return {"type": 4, "data": {"content": f"received: {values}{more}", "flags": 64}}


@pytest_asyncio.fixture(loop_scope="session", params=[(1440, 900)])
async def reader(
    request: pytest.FixtureRequest, browser: Browser, sandbox: Sandbox
) -> AsyncIterator[Reader]:
    """A reader with a window of a given size; errors in the console fail the test."""
    width, height = request.param
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
    )
    context.set_default_timeout(5000)
    reading = Reader(await context.new_page(), sandbox)
    yield reading
    await context.close()
    assert reading.complaints == []
