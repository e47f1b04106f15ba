"""Stories as plain text, for messages whose embed Discord rejects. Pure."""

from collections.abc import Sequence

from bot.discordapp.markdown import discord_length, named_beside_host
from bot.discordapp.messages import stories as labels
from bot.discordapp.messages.fitting import MESSAGE_LENGTH, fit_entries
from bot.discordapp.rendering.coverage import NO_COVERAGE, Coverage, folded_coverage
from bot.discordapp.rendering.digest import MOST_STORIES
from bot.discordapp.rendering.lists import Detail, story_link
from bot.discordapp.rendering.story import coverage_lines, kind_prefix, struck_title
from bot.urls.safety import safe_url
from storage.models import Story

_TITLE = 250
# With a title, a longer address may not fit a message; coverage that does not fit is left out.
_ADDRESS = 1500
_DETAILS = tuple(
    Detail(label=label, link=link, provider=0, topics=0)
    for label, link in ((150, 400), (110, 300), (80, 220), (60, 130), (40, 0))
)


def story_text(story: Story, coverage: Coverage = NO_COVERAGE) -> str:
    """A story's title, its address, and the best of the other articles."""
    if story.withdrawn:
        return f"{struck_title(story)}\n{labels.STORY_WITHDRAWN}"
    article = story.article
    title = named_beside_host(article.title, article.url, _TITLE) or labels.UNTITLED_STORY
    lines = [f"**{kind_prefix(article.kind)}{title}**"]
    if address := safe_url(article.url, _ADDRESS):
        lines.append(address)
    lines += _part(labels.COVERAGE, coverage_lines(coverage.same_event))
    lines += _part(labels.RELATED, coverage_lines(coverage.related))
    return fit_entries("\n".join(lines).split("\n"), MESSAGE_LENGTH)


def digest_text(heading: str, stories: Sequence[Story], folded: Sequence[Story] = ()) -> str:
    """The titles of a digest's stories, with links as far as they fit, and the best coverage."""
    below = _part(labels.COVERAGE, coverage_lines(folded_coverage(folded)))
    text = ""
    for detail in _DETAILS:
        entries = [
            _entry(number, story, detail) for number, story in enumerate(stories[:MOST_STORIES], 1)
        ]
        text = "\n".join([f"**{heading}**", *entries, *below])
        if discord_length(text) <= MESSAGE_LENGTH:
            break
    return fit_entries(text.split("\n"), MESSAGE_LENGTH)


def _entry(number: int, story: Story, detail: Detail) -> str:
    if story.withdrawn:
        return f"**{number}.** {struck_title(story, detail.label)} ({labels.WITHDRAWN})"
    return f"**{number}.** {story_link(story, detail)}"


def _part(heading: str, lines: str) -> list[str]:
    return [f"**{heading}**", lines] if lines else []
