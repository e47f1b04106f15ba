"""Settings: what an operator can set, and what is wrong with what they wrote.

`settings` reads them, `sources` describes sources, `problems` words the errors, `yaml_file` reads
YAML with line numbers. The rest of the bot imports from here.
"""

from bot.config.settings import (
    AnnounceSettings,
    DiscordSettings,
    Settings,
    SubscriptionSettings,
    discord_token,
    load_settings,
)
from bot.config.sources import (
    AnySource,
    ApiSettings,
    ArticleSettings,
    Duration,
    FeedSettings,
    FileSettings,
    FolderSettings,
    GitSettings,
    SourceSettings,
    TopicsSettings,
)

__all__ = [
    "AnnounceSettings",
    "AnySource",
    "ApiSettings",
    "ArticleSettings",
    "DiscordSettings",
    "Duration",
    "FeedSettings",
    "FileSettings",
    "FolderSettings",
    "GitSettings",
    "Settings",
    "SourceSettings",
    "SubscriptionSettings",
    "TopicsSettings",
    "discord_token",
    "load_settings",
]
