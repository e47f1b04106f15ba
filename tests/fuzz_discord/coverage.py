"""What was spoiled so far: fields seen and spoiled, and a journal of every spoiled input."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

# What every run of the bot that lasts a while receives. A kind that is missing here is spoiled,
# too; a kind that is listed must be.
FRAMES = (
    "HELLO",
    "HEARTBEAT",
    "HEARTBEAT_ACK",
    "RECONNECT",
    "INVALID_SESSION",
    "READY",
    "RESUMED",
    "GUILD_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "GUILD_MEMBER_UPDATE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "INTERACTION_CREATE",
)
RESPONSES = (
    "GET /users/@me",
    "GET /oauth2/applications/@me",
    "GET /gateway/bot",
    "PUT /applications/{application_id}/commands",
    "POST /users/@me/channels",
    "GET /channels/{channel_id}",
    "PATCH /channels/{channel_id}",
    "GET /guilds/{guild_id}/roles/{role_id}",
    "GET /channels/{channel_id}/messages",
    "POST /channels/{channel_id}/messages",
    "POST /channels/{channel_id}/threads",
    "GET /guilds/{guild_id}/threads/active",
    "GET /channels/{channel_id}/threads/archived/public",
    "PATCH /channels/{channel_id}/messages/{message_id}",
    "DELETE /channels/{channel_id}/messages/{message_id}",
    "POST /channels/{channel_id}/messages/{message_id}/crosspost",
    "POST /channels/{channel_id}/messages/{message_id}/threads",
    "POST /interactions/{interaction_id}/{interaction_token}/callback",
    "POST /webhooks/{webhook_id}/{webhook_token}",
)


# A second answer to an interaction, and a withdrawal by a bot that deletes: a run of two minutes
# may have none.
RARE_KINDS = frozenset(
    {
        "POST /webhooks/{webhook_id}/{webhook_token}",
        "DELETE /channels/{channel_id}/messages/{message_id}",
    }
)


class Input(NamedTuple):
    """One kind of spoiled input, as the journal and `--replay` write it."""

    name: str
    field: str
    change: str

    def __str__(self) -> str:
        return f"{self.name}:{self.field}:{self.change}"

    @classmethod
    def parse(cls, text: str) -> "Input":
        """Read what `str` writes. Raises `ValueError`."""
        name, *rest = text.split(":")
        if len(rest) != 2:
            raise ValueError(f"{text} is not name:field:change")
        return cls(name, rest[0], rest[1])


@dataclass
class Coverage:
    """Counts of all bots of a run together."""

    random: random.Random
    journal: Path
    spoiled: Counter[Input] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        # For each kind: how many payloads had a field.
        self._seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._of_field: Counter[tuple[str, str]] = Counter()
        self._file = self.journal.open("w", encoding="utf-8")

    def close(self) -> None:
        """Close the journal."""
        self._file.close()

    def see(self, name: str, fields: Iterable[str]) -> None:
        """Record that a payload has these fields."""
        self._seen[name].update(fields)

    def has_new(self, name: str, fields: Iterable[str]) -> bool:
        """Whether one of the fields was never spoiled."""
        return any((name, each) not in self._of_field for each in fields)

    def needs(self, name: str, part: str = "") -> bool:
        """Whether a kind of frame or response has a field that was never spoiled, or is new.

        `part` limits this to the fields whose names contain it.
        """
        seen = [each for each in self._seen.get(name, ()) if part in each]
        return not seen or self.has_new(name, seen)

    def choose(self, name: str, options: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, str]:
        """The field and the change that were chosen least often, of fields with their changes."""
        least = min(self._of_field[name, field] for field, _ in options)
        field, changes = self.random.choice(
            [each for each in options if self._of_field[name, each[0]] == least]
        )
        counts = [self.spoiled[Input(name, field, each)] for each in changes]
        rarest = min(counts)
        return field, self.random.choice(
            [change for change, count in zip(changes, counts, strict=True) if count == rarest]
        )

    def record(self, spoiled: Input, bot: str, place: object, sent: bytes) -> None:
        """Record a spoiled input before it is sent to a bot."""
        self.spoiled[spoiled] += 1
        self._of_field[spoiled.name, spoiled.field] += 1
        line = {
            "number": self.total,
            "bot": bot,
            "input": str(spoiled),
            "place": place,
            "sent": sent[:2_000].decode(errors="replace"),
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    @property
    def total(self) -> int:
        """The number of spoiled inputs."""
        return self.spoiled.total()

    @property
    def names(self) -> list[str]:
        """The kinds of frames and responses that were seen."""
        return sorted(self._seen)

    def counts(self, name: str) -> tuple[int, int, int]:
        """For one kind: the number of fields seen, of those spoiled, and of spoiled inputs."""
        spoiled = {each: count for each, count in self._of_field.items() if each[0] == name}
        return len(self._seen[name]), len(spoiled), sum(spoiled.values())

    @property
    def pairs(self) -> int:
        """The number of different fields and changes that were spoiled."""
        return len(self.spoiled)

    def unexercised_kinds(self) -> list[str]:
        """The kinds that the bot needs, and that were never spoiled."""
        spoiled = {each.name for each in self.spoiled}
        return [each for each in (*FRAMES, *RESPONSES) if each not in spoiled]

    def unexercised_fields(self, at_least: int = 1) -> list[str]:
        """The fields that were seen so many times, and never spoiled."""
        return sorted(
            f"{name}:{field}"
            for name, fields in self._seen.items()
            for field, count in fields.items()
            if count >= at_least and (name, field) not in self._of_field
        )
