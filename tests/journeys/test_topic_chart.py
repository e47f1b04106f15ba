"""The chart on a topic's page, from files to the edited answer."""

from datetime import timedelta

from bot.clock import SystemClock
from tests.support.desk import Desk


async def test_topic_page_gets_its_chart(desk: Desk) -> None:
    """It is the whole bot that owns the drawing, and it stops without waiting for it."""
    now = SystemClock().now()
    for weeks in range(3):
        published = now - timedelta(weeks=weeks)
        desk.write(f"old-{weeks}", published=published.isoformat(timespec="seconds"))
    async with desk.bot():
        page = await desk.ask("news topic", {"topic": "AI"})
        await desk.sandbox.wait_until(lambda: "image" in page.embeds[0])
        image = page.embeds[0]["image"]
        assert image["description"] == (
            "Stories per week about AI over half a year: 1 in the last week, 1 at most."
        )
        again = await desk.ask("news topic", {"topic": "AI"})
        assert again.embeds[0]["image"]["width"] == image["width"]
    assert desk.sandbox.violations == []
    assert desk.sandbox.unknown_routes == []
