"""Answers of `/help` and `/about`, with markdown."""

from datetime import datetime

from bot.discordapp.markdown import exact_time, relative_time
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.stories import ABOUT_STORY, QUALITY_MEANING, story_count, topic_count

HELP = "What I do, and how to look stories up"
ABOUT = "My version, what I know, and how to report a problem"

HELP_TITLE = "Storywire"
_WHAT_I_DO = (
    "I read news from chosen sources, post each new story once in the channels that want it, and"
    " find all of them again."
)
_LOOKUPS = (
    "**Look stories up**",
    f"{command('news latest')} – the newest stories, such as `topic: AI`",
    f"{command('news trending')} – what is covered most widely, such as `period: past week`",
    f"{command('news top')} – the best stories, such as `period: past month`",
    f"{command('news topic')} – all about one topic, such as `topic: Space`",
    f"{command('news topics')} – all topics, the largest first",
    f"{command('news search')} – find words, such as `query: moon landing`",
    f"{command('news story')} – one story with its coverage, such as `story: moon landing`",
    f"{command('about')} – what I know, and how to report a problem",
)
_SEARCHING = (
    "**Search**",
    "`moon landing` – both words, in any order",
    '`"moon landing"` – these words one after the other',
    "`moon -landing` – the first word without the second",
    "`land*` – words that begin like this",
    "An address finds the story that it leads to.",
)
_GOOD_TO_KNOW = (
    "**Good to know**",
    "`private: true` – with every `/news` command: only you see the answer",
    f"**{ABOUT_STORY}** below a post says why it is there.",
    f"Quality is {QUALITY_MEANING}.",
)
_SUBSCRIPTIONS = (
    "**Manage this server's subscriptions**",
    f"{command('subscriptions add')} – post stories in this channel, such as `topics: AI`; without"
    " options, in an editor with a preview",
    "`look: compact`, `publish: true` – with it: how messages look, and whether an announcement"
    " channel publishes them",
    f"{command('subscriptions list')} – all subscriptions",
    f"{command('subscriptions edit')} – change one; {command('subscriptions remove')} – end it;"
    " **Undo** restores what was, for an hour",
    f"{command('subscriptions pause')} and {command('subscriptions resume')} – post nothing for"
    " a while",
    f"{command('subscriptions preview')} – what a subscription would post",
    f"{command('subscriptions why')} – why a story was posted or not, such as `story: moon`",
    f"{command('subscriptions status')} – what was posted, and what is wrong",
    f"{command('subscriptions access')} – who manages subscriptions, such as `role: @Editors`",
    f"{command('subscriptions export')} and {command('subscriptions import')} – all of them as a"
    " file",
)
_OWNER = (
    "**Run this bot**",
    f"{command('owner state')} – what I do right now, and what is wrong",
    f"{command('owner run')} – read a source now",
    f"{command('owner reload')} – read the settings again",
    f"{command('owner pause')} and {command('owner resume')} – post nothing, in no server, for a"
    " while",
)

ABOUT_TITLE = "About Storywire"
_REPORT = (
    "**Something is wrong?** The admins of this server can reach the people who run this bot. Name"
    " the command and the time, or the story. What is wrong in a story itself is for its publisher."
)
_REPORT_ELSEWHERE = (
    "**Something is wrong?** Ask the people who run this bot, by way of its profile or of a server"
    " that has it. Name the command and the time, or the story."
)


def describe_help(*, manages: bool, owns: bool) -> str:
    """What a member can do; also those who manage subscriptions (`manages`) or own the bot."""
    sections = [_LOOKUPS, _SEARCHING, _GOOD_TO_KNOW]
    sections += [_SUBSCRIPTIONS] if manages else []
    sections += [_OWNER] if owns else []
    return "\n\n".join([_WHAT_I_DO, *("\n".join(each) for each in sections)])


def describe_version(version: str | None) -> str:
    """The version of the program, if it is known."""
    name = f"Storywire {version}" if version else "Storywire"
    return f"{name}, a self-hosted news desk for Discord."


def describe_contents(stories: int, topics: int, sources: int) -> str:
    """How much there is to look up."""
    read = "1 source" if sources == 1 else f"{sources:,} sources"
    return f"I know {story_count(stories)} about {topic_count(topics)} from {read}."


def describe_newest(dated_at: datetime) -> str:
    """When the newest story was published."""
    return f"**Newest story:** {relative_time(dated_at)}"


def describe_since(started_at: datetime, joined_at: datetime | None) -> str:
    """Since when the bot is running and, if it is in the server, since when it is there."""
    lines = [f"**Running since:** {exact_time(started_at)}"]
    lines += [f"**In this server since:** {exact_time(joined_at)}"] if joined_at else []
    return "\n".join(lines)


def describe_report(documentation: str | None, *, in_server: bool) -> str:
    """How to report a problem, and where more is written. `documentation` is a safe address."""
    lines = [_REPORT if in_server else _REPORT_ELSEWHERE]
    more = f"How to look stories up: {command('help')}."
    lines += [more if documentation is None else f"{more} [Documentation](<{documentation}>)"]
    return "\n".join(lines)
