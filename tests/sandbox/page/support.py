"""A minimal bot without a library, and a reader of the sandbox's page."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import ConsoleMessage, Page, Request, expect

from bot.sandbox import Sandbox

Json = dict[str, Any]
Answer = Callable[[Json], Json | None]

SIZES = [(1440, 900), (390, 844)]
# Texts with too little contrast.
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
# The visible controls without a name for screen readers.
NAMELESS = """
[...document.querySelectorAll("a[href], button, input, select, textarea, nav, aside, dialog")]
  .filter((it) => it.checkVisibility())
  .filter((it) => {
    const by = it.getAttribute("aria-labelledby");
    const name = it.getAttribute("aria-label")
      ?? (by ? document.getElementById(by)?.textContent : null)
      ?? ([...(it.labels ?? [])].map((label) => label.textContent).join(" ") || it.textContent);
    return name.trim() === "";
  })
  .map((it) => it.outerHTML)
"""

INTENTS = 1  # guilds
IDENTIFY = 2
COMMANDS: list[Json] = [
    {
        "name": "news",
        "description": "Look stories up",
        "options": [
            {
                "type": 1,
                "name": "topic",
                "description": "A topic's page",
                "options": [
                    {
                        "type": 3,
                        "name": "topic",
                        "description": "The topic",
                        "required": True,
                        "autocomplete": True,
                    },
                ],
            },
            {"type": 1, "name": "topics", "description": "What there is"},
        ],
    },
    {
        "name": "subscriptions",
        "description": "What arrives where",
        "default_member_permissions": 32,
        "options": [
            {
                "type": 1,
                "name": "add",
                "description": "Send stories to a channel",
                "options": [
                    {"type": 7, "name": "channel", "description": "Where", "channel_types": [0]},
                    {"type": 8, "name": "mention", "description": "A role"},
                    {
                        "type": 4,
                        "name": "min_quality",
                        "description": "The minimum",
                        "min_value": 0,
                        "max_value": 200,
                    },
                    {
                        "type": 3,
                        "name": "mode",
                        "description": "When",
                        "choices": [
                            {"name": "At once", "value": "instant"},
                            {"name": "Daily digest", "value": "daily"},
                        ],
                    },
                    {"type": 5, "name": "quiet", "description": "Quiet at night"},
                ],
            }
        ],
    },
]


class HandBot:
    """Registers commands, posts, and responds to each interaction with the result of `answer`."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession, answer: Answer) -> None:
        self._sandbox = sandbox
        self._http = http
        self._answer = answer
        self.interactions: asyncio.Queue[Json] = asyncio.Queue()

    async def call(self, method: str, path: str, body: object = None) -> Json:
        """Send a request to the REST API."""
        url = f"{self._sandbox.api_url}{path}"
        headers = {"Authorization": f"Bot {self._sandbox.token}"}
        async with self._http.request(method, url, json=body, headers=headers) as response:
            text = await response.text()
            assert response.ok, text
            return json.loads(text) if text else {}

    async def post(self, channel: str, **message: object) -> Json:
        """Write a message in a channel."""
        channel_id = self._sandbox.world.find_channel(channel).id
        return await self.call("POST", f"/channels/{channel_id}/messages", message)

    async def post_picture(
        self, channel: str, picture: bytes, description: str, **message: object
    ) -> None:
        """Write a message with a file `chart.png`."""
        message["attachments"] = [{"id": 0, "filename": "chart.png", "description": description}]
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps(message))
        form.add_field("files[0]", picture, filename="chart.png")
        channel_id = self._sandbox.world.find_channel(channel).id
        url = f"{self._sandbox.api_url}/channels/{channel_id}/messages"
        headers = {"Authorization": f"Bot {self._sandbox.token}"}
        async with self._http.post(url, data=form, headers=headers) as response:
            assert response.ok, await response.text()

    async def register(self, commands: list[Json]) -> None:
        """Register the commands."""
        await self.call("PUT", f"/applications/{self._sandbox.world.bot.id}/commands", commands)

    async def listen(self) -> None:
        """Stay on the gateway and answer interactions, until cancelled."""
        async with self._http.ws_connect(self._sandbox.gateway_url) as socket:
            identity = {"token": self._sandbox.token, "intents": INTENTS, "properties": {}}
            await socket.send_json({"op": IDENTIFY, "d": identity})
            async for frame in socket:
                event = json.loads(frame.data)
                if event["t"] == "INTERACTION_CREATE":
                    await self._respond(event["d"])

    async def _respond(self, interaction: Json) -> None:
        await self.interactions.put(interaction)
        body = self._answer(interaction)
        if body is not None:
            path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
            await self.call("POST", path, body)


@asynccontextmanager
async def hand_bot(sandbox: Sandbox, answer: Answer) -> AsyncIterator[HandBot]:
    """Run a bot until the block ends."""
    async with aiohttp.ClientSession() as http:
        bot = HandBot(sandbox, http, answer)
        await bot.register(COMMANDS)
        listening = asyncio.create_task(bot.listen())
        try:
            await sandbox.bot_ready()
            yield bot
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


class Reader:
    """The page in a browser, and the errors and warnings of its console."""

    def __init__(self, page: Page, sandbox: Sandbox) -> None:
        self.page = page
        self.sandbox = sandbox
        self.complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._note)

    def _note(self, request: Request) -> None:
        # A reload cancels pending requests, which is not a failure of the page.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def open(self, channel: str) -> None:
        """Open the page at a channel and wait until its messages are there."""
        found = self.sandbox.world.find_channel(channel)
        await self.page.goto(f"{self.sandbox.url}/#{found.guild_id}/{found.id}")
        await self.page.locator("#messages[aria-busy=false]").wait_for(state="attached")
        await expect(self.page.locator("#channel-name")).to_have_text(channel)

    async def reload(self) -> None:
        """Reload the page and wait until its messages are there; commands come before them."""
        await self.page.reload()
        await self.page.locator("#messages[aria-busy=false]").wait_for(state="attached")

    async def act_as(self, name: str) -> None:
        """Switch to a person."""
        async with self.page.expect_response(lambda response: "/messages?as=" in response.url):
            await self.page.get_by_role("radio", name=name).check(force=True)

    async def press(self, *keys: str) -> None:
        """Type: names such as Enter are keys, everything else is text."""
        for key in keys:
            if key in {"Enter", "Tab", "Escape", "ArrowDown", "ArrowUp", "Backspace", "/"}:
                await self.page.keyboard.press(key)
            else:
                await self.page.keyboard.type(key)

    async def sees_suggestion(self, text: str) -> None:
        """Wait until the highlighted suggestion is this one."""
        chosen = self.page.locator("#suggestions [aria-selected=true]")
        await expect(chosen).to_contain_text(text)
