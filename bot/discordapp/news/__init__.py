"""`/news`, its page buttons, the selects below its lists, and the button below every post."""

from discord import app_commands

from bot.announce.archive_terms import ArchiveTerms
from bot.clock import Clock
from bot.discordapp.components import Components
from bot.discordapp.interactions import ClientT
from bot.discordapp.news.commands import NewsCommands
from bot.discordapp.news.opening import story_opener, topic_opener
from bot.discordapp.news.pages import page_button
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.news.story_button import PostLookup, story_button
from bot.discordapp.news.topic_chart import TopicCharts
from storage.protocols import StoryStore


def setup(
    tree: app_commands.CommandTree[ClientT],
    components: Components,
    store: StoryStore,
    clock: Clock,
    posts: PostLookup,
    terms: ArchiveTerms,
    charts: TopicCharts,
) -> None:
    """Answer `/news`, its page buttons, the selects below lists, and every post's button.

    `posts` looks up the stories of a post. Call this once, before the commands are synced.
    """
    tree.add_command(NewsCommands(store, clock, terms, charts))
    queries = NewsQueries(store, clock, terms)
    components.add(
        page_button(queries, charts),
        story_opener(queries, charts),
        topic_opener(queries, charts),
        story_button(posts, terms),
    )
