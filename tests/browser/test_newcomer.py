"""The first visit that the README describes, in a real browser with the real bot."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.newcomer import Newcomer, running_sandbox

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
