"""The commands that members use, with options drawn from an archive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.sandbox import InteractionFailedError, Sandbox
from bot.sandbox.interactions.interaction import ResponseType
from bot.sandbox.model.entities import Message
from tests.bench.lookups.draws import Draws
from tests.bench.lookups.questions import search_texts

# Discord's limits of the options.
_SHORT, _LONG = 50, 100


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its options; `typing` is the option that is being typed, if any."""

    path: str
    options: Mapping[str, object] = field(default_factory=dict)
    typing: str | None = None

    def __str__(self) -> str:
        options = " ".join(f"{name}:{value}" for name, value in self.options.items())
        return f"/{self.path} {options}" + (f" (typing {self.typing})" if self.typing else "")

    async def use(self, sandbox: Sandbox, user_id: int, channel_id: int) -> Message | None:
        """Use the command, or type the option; returns the answer, which may be a later one.

        Raises `InteractionFailedError` or `TimeoutError` if none comes in time.
        """
        person = sandbox.person(user_id)
        if self.typing is None:
            asked = await person.command(channel_id, self.path, self.options)
            try:
                return await asked.settled()
            except InteractionFailedError:
                # A private answer to a deferred command is a follow-up in place of the reply.
                if asked.response_type is not ResponseType.DEFERRED_MESSAGE:
                    raise
                return (await sandbox.wait_until(lambda: asked.follow_ups))[0]
        others = {name: value for name, value in self.options.items() if name != self.typing}
        typed = str(self.options[self.typing])
        await person.autocomplete(channel_id, self.path, self.typing, typed, others)
        return None


Drawn: TypeAlias = Callable[[Draws], Command]


def all_commands() -> Mapping[str, Drawn]:
    """A drawing of each kind of command."""
    return {
        "`/news latest`": _latest,
        "`/news top`": _top,
        "`/news trending`": _trending,
        "`/news topic`": lambda draws: Command("news topic", {"topic": draws.any_topic()}),
        "`/news topics`": lambda _: Command("news topics"),
        "`/news search`": _search,
        "`/news story`": _story,
        "typing a title, a topic or a provider": _typing,
    }


def _latest(draws: Draws) -> Command:
    return Command("news latest", _chosen(draws, topic=draws.any_topic(), min_quality=70))


def _top(draws: Draws) -> Command:
    period = draws.chance.choice(("day", "week", "month", "year", "ever"))
    return Command("news top", {"period": period, **_chosen(draws, topic=draws.any_topic())})


def _trending(draws: Draws) -> Command:
    return Command("news trending", _chosen(draws, topic=draws.any_topic()))


def _search(draws: Draws) -> Command:
    text = draws.chance.choice(list(search_texts().values()))(draws)[:_SHORT]
    filters = _chosen(draws, topic=draws.any_topic(), provider=draws.provider(), since="year")
    return Command("news search", {"query": text, **filters})


def _story(draws: Draws) -> Command:
    article = draws.article()
    number = str(draws.chance.randint(1, draws.archive.count))
    given = draws.chance.choice((number, article.title, article.url, draws.known_word()))
    return Command("news story", {"story": given[:_LONG]})


def _typing(draws: Draws) -> Command:
    length = draws.chance.randrange(6)
    kind = draws.chance.choice(("story", "topic", "provider"))
    if kind == "story":
        return Command("news story", {"story": draws.article().title[:length]}, kind)
    typed = draws.any_topic() if kind == "topic" else draws.provider()
    return Command("news search", {"query": "x", kind: typed[:length]}, kind)


def _chosen(draws: Draws, **options: object) -> dict[str, object]:
    """Each of these options in one of three cases."""
    return {name: value for name, value in options.items() if draws.chance.random() < 1 / 3}
