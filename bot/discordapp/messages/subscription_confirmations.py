"""Answers of `/subscriptions` that confirm a change, with markdown."""

from collections.abc import Sequence
from datetime import datetime

from bot.announce.schedule import first_due
from bot.discordapp.markdown import escaped, relative_time
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.pending import NOT_POSTED_DURING_PAUSE, still_paused, stories_wait
from bot.discordapp.messages.subscription_summary import describe_rules, describe_spec
from storage.models import DeliveryOptions, Subscription

UNDO = "Undo"
DAMAGED_REMOVED = (
    "Removed the damaged subscription. This can't be undone, but you can add it again with"
    f" {command('subscriptions add')}."
)

_TOPICS = 300
_UNDO_FOR_AN_HOUR = "You can undo this for one hour."


def confirm_added(
    subscription: Subscription,
    catch_up: int,
    now: datetime,
    *,
    unknown_topics: Sequence[str] = (),
    unnotified_roles: Sequence[int] = (),
) -> str:
    """Confirm a new subscription that starts with `catch_up` stories.

    `unknown_topics` have no stories. `unnotified_roles` are the mentioned roles of which Discord
    would notify no member.
    """
    spec = subscription.spec
    lines = [f"Subscribed <#{spec.channel_id}> to {describe_spec(spec)}."]
    if catch_up:
        lines.append(_describe_catch_up(spec.delivery, catch_up))
    else:
        lines.append(_describe_first(spec.delivery, now))
    if unknown_topics:
        names = escaped(", ".join(unknown_topics), _TOPICS)
        lines.append(f"No stories about {names} yet \u2013 check the spelling.")
    return "\n".join([*lines, *map(_mention_advice, unnotified_roles)])


def confirm_changed(subscription: Subscription, *, unnotified_roles: Sequence[int] = ()) -> str:
    """Confirm a change; see `confirm_added`."""
    spec = subscription.spec
    text = f"Saved. <#{spec.channel_id}> is now subscribed to {describe_spec(spec)}."
    text += f"{still_paused(subscription)} {_UNDO_FOR_AN_HOUR}"
    return "\n".join([text, *map(_mention_advice, unnotified_roles)])


def confirm_paused(subscription: Subscription, waiting: int) -> str:
    """Confirm a pause, during which the `waiting` stories wait."""
    spec = subscription.spec
    text = f"Paused <#{spec.channel_id}> ({describe_rules(spec.rules)})."
    if waiting:
        kept = "It is" if waiting == 1 else "They are"
        text += f" {stories_wait(waiting)}. {kept} posted after the pause, unless too old by then."
    return (
        f"{text} {NOT_POSTED_DURING_PAUSE} Resume with {command('subscriptions resume')}."
        f" {_UNDO_FOR_AN_HOUR}"
    )


def confirm_resumed(subscription: Subscription, waiting: int, missing: Sequence[str] | None) -> str:
    """Confirm the end of a pause, during which `waiting` stories waited.

    `missing` are permissions that the bot lacks in the channel; None: it can't see the channel.
    """
    spec = subscription.spec
    text = f"Resumed <#{spec.channel_id}> ({describe_rules(spec.rules)})."
    if waiting:
        kept = "The story that waited is" if waiting == 1 else f"{waiting} stories that waited are"
        text += f" {kept} posted next, unless too old."
    text += " New stories are posted from now on."
    return "\n".join([text, *_permission_advice(missing)])


def confirm_removed(subscription: Subscription) -> str:
    """Confirm a removal."""
    spec = subscription.spec
    return (
        f"Unsubscribed <#{spec.channel_id}> from {describe_rules(spec.rules)}. {_UNDO_FOR_AN_HOUR}"
    )


def confirm_restored(subscription: Subscription, missing: Sequence[str] | None) -> str:
    """Confirm that a removal was undone; see `confirm_resumed`."""
    spec = subscription.spec
    text = f"Restored. <#{spec.channel_id}> is subscribed to {describe_rules(spec.rules)} again."
    return "\n".join([text + still_paused(subscription), *_permission_advice(missing)])


def confirm_undone(subscription: Subscription, missing: Sequence[str] | None) -> str:
    """Confirm that a pause or a change was undone; see `confirm_resumed`."""
    spec = subscription.spec
    text = f"Undone. <#{spec.channel_id}> is subscribed to {describe_spec(spec)} again."
    text += still_paused(subscription) or " What it missed since is posted, too."
    return "\n".join([text, *_permission_advice(missing)])


def _describe_catch_up(delivery: DeliveryOptions, count: int) -> str:
    """When the first stories are posted; quiet hours may delay them."""
    if delivery.quiet:
        if count == 1:
            return "The best story so far will be posted outside the quiet hours."
        return f"The best {count} stories so far will be posted outside the quiet hours."
    if count == 1:
        return "The best story so far is on its way."
    return f"The best {count} stories so far are on their way."


def _describe_first(delivery: DeliveryOptions, now: datetime) -> str:
    """When the first story is posted if there is no catch-up."""
    if delivery.digest:
        first = relative_time(first_due(delivery, now))
        return f"The first digest is sent {first} if there are stories by then."
    if delivery.quiet:
        return "New stories are posted as they arrive, outside the quiet hours."
    return "New stories are posted as they arrive."


def _permission_advice(missing: Sequence[str] | None) -> list[str]:
    if missing is None:
        return ["⚠ I can't see that channel. Grant me **View Channel** there."]
    if not missing:
        return []
    names = ", ".join(missing)
    return [f"⚠ I can't post there yet. Grant me **{names}** (Edit Channel → Permissions)."]


def _mention_advice(role_id: int) -> str:
    return (
        f"⚠ <@&{role_id}> won't be notified yet. Allow anyone to mention this role (Server Settings"
        " → Roles), or grant me **Mention @everyone, @here, and All Roles**."
    )
