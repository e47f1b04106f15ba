"""The whole bot against the sandbox, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import Progress, Reloading, run_bot
from bot.clock import SystemClock
from bot.config.settings import AnnounceSettings, DiscordSettings, Settings
from bot.config.sources import FolderSettings
from bot.sandbox import Sandbox
from bot.sandbox.model.entities import Channel, Message
from tests.support.articles import make_news_markdown


@dataclass
class Desk:
    """A sandbox, a folder of articles, a database, and a bot that a test starts and stops."""

    sandbox: Sandbox
    folder: Path
    database: Path
    announce: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        """The bot's settings for this desk."""
        return Settings(
            database=self.database,
            sources=(FolderSettings(folder=self.folder),),
            announce=AnnounceSettings(**self.announce),
            discord=DiscordSettings(api_url=self.sandbox.api_url),
        )

    @asynccontextmanager
    async def bot(
        self,
        settings: Settings | None = None,
        *,
        registered: bool = True,
        reloading: Reloading | None = None,
    ) -> AsyncIterator[None]:
        """Run the bot until the block ends; it has read its sources and is on the gateway.

        Unless not `registered`, Discord has its commands, too, perhaps from an earlier run.
        """
        stop, progress = asyncio.Event(), Progress()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(
                run_bot(
                    settings or self.settings(),
                    self.sandbox.token,
                    SystemClock(),
                    stop,
                    progress,
                    reloading,
                )
            )
            await _first(running, progress.loaded.wait())
            await _first(running, self.sandbox.bot_ready())
            if registered:
                await _first(running, self.sandbox.wait_until(lambda: self.sandbox.world.commands))
            try:
                yield
            finally:
                stop.set()

    def write(
        self,
        name: str,
        *,
        title: str | None = None,
        quality: int = 90,
        topic: str = "AI",
        published: str | None = None,
    ) -> None:
        """Put an article into the folder."""
        text = make_news_markdown(
            name,
            title=title,
            quality=quality,
            topic=topic,
            published=published or SystemClock().now().isoformat(timespec="seconds"),
        )
        half = self.folder / f".{name}.part"
        half.write_text(text, encoding="utf-8")
        half.replace(self.folder / f"{name}.md")

    def channel(self, name: str = "news") -> Channel:
        """A channel of the sandbox's server."""
        return self.sandbox.world.find_channel(name)

    def posts(self, channel: str = "news") -> Sequence[Message]:
        """The stories in a channel, oldest first."""
        messages = self.sandbox.world.log(self.channel(channel).id).all()
        return [message for message in messages if message.embeds and not message.ephemeral_for]

    def titles(self, channel: str = "news") -> list[str]:
        """Their titles."""
        return [message.embeds[0]["title"] for message in self.posts(channel)]

    async def wait_for_stories(self, count: int, channel: str = "news") -> list[str]:
        """Wait until a channel has at least `count` messages with stories; return their titles."""
        await self.sandbox.wait_until(lambda: len(self.posts(channel)) >= count)
        return self.titles(channel)

    async def ask(self, path: str, options: dict[str, Any] | None = None, **where: str) -> Message:
        """Run a command and wait for its answer; as Ada in #news unless said otherwise."""
        person = self.sandbox.person(where.get("person", "Ada"))
        channel = self.channel(where.get("channel", "news"))
        interaction = await person.command(channel.id, path, options or {})
        answer = await interaction.answered()
        assert answer is not None
        return answer

    def mention(self, name: str) -> str:
        """How an answer mentions a command."""
        group = name.partition(" ")[0]
        ids = {each["name"]: each["id"] for each in self.sandbox.world.commands}
        return f"</{name}:{ids[group]}>"

    async def subscribe(self, channel: str = "news") -> Message:
        """What a new admin does: `/subscriptions add`, then Save."""
        return await self.press(await self.ask("subscriptions add", channel=channel), "Save")

    async def press(self, message: Message, label: str, person: str = "Ada") -> Message:
        """Press the button with that label below a message, and wait for the answer."""
        pressed = await self.sandbox.person(person).press(message.id, button_id(message, label))
        return await pressed.settled()


def button_id(message: Message, label: str) -> str:
    """The custom_id of a button."""
    components = [each for row in message.components for each in row["components"]]
    return str(next(each["custom_id"] for each in components if each.get("label") == label))


async def _first(running: asyncio.Task[None], waiting: Any) -> None:  # noqa: ANN401 - any awaitable
    """Wait for `waiting`, or raise the error with which the bot ended before that."""
    other = asyncio.ensure_future(waiting)
    await asyncio.wait({running, other}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        other.cancel()
        running.result()
