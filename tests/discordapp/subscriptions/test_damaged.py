"""A damaged subscription: admins see it and can remove it, and all others work."""

from tests.support.database import damage
from tests.support.desk import Desk


async def test_a_damaged_subscription_is_shown_and_removed(desk: Desk) -> None:
    """The list, the status and the choices show it; the other one gets its stories."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"channel": desk.channel("ai").id, "catch_up": 0})
        await desk.ask("subscriptions add", {"catch_up": 0})
        damage(desk.database, "subscriptions", "delivery", """'{"timezone": "Mars/Phobos"}'""")
        listed = (await desk.ask("subscriptions list")).content.splitlines()
        assert listed[0].startswith(f"• ⚠ Subscription 1 of <#{desk.channel('ai').id}> is damaged")
        assert len(listed) == 2
        status = await desk.ask("subscriptions status")
        assert "Subscription 1" in str(status.embeds[0]["fields"])
        assert "damaged" in (await desk.ask("subscriptions edit", {"subscription": "1"})).content
        choices = await desk.sandbox.person("Ada").autocomplete(
            desk.channel("news").id, "subscriptions remove", "subscription", "damaged"
        )
        assert [choice["name"] for choice in choices] == ["#ai: damaged (subscription 1)"]
        desk.write("one")
        await desk.wait_for_stories(1)
        removed = await desk.ask("subscriptions remove", {"subscription": "1"})
        assert removed.content.startswith("Removed the damaged subscription.")
        assert "damaged" not in (await desk.ask("subscriptions list")).content
