"""Whether the bot does its work. Pure."""

from dataclasses import dataclass
from enum import IntEnum

from bot.ingest.text import pluralize
from bot.telemetry.reading import Reading


class State(IntEnum):
    """How well a part works; the higher, the worse."""

    OK = 0
    DEGRADED = 1
    NOT_READY = 2

    @property
    def label(self) -> str:
        """The state as it is shown."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bot, its state, and what there is to say about it."""

    name: str
    state: State
    text: str


def judge(reading: Reading) -> tuple[Part, ...]:
    """The parts of the bot.

    What has to come back by itself, or concerns one source only, is degraded.
    """
    return (_gateway(reading), _database(reading), _sources(reading), _posting(reading))


def worst(parts: tuple[Part, ...]) -> State:
    """The state of the whole bot."""
    return max(part.state for part in parts)


def _gateway(reading: Reading) -> Part:
    if not reading.gateway_connected:
        return Part("gateway", State.NOT_READY, "not connected to Discord")
    servers = pluralize(reading.servers, "server")
    return Part("gateway", State.OK, f"connected, {servers}")


def _database(reading: Reading) -> Part:
    if reading.database is None:
        return Part("database", State.NOT_READY, reading.problem)
    return Part("database", State.OK, "can be read")


def _sources(reading: Reading) -> Part:
    if not reading.loaded:
        return Part("sources", State.NOT_READY, "are being read for the first time")
    if reading.database is None:
        return Part("sources", State.DEGRADED, "unknown without the database")
    sources = reading.database.sources
    failing = [source.name for source in sources if source.error is not None]
    if failing:
        text = f"{len(failing)} of {len(sources)} can't be read: {', '.join(failing)}"
        return Part("sources", State.DEGRADED, text)
    return Part("sources", State.OK, f"{len(sources)} can be read")


def _posting(reading: Reading) -> Part:
    if reading.database is None:
        return Part("posting", State.DEGRADED, "unknown without the database")
    if (since := reading.database.paused_since) is not None:
        return Part("posting", State.DEGRADED, f"paused since {since:%Y-%m-%d %H:%M} UTC")
    due = reading.database.outbox.due
    if due == 0:
        return Part("posting", State.OK, "no post is due")
    posts = pluralize(due, "post is", "posts are")
    minutes = int(reading.oldest_due_age.total_seconds() // 60)
    return Part("posting", State.OK, f"{posts} due, the oldest since {minutes} min")
