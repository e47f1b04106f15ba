"""Stories, servers and channels as the log names them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.posts import ClaimedPost


@dataclass(frozen=True, slots=True)
class Server:
    """A server; `name` is None if it isn't known."""

    id: int
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name else f"server {self.id}"

    @property
    def fields(self) -> Mapping[str, str | None]:
        """The fields of an event of the log, for `extra`."""
        # Programs that read JSON may round large numbers, so Discord writes ids as texts, too.
        return {"server": str(self.id), "server_name": self.name}


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread; what isn't known is None."""

    id: int
    name: str | None = None
    server: Server | None = None

    def __str__(self) -> str:
        channel = f"#{self.name} ({self.id})" if self.name else f"channel {self.id}"
        return f"{channel} of {self.server}" if self.server else channel

    @property
    def fields(self) -> Mapping[str, str | None]:
        """The fields of an event of the log, for `extra`."""
        server = self.server.fields if self.server else {}
        return {"channel": str(self.id), "channel_name": self.name, **server}


def name_stories(message: ClaimedPost) -> str:
    """The stories of a message, each by the same words wherever the log names it."""
    text = ", ".join(map(name_story, _own_stories(message)))
    if not message.coverage:
        return text
    return f"{text} with coverage by {', '.join(name_story(each.id) for each in message.coverage)}"


def story_fields(message: ClaimedPost) -> Mapping[str, list[int]]:
    """The ids of a message's stories, for `extra`."""
    return {"stories": [*_own_stories(message), *(each.id for each in message.coverage)]}


def name_story(story_id: int) -> str:
    """A story."""
    return f"story {story_id}"


def _own_stories(message: ClaimedPost) -> list[int]:
    return [each.id for each in message.digest or (message.story,)]
