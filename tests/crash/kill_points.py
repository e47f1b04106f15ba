"""The points of the outbox at which a bot process can kill itself."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.announce import outbox
from bot.announce.follow_up_queue import FollowUpQueue
from bot.announce.outbox import Outbox
from bot.announce.poster_port import Unavailable
from bot.discordapp.poster import DiscordPoster
from storage.posts import RetryAt


@dataclass(frozen=True, slots=True)
class KillPoint:
    """A call of `owner.name`, before it runs or (`after`) when it returns.

    Only calls whose arguments and result are accepted by `is_counted` are counted.
    """

    owner: Any
    name: str
    after: bool = True
    is_counted: Callable[[tuple[Any, ...], Any], bool] = lambda _arguments, _result: True


def _is_not_empty(_: tuple[Any, ...], result: Any) -> bool:  # noqa: ANN401 - any result
    return bool(result)


def _is_unknown(_: tuple[Any, ...], result: Any) -> bool:  # noqa: ANN401 - any result
    return isinstance(result, Unavailable) and result.unknown


def _records_unknown_outcome(arguments: tuple[Any, ...], _: Any) -> bool:  # noqa: ANN401 - any result
    return any(isinstance(each, RetryAt) and each.unknown for each in arguments)


PLANNING = {
    "planned, not committed": KillPoint(outbox, "plan_posts"),
    "planned": KillPoint(Outbox, "plan"),
}
CLAIMING = {
    "before the claim": KillPoint(Outbox, "claim", after=False),
    "claimed": KillPoint(Outbox, "claim", is_counted=_is_not_empty),
}
POSTING = CLAIMING | {
    "before the request": KillPoint(DiscordPoster, "send", after=False),
    "answered": KillPoint(DiscordPoster, "send"),
    "settled, not committed": KillPoint(outbox, "_finish_settling", after=False),
    "settled": KillPoint(Outbox, "settle"),
}
# These are only reached after a lost response.
AFTER_LOST_ANSWER = {
    "answer lost": KillPoint(DiscordPoster, "send", is_counted=_is_unknown),
    "loss recorded": KillPoint(Outbox, "settle", is_counted=_records_unknown_outcome),
}
# Only reached by a run that follows one whose outcome stayed unknown.
LOOKED_UP = "looked up"
RECOVERING = {
    "recovered": KillPoint(Outbox, "recover_claims"),
    LOOKED_UP: KillPoint(DiscordPoster, "find"),
}
EDITING = {
    "before the edit": KillPoint(DiscordPoster, "edit", after=False),
    "edited": KillPoint(DiscordPoster, "edit"),
    "edit recorded": KillPoint(Outbox, "finish_edit"),
}
PUBLISHING = {
    "publication claimed": KillPoint(FollowUpQueue, "claim", is_counted=_is_not_empty),
    "before the publication": KillPoint(DiscordPoster, "follow_up", after=False),
    "published": KillPoint(DiscordPoster, "follow_up"),
    "publication recorded": KillPoint(FollowUpQueue, "settle"),
}
KILL_POINTS = PLANNING | POSTING | AFTER_LOST_ANSWER | RECOVERING | EDITING | PUBLISHING


def kill_at(kill_point: KillPoint, call: int) -> None:
    """Make this process kill itself at that call of a kill point; this can't be undone."""
    original = getattr(kill_point.owner, kill_point.name)
    remaining = call

    def count_call() -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def counted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        if not kill_point.after:
            count_call()
        result = await original(*arguments, **options)
        if kill_point.after and kill_point.is_counted(arguments, result):
            count_call()
        return result

    setattr(kill_point.owner, kill_point.name, counted)
