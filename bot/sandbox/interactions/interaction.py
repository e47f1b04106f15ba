"""One interaction: what a person did, and what the bot answered so far."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from bot.sandbox.clock import MovableClock
from bot.sandbox.errors import InteractionFailedError
from bot.sandbox.model.entities import Channel, Json, Message

FIRST_ANSWER = timedelta(seconds=3)


class Kind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """How the bot answers first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One interaction: what was done, and what the bot answered so far."""

    id: int
    token: str
    kind: Kind
    user_id: int
    channel: Channel
    data: Json
    created_at: datetime
    source: Message | None
    clock: MovableClock
    answer: Answer | None = None
    original: Message | None = None
    choices: list[Json] = field(default_factory=list)
    modal: Json | None = None
    # Of a submitted modal: the interaction that was answered with it.
    trigger: "Interaction | None" = None
    follow_ups: list[Message] = field(default_factory=list)
    _acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def deadline(self) -> datetime:
        """Until when the first answer must be there."""
        return self.created_at + FIRST_ANSWER

    async def answered(self) -> Message | None:
        """Wait for the first answer; returns the reply, or the message that was changed.

        A deferred answer is a message with the LOADING flag. Raises InteractionFailedError after
        the three seconds.
        """
        if not await self.clock.wait(self._acknowledged, self.deadline):
            raise InteractionFailedError("The application did not respond within 3 s.")
        return self.original

    async def settled(self, within: timedelta = timedelta(seconds=30)) -> Message:
        """Wait until nothing is pending any more, also after a deferred answer."""
        await self.answered()
        if not await self.clock.wait(self._settled, self.clock() + within):
            raise InteractionFailedError(f"A deferred answer did not come within {within}.")
        if self.original is None:
            raise InteractionFailedError("The answer was deleted.")
        return self.original

    async def opened(self) -> Json:
        """Wait for the first answer, which must be a modal; returns it."""
        await self.answered()
        if self.modal is None:
            raise InteractionFailedError("The answer was no modal.")
        return self.modal

    def acknowledge(self, answer: Answer) -> None:
        """Note the first answer."""
        self.answer = answer
        self._acknowledged.set()
        if answer not in {Answer.DEFERRED_MESSAGE, Answer.DEFERRED_UPDATE}:
            self._settled.set()

    def settle(self) -> None:
        """Note that a deferred answer has come."""
        self._settled.set()
