"""Answers of `/news`: headings, and what to try when nothing was found. With markdown."""

from collections.abc import Sequence

from bot.discordapp.markdown import escaped

LATEST = "Latest stories"
TOP = "Top stories"
NO_STORIES_YET = "No stories yet. They appear here as soon as a source has some."
NO_TOPICS_YET = "No topics yet. They appear here with the first stories."
STORY_GONE = "This story is no longer available."
TOPIC_GONE = "This topic has no stories anymore. See all topics with `/news topics`."
EMPTY_SEARCH = "Type at least one word to search for."
SHORT_SEARCH = "Type a word of at least two letters; one letter alone is in nearly every story."
UNKNOWN_BUTTON = "This button no longer works. Run the `/news` command again."

_SHOWN = 80
_PERIODS = {
    "day": "of the past 24 hours",
    "week": "of the past week",
    "month": "of the past month",
    "year": "of the past year",
}


def search_title(text: str) -> str:
    """The start of a search's heading."""
    return f"Stories matching “{text}”"


def list_heading(
    title: str, *, period: str | None, topic: str | None, min_quality: int | None
) -> str:
    """The heading of a list of stories, as plain text.

    `title` is `LATEST`, `TOP` or a `search_title`; `period` is a day, week, month or year.
    """
    parts = [title]
    parts += [_PERIODS[period]] if period else []
    parts += [f"in {topic}"] if topic else []
    parts += [f"· quality {min_quality}+"] if min_quality else []
    return " ".join(parts)


def no_results(*, search: bool, any_period: bool, any_quality: bool, any_topic: bool) -> str:
    """No stories match; what to try, as far as the request was not for any already."""
    if search:
        text, tips = "No results. Every word must appear in a story.", ["fewer or different words"]
    else:
        text, tips = "No stories found.", ["`/news latest`"]
    tips += [] if any_period else ["a longer period"]
    tips += [] if any_quality else ["a lower quality"]
    tips += [] if any_topic else ["all topics"]
    return f"{text} Try {_either(tips)}."


def topic_not_found(typed: str, similar: Sequence[str]) -> str:
    """No topic has the typed name; `similar` are topics with a name like it."""
    text = f"There's no topic “{escaped(typed, _SHOWN)}”."
    if similar:
        text += f" Did you mean {_either([f'“{escaped(name, _SHOWN)}”' for name in similar])}?"
    return f"{text} See all topics with `/news topics`."


def story_not_found(typed: str) -> str:
    """No story contains the typed words."""
    return f"No story matches “{escaped(typed, _SHOWN)}”. Try a single word with `/news search`."


def _either(alternatives: Sequence[str]) -> str:
    *others, last = alternatives
    return f"{', '.join(others)} or {last}" if others else last
