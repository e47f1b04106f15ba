"""The steps of the outbox at which a process can be made to die."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.announce import outbox
from bot.announce.outbox import Outbox
from bot.announce.poster_port import Unavailable
from bot.discordapp.poster import DiscordPoster
from storage.posts import RetryAt


@dataclass(frozen=True, slots=True)
class Step:
    """A call of the bot's: `owner.name`, at its beginning or (`after`) at its end.

    Only calls whose arguments and result `counts` accepts are counted.
    """

    owner: Any
    name: str
    after: bool = True
    counts: Callable[[tuple[Any, ...], Any], bool] = lambda _arguments, _result: True


def _gives_something(_: tuple[Any, ...], result: Any) -> bool:  # noqa: ANN401 - any result
    return bool(result)


def _is_unknown(_: tuple[Any, ...], result: Any) -> bool:  # noqa: ANN401 - any result
    return isinstance(result, Unavailable) and result.unknown


def _records_unknown(arguments: tuple[Any, ...], _: Any) -> bool:  # noqa: ANN401 - any result
    return any(isinstance(each, RetryAt) and each.unknown for each in arguments)


PLANNING = {
    "planned, not committed": Step(outbox, "plan_posts"),
    "planned": Step(Outbox, "plan"),
}
CLAIMING = {
    "before the claim": Step(Outbox, "claim", after=False),
    "claimed": Step(Outbox, "claim", counts=_gives_something),
}
POSTING = CLAIMING | {
    "before the request": Step(DiscordPoster, "send", after=False),
    "answered": Step(DiscordPoster, "send"),
    "settled, not committed": Step(outbox, "follow_up", after=False),
    "settled": Step(Outbox, "settle"),
}
# These need a lost answer to come that far.
LOSING = {
    "answer lost": Step(DiscordPoster, "send", counts=_is_unknown),
    "loss recorded": Step(Outbox, "settle", counts=_records_unknown),
}
RECOVERING = {
    "recovered": Step(Outbox, "recover_claims"),
    "looked up": Step(DiscordPoster, "find"),
}
EDITING = {
    "before the edit": Step(DiscordPoster, "edit", after=False),
    "edited": Step(DiscordPoster, "edit"),
    "edit recorded": Step(Outbox, "finish_edit"),
}
STEPS = PLANNING | POSTING | LOSING | RECOVERING | EDITING


def die_at(step: Step, call: int) -> None:
    """Let this process kill itself at that call of a step; there is no way back."""
    original = getattr(step.owner, step.name)
    left = call

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def counted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        if not step.after:
            count()
        result = await original(*arguments, **options)
        if step.after and step.counts(arguments, result):
            count()
        return result

    setattr(step.owner, step.name, counted)
