"""The world on the first start: servers, channels, an admin, a member, the bot."""

from bot.sandbox.model.entities import ChannelType, OverwriteType
from bot.sandbox.model.permissions import ALL_PERMISSIONS, Permission
from bot.sandbox.model.world import World

EVERYONE = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
)
BOT = EVERYONE | Permission.MENTION_EVERYONE | Permission.CREATE_PUBLIC_THREADS
_SAMPLE_TAGS = ("AI", "Climate", "Open Source", "Science", "Space")


def seed(world: World) -> None:
    """Fill an empty world with one server."""
    ada = world.add_user("ada", global_name="Ada")
    max_ = world.add_user("max", global_name="Max")
    guild = world.add_guild(
        "Storywire Sandbox", ada.id, everyone=int(EVERYONE), bot_permissions=int(BOT)
    )
    admin = world.add_role(guild.id, "Admin", ALL_PERMISSIONS, color=0xE67E22)
    world.add_role(guild.id, "Readers", 0, color=0x3498DB)
    world.set_member_roles(guild.id, ada.id, [admin.id])
    world.add_member(guild.id, max_.id)
    world.add_channel(guild.id, "news", topic="Stories as they arrive")
    world.add_channel(guild.id, "ai", topic="Stories about artificial intelligence")
    world.add_channel(guild.id, "general", topic="Everything else")
    read_only = world.add_channel(
        guild.id, "read-only", ChannelType.TEXT, topic="The bot can read but not post here"
    )
    world.set_overwrite(
        read_only.id, world.bot.id, OverwriteType.MEMBER, deny=int(Permission.SEND_MESSAGES)
    )


def seed_samples(world: World) -> None:
    """Add to a seeded world what newcomers can try: other kinds of channels, a second server."""
    first = next(iter(world.guilds.values()))
    world.add_channel(
        first.id,
        "headlines",
        ChannelType.ANNOUNCEMENT,
        topic="An announcement channel: its messages can be published to other servers",
    )
    forum = world.add_channel(
        first.id, "stories", ChannelType.FORUM, topic="A forum: every story can be a post with tags"
    )
    world.set_forum_tags(forum.id, _SAMPLE_TAGS)
    second = world.add_guild(
        "Reading Club", first.owner_id, everyone=int(EVERYONE), bot_permissions=int(BOT)
    )
    world.add_member(second.id, world.find_user("Max").id)
    world.add_channel(second.id, "lobby", topic="Another server, with subscriptions of its own")
    world.add_channel(second.id, "reading-list", topic="What to read next")
