"""People who use the bot in every way: commands, completions, buttons, selects and forms."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox import (
    Interaction,
    InteractionFailedError,
    Person,
    PersonError,
    Sandbox,
    SandboxError,
    UploadedFile,
)
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.components import all_components
from bot.sandbox.model.entities import Channel, Message

# What ends a conversation early: the bot did not answer, or answered something else, because what
# it received was spoiled.
INTERRUPTIONS = (InteractionFailedError, PersonError, SandboxError, LookupError)
_FILE = """\
subscriptions:
  - channel: ai
    min_quality: 60
    topics: [AI]
    mention: Readers
    mention_quality: 100
  - channel: general
    digest: daily
    at: "08:00"
  - channel: nowhere
"""
_TYPED = {
    "timezone": "berlin",
    "quiet": "22-8",
    "max_per_hour": "5",
    "words": "moon, mars",
    "without_words": "rumour",
    "without_topics": "sport",
    "providers": "Reuters",
    "min_heat": "3",
    "at": "9:30",
    "best": "4",
}


@dataclass
class People:
    """An admin (Ada) and a member (Max) of a server; every conversation is a method."""

    sandbox: Sandbox
    random: random.Random
    guild_id: int

    @property
    def conversations(self) -> Sequence[Callable[[], Awaitable[object]]]:
        """Everything that people do."""
        return (
            self.look_up_news,
            self.turn_pages,
            self.complete,
            self.add_by_options,
            self.add_by_editor,
            self.add_by_editor,
            self.edit,
            self.pause_and_resume,
            self.remove_and_undo,
            self.read_reports,
            self.export_and_import,
            self.change_access,
            self.press_story_button,
            self.press_story_button,
            self.ask_in_direct_message,
            self.submit_late,
            self.ask_about_thread,
            self.forge,
        )

    def _person(self, name: str = "Ada") -> Person:
        return self.sandbox.person(name)

    def _channel(self) -> Channel:
        names = ("general", "ai", "news")
        return self.sandbox.world.find_channel(self.random.choice(names), self.guild_id)

    async def _use(
        self, path: str, options: Mapping[str, object] | None = None, person: str = "Ada"
    ) -> Message:
        used = await self._person(person).command(self._channel().id, path, options)
        return await used.settled()

    async def look_up_news(self) -> None:
        """Every command of `/news`."""
        path, options = self.random.choice(
            (
                ("news latest", {}),
                ("news latest", {"topic": "AI", "min_quality": 50}),
                ("news top", {"period": "week"}),
                ("news top", {}),
                ("news trending", {"private": True}),
                ("news topic", {"topic": "AI"}),
                ("news search", {"query": "a", "since": "week"}),
                ("news search", {"query": "story", "provider": "a", "kind": "video"}),
                ("news story", {"story": "a"}),
                ("news topics", {}),
            )
        )
        await self._use(path, options, self.random.choice(("Ada", "Max")))

    async def ask_latest(self) -> Message:
        """`/news latest`."""
        return await self._use("news latest")

    async def turn_pages(self) -> None:
        """A list's buttons, also by somebody else."""
        answer = await self._use("news latest")
        for person in ("Ada", "Max"):
            buttons = [each["custom_id"] for each in usable(answer)]
            if buttons:
                await self._press(answer, self.random.choice(buttons), person)

    async def _press(self, message: Message, custom_id: str, person: str = "Ada") -> Message:
        return await (await self._person(person).press(message.id, custom_id)).settled()

    async def complete(self) -> None:
        """Autocompletion."""
        path, option, others = self.random.choice(
            (
                ("news topic", "topic", {}),
                ("news latest", "provider", {}),
                ("news latest", "topic", {"min_quality": 3}),
                ("news story", "story", {}),
                ("subscriptions add", "topics", {}),
                ("subscriptions add", "timezone", {"min_quality": 50}),
                ("subscriptions why", "story", {}),
                ("subscriptions edit", "subscription", {}),
            )
        )
        typed = self.random.choice(("", "a", "Eu"))
        await self._person().autocomplete(self._channel().id, path, option, typed, others)

    async def add_by_options(self) -> None:
        """`/subscriptions add` with options of every type."""
        world = self.sandbox.world
        role = self.random.choice([*world.guild(self.guild_id).roles])
        channel = self.random.choice(
            [each.id for each in world.channels.values() if each.guild_id == self.guild_id]
        )
        options: dict[str, object] = {
            "channel": channel,
            "min_quality": self.random.choice((50, 80)),
            "topics": "AI, Space",
            "mention": role,
            "mention_quality": 200,
            "digest": "daily",
            "at": "08:00",
            "silent": True,
        }
        chosen = self.random.sample(sorted(options), self.random.randint(1, len(options)))
        await self._use("subscriptions add", {each: options[each] for each in chosen})

    async def add_by_editor(self) -> None:
        """The editor: selects, pages and forms."""
        await self._edit(await self._use("subscriptions add"))

    async def edit(self) -> None:
        """`/subscriptions edit` of a subscription that was completed."""
        await self._edit(
            await self._use("subscriptions edit", {"subscription": await self._subscription()})
        )

    async def _edit(self, editor: Message) -> None:
        await self._choose(editor)
        await self._press(editor, _button(editor, "More…"))
        await self._choose(editor)
        for label in ("Schedule…", "Filters…"):
            opened = await self._person().press(editor.id, _button(editor, label))
            await self._fill(opened)
        for label in ("Kinds, channels, role…", "Back", "Look and style…", "Back", "Back"):
            if self.random.random() < 0.5:
                break
            await self._press(editor, _button(editor, label))
            await self._choose(editor)
        label = self.random.choice(("Save", "Save", "Cancel"))
        await self._press(editor, _button(editor, label))

    async def _choose(self, editor: Message) -> None:
        """Use every select of a page."""
        world = self.sandbox.world
        for select in [each for each in usable(editor) if each["type"] != 2]:
            if "options" in select:
                values = [each["value"] for each in select["options"]]
            elif select["custom_id"].endswith("channel"):
                values = [self._channel().id]
            else:
                values = [*world.guild(self.guild_id).roles]
            chosen = self.random.choice(values)
            used = await self._person().select(editor.id, select["custom_id"], [chosen])
            await used.settled()

    async def _fill(self, opened: Interaction) -> None:
        modal = await opened.opened()
        fields = [part.get("component") or part["components"][0] for part in modal["components"]]
        typed = {each["custom_id"]: _TYPED[each["custom_id"]] for each in fields}
        chosen = {each: text for each, text in typed.items() if self.random.random() < 0.7}
        await (await self._person().submit(opened, chosen)).settled()

    async def _subscription(self) -> str:
        choices = await self._person().autocomplete(
            self._channel().id, "subscriptions edit", "subscription", ""
        )
        return str(self.random.choice(choices)["value"])

    async def pause_and_resume(self) -> None:
        """`/subscriptions pause` and `resume`."""
        chosen = {"subscription": await self._subscription()}
        await self._use("subscriptions pause", chosen)
        await self._use("subscriptions resume", chosen)

    async def remove_and_undo(self) -> None:
        """`/subscriptions remove`, and its button."""
        removed = await self._use(
            "subscriptions remove", {"subscription": await self._subscription()}
        )
        if self.random.random() < 0.7:
            await self._press(removed, usable(removed)[0]["custom_id"])

    async def read_reports(self) -> None:
        """`/subscriptions list`, `preview`, `why` and `status`."""
        here = {"channel": self._channel().id}
        path, options = self.random.choice(
            (
                ("subscriptions list", {}),
                ("subscriptions list", here),
                ("subscriptions preview", {}),
                ("subscriptions preview", {"subscription": await self._subscription()}),
                ("subscriptions why", {"story": "a"}),
                ("subscriptions why", {"story": "1", **here}),
                ("subscriptions status", {}),
                ("subscriptions status", {}),
                ("subscriptions status", here),
            )
        )
        await self._use(path, options)

    async def export_and_import(self) -> None:
        """`/subscriptions export` and `import`."""
        await self._use("subscriptions export")
        file = UploadedFile("subscriptions.yaml", "application/yaml", _FILE.encode())
        await self._use("subscriptions import", {"file": file})

    async def change_access(self) -> None:
        """`/subscriptions access`."""
        role = self.random.choice([*self.sandbox.world.guild(self.guild_id).roles])
        options: dict[str, object] = {"role": role, "allow": self.random.random() < 0.5}
        await self._use("subscriptions access", self.random.choice(({}, options)))

    async def press_story_button(self) -> None:
        """The button below a post."""
        posts = [
            (message, each["custom_id"])
            for channel in self.sandbox.world.channels.values()
            if channel.guild_id is not None
            for message in self.sandbox.world.log(channel.id).all()[-20:]
            for each in usable(message)
            if each["custom_id"].startswith("story:")
        ]
        message, custom_id = self.random.choice(posts)
        await self._press(message, custom_id)

    async def ask_in_direct_message(self) -> None:
        """`/news` in a direct message."""
        person = self._person(self.random.choice(("Ada", "Max")))
        channel = self.sandbox.world.direct_channel(person.user_id)
        await (await person.command(channel.id, "news latest")).settled()

    async def submit_late(self) -> None:
        """Submit a form of an editor that was closed in between."""
        editor = await self._use("subscriptions add")
        await self._press(editor, _button(editor, "More…"))
        opened = await self._person().press(editor.id, _button(editor, "Filters…"))
        await opened.opened()
        await self._press(editor, _button(editor, "Cancel"))
        await self._fill(opened)

    async def ask_about_thread(self) -> None:
        """`/subscriptions list` for a thread."""
        guild = self.sandbox.world.guild(self.guild_id)
        threads = [each.id for each in guild.channels.values() if each.is_thread]
        await self._use("subscriptions list", {"channel": self.random.choice(threads)})

    async def forge(self) -> None:
        """A component and a form that no client sends."""
        prefix = self.random.choice(("subs:undo:", "news:", "story:", "subs:1:save", "x"))
        data: dict[str, Any] = {
            "custom_id": prefix + self.random.choice(("", "9" * 30, "latest::0")),
            "component_type": 2,
        }
        kind = InteractionType.COMPONENT
        if self.random.random() < 0.5:
            kind = InteractionType.MODAL
            data = {"custom_id": data["custom_id"], "components": []}
        used = await self._person("Max").forge(self._channel().id, kind, data)
        await used.answered()


def usable(message: Message) -> list[dict[str, Any]]:
    """The components of a message that a person can use."""
    return [
        each
        for each in all_components(message.components)
        if each.get("custom_id") and not each.get("disabled")
    ]


def _button(message: Message, label: str) -> str:
    return next(
        (str(each["custom_id"]) for each in usable(message) if each.get("label") == label), ""
    )
