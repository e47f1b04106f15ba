"""Who can manage subscriptions, with markdown."""

from collections.abc import Sequence

from bot.discordapp.messages.command_names import command

NOT_ALLOWED = (
    "You need **Manage Server**, or a role that an admin allowed with"
    f" {command('subscriptions access')}."
)
ADMINS_ONLY = "Only members with **Manage Server** can change who manages subscriptions."
ROLE_IS_EVERYONE = "That role includes everyone. Choose another one."

_ROLES = 50


def describe_access(role_ids: Sequence[int]) -> str:
    """Who can manage subscriptions: admins, and the members of these roles."""
    if not role_ids:
        return "Members with **Manage Server** can manage subscriptions."
    roles = ", ".join(f"<@&{role_id}>" for role_id in role_ids[:_ROLES])
    return (
        f"Members with **Manage Server** or one of these roles can manage subscriptions: {roles}."
        "\nDiscord hides the commands from these roles until you allow them: Server Settings →"
        " Integrations → this app → `/subscriptions` → Add Roles or Members."
    )
