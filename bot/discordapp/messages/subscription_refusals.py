"""Why a change of a subscription is refused, and what to do instead, with markdown."""

from collections.abc import Sequence

from bot.discordapp.markdown import escaped
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.pending import still_paused
from bot.discordapp.messages.subscription_summary import describe_rules
from storage.models import Subscription

NOT_FOUND = f"That subscription no longer exists. See all with {command('subscriptions list')}."
DAMAGED = (
    "This subscription is damaged in my database, so nothing is posted for it. Remove it with"
    f" {command('subscriptions remove')}, and add it again."
)
NOT_CHOSEN = "Choose a subscription from the list."
SEVERAL_IN_CHANNEL = "This channel has several subscriptions. Choose one with `subscription:`."
CANNOT_UNDO = (
    "This can't be undone anymore: the subscription was removed more than an hour ago, or it was"
    f" already restored. See all with {command('subscriptions list')}."
)
CANNOT_UNDO_CHANGE = (
    "This can't be undone anymore: it was more than an hour ago, or the subscription has changed"
    f" since. See all with {command('subscriptions list')}."
)
UNKNOWN_BUTTON = (
    f"This button no longer works. See your subscriptions with {command('subscriptions list')}."
)
ALREADY_PAUSED = (
    f"This subscription is already paused. Resume it with {command('subscriptions resume')}."
)
NOT_PAUSED = "This subscription isn't paused."
PAUSED_BY_BOT = (
    "I paused this subscription because I can't post in its channel. It resumes automatically once"
    f" I can. See what's missing with {command('subscriptions status')}."
)
NO_POSTING_CHANNEL = "Choose a text channel, a forum or a thread of this server with `channel:`."
EXCLUDED_CHANNEL_GONE = "A channel in `not_in:` isn't in this server. Choose another one."
CHANNEL_HIDDEN_FROM_PERSON = "You can't see that channel. Choose another one."
CHANNEL_INVISIBLE = "I can't see that channel anymore. Choose another one."
ROLE_GONE = "That role no longer exists. Choose another one."
ROLE_IS_EVERYONE = "I don't mention everyone. Choose another role."


# Of a forum's tags, which have 20 characters at most.
_TAGS, _TAG = 20, 20


def already_subscribed(duplicate: Subscription) -> str:
    """The channel has a subscription with the same rules: `duplicate`."""
    spec = duplicate.spec
    return (
        f"<#{spec.channel_id}> is already subscribed to {describe_rules(spec.rules)}."
        f"{still_paused(duplicate)} Change it with {command('subscriptions edit')}, or see all with"
        f" {command('subscriptions list')}."
    )


def too_many_subscriptions(count: int, limit: int) -> str:
    """The server has `count` subscriptions, as many as it may have."""
    return (
        f"This server already has {count} subscriptions (limit: {limit}). Remove one, or combine"
        " topics in one subscription."
    )


def too_many_channels(count: int, limit: int) -> str:
    """The bot posts in `count` channels of the server, as many as it may."""
    return (
        f"I already post in {count} channels of this server (limit: {limit}). Choose one of them."
    )


def no_announcement_channel(channel_id: int) -> str:
    """Messages of the channel can't be published."""
    return (
        f"<#{channel_id}> isn't an announcement channel, so I can't publish there. Choose another"
        " channel, or turn publishing off."
    )


def no_threads(channel_id: int) -> str:
    """Threads can't be opened under messages of the channel, such as in a thread."""
    return (
        f"I can't open threads under messages in <#{channel_id}>. Choose a text or announcement"
        " channel, or turn threads off."
    )


def tag_required(channel_id: int, tags: Sequence[str]) -> str:
    """The forum requires a tag, and there is none for stories to which no other applies."""
    names = ", ".join(f"**{escaped(name, _TAG)}**" for name in tags[:_TAGS])
    choices = f"Its tags: {names}." if tags else "First add a tag to the forum."
    return (
        f"<#{channel_id}> requires a tag on every post. Choose one for stories without another:"
        f" press **More…**, then **Forum tags…** in the editor, which"
        f" {command('subscriptions add')} without options and {command('subscriptions edit')} open."
        f" {choices}"
    )


def missing_permissions(channel_id: int, missing: Sequence[str]) -> str:
    """The bot lacks permissions in the channel."""
    return (
        f"I can't post in <#{channel_id}> yet. Grant me **{', '.join(missing)}** there (Edit"
        " Channel → Permissions), then try again."
    )
