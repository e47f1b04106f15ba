"""The texts of a subscription's options: in the command, in the editor, in descriptions.

The options themselves are in `bot.discordapp.subscriptions.options`. Discord allows 100 characters
for a description or hint, and 45 for a label.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.discordapp.markdown import plain

# Discord's limit for the name of a choice.
_CHOICE = 100


@dataclass(frozen=True, slots=True)
class SwitchText:
    """The texts of an option that is on or off.

    `description` is shown in the command, which doesn't have the option without one; `label` and
    `hint` in the editor. `phrase` is the part of a subscription's description when the switch
    differs from its default.
    """

    description: str | None
    label: str
    phrase: str
    hint: str | None = None


# The keys are boolean fields of `storage.models.DeliveryOptions`.
SWITCHES: Mapping[str, SwitchText] = {
    "silent": SwitchText(
        "Post without notifying anyone", label="Silent (no notifications)", phrase="silent"
    ),
    "fold": SwitchText(
        "Group stories about the same event in one post (default: yes)",
        label="Group stories about the same event",
        phrase="stories about the same event posted separately",
        hint="Later stories are added to the first post as coverage",
    ),
    "publish": SwitchText(
        "Publish each message to the channels that follow this announcement channel",
        label="Publish to following channels",
        phrase="published to following channels",
        hint="Only in announcement channels, at most 10 messages an hour",
    ),
    "discuss": SwitchText(
        None,
        label="Open a thread under each message",
        phrase="a thread under each message",
        hint="For discussion; needs the permission Create Public Threads",
    ),
    "update_titles": SwitchText(
        None,
        label="Update titles of threads",
        phrase="updates titles of threads",
        hint="Only in forums",
    ),
}

DESCRIPTIONS: Mapping[str, str] = {
    "channel": "Channel to post in (default: this one)",
    "topics": "Only stories about any of these topics, separated by commas (default: all)",
    "without_topics": "Exclude stories about any of these topics, separated by commas",
    "providers": "Only stories from these providers, separated by commas",
    "min_quality": "Minimum quality of a story, e.g. 70",
    "min_heat": "Minimum heat (how widely covered): quality + 10 per related article, e.g. 100",
    "kinds": "Only articles, only videos or only Shorts (default: all)",
    "words": "Only stories with any of these words, separated by commas",
    "without_words": "Exclude stories with any of these words, separated by commas",
    "not_in": "Exclude stories that another channel's subscription takes, e.g. #ai",
    "mode": "Post each story immediately, or the best ones in a digest (default: instant)",
    "at": "Time of the digest, e.g. 18:30",
    "weekday": "Day of the weekly digest",
    "timezone": "Your time zone: a big city or your country, e.g. Berlin",
    "best": "Maximum number of stories in a digest",
    "quiet": "Quiet hours without posts, e.g. 22:00-08:00",
    "mention": "Role to mention",
    "mention_quality": "Mention the role only for stories of at least this quality",
    "second_mention": "Another role to mention",
    "second_mention_quality": "Mention the other role only for stories of at least this quality",
    **{name: text.description for name, text in SWITCHES.items() if text.description is not None},
    "look": "How the message of a story looks (default: card); a digest is always a list",
    "colour": "Colour of the message, e.g. #1f8b4c or blue (default: the provider's)",
    "line": "A line above the message, with {title}, {topic}, {provider} or {role}",
    "footer": "Text below every story",
    "facts": "What is shown about a story: quality, topics, time (default: all)",
    "tags": "Tags of topics in a forum (default: those named like the topics)",
    "fallback_tag": "Tag in a forum for stories without another",
    "max_per_hour": "Maximum number of stories per hour; the rest wait",
    "catch_up": "How many of the best existing stories to post right away",
}


@dataclass(frozen=True, slots=True)
class InputText:
    """The texts of an input in one of the editor's forms."""

    label: str
    placeholder: str


INPUTS: Mapping[str, InputText] = {
    "at": InputText("Digest time", "18:30"),
    "best": InputText("Stories per digest", "10"),
    "timezone": InputText("Time zone", "A big city or your country, e.g. Berlin"),
    "quiet": InputText("Quiet hours", "22:00-08:00"),
    "max_per_hour": InputText("Maximum stories per hour", "No limit"),
    "words": InputText("With any of these words", "Separated by commas"),
    "without_words": InputText("Without these words", "Separated by commas"),
    "without_topics": InputText("Without these topics", "Separated by commas"),
    "providers": InputText("From these providers", "Separated by commas"),
    "tags": InputText("Tags of topics", "AI = Machines; otherwise the tag named like the topic"),
    "fallback_tag": InputText("Tag if no other applies", "None"),
    "colour": InputText("Colour", "A number or a name, e.g. #1f8b4c or blue"),
    "line": InputText("Line above the message", "{role} New in {topic}: {title} ({provider})"),
    "footer": InputText("Text below the message", "Shown as it is typed"),
    "min_heat": InputText("Minimum heat", "How widely it is covered, e.g. 100"),
}

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def timezone_choice(name: str, local_time: str, place: str | None = None) -> str:
    """A time zone in a list of choices, with another name that it was found by."""
    shown = f"{name} (now {local_time})"
    return f"{plain(place, _CHOICE - len(shown) - 2)}: {shown}" if place else shown
