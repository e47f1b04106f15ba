"""`make screenshots`: takes the pictures of README and docs while a newcomer uses the page."""

import asyncio
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, async_playwright

from tests.browser.first_subscriptions import NewAdmin
from tests.browser.looks import draw_documented
from tests.browser.newcomer import Newcomer, running_sandbox
from tests.support.chromium import ARGUMENTS, find_chromium

IMAGES = Path("docs/images")
SETTLE = 1200  # milliseconds until nothing moves
COLOURS = 256  # enough for text, and less than half the size


async def main() -> None:
    """Take all screenshots."""
    path = find_chromium()
    if path is None:
        raise SystemExit("Chromium is not installed (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for pictures in ([_stories, _lookup], [_first_subscriptions]):
            with tempfile.TemporaryDirectory() as data:
                async with running_sandbox(Path(data)) as url:
                    for take in pictures:
                        await take(browser, url)
        await draw_documented(browser)
        await browser.close()


async def _stories(browser: Browser, url: str) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
    newcomer = Newcomer(page)
    await newcomer.open(url)
    await newcomer.subscribe()
    await newcomer.sees_posts(3)
    await newcomer.drop_a_story()
    await newcomer.sees_posts(4)
    await page.get_by_role("button", name="Hide the first steps").click()
    await page.get_by_role("status").get_by_role("button").first.click()
    await page.wait_for_timeout(SETTLE)
    await page.screenshot(path=IMAGES / "sandbox.png")
    await page.close()


async def _lookup(browser: Browser, url: str) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    newcomer = Newcomer(page)
    await newcomer.open(url, "ai")
    await newcomer.ask_for_topic("A", "AI")
    await newcomer.sees_posts(1)
    await page.get_by_role("img", name="Stories per week").wait_for()
    await page.get_by_role("button", name="Hide the first steps").click()
    await page.locator("#message-scroll").evaluate("it => it.scrollTo(0, it.scrollHeight)")
    await page.wait_for_timeout(SETTLE)
    await page.screenshot(path=IMAGES / "lookup.png")
    await page.close()


async def _first_subscriptions(browser: Browser, url: str) -> None:
    page = await browser.new_page(viewport={"width": 900, "height": 1300}, color_scheme="light")

    async def shoot(name: str, shown: Locator) -> None:
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(SETTLE)
        path = IMAGES / f"first-{name}.png"
        await shown.screenshot(path=path)
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)

    await NewAdmin(page, shoot).follow_the_page(url)
    await page.close()


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())
