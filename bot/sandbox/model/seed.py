"""The world on the first start: one server, a few channels, an admin, a member, the bot."""

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
BOT = EVERYONE | Permission.MENTION_EVERYONE


def seed(world: World) -> None:
    """Fill an empty world."""
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
