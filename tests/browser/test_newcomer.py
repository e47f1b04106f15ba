"""The first visit that the README describes, in a real browser with the real bot."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.cli.sandbox import make_sandbox
from bot.clock import SystemClock
from tests.browser.newcomer import Newcomer, running_bot, running_sandbox
from tests.support.sandbox import complaints, discord_openapi

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "narrow"])
async def test_first_visit_works_as_the_readme_describes(
    browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Subscribing, reading and turning pages work, and everything survives a restart."""
    width, height = size
    page = await browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    newcomer = Newcomer(page)
    async with running_sandbox(tmp_path) as url:
        await newcomer.open(url)
        await newcomer.subscribe()
        await newcomer.sees_posts(3)
        await newcomer.drop_a_story()
        await newcomer.sees_posts(4)
        await newcomer.ask_for_topic("A", "AI")
        await newcomer.sees_posts(5)
        answer = page.locator(".message").last
        await expect(answer).to_contain_text("page 1/3")
        await answer.get_by_role("button", name="Next").click()
        await expect(answer).to_contain_text("page 2/3")
        port = int(url.rsplit(":", 1)[1])
    async with running_sandbox(tmp_path, port) as url:
        await newcomer.open(url)
        await newcomer.sees_posts(5)
        await expect(answer).to_contain_text("page 2/3")
        await answer.get_by_role("button", name="Next").click()
        await expect(answer).to_contain_text("page 3/3")
        await newcomer.drop_a_story()
        await newcomer.sees_posts(6)
    await page.close()
    assert complaints == []


async def test_page_is_right_about_a_bot_that_is_offline(browser: Browser, tmp_path: Path) -> None:
    """Commands fail as the page says; a story that is dropped meanwhile is posted once, later."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    newcomer = Newcomer(page)
    banner = page.locator("#channel-notices")
    sandbox = make_sandbox(tmp_path, SystemClock(), discord_openapi())
    async with sandbox.serve():
        async with running_bot(sandbox, tmp_path):
            await newcomer.open(sandbox.url)
            await newcomer.subscribe()
            await newcomer.sees_posts(3)
        await expect(banner).to_contain_text("The bot is offline. Commands and buttons fail")

        await newcomer.drop_a_story()
        await page.locator("#command-input").fill("/help")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator("#toasts")).to_contain_text("The application did not respond.")
        await newcomer.sees_posts(3)

        async with running_bot(sandbox, tmp_path):
            await newcomer.sees_posts(4)
            await expect(banner).to_be_empty()
            await newcomer.drop_a_story()
            await newcomer.sees_posts(5)
            await newcomer.ask_for_topic("A", "AI")
            await newcomer.sees_posts(6)
    await page.close()
    assert complaints(sandbox) == []
