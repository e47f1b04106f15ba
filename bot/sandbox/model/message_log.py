"""The messages of a channel, in order."""

import bisect

from bot.sandbox.model.entities import Message


class MessageLog:
    """Keeps messages in order of their ids; adding and finding are fast for any number."""

    def __init__(self) -> None:
        self._messages: dict[int, Message] = {}
        self._ids: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def get(self, message_id: int) -> Message | None:
        """One message, or None."""
        return self._messages.get(message_id)

    def put(self, message: Message) -> None:
        """Add a message, or replace the one with its id."""
        if message.id not in self._messages:
            if self._ids and message.id < self._ids[-1]:
                bisect.insort(self._ids, message.id)
            else:
                self._ids.append(message.id)
        self._messages[message.id] = message

    def remove(self, message_id: int) -> Message | None:
        """Remove a message; returns it, or None."""
        message = self._messages.pop(message_id, None)
        if message is not None:
            del self._ids[bisect.bisect_left(self._ids, message_id)]
        return message

    @property
    def last_id(self) -> int | None:
        """The id of the newest message."""
        return self._ids[-1] if self._ids else None

    def all(self) -> list[Message]:
        """Every message, oldest first."""
        return [self._messages[each] for each in self._ids]

    def before(self, message_id: int | None, limit: int) -> list[Message]:
        """The newest messages older than an id (None: the newest of all), newest first."""
        end = len(self._ids) if message_id is None else bisect.bisect_left(self._ids, message_id)
        return [self._messages[each] for each in reversed(self._ids[max(0, end - limit) : end])]

    def after(self, message_id: int, limit: int) -> list[Message]:
        """The oldest messages newer than an id, newest first."""
        start = bisect.bisect_right(self._ids, message_id)
        return [self._messages[each] for each in reversed(self._ids[start : start + limit])]

    def around(self, message_id: int, limit: int) -> list[Message]:
        """The messages on both sides of an id, newest first."""
        middle = bisect.bisect_left(self._ids, message_id)
        start = max(0, middle - limit // 2)
        return [self._messages[each] for each in reversed(self._ids[start : start + limit])]
