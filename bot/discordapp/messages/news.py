"""Answers of `/news`: headings, and what to try when nothing was found. With markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discordapp.markdown import escaped
from bot.discordapp.messages.command_names import command
from storage.models import Kind, PostedMessage

LATEST = "Latest stories"
TOP = "Top stories"
TRENDING = "Trending stories"
NO_STORIES_YET = "No stories yet. They appear here as soon as a source has some."
NO_TOPICS_YET = "No topics yet. They appear here with the first stories."
STORY_GONE = "This story is no longer available."
STORY_EXPIRED = "This story is old, and no longer in the archive."
TOPIC_GONE = f"This topic has no stories anymore. See all topics with {command('news topics')}."
PROVIDER_GONE = "This provider has no stories anymore."
EMPTY_SEARCH = "Type at least one word to search for."
ONLY_EXCLUDED = (
    "Type at least one word that the stories contain, too. A word after `-` leaves stories out."
)
LONG_SEARCH = "That is too long to search for. Type fewer words."
NO_STORY_AT_ADDRESS = (
    f"No story has this address. {command('news search')} finds words of titles and texts."
)
IN_THIS_SERVER = "In this server"
GO_TO_MESSAGE = "Go to the message"
UNKNOWN_BUTTON = "This button no longer works. Run the `/news` command again."

_SHOWN = 80
_HEADING = 250
_PERIODS = {
    "day": "of the past 24 hours",
    "three_days": "of the past 3 days",
    "week": "of the past week",
    "month": "of the past month",
    "year": "of the past year",
}
_KINDS = {Kind.ARTICLE: "articles", Kind.VIDEO: "videos", Kind.SHORT: "shorts"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list of stories; `period` is a key of the descriptions of periods."""

    period: str | None = None
    topic: str | None = None
    provider: str | None = None
    content: Kind | None = None
    min_quality: int | None = None


NO_FILTERS = Filters()


def search_title(text: str) -> str:
    """The start of a search's heading."""
    return f"Stories matching “{text}”"


def list_heading(title: str, filters: Filters = NO_FILTERS) -> str:
    """The heading of a list of stories, as plain text.

    `title` is `LATEST`, `TOP`, `TRENDING` or a `search_title`.
    """
    parts = [title]
    parts += [_PERIODS[filters.period]] if filters.period else []
    parts += [f"in {filters.topic}"] if filters.topic else []
    parts += [f"from {filters.provider}"] if filters.provider else []
    parts += [f"· {_KINDS[filters.content]}"] if filters.content else []
    parts += [f"· quality {filters.min_quality}+"] if filters.min_quality else []
    return " ".join(parts)


def no_results(
    heading: str, filters: Filters, *, search: bool, meant: str = "", unfiltered: str = ""
) -> str:
    """No stories match; what to try, as far as the request was not for any already.

    `meant` is the text of `did_you_mean`. `unfiltered`: how many stories match without filters.
    """
    parts = ["No stories found."]
    if unfiltered:
        parts.append(f"Without filters: **{unfiltered}**.")
        tips = list[str]()
    elif search:
        parts += [meant, "Every word must appear in a story."]
        tips = ["fewer or different words"]
    else:
        tips = [command("news latest")]
    tips += ["a longer period"] if filters.period else []
    tips += ["a lower quality"] if filters.min_quality else []
    tips += ["all kinds"] if filters.content else []
    tips += ["all providers"] if filters.provider else []
    tips += ["all topics"] if filters.topic else []
    parts.append(f"Try {_either(tips)}.")
    return f"**{escaped(heading, _HEADING)}**\n{' '.join(filter(None, parts))}"


def did_you_mean(words: Sequence[str], topics: Sequence[str] = ()) -> str:
    """Words that stories contain, and topics, that are spelled like what was typed; or nothing."""
    text = f"Did you mean {_either(_bold(words))}?" if words else ""
    if topics:
        text += f" Topics like it: {', '.join(_bold(topics))}."
    return text.strip()


def topic_not_found(typed: str, similar: Sequence[str]) -> str:
    """No topic has the typed name; `similar` are topics with a name like it."""
    text = f"There's no topic “{escaped(typed, _SHOWN)}”."
    if similar:
        text += f" {did_you_mean(similar)}"
    return f"{text} See all topics with {command('news topics')}."


def provider_not_found(typed: str, similar: Sequence[str]) -> str:
    """No provider has the typed name; `similar` are providers with a name like it."""
    text = f"There's no provider “{escaped(typed, _SHOWN)}”."
    if similar:
        return f"{text} {did_you_mean(similar)}"
    return f"{text} Choose one from the list that appears while you type."


def story_not_found(typed: str, meant: str = "", *, by_number: bool = False) -> str:
    """No story is meant by the typed text; `meant` is the text of `did_you_mean`.

    `by_number`: it is a number, as the list that appears while typing sends it.
    """
    text = f"No story matches “{escaped(typed, _SHOWN)}”."
    if by_number:
        return f"{text} If you chose it from the list, it is no longer available."
    parts = [text, meant, f"Search all texts with {command('news search')}."]
    return " ".join(filter(None, parts))


def closest_match(typed: str) -> str:
    """Above a story that is not exactly what was asked for."""
    return f"-# Closest match for “{escaped(typed, _SHOWN)}”:"


def message_links(guild_id: int, posted: Sequence[PostedMessage]) -> str:
    """The messages of a server that show a story, a line each."""
    lines = []
    for each in posted:
        where = each.thread_id or each.channel_id
        address = f"https://discord.com/channels/{guild_id}/{where}/{each.message_id}"
        lines.append(f"<#{where}> · [{GO_TO_MESSAGE}]({address})")
    return "\n".join(lines)


def counted(name: str, stories: str) -> str:
    """A topic or provider in the list that appears while typing, with its number of stories."""
    return f"{name} · {stories}"


def _bold(names: Sequence[str]) -> list[str]:
    return [f"**{escaped(name, _SHOWN)}**" for name in names]


def _either(alternatives: Sequence[str]) -> str:
    *others, last = alternatives
    return f"{', '.join(others)} or {last}" if others else last
