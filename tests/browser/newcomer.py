"""The first steps of a newcomer on the page, for a test and for the screenshots."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, expect

from bot.app import Progress, run_bot
from bot.cli.sandbox import make_sandbox, run_sandbox, sandbox_settings
from bot.clock import SystemClock
from bot.config.settings import DiscordSettings, Settings
from bot.sandbox import Sandbox
from tests.support.sandbox import complaints, discord_openapi

POSTS = ".message:has(.embed)"
PATIENCE = 15_000  # milliseconds: enough for a first start on a busy machine


@asynccontextmanager
async def running_bot(sandbox: Sandbox, data: Path) -> AsyncIterator[None]:
    """Run the bot on a sandbox that is served, until the block ends."""
    stop, progress = asyncio.Event(), Progress()
    settings = sandbox_settings(Settings(), data)
    bound = settings.model_copy(update={"discord": DiscordSettings(api_url=sandbox.api_url)})
    async with asyncio.TaskGroup() as group:
        group.create_task(run_bot(bound, sandbox.token, SystemClock(), stop, progress))
        try:
            await progress.connected.wait()
            yield
        finally:
            stop.set()


@asynccontextmanager
async def running_sandbox(data: Path, port: int = 0) -> AsyncIterator[str]:
    """Run the same as `storywire sandbox`; yields the page's address once the bot is ready."""
    stop, clock = asyncio.Event(), SystemClock()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    sandbox = make_sandbox(data, clock, discord_openapi())
    settings = sandbox_settings(Settings(), data)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_sandbox(sandbox, settings, port, clock, stop, address.set_result))
        try:
            yield await address
        finally:
            stop.set()
    assert complaints(sandbox) == []


class Newcomer:
    """A person at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)

    async def open(self, url: str, channel: str = "news") -> None:
        """Open the page and pick a channel."""
        await self.page.goto(url)
        await expect(self.page.locator("#bot-status")).to_contain_text("online")
        if not await self.page.locator("#channels").is_visible():
            await self.page.locator("#drawer-toggle").click()
        await self.page.locator("#channels").get_by_text(channel, exact=True).click()
        await expect(self.page.locator("#channel-name")).to_have_text(channel)

    async def subscribe(self) -> None:
        """Run `/subscriptions add` (one Enter accepts it, another one runs it), then press Save."""
        await self.open_editor()
        await self.page.get_by_role("button", name="Save", exact=True).last.click()
        await expect(self.page.locator(".message", has_text="Subscribed")).to_have_count(1)

    async def open_editor(self) -> None:
        """Run `/subscriptions add`, which opens the editor."""
        await self.page.locator("#command-input").fill("/subscriptions add")
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator(".message").last).to_contain_text("New subscription")

    async def ask_for_topic(self, typed: str, topic: str) -> None:
        """Run `/news topic` by keyboard, with the bot's autocompletion."""
        await self.page.locator("#command-input").fill("/news topic")
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.type(typed)
        chosen = self.page.locator("#suggestions [aria-selected=true]")
        await expect(chosen).to_contain_text(topic)
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.press("Enter")

    async def sees_posts(self, count: int) -> None:
        """Wait for that many messages with an embed."""
        await expect(self.page.locator(POSTS)).to_have_count(count)

    async def drop_a_story(self) -> None:
        """Press "Drop a story"."""
        await self.page.get_by_role("button", name="Drop a story").first.click()
