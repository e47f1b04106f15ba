"""The editor of a subscription: its message, components and forms.

Discord allows 100 characters for placeholders and options, 80 for buttons, 45 for titles of forms.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.discordapp.markdown import escaped
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.reasons import describe_reason
from bot.discordapp.messages.subscription_options import INPUTS
from bot.discordapp.messages.subscription_summary import (
    describe_delivery_options,
    describe_digest,
    describe_rules,
)
from storage.models import Digest, Fact, Kind, Look, SubscriptionSpec
from storage.reasons import Reason

# In characters; five threads and the text above them must fit a message.
_TITLE, _TAGS = 160, 120
TITLE_NEW = "New subscription"
TITLE_EDIT = "Edit subscription"
CANCELLED = "Cancelled. Nothing was changed."

CLOSED = (
    f"This editor is closed. Open a new one with {command('subscriptions add')} or"
    f" {command('subscriptions edit')}."
)
NOT_OFFERED = "That choice isn't available. Open the editor again."
MENTIONED_ROLE_GONE = "A mentioned role no longer exists. It won't be mentioned."
OTHER_CHANNEL_GONE = "I can't find a channel whose stories are left out. Nothing is left to it."

SAVE = "Save"
CANCEL = "Cancel"
MORE = "More…"
OTHERS = "Kinds, channels, role…"
LOOK_AND_STYLE = "Look and style…"
BACK = "Back"
UNDO_INPUT = "Undo input"
PREVIEW = "Preview"
SCHEDULE = "Schedule…"
FILTERS = "Filters…"
STYLE = "Style…"
TAGS = "Forum tags…"
CORRECT_INPUT = (
    f"Open the form again to correct this, or press **{UNDO_INPUT}**. Until then, **{SAVE}** is"
    " disabled."
)
SCHEDULE_TITLE = "Schedule"
FILTERS_TITLE = "Filters"
STYLE_TITLE = "Style"
TAGS_TITLE = "Tags of the forum"

CHANNEL_PLACEHOLDER = "Choose a channel"
TOPICS_PLACEHOLDER = "All topics"
NO_TOPICS_PLACEHOLDER = "All topics (there are none to choose yet)"
NOT_IN_PLACEHOLDER = "Leave out what other channels take"
MENTION_PLACEHOLDER = "No mention"
SECOND_MENTION_PLACEHOLDER = "No second mention"
KINDS_PLACEHOLDER = "Articles, videos and Shorts"
SWITCHES_PLACEHOLDER = "No extra options"
DEFAULT_QUALITY = "Default"
FIRST_TITLE = "Posted when you save"
FACTS_PLACEHOLDER = "Without quality, topics and time"
KINDS = {Kind.ARTICLE: "Articles", Kind.VIDEO: "Videos", Kind.SHORT: "Shorts"}
FACTS = {
    Fact.QUALITY: ("Quality", "Shown in each message"),
    Fact.TOPICS: ("Topics", "Shown in each message"),
    Fact.TIME: ("Time", "Shown in each message"),
}
LOOKS = {
    Look.CARD: ("Look: card", "A title, an excerpt and a large picture"),
    Look.COMPACT: ("Look: compact", "One or two lines of text"),
    Look.HEADLINE: ("Look: headline", "A title beside a small picture"),
    Look.GALLERY: ("Look: gallery", "Up to four pictures with a title and an excerpt"),
}
"""Each with a hint. A digest is always a list."""


def describe_draft(spec: SubscriptionSpec, catch_up: int, now: datetime) -> str:
    """What is posted where and when if the draft is saved."""
    delivery = spec.delivery
    options = describe_delivery_options(delivery, spec.max_per_hour)
    lines = [
        f"**Channel:** <#{spec.channel_id}>",
        f"**Stories:** {describe_rules(spec.rules)}",
        f"**Delivery:** {_describe_mode(delivery.digest, delivery.timezone, now)}",
    ]
    if options:
        lines.append(f"**Options:** {' · '.join(options)}")
    if catch_up == 1:
        lines.append("**To start:** the best story so far, of any age")
    elif catch_up:
        lines.append(f"**To start:** the best {catch_up} stories so far, of any age")
    return "\n".join(lines)


def invalid_input(name: str, problem: str) -> str:
    """What is wrong with an input of a form."""
    return f"{INPUTS[name].label}: {problem}"


def describe_preview(first: int, shown: int, *, is_digest: bool) -> str:
    """Above a preview: of the `first` stories, which are posted on saving, or of a later one."""
    if not shown:
        return "No stories match yet, so there is nothing to show."
    if not first:
        return f"**{SAVE}** posts nothing now. The newest match would look like this:"
    if is_digest:
        return f"**{SAVE}** posts this digest:"
    more = f" (the first {shown} are shown)" if shown < first else ""
    what = "1 story" if first == 1 else f"{first} stories"
    return f"**{SAVE}** posts {what}, in this order{more}:"


def describe_threads(posts: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """The threads that the shown messages start in a forum, by title and names of tags."""
    lines = []
    for title, tags in posts:
        named = f" · tags: {escaped(', '.join(tags), _TAGS)}" if tags else ""
        lines.append(f"• Thread “{escaped(title, _TITLE)}”{named}")
    return lines


def preview_reduced(reason: Reason) -> str:
    """Below a message of the preview that Discord rejects in part."""
    return warn(f"The message is sent {describe_reason(reason)}")


def preview_refused(reason: Reason) -> str:
    """In place of a message of the preview that Discord rejects."""
    return warn(f"A message can't be shown: {describe_reason(reason)}")


def warn(problem: str) -> str:
    """A problem, above the buttons."""
    return f"⚠ {problem}"


def mode_label(digest: Digest | None) -> str:
    """A choice of when stories are posted."""
    if digest is None:
        return "Each story immediately"
    label = describe_digest(digest)
    return label[:1].upper() + label[1:]


def quality_label(quality: int) -> str:
    """A choice of the minimum quality."""
    return f"Quality {quality}+" if quality else "Any quality"


def mention_quality_label(quality: int) -> str:
    """A choice of the minimum quality of stories that mention the role."""
    return f"Mention for quality {quality}+" if quality else "Mention for every story"


def colour_label(name: str | None) -> str:
    """A choice of the colour of messages; None: each provider has its own."""
    return f"Colour: {'that of the provider' if name is None else name}"


def catch_up_label(count: int) -> str:
    """The switch for the stories that a new subscription starts with."""
    if count == 1:
        return "Start with the best story so far"
    return f"Start with the best {count} stories so far"


def _describe_mode(digest: Digest | None, timezone: str, now: datetime) -> str:
    if digest is None:
        return "each story immediately"
    local = now.astimezone(ZoneInfo(timezone))
    top = "top story" if digest.best == 1 else f"top {digest.best} stories"
    return f"{describe_digest(digest)} {timezone} (now {local:%H:%M}), {top}"
