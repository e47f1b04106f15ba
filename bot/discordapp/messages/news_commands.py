"""Descriptions of `/news`, its commands, their options and choices.

Discord allows 100 characters:
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-structure
"""

GROUP = "Browse and search stories"

LATEST = "Show the latest stories"
TOP = "Show the top stories of a day, a week, a month or all time"
TOPIC = "Show a topic: its top story, who writes about it, and its latest stories"
SEARCH = "Search titles, excerpts, providers and topics"
STORY = "Show a story with all its coverage"
TOPICS = "List all topics, the largest first"

ONLY_TOPIC = "Only stories about this topic"
MIN_QUALITY = "Only stories with at least this quality"
PERIOD = "How far back to look (default: a week, or longer if there are no stories)"
TOPIC_NAME = "Name of the topic"
QUERY = "Words to search for. Stories must contain all of them"
PERIODS = {
    "day": "past 24 hours",
    "week": "past week",
    "month": "past month",
    "ever": "all time",
}
SEARCH_PERIODS = {
    "day": "past 24 hours",
    "week": "past week",
    "month": "past month",
    "year": "past year",
}
SINCE = "How far back to search (default: all time)"
STORY_TITLE = "Type words from its title, then choose from the list"
