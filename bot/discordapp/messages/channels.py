"""Whether the bot can post in a channel, with markdown."""

from collections.abc import Sequence

# As Discord's settings call them. Recorded reasons contain these names.
PERMISSION_NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "manage_threads": "Manage Threads (or unlock the thread)",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}

_MOST_LISTED = 5

INVISIBLE = "❌ I can't see this channel. Grant me **View Channel** there if it still exists."


AGE_RESTRICTED = "🔞 This channel is age-restricted: Discord shows my posts there to adults only."
ARCHIVED = "💤 This thread is archived. My next message reopens it."


def list_channels(channel_ids: Sequence[int], conjunction: str = "and") -> str:
    """Mentions of channels, of which Discord shows the names; not all if there are many."""
    listed = [f"<#{each}>" for each in channel_ids[:_MOST_LISTED]]
    if more := len(channel_ids) - len(listed):
        listed.append(f"{more} more")
    return f" {conjunction} ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def describe_permissions(missing: Sequence[str]) -> str:
    """A line about the permissions that the bot lacks in a channel, if any."""
    if missing:
        return f"❌ Missing permissions: **{', '.join(missing)}** (Edit Channel → Permissions)"
    return "✅ I have all the permissions I need"
