"""The steps of docs/first-subscriptions.md on the sandbox's page: for a test, and its pictures."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page, Request, expect

from tests.browser.newcomer import Newcomer

REST = "/subscriptions add mode:weekdays at:08:30 timezone:Berlin not_in:#ai"
# Gets the name of a picture, and what it shows.
Shoot = Callable[[str, Locator], Awaitable[None]]


class NewAdmin(Newcomer):
    """An admin who has just invited the bot.

    `interactions` are what the bot had to answer, without completions of typed values. `shoot`
    takes the pictures.
    """

    def __init__(self, page: Page, shoot: Shoot) -> None:
        super().__init__(page)
        self._shoot = shoot
        self._latest = page.locator(".message").last
        self.interactions: list[str] = []
        page.on("request", self._count)

    def _count(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/sandbox/interactions"):
            kind = (request.post_data_json or {})["kind"]
            if kind != "autocomplete":
                self.interactions.append(kind)

    async def follow_the_page(self, url: str) -> None:
        """Add both subscriptions, and list them."""
        await self.open(url, "ai")
        await self.page.get_by_role("button", name="Hide the first steps").click()
        await self._send_good_stories_about_ai()
        await self.open(url, "news")
        await self._send_the_rest()
        await self.run("/subscriptions list")
        await self._shoot("list", await self.sees("mentions @Readers"))

    async def _send_good_stories_about_ai(self) -> None:
        await self.open_editor()
        topics = self._latest.locator("details", has_text="All topics")
        await topics.locator("summary").click()
        await topics.get_by_label("AI — ").check()
        await topics.get_by_role("button", name="Apply").click()
        await expect(self._latest).to_contain_text("AI · quality 70+")
        await self._choose("Quality 90+")
        await expect(self._latest).to_contain_text("AI · quality 90+")
        await self._shoot("editor", self._latest)
        await self._latest.get_by_role("button", name="More…").click()
        await self._choose("@Readers")
        await expect(self._latest).to_contain_text("mentions @Readers")
        await self._shoot("role", self._latest)
        await self._latest.get_by_role("button", name="Save").click()
        await self._shoot("saved", await self.sees("Subscribed"))

    async def _choose(self, option: str) -> None:
        await self._latest.locator("select", has_text=option).select_option(option)

    async def _send_the_rest(self) -> None:
        await self.page.locator("#command-input").fill(REST)
        await self._shoot("rest", self.page.locator("#command-box"))
        await self._run_typed()
        await self._shoot("rest-saved", await self.sees("Subscribed"))

    async def run(self, command: str) -> None:
        """Run a command."""
        await self.page.locator("#command-input").fill(command)
        await self._run_typed()

    async def _run_typed(self) -> None:
        await self.page.get_by_role("button", name="Run the command").click()

    async def sees(self, text: str) -> Locator:
        """Wait for a private answer."""
        answer = self.page.locator(".message.is-ephemeral", has_text=text).last
        await expect(answer).to_be_visible()
        return answer
