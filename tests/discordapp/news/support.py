"""A database that can fail, and members who use `/news` in the sandbox."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.discordapp.rendering.selects import OPEN_STORY
from bot.sandbox import Interaction, Sandbox
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import Message
from storage.errors import StorageError, StoreUnusableError
from storage.models import (
    Article,
    Provider,
    RelatedArticle,
)
from storage.protocols import Store, StoryStore
from tests.support.articles import make_article, make_document
from tests.support.store import with_hook

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EPHEMERAL = 1 << 6


class Archive:
    """A store with one source, and the bot's view of it, which can be made unreadable."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seen: StoryStore = with_hook(
            store,
            ("find_stories", "list_topics", "get_story", "complete_topics", "complete_providers"),
            self._check,
        )
        self.unreadable = False
        self.error: StorageError = StoreUnusableError("the disk is full of holes")
        """What reading raises while it is unreadable."""
        self.busy: asyncio.Event | None = None
        """Set by a test: searching waits for it."""
        self.busy_ends_with_error = False

    async def load(self, *articles: Article) -> None:
        """Keep articles, each under its address."""
        documents = [make_document(article.url, article) for article in articles]
        await self.store.save_documents("test", documents, NOW)

    async def withdraw(self, *articles: Article) -> None:
        """Remove articles from the source."""
        await self.store.withdraw_documents("test", [article.url for article in articles])

    async def _check(self, method: str) -> None:
        if self.unreadable:
            raise self.error
        if method == "find_stories" and self.busy is not None:
            await self.busy.wait()
            if self.busy_ends_with_error:
                raise self.error


def make_aged_article(hours: int, title: str | None = None, **changes: Any) -> Article:  # noqa: ANN401 - any field of Article
    """Return an article that is `hours` hours old, and the worse the older it is."""
    fields = {"quality": 100 - hours, "provider": Provider("Reuters"), "excerpt": "", **changes}
    published_at = fields.pop("published_at", NOW - timedelta(hours=hours))
    return make_article(hours, title=title or f"Story {hours}", published_at=published_at, **fields)


def coverage(count: int) -> tuple[RelatedArticle, ...]:
    """Other articles about a story."""
    return tuple(RelatedArticle(f"Other {n}", f"https://other.example/{n}") for n in range(count))


class Reader:
    """A member of the sandbox's server, in one of its channels."""

    def __init__(self, sandbox: Sandbox, name: str, channel: str = "news") -> None:
        self.channel_id = sandbox.world.find_channel(channel).id
        self.id = sandbox.world.find_user(name).id
        self._person = sandbox.person(name)

    async def ask(self, path: str, options: Mapping[str, object] | None = None) -> Message:
        """Use a command and wait for the answer."""
        interaction = await self._person.command(self.channel_id, f"news {path}", options or {})
        return await interaction.settled()

    async def start_asking(
        self, path: str, options: Mapping[str, object] | None = None
    ) -> Interaction:
        """Use a command without waiting for the answer."""
        return await self._person.command(self.channel_id, f"news {path}", options or {})

    async def offered(self, path: str, option: str, typed: str) -> dict[str, str]:
        """The choices that are offered while typing: values by name."""
        choices = await self._person.autocomplete(self.channel_id, f"news {path}", option, typed)
        return {choice["name"]: choice["value"] for choice in choices}

    def messages(self) -> list[Message]:
        """The messages that this person sees in the channel, newest first."""
        return self._person.messages(self.channel_id)

    async def press(self, message: Message, label: str) -> Message:
        """Press the button with a label, and wait for the result."""
        return await (await self.start_pressing(message, label)).settled()

    async def start_pressing(self, message: Message, label: str) -> Interaction:
        """Press the button with a label without waiting for the result."""
        return await self._person.press(message.id, buttons(message)[label]["custom_id"])

    async def open(self, message: Message, label: str, custom_id: str = OPEN_STORY) -> Message:
        """Choose what the select below a message offers, and wait for the result."""
        values = [options(message)[label]]
        interaction = await self._person.select(message.id, custom_id, values)
        return await interaction.settled()

    async def choose(self, message: Message, custom_id: str, values: list[str]) -> Message:
        """Send a choice that no client offers, and wait for the result."""
        data = {"custom_id": custom_id, "component_type": 3, "values": values}
        interaction = await self._person.forge(
            self.channel_id, InteractionType.COMPONENT, data, message.id
        )
        return await interaction.settled()


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    """The buttons of a message by label."""
    return {each["label"]: each for each in _components(message) if "label" in each}


def options(message: Message) -> dict[str, str]:
    """What the select of a message offers: values by label."""
    selects = [each for each in _components(message) if "options" in each]
    return {option["label"]: option["value"] for each in selects for option in each["options"]}


def _components(message: Message) -> list[dict[str, Any]]:
    return [each for row in message.components for each in row["components"]]


def heading(message: Message) -> str:
    """The title of a message's one embed."""
    (embed,) = message.embeds
    return str(embed["title"])


def body(message: Message) -> str:
    """The description of a message's one embed."""
    (embed,) = message.embeds
    return str(embed.get("description", ""))


def footer(message: Message) -> str:
    """The footer of a message's one embed, without the explanations on first pages."""
    (embed,) = message.embeds
    return re.split(r" · (?:quality|times): ", embed["footer"]["text"])[0]


def private_text(message: Message) -> str:
    """The text of an answer that only one person sees."""
    assert message.flags & EPHEMERAL
    assert message.embeds == []
    return message.content
