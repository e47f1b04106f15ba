"""An address that is asked again and again for whether it has changed."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass

from bot.errors import FetchError
from bot.fetching.fetcher import NO_VALIDATORS, Answer, Fetcher, Validators
from bot.fetching.schedule import Schedule
from bot.urls.safety import shown_address

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of an address: what its server gave to ask by, and a digest of the body.

    `documents` is how many there were in it.
    """

    validators: Validators = NO_VALIDATORS
    digest: str = ""
    documents: int = 0

    def encode(self) -> str:
        """As text, to be kept."""
        validators = self.validators
        return json.dumps([validators.etag, validators.last_modified, self.digest, self.documents])

    @classmethod
    def decode(cls, text: str | None) -> Held:
        """What `encode` wrote; nothing is held if it is something else."""
        try:
            etag, last_modified, digest, documents = json.loads(text or "")
        except (ValueError, TypeError):
            return NOTHING_HELD
        return cls(Validators(str(etag), str(last_modified)), str(digest), int(documents))


NOTHING_HELD = Held()


class Page:
    """Asks, and tells the schedule how it went."""

    def __init__(
        self,
        address: str,
        fetcher: Fetcher,
        schedule: Schedule,
        *,
        name: str,
        accept: str,
        allow_private: bool,
    ) -> None:
        self._address = address
        self._fetcher = fetcher
        self._schedule = schedule
        self._name = name
        self._accept = accept
        self._allow_private = allow_private
        self._moved_to: str | None = None
        # What the server said last, as long as the body is the one that is held.
        self._renewed: tuple[Held, Validators] | None = None

    async def ask(self, held: Held = NOTHING_HELD) -> Answer | None:
        """What is there; None if it is still what is held. Raises `FetchError`."""
        validators = held.validators
        if self._renewed is not None and self._renewed[0] == held:
            validators = self._renewed[1]
        answer = await self.fetch(self._address, validators)
        self._schedule.succeeded()
        self._tell_of_move(answer.moved_to)
        if answer.body is None and held == NOTHING_HELD:
            raise FetchError(
                f"{shown_address(self._address)} answers 304 Not Modified to a first question"
            )
        if answer.body is not None and digest_of(answer.body) != held.digest:
            return answer
        if answer.validators != NO_VALIDATORS:
            self._renewed = (held, answer.validators)
        return None

    async def fetch(self, address: str, validators: Validators = NO_VALIDATORS) -> Answer:
        """Ask for this or an address that belongs to it. Raises `FetchError`."""
        try:
            return await self._fetcher.get(
                address,
                accept=self._accept,
                validators=validators,
                allow_private=self._allow_private,
            )
        except FetchError as error:
            self._schedule.failed(error.retry_after)
            raise

    def _tell_of_move(self, moved_to: str | None) -> None:
        if moved_to is not None and moved_to != self._moved_to:
            logger.warning(
                "Source %s has moved for good; write its new address into the settings: %s",
                self._name,
                shown_address(moved_to),
            )
        self._moved_to = moved_to


def digest_of(body: bytes) -> str:
    """Stands for a body."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
