"""What a person chooses in a select, checked as Discord's client checks it."""

from collections.abc import Sequence

from bot.sandbox.errors import PersonError
from bot.sandbox.interactions.application_commands import OptionType
from bot.sandbox.interactions.client_validation import Checker
from bot.sandbox.model.components import ComponentType
from bot.sandbox.model.entities import Json

# What each select offers, in the terms of a command's options.
_OPTIONS = {
    ComponentType.USER_SELECT: OptionType.USER,
    ComponentType.ROLE_SELECT: OptionType.ROLE,
    ComponentType.MENTIONABLE_SELECT: OptionType.MENTIONABLE,
    ComponentType.CHANNEL_SELECT: OptionType.CHANNEL,
}


def check_chosen(select: Json, values: Sequence[str], checker: Checker) -> None:
    """Raise `PersonError` for what can't be chosen; `checker` collects what the ids stand for."""
    least, most = select["min_values"], select["max_values"]
    if not least <= len(set(values)) <= most or len(set(values)) != len(values):
        raise PersonError(f"Choose {least} to {most}." if least != most else f"Choose {least}.")
    if select["type"] == ComponentType.STRING_SELECT:
        if not {each["value"] for each in select["options"]}.issuperset(values):
            raise PersonError("That is not offered.")
        return
    kind = _OPTIONS[ComponentType(select["type"])]
    for value in values:
        checker.reference("The menu", kind, value, select.get("channel_types"))
