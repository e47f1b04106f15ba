"""Labels of stories, digests and lists of stories, with markdown where Discord interprets it."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.discordapp.markdown import relative_time
from storage.models import DigestDays, Kind

STORIES = "Stories"
TOPICS = "Topics"
UNTITLED = "Untitled"
UNTITLED_STORY = "Untitled story"
STORY_WITHDRAWN = "This story was withdrawn."
WITHDRAWN = "withdrawn"
COVERAGE = "Also covered by"
RELATED = "Related"
KINDS = {Kind.VIDEO: "Video", Kind.SHORT: "Short"}
DIGEST = "Digest"
BEST_SO_FAR = "Best so far"

READ = "Read"
WATCH = "Watch"
ABOUT_STORY = "About this story"
WHY_THIS_STORY = "Why this story?"
WHY_THESE_STORIES = "Why these stories?"
OPEN_STORY = "Open a story…"
OPEN_TOPIC = "Open a topic…"
QUALITY_MEANING = "a score from the story's source, 70 and above is good"
QUALITY_EXPLAINED = f"quality: {QUALITY_MEANING}"
TIMES_EXPLAINED = "times: the newest story"
LATEST_STORIES = "**Latest stories**"

FIRST_PAGE = "First"
PREVIOUS_PAGE = "Previous"
NEXT_PAGE = "Next"
LAST_PAGE = "Last"

_DIGESTS = {
    DigestDays.DAILY: "Daily digest",
    DigestDays.WEEKDAYS: "Weekday digest",
    DigestDays.WEEKLY: "Weekly digest",
}
# Not from the machine's locale: the bot speaks English everywhere.
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def withdrawn_title(title: str) -> str:
    """The title of a withdrawn story's thread, which can't be struck through."""
    return f"Withdrawn: {title}"


def coverage_button(total: int) -> str:
    """The button that shows all coverage of a story."""
    return f"Coverage ({total})"


def numbered_button(label: str, number: int) -> str:
    """The button that leads to one of the stories of a digest."""
    return f"{label} {number}"


def also_covered_by(links: Sequence[str]) -> str:
    """Links to coverage in one line of small print, which begins with `COVERAGE`."""
    return f"-# {COVERAGE} {', '.join(links)}"


def coverage_heading(total: int) -> str:
    """The heading above all coverage of a story."""
    return f"**Other coverage ({total})**"


def related_heading(total: int) -> str:
    """The heading above related articles about other events."""
    return f"**Related ({total})**"


def quality_label(quality: int) -> str:
    """A story's quality in the footer of its message."""
    return f"Quality {quality}"


def quality_note(quality: int) -> str:
    """A story's quality in small print between other facts."""
    return f"quality {quality}"


def describe_story(link: str, quality: int, dated_at: datetime) -> str:
    """A story in one line; `link` is its title with markdown."""
    return f"{link} · {quality_note(quality)} · {relative_time(dated_at)}"


def page_footer(text: str, number: int, count: int) -> str:
    """A footer of a page, from 0, of several pages."""
    return f"{text} · page {number + 1}/{count}"


def story_count(count: int, *, complete: bool = True) -> str:
    """`1 story`, `1,234 stories`, or `1,000+ stories` if there are more."""
    if not complete:
        return f"{count:,}+ stories"
    return "1 story" if count == 1 else f"{count:,} stories"


def topic_count(count: int, *, complete: bool = True) -> str:
    """`1 topic`, `1,234 topics`, or `1,000+ topics` if there are more."""
    if not complete:
        return f"{count:,}+ topics"
    return "1 topic" if count == 1 else f"{count:,} topics"


def topic_entry(name: str, stories: int, newest_at: datetime) -> str:
    """A topic in a list of topics, in a line that fits a phone. `name` is markdown."""
    return f"**{name}** · {story_count(stories)} · {relative_time(newest_at)}"


def topic_size(stories: int, newest_at: datetime) -> str:
    """How many stories a topic has, and when the newest was published."""
    return f"**{story_count(stories)}**, the newest {relative_time(newest_at)}"


def best_story(link: str, quality: int) -> str:
    """The best story of a topic, by its link."""
    return f"**Best:** {link} · {quality_note(quality)}"


def top_providers(counted: Sequence[tuple[str, int]]) -> str:
    """Who writes most about a topic: names, as markdown, with their numbers of stories."""
    return f"**Top providers:** {_counted(counted)}"


def related_topics(counted: Sequence[tuple[str, int]]) -> str:
    """Other topics of a topic's stories: names, as markdown, with the numbers of these stories."""
    return f"**Often together with:** {_counted(counted)}"


def related_title(title: str) -> str:
    """The title of one of a story's related articles, as markdown, that matches a search."""
    return f"{RELATED}: {title}"


def story_id(number: int) -> str:
    """How `/news story` finds a story again."""
    return f"id {number}"


def _counted(counted: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in counted)


def full_date(day: date) -> str:
    """`23 Nov 2026`, where Discord shows no times in the reader's zone."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def digest_heading(days: DigestDays, day: date) -> str:
    """Which digest it is, and of which day: `Weekly digest · Mon 23 Nov`."""
    return f"{_DIGESTS[days]} · {_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
