"""What becomes of the entries of a file from `/subscriptions export`, without Discord. Pure.

`/subscriptions import` looks up channels and roles by name, too, and checks permissions.
"""

from collections.abc import Sequence

from bot.discordapp.messages.command_names import plain_command, replace_commands
from bot.discordapp.subscriptions.actions import comparable
from bot.discordapp.subscriptions.file_format import Entry, read_entries
from bot.discordapp.subscriptions.options import impossible_option
from bot.discordapp.subscriptions.upload_parser import FileRefusedError
from bot.errors import ImportFileError
from bot.switching.feeds import Outcome, Result
from bot.switching.subscriptions import Terms, limit_reached
from storage.models import Rules, Subscription, SubscriptionSpec

_IN_DISCORD = "import the file with `/subscriptions import`, which finds it by its name"


def read_subscription_file(content: bytes) -> Sequence[Entry]:
    """Return the entries. Raises `ImportFileError`."""
    try:
        return read_entries(content)
    except FileRefusedError as error:
        reason = replace_commands(str(error), plain_command)
        raise ImportFileError(f"can't be imported: {reason}") from error


def plan_subscriptions(
    entries: Sequence[Entry], existing: Sequence[Subscription], terms: Terms
) -> tuple[Sequence[Result], Sequence[SubscriptionSpec]]:
    """Decide about each entry; return what becomes of it, and the subscriptions to be added.

    `existing` are the subscriptions of the server.
    """
    specs = [each.spec for each in existing]
    results, added = list[Result](), list[SubscriptionSpec]()
    for number, entry in enumerate(entries, start=1):
        found = _specification(entry, terms)
        outcome, notes = Outcome.ADDED, tuple[str, ...]()
        if isinstance(found, str):
            outcome, notes = Outcome.UNSUPPORTED, (found,)
        elif comparable(found) in map(comparable, [*specs, *added]):
            outcome = Outcome.PRESENT
        elif problem := limit_reached(
            [each.channel_id for each in [*specs, *added]], found.channel_id, terms
        ):
            outcome, notes = Outcome.UNSUPPORTED, (problem,)
        else:
            added.append(found)
        place = f"#{entry.channel}" if entry.channel else f"channel {entry.channel_id}"
        results.append(Result(outcome, f"subscription {number} in {place}", notes))
    return results, added


def _specification(entry: Entry, terms: Terms) -> SubscriptionSpec | str:
    """The subscription of an entry, or why there can't be one."""
    if entry.channel_id is None:
        return f"has no `channel_id`; {_IN_DISCORD}"
    for name, role, role_id in (
        ("mention_id", entry.mention, entry.mention_id),
        ("second_mention_id", entry.second_mention, entry.second_mention_id),
    ):
        if role is not None and role_id is None:
            return f"has no `{name}`; {_IN_DISCORD}"
    not_in = [each.channel_id for each in entry.not_in if each.channel_id is not None]
    if len(not_in) < len(entry.not_in):
        return f"has a channel without `channel_id` in `not_in`; {_IN_DISCORD}"
    default = SubscriptionSpec(
        entry.channel_id, Rules(min_quality=terms.min_quality), terms.max_per_hour
    )
    try:
        spec = entry.to_spec(
            default, entry.mention_id, not_in, second_role_id=entry.second_mention_id
        )
    except ValueError as error:
        return replace_commands(str(error), plain_command)
    if option := impossible_option(spec):
        return f"has an impossible `{option}`"
    return spec
