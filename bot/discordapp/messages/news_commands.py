"""Descriptions of `/news`, its commands, their options and choices.

Discord allows 100 characters:
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-structure
"""

GROUP = "Browse and search stories"

LATEST = "Show the newest stories"
TOP = "Show the best stories of a day, a week, a month, a year or all time"
TRENDING = "Show the recent stories that are covered most widely"
TOPIC = "Show a topic: its top story, who writes about it, and its latest stories"
SEARCH = "Search titles, excerpts, providers and topics"
STORY = "Show a story with all its coverage"
TOPICS = "List all topics, the largest first"

ONLY_TOPIC = "Only stories about this topic"
ONLY_PROVIDER = "Only stories from this provider"
ONLY_KIND = "Only articles, only videos, or only short videos"
MIN_QUALITY = "Only stories with at least this quality (70 and above is good)"
TOP_PERIOD = "How far back to look (default: a week, or longer if there are no stories)"
TRENDING_PERIOD = "How far back to look (default: 3 days, or longer if there are no stories)"
TOPIC_NAME = "Name of the topic"
QUERY = 'Words that must all appear. Use "quotes" for a phrase and -word to leave stories out'
SINCE = "How far back to search (default: all time)"
STORY_TITLE = "Words from its title, then choose from the list; or its address"
PRIVATE = "Only you see the answer"

_DAY = {"day": "past 24 hours"}
_THREE_DAYS = {"three_days": "past 3 days"}
_WEEK = {"week": "past week"}
_MONTH = {"month": "past month"}
_YEAR = {"year": "past year"}
TOP_PERIODS = {**_DAY, **_WEEK, **_MONTH, **_YEAR, "ever": "all time"}
TRENDING_PERIODS = {**_DAY, **_THREE_DAYS, **_WEEK, **_MONTH}
SEARCH_PERIODS = {**_DAY, **_THREE_DAYS, **_WEEK, **_MONTH, **_YEAR}
KINDS = {"article": "articles", "video": "videos", "short": "short videos"}
