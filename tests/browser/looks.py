"""`python -m tests.browser.looks FOLDER`: draws every look, wide and narrow, light and dark."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any, Literal

import aiohttp
from PIL import Image as Picture
from playwright.async_api import Browser, async_playwright

from bot.announce.event_terms import TermFrequencies
from bot.clock import SystemClock
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import complete_payload
from bot.sandbox import Sandbox, SandboxOptions
from storage.models import Image, Look, Provider, Story
from storage.posts import ClaimedPost, Post, PostStatus
from tests.sandbox.support import Rest
from tests.support.articles import make_story
from tests.support.chromium import ARGUMENTS, find_chromium

DOCUMENTED = Path("docs/images/looks.webp")
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLE = 800  # milliseconds until nothing moves
SUPPRESS_EMBEDS, IS_COMPONENTS_V2 = 1 << 2, 1 << 15
# Pictures of several hosts get placeholders in several colours.
PICTURES = tuple(
    Image(f"https://{host}.example/picture.png", 1200, 800)
    for host in ("harbour", "bridge", "cyclists", "evening")
)
NOW = SystemClock().now()


def bridge(**changes: Any) -> Story:  # noqa: ANN401 - any field of an article
    """A story with everything."""
    fields: dict[str, Any] = {
        "title": "Port Ambry opens its harbour bridge to cyclists",
        "excerpt": "After four years of work the old railway bridge has two lanes for bicycles."
        " The ferry keeps running until spring, when the ramps on the eastern side are finished,"
        " and the council expects 3,000 riders a day.",
        "provider": Provider("Ambry Courier", "courier.example", "https://courier.example/i.png"),
        "topics": ("Cities", "Transport"),
        "quality": 87,
        "images": PICTURES,
        "published_at": NOW - timedelta(hours=3),
    }
    return make_story(1, **{**fields, **changes})


def others() -> tuple[Story, ...]:
    """Stories about the same event."""
    titles = ("Cyclists cross the harbour at last", "Harbour bridge of Port Ambry open to bicycles")
    names = ("Saltmere Post", "The Northern Cyclist")
    return tuple(
        make_story(number, title=title, provider=Provider(name), published_at=NOW)
        for number, (title, name) in enumerate(zip(titles, names, strict=True), start=2)
    )


CASES: dict[str, tuple[Story, tuple[Story, ...]]] = {
    "full": (bridge(), ()),
    "plain": (bridge(images=(), excerpt="", topics=(), provider=None), ()),
    "coverage": (bridge(images=PICTURES[:2]), others()),
    "withdrawn": (replace(bridge(), withdrawn=True), ()),
    "long": (
        bridge(title="A very long title about the harbour bridge " * 5, images=PICTURES[:3]),
        (),
    ),
}


def request_of(look: Look, story: Story, folded: Sequence[Story]) -> dict[str, Any]:
    """The body of the request that sends a story in a look."""
    post = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, NOW, NOW, look=look)
    claimed = ClaimedPost(post, story, coverage=tuple(folded))
    payload = complete_payload(post_message(claimed, TermFrequencies()))
    flags = SUPPRESS_EMBEDS * payload.hides_previews | IS_COMPONENTS_V2 * bool(payload.layout)
    body = {
        "content": payload.content,
        "embeds": [payload.embed.to_dict()] if payload.embed else [],
        "components": payload.components.to_components(),
        "flags": flags,
    }
    return {key: value for key, value in body.items() if value}


async def draw_all(folder: Path) -> None:
    """Draw all cases into a folder."""
    path = find_chromium()
    if path is None:
        raise SystemExit("Chromium is not installed (Debian: apt install chromium)")
    async with served() as rest, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name, (story, folded) in CASES.items():
            await _post(rest, story, folded)
            for (size, shape), theme in product(SIZES.items(), THEMES):
                shot = await _shoot(browser, rest.sandbox.url, shape, theme)
                (folder / f"{name}-{size}-{theme}.png").write_bytes(shot)
        await browser.close()


async def draw_documented(browser: Browser) -> None:
    """Draw the picture of docs/subscriptions.md."""
    async with served() as rest:
        await _post(rest, bridge(), ())
        shot = await _shoot(browser, rest.sandbox.url, (1000, 1500), "light")
    Picture.open(BytesIO(shot)).save(DOCUMENTED, quality=80)


@asynccontextmanager
async def served() -> AsyncIterator[Rest]:
    """A sandbox with a client that sends messages."""
    sandbox = Sandbox(SandboxOptions(rates=None))
    async with sandbox.serve(), aiohttp.ClientSession() as session:
        yield Rest(sandbox, session)


async def _post(rest: Rest, story: Story, folded: Sequence[Story]) -> None:
    """Empty the channel, and send a story to it in each look."""
    sandbox = rest.sandbox
    news = sandbox.world.find_channel("news").id
    for message in list(sandbox.world.log(news).all()):
        sandbox.world.delete_message(message)
    for look in Look:
        status, answer = await rest.send(news, **request_of(look, story, folded))
        assert status == 200, answer


async def _shoot(
    browser: Browser, url: str, size: tuple[int, int], theme: Literal["light", "dark"]
) -> bytes:
    """The whole list of messages, whatever fits the window."""
    width, height = size
    page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    await page.goto(url)
    if not await page.locator("#channels").is_visible():
        await page.locator("#drawer-toggle").click()
    await page.locator("#channels").get_by_text("news", exact=True).click()
    await page.locator(".message").first.wait_for()
    await page.set_viewport_size({"width": width, "height": 2600})
    await page.wait_for_timeout(SETTLE)
    first, last = page.locator(".message").first, page.locator(".message").last
    top, bottom = await first.bounding_box(), await last.bounding_box()
    assert top is not None
    assert bottom is not None
    shot = await page.screenshot(
        clip={
            "x": top["x"],
            "y": top["y"] - 8,
            "width": min(top["width"], 720),
            "height": bottom["y"] + bottom["height"] - top["y"] + 24,
        }
    )
    await page.close()
    return shot


if __name__ == "__main__":
    asyncio.run(draw_all(Path(sys.argv[1])))
