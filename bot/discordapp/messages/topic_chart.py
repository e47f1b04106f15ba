"""The chart on a topic's page. Plain text: it is in a picture, or describes one."""

from collections.abc import Sequence

from bot.discordapp.markdown import plain

TITLE = "Stories per week"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAME = 200


def chart_description(topic: str, counts: Sequence[int]) -> str:
    """A description of the chart; the last of `counts` is the number of the past seven days."""
    return (
        f"{TITLE} about {plain(topic, _NAME)} over half a year: "
        f"{counts[-1]:,} in the last week, {max(counts):,} at most."
    )
