"""Draws each kind of message that people see, on a desktop and a phone, light and dark.

`python -m tests.browser.message_pictures FOLDER` writes the pictures, to be looked at.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, async_playwright

from bot.cli.sandbox import make_sandbox, run_sandbox, sandbox_settings
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.sandbox import Permission, Sandbox
from bot.sandbox.model.entities import Message
from bot.sandbox.samples.story_dropper import StoryDropper
from tests.support.chromium import ARGUMENTS, MISSING, find_chromium

WIDTHS = (1440, 390)
HEIGHT = 2400
SETTLE = 1000  # milliseconds until nothing moves
PAUSE = 0.6  # seconds; the bot answers nobody who asks faster for long
FIRST_STORIES = 8
COMMANDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "latest": ("news latest", {}),
    "topic": ("news topic", {"topic": "AI"}),
    "topics": ("news topics", {}),
    "search": ("news search", {"query": "robots"}),
    "story": ("news story", {"story": "Orchard robots"}),
    "not-found": ("news search", {"query": "zebra"}),
    "help": ("help", {}),
    "about": ("about", {}),
    "list": ("subscriptions list", {}),
    "status": ("subscriptions status", {}),
    "why": ("subscriptions why", {"story": "Orchard robots"}),
    "preview": ("subscriptions preview", {}),
    "added-twice": ("subscriptions add", {"mode": "weekdays", "at": "08:30", "best": 8}),
}
# The buttons that lead to each page of the editor.
EDITOR_PAGES = (
    (),
    ("More…",),
    ("More…", "Kinds, channels, role…"),
    ("More…", "Look and style…"),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message to be drawn, and the name of its picture."""

    name: str
    message: Message


async def main(folder: Path) -> None:
    """Run a sandbox and its bot, make the messages, and draw each of them."""
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    stop, clock = asyncio.Event(), SystemClock()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    with tempfile.TemporaryDirectory() as data:
        sandbox = make_sandbox(Path(data), clock)
        settings = sandbox_settings(Settings(), Path(data))
        async with asyncio.TaskGroup() as group:
            group.create_task(run_sandbox(sandbox, settings, 0, clock, stop, address.set_result))
            try:
                await address
                drop = StoryDropper(Path(data) / "drop", clock.now).drop
                drawn = await _make_messages(sandbox, drop)
                async with async_playwright() as playwright:
                    browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
                    await _draw_all(browser, sandbox, drawn, folder)
                    await browser.close()
            finally:
                stop.set()


async def _make_messages(sandbox: Sandbox, drop: Callable[[], Awaitable[str]]) -> list[Drawn]:
    """Everything is said in #news and #ai, or directly, to Ada."""
    await sandbox.wait_until(lambda: sandbox.world.commands)
    news, ai = sandbox.world.find_channel("news").id, sandbox.world.find_channel("ai").id
    options = {"mode": "weekdays", "at": "08:30", "best": 8, "catch_up": FIRST_STORIES}
    drawn = [Drawn("added", await _ask(sandbox, news, "subscriptions add", options))]
    await _ask(sandbox, ai, "subscriptions add", {"topics": "AI", "catch_up": 2})
    await sandbox.wait_until(lambda: _posts(sandbox, news) and len(_posts(sandbox, ai)) > 1)
    digest, story = _posts(sandbox, news)[0], _posts(sandbox, ai)[-1]
    drawn += [Drawn("digest", digest), Drawn("post", story)]
    for name, message in (("about-digest", digest), ("about-post", story)):
        drawn.append(Drawn(name, await _press(sandbox, message)))
    for name, (command, given) in COMMANDS.items():
        drawn.append(Drawn(name, await _ask(sandbox, news, command, given)))
    for number, labels in enumerate(EDITOR_PAGES, start=1):
        editor = await _ask(sandbox, news, "subscriptions add", {})
        for label in labels:
            await _press(sandbox, editor, label)
        drawn.append(Drawn(f"editor-{number}", editor))
    await _ask(sandbox, ai, "subscriptions add", {"min_quality": 0, "catch_up": 0})
    sandbox.faults.revoke(ai, Permission.SEND_MESSAGES)
    await drop()
    direct = sandbox.world.direct_channel(sandbox.world.find_user("Ada").id).id
    drawn.append(Drawn("notice", await sandbox.wait_for_message(direct)))
    return drawn


def _posts(sandbox: Sandbox, channel_id: int) -> list[Message]:
    messages = sandbox.world.log(channel_id).all()
    return [each for each in messages if each.embeds and not each.ephemeral_for]


async def _ask(
    sandbox: Sandbox, channel_id: int, command: str, options: Mapping[str, Any]
) -> Message:
    await asyncio.sleep(PAUSE)
    used = await sandbox.person("Ada").command(channel_id, command, dict(options))
    return await used.settled()


async def _press(sandbox: Sandbox, message: Message, label: str = "") -> Message:
    """Press a button of a message; without a label the first."""

    def wanted() -> list[str]:
        parts = [each for row in message.components for each in row["components"]]
        usable = [each for each in parts if "custom_id" in each]
        return [each["custom_id"] for each in usable if not label or each.get("label") == label]

    await sandbox.wait_until(wanted)  # On a busy machine, it comes later.
    await asyncio.sleep(PAUSE)
    pressed = await sandbox.person("Ada").press(message.id, wanted()[0])
    return await pressed.settled()


async def _draw_all(browser: Browser, sandbox: Sandbox, drawn: list[Drawn], folder: Path) -> None:
    for width in WIDTHS:
        for theme in ("light", "dark"):
            page = await browser.new_page(
                viewport={"width": width, "height": HEIGHT},
                color_scheme="light" if theme == "light" else "dark",
            )
            for each in drawn:
                message = await _open(page, sandbox, each.message)
                await message.screenshot(path=folder / f"{each.name}-{width}-{theme}.png")
            await page.close()


async def _open(page: Page, sandbox: Sandbox, message: Message) -> Locator:
    """Show the channel of a message."""
    guild_id = sandbox.world.channels[message.channel_id].guild_id
    address = f"{sandbox.url}#{guild_id or '@me'}/{message.channel_id}"
    if page.url != address:
        await page.goto(address)
        await page.wait_for_timeout(SETTLE)
    return page.locator(f'.message[data-id="{message.id}"]')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.browser.message_pictures FOLDER")
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
