"""docs/first-subscriptions.md, followed step by step in a real browser with the real bot."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.clock import SystemClock
from tests.browser.first_subscriptions import REST, NewAdmin
from tests.browser.newcomer import running_sandbox
from tests.support.articles import make_news_markdown

pytestmark = pytest.mark.browser


def _page() -> str:
    return Path("docs/first-subscriptions.md").read_text("utf-8")


async def test_new_admin_needs_no_more_than_ten_interactions(
    browser: Browser, tmp_path: Path
) -> None:
    """The page has a number for each, and both subscriptions do what it says."""
    page = await browser.new_page(viewport={"width": 1000, "height": 1300})
    text, pictures = _page(), list[str]()

    async def note(name: str, _: Locator) -> None:
        pictures.append(f"images/first-{name}.png")

    async with running_sandbox(tmp_path) as url:
        admin = NewAdmin(page, note)
        await admin.follow_the_page(url)
        assert len(admin.interactions) == len(re.findall(r"^\d+\. ", text, re.MULTILINE)) <= 10
        _write_story(tmp_path, "decent", quality=85)
        _write_story(tmp_path, "good", quality=95)
        await admin.open(url, "ai")
        await expect(page.locator(".message", has_text="Story good")).to_contain_text("@Readers")
        await expect(page.locator(".message", has_text="Story decent")).to_have_count(0)
        await admin.open(url, "news")
        await admin.run("/subscriptions why story:Story decent")
        await admin.sees("Waiting for")
        await admin.run("/subscriptions why story:Story good")
        await admin.sees("Not selected")
    await page.close()
    assert re.findall(r"\((images/.*)\)", text) == pictures
    assert REST.replace(" mode", " channel:#news mode") in text


def _write_story(data: Path, name: str, *, quality: int) -> None:
    published = SystemClock().now().isoformat(timespec="seconds")
    story = make_news_markdown(name, quality=quality, published=published)
    (data / "drop" / f"{name}.md").write_text(story, "utf-8")
