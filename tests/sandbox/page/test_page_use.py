"""Using the page: commands by keyboard, buttons, changing the server."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox import Sandbox, SandboxOptions, Status
from tests.sandbox.page.support import COMMANDS, NAMELESS, SIZES, HandBot, Reader, hand_bot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WRONG = {
    "min_quality:high": "min_quality must be a whole number, not “high”",
    "min_quality:999": "min_quality must be 200 or less",
    "mode:sometimes": "mode: there is no choice “sometimes”. Choose one from the list.",
    "channel:nowhere": "channel: there is no channel “nowhere”. Choose one from the list.",
    "quiet:maybe": "quiet must be true or false, not “maybe”",
}
BUTTONS = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 2, "label": "Back", "custom_id": "back", "disabled": True},
            {"type": 2, "style": 2, "label": "Newest", "custom_id": "newest"},
            {"type": 2, "style": 1, "label": "Next", "custom_id": "next"},
            {"type": 2, "style": 5, "label": "Read", "url": "https://news.example/"},
        ],
    }
]


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
@pytest.mark.usefixtures("bot")
async def test_command_runs_by_keyboard_alone(reader: Reader) -> None:
    """The whole command is typed without a mouse: completion by the bot, then Enter."""
    await reader.open("general")

    await reader.press("/", "new topic")
    await reader.sees_suggestion("/news topic")
    await reader.press("Enter", "a")
    await reader.sees_suggestion("AI!")
    await reader.press("ArrowDown")
    await reader.sees_suggestion("Aviation!")
    await reader.press("Tab", "Enter")

    content = reader.page.locator(".message.is-ephemeral .message-content")
    await expect(content).to_have_text("received: topic=Aviation")
    await expect(reader.page.locator(".invocation")).to_contain_text("Ada used /news topic")
    await expect(reader.page.locator("#command-input")).to_be_focused()
    await reader.page.get_by_role("button", name="Dismiss message").click()
    await expect(reader.page.locator(".message")).to_have_count(0)


async def test_fast_typist_picks_nothing_of_an_earlier_list(reader: Reader, bot: HandBot) -> None:
    """The list of options closes before the bot has completed the value of one."""
    topics = {"type": 3, "name": "topics", "description": "Which", "autocomplete": True}
    command = {"name": "add", "description": "Send stories", "options": [topics]}
    await bot.register([command])
    await reader.open("general")
    await reader.press("/", "add", "Enter", "topics:", "AI", "Tab")
    await expect(reader.page.locator(".command-frame").get_by_role("combobox")).to_have_count(2)


@pytest.mark.usefixtures("bot")
async def test_button_runs_a_typed_command(reader: Reader) -> None:
    """A name is enough; it need not be chosen from the list."""
    await reader.open("general")
    await reader.press("/", "news topics")
    await reader.page.get_by_role("button", name="Run the command").click()
    await expect(reader.page.locator(".invocation")).to_contain_text("Ada used /news topics")


async def test_whole_line_can_be_typed_or_pasted(
    reader: Reader, bot: HandBot, sandbox_ids: dict[str, int]
) -> None:
    """Options written as name:value become fields, each sent with its own type."""
    await reader.open("general")

    await reader.page.locator("#command-input").fill(
        "/subscriptions add channel:#news mention:Readers min_quality:60 mode:Daily digest quiet:no"
    )
    await reader.press("Enter")

    async with asyncio.timeout(60):
        data = (await bot.interactions.get())["data"]
    options = {each["name"]: each["value"] for each in data["options"][0]["options"]}
    assert options == {
        "channel": str(sandbox_ids["news"]),
        "mention": str(sandbox_ids["Readers"]),
        "min_quality": 60,
        "mode": "daily",
        "quiet": False,
    }


async def test_invalid_value_is_explained_at_its_field(reader: Reader, bot: HandBot) -> None:
    """Nothing is sent; the field has the focus and the line below explains the problem."""
    await reader.open("general")

    for typed, said in WRONG.items():
        await reader.page.locator("#command-input").fill(f"/subscriptions add {typed}")
        await reader.press("Escape", "Enter")
        await expect(reader.page.locator("#command-hint")).to_have_text(said)
        await expect(reader.page.locator("[aria-invalid=true]")).to_be_focused()
        await reader.press("Escape")

    assert bot.interactions.empty()


@pytest.mark.usefixtures("bot")
async def test_members_are_not_offered_admin_commands(reader: Reader) -> None:
    """The list contains the person's commands and notes that admins have more."""
    await reader.open("general")
    await reader.act_as("Max")

    await reader.press("/")

    options = reader.page.locator("#suggestions").get_by_role("option")
    await expect(options).to_have_count(2)
    await expect(reader.page.locator(".suggestions-note")).to_contain_text("1 more command is")
    await expect(reader.page.locator(".button-action")).to_be_disabled()
    await reader.page.locator("#command-input").fill("/subscriptions")
    await reader.press("Enter")
    await expect(reader.page.locator("#command-hint")).to_have_text(
        "No command /subscriptions is available to you. Choose one from the list."
    )


async def test_a_mentioned_command_can_be_clicked(
    reader: Reader, bot: HandBot, sandbox: Sandbox
) -> None:
    """It appears in the box, ready for its options; one that is not registered is only text."""
    ids = {each["name"]: each["id"] for each in sandbox.world.commands}
    await bot.post("general", content=f"See </news topic:{ids['news']}> or </news old:1>.")
    await reader.open("general")

    await expect(reader.page.locator("button.mention")).to_have_count(1)
    await reader.page.get_by_role("button", name="/news topic", exact=True).click()

    await expect(reader.page.locator("#command-box")).to_contain_text("/news topic")
    await reader.press("a")
    await reader.sees_suggestion("AI!")


async def test_button_keeps_the_focus_when_updated(reader: Reader, bot: HandBot) -> None:
    """A person who turns pages by keyboard can press Enter again."""
    await bot.post("general", content="page 1", components=BUTTONS)
    await reader.open("general")
    button = reader.page.get_by_role("button", name="Next")

    await button.focus()
    await reader.press("Enter")

    await expect(reader.page.locator(".message-content")).to_contain_text("pressed next")
    await expect(button).to_be_focused()
    await expect(reader.page.get_by_role("button", name="Back")).to_be_disabled()
    await expect(reader.page.get_by_role("link", name="Read", exact=True)).to_have_attribute(
        "href", "https://news.example/"
    )


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_page_fits_its_window(reader: Reader, bot: HandBot) -> None:
    """Long words, ten embeds and a long footer make nothing wider than the window."""
    topics = ", ".join(f"Topic number {n}" for n in range(40))
    embeds = [{"title": "Word" * 40, "footer": {"text": topics}} for _ in range(4)]
    await bot.post("general", content="x" * 300, embeds=embeds, components=BUTTONS)
    await bot.post("general", embeds=[{"title": f"Story {n}"} for n in range(10)])
    await reader.open("general")

    for label in ("First steps", "Bot requests"):
        await reader.page.get_by_role("button", name=label, exact=True).click()
    await expect(reader.page.locator(".embed")).to_have_count(14)
    widths = (
        "[document.documentElement.scrollWidth, document.querySelector('#messages').scrollWidth]"
    )
    whole, messages = await reader.page.evaluate(widths)
    window = await reader.page.evaluate("innerWidth")
    assert whole <= window
    assert messages <= window


@pytest.mark.parametrize("reader", [(390, 844), (340, 700)], indirect=True, ids=str)
@pytest.mark.usefixtures("bot")
async def test_title_and_bot_status_do_not_overlap(reader: Reader) -> None:
    """They also fit on a phone."""
    await reader.open("general")
    await expect(reader.page.locator("#bot-status")).to_have_text("Bot online")
    title = await reader.page.locator(".top-bar-title strong").bounding_box()
    status = await reader.page.locator("#bot-status").bounding_box()
    assert title
    assert status
    assert title["x"] + title["width"] <= status["x"]
    clipped = "(it) => it.scrollWidth > it.clientWidth"
    assert not await reader.page.locator(".top-bar-title strong").evaluate(clipped)


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_first_steps_are_checked_off_and_hidden(reader: Reader, bot: HandBot) -> None:
    """Every way of doing a step counts, and the browser remembers it."""
    save = {"type": 2, "style": 3, "label": "Save", "custom_id": "save"}
    await bot.post("general", content="x", components=[{"type": 1, "components": [save]}])
    page = reader.page
    done, list_ = page.locator("#first-steps .is-done"), page.locator("#first-steps")
    await reader.open("general")
    box = await list_.bounding_box()
    assert box
    assert box["height"] < 140
    await expect(done).to_have_count(0)

    await page.locator("#channel-bar").get_by_role("button", name="Drop a story").click()
    await expect(done).to_have_text("Drop a story (done)")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(done).to_have_count(2)
    await reader.reload()
    await expect(done).to_have_count(2)
    await reader.press("/", "news topic", "Enter", "a")
    await reader.sees_suggestion("AI!")
    await reader.press("Enter", "Enter")
    await expect(done).to_have_count(3)
    if not await page.locator("#channels").is_visible():
        await page.locator("#drawer-toggle").click()
    await page.get_by_role("link", name="news").click()

    await expect(list_).to_be_hidden()
    await reader.reload()
    await expect(list_).to_be_hidden()
    await page.get_by_role("button", name="First steps", exact=True).click()
    await expect(done).to_have_count(4)


@pytest.mark.usefixtures("bot")
async def test_subscribing_by_options_is_a_first_step(reader: Reader) -> None:
    """It needs no Save. Without options the command opens an editor, which is not enough."""
    done = reader.page.locator("#first-steps .is-done")
    await reader.open("general")
    await reader.press("/", "subscriptions add")
    await reader.sees_suggestion("/subscriptions add")
    await reader.press("Enter", "Enter")
    await expect(reader.page.locator("#command-input")).to_have_value("")
    await expect(done).to_have_count(0)
    await reader.page.locator("#command-input").fill("/subscriptions add min_quality:70")
    await reader.page.get_by_role("button", name="Run the command").click()
    await expect(done).to_contain_text("Subscribe")


async def test_new_commands_appear_while_typing(reader: Reader, bot: HandBot) -> None:
    """They appear without another key, and the typed text stays."""
    await bot.register([])
    await reader.open("general")
    await reader.press("/", "news topics")
    await expect(reader.page.locator(".suggestions-note")).to_contain_text("no commands yet")

    await bot.register(COMMANDS)

    await reader.sees_suggestion("/news topics")


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_every_control_has_an_accessible_name(reader: Reader, bot: HandBot) -> None:
    """The page and its dialogs have landmarks and names for screen readers."""
    await bot.post("general", content="x", components=BUTTONS)
    await reader.open("general")
    page = reader.page
    await expect(page.get_by_role("banner")).to_have_count(1)
    await expect(page.get_by_role("main")).to_have_count(1)
    assert await page.evaluate(NAMELESS) == []

    for name in ("Bot permissions in this channel", "Simulate a failure"):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await page.evaluate(NAMELESS) == []
        await reader.press("Escape")


async def test_new_messages_appear_and_are_announced(reader: Reader, bot: HandBot) -> None:
    """A message appears without a reload, and a screen reader announces its title."""
    await reader.open("general")

    await bot.post("general", embeds=[{"title": "Fresh off the wire"}])
    await bot.post("ai", content="elsewhere")

    await expect(reader.page.locator(".embed-title")).to_have_text("Fresh off the wire")
    announced = reader.page.locator("#announcer")
    await expect(announced).to_have_text("Storywire: Fresh off the wire")
    unread = reader.page.locator("#channels [data-unread]")
    await expect(unread).to_contain_text("ai")


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_new_messages_do_not_move_what_is_read(reader: Reader, bot: HandBot) -> None:
    """Further up they are counted on a button; it leads to the newest, which are followed again."""
    for number in range(30):
        await bot.post("general", content=f"Message {number}\n\nwith three lines")
    await reader.open("general")
    page, read = reader.page, reader.page.locator(".message", has_text="Message 9\n")
    await read.scroll_into_view_if_needed()
    await page.locator("#message-scroll").focus()
    before = await read.bounding_box()
    jump = page.locator("#jump-to-newest")

    await bot.post("general", content="One more")
    await expect(jump).to_have_text("1 new message below")
    await bot.post("general", content="And another")
    await expect(jump).to_have_text("2 new messages below")
    assert await read.bounding_box() == before

    await jump.click()
    await expect(page.locator(".message").last).to_be_in_viewport()
    await expect(jump).to_be_hidden()
    await bot.post("general", content="The newest")
    await expect(page.locator(".message", has_text="The newest")).to_be_in_viewport()


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_edit_further_up_does_not_move_what_is_read(reader: Reader, bot: HandBot) -> None:
    """A message above that grows pushes nothing down."""
    posted = [
        await bot.post("general", content=f"Message {number}\n\nwith three lines")
        for number in range(30)
    ]
    await reader.open("general")
    read = reader.page.locator(".message", has_text="Message 15\n")
    await read.scroll_into_view_if_needed()
    before = await read.bounding_box()

    path = f"/channels/{posted[2]['channel_id']}/messages/{posted[2]['id']}"
    await bot.call("PATCH", path, {"content": "Longer\n" * 20})

    await expect(reader.page.locator(".message", has_text="Longer")).to_have_count(1)
    assert await read.bounding_box() == before


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_page_scrolls_to_the_answer_of_a_command(reader: Reader, bot: HandBot) -> None:
    """It does so from further up, too, and to the beginning of an answer that doesn't fit."""
    for number in range(30):
        await bot.post("general", content=f"Message {number}\n\nwith three lines")
    await reader.open("general")
    top = reader.page.locator(".message", has_text="Message 3\n")

    await top.scroll_into_view_if_needed()
    await reader.page.locator("#command-input").fill("/news topics")
    await reader.press("Enter", "Enter")
    answer = reader.page.locator(".message", has_text="received:")
    await expect(answer).to_be_in_viewport()
    await expect(reader.page.locator("#jump-to-newest")).to_be_hidden()

    await top.scroll_into_view_if_needed()
    await reader.page.locator("#command-input").fill("/subscriptions add mode:Daily digest")
    await reader.press("Enter")
    tall = reader.page.locator(".message", has_text="mode=daily")
    await expect(tall.locator(".invocation")).to_be_in_viewport()
    await expect(tall.get_by_role("button", name="Dismiss")).not_to_be_in_viewport()


@pytest.mark.usefixtures("bot")
async def test_admin_can_change_the_server(reader: Reader, sandbox: Sandbox) -> None:
    """A new channel, a new role and a denied permission appear on the page at once."""
    await reader.open("general")
    page = reader.page

    await page.get_by_role("button", name="Add a channel").click()
    await page.get_by_label("Name").fill("Late news")
    await reader.press("Enter")
    await page.get_by_role("link", name="late-news").click()
    await page.get_by_role("button", name="Add a role").click()
    await page.get_by_label("Name").fill("Night shift")
    await reader.press("Enter")
    await expect(page.locator("#channels")).to_contain_text("Night shift")
    await page.get_by_role("button", name="Bot permissions in this channel").click()
    await page.get_by_role("checkbox", name="Send Messages post").uncheck()
    await page.get_by_role("button", name="Save", exact=True).click()

    await expect(page.locator("#channel-notices")).to_contain_text(
        "The bot is missing permissions here: Send Mess"
    )
    assert sandbox.world.find_channel("late-news").overwrites


@pytest.mark.usefixtures("bot")
async def test_page_action_shows_its_result(reader: Reader) -> None:
    """The button runs the host's action and shows its sentence."""
    await reader.open("general")

    await reader.page.locator("#channel-bar").get_by_role("button", name="Drop a story").click()

    await expect(reader.page.locator("#toasts")).to_contain_text("A story was dropped.")


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_failure_can_be_simulated_by_keyboard(
    reader: Reader, bot: HandBot, sandbox: Sandbox
) -> None:
    """The dialog applies it, a toast explains it, and the panel shows the lost response."""
    await reader.open("general")
    page = reader.page
    await page.get_by_role("button", name="Simulate a failure").focus()
    await reader.press("Enter")
    dialog = page.get_by_role("dialog", name="Simulate a failure")
    chosen = dialog.get_by_role("button", name="Lose the next response")
    await expect(chosen).to_be_focused()
    await expect(chosen).to_have_accessible_description(
        "The next message is posted, but the bot receives a 503 instead of a confirmation."
    )
    assert await dialog.evaluate("(it) => it.scrollWidth <= it.clientWidth")

    await reader.press("Enter")

    await expect(page.locator("#toasts")).to_contain_text("it is still posted exactly once")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Simulate a failure")).to_be_focused()
    with pytest.raises(AssertionError):
        await bot.post("general", content="arrives all the same")
    await expect(page.locator(".message-content")).to_have_text("arrives all the same")
    newest = page.locator("#requests .request").first
    await expect(newest).to_contain_text("simulated: response lost")
    sandbox.faults.plan(Status(500), times=None)
    await reader.press("Enter")
    await dialog.get_by_role("button", name="Clear all failures").click()
    await expect(page.locator("#toasts")).to_contain_text("All failures are cleared.")
    await bot.post("general", content="and again")


@pytest.mark.usefixtures("bot")
async def test_members_can_not_simulate_failures(reader: Reader) -> None:
    """Only admins have the button."""
    await reader.open("general")
    trouble = reader.page.get_by_role("button", name="Simulate a failure")
    await expect(trouble).to_have_count(1)

    await reader.act_as("Max")

    await expect(trouble).to_have_count(0)


async def test_panel_lists_the_bot_requests(reader: Reader, bot: HandBot) -> None:
    """Each request has its method, path and status, the newest first."""
    await reader.open("general")

    posted = await bot.post("general", content="hello")

    newest = reader.page.locator("#requests .request").first
    await expect(newest).to_contain_text("POST")
    await expect(newest).to_contain_text(f"/channels/{posted['channel_id']}/messages")


async def test_missing_answers_are_shown_where_they_are_missed(
    reader: Reader, sandbox: Sandbox
) -> None:
    """A command's failure is a toast; completion's is at the command box."""
    async with hand_bot(sandbox, lambda _: None) as bot:
        await reader.open("general")
        await reader.press("/", "news topics", "Enter", "Enter")
        await asyncio.wait_for(bot.interactions.get(), 60)
        sandbox.faults.move_clock(timedelta(minutes=2))
        toasts = reader.page.locator("#toasts")
        await expect(toasts).to_have_text("The application did not respond.")

        await reader.press("/", "news topic ", "a")
        await asyncio.wait_for(bot.interactions.get(), 60)
        sandbox.faults.move_clock(timedelta(minutes=2))
        hint = reader.page.locator("#command-hint")
        await expect(hint).to_have_text("Loading options failed: the bot did not respond.")
        await expect(toasts.locator(".toast")).to_have_count(1)


async def test_page_shows_that_the_bot_is_offline(reader: Reader) -> None:
    """The status and a notice show it."""
    await reader.open("general")

    await expect(reader.page.locator("#bot-status")).to_have_text("Bot offline")
    await expect(reader.page.locator("#channel-notices")).to_have_text(
        "The bot is offline. Commands and buttons fail until it is back;"
        " a story that you drop now is posted then."
    )


async def test_page_reconnects_to_the_sandbox(browser: Browser) -> None:
    """It shows that the connection is lost, reconnects, and shows the missed messages."""
    sandbox = Sandbox(SandboxOptions(rates=None))
    context = await browser.new_context()
    reader = Reader(await context.new_page(), sandbox)
    async with sandbox.serve():
        general = sandbox.world.find_channel("general")
        port = int(sandbox.url.rpartition(":")[2])
        await reader.open("general")
    notices = reader.page.locator("#channel-notices")
    await expect(notices).to_contain_text("Lost the connection to the sandbox")

    async with sandbox.serve(port=port):
        await sandbox.person("Max").say(general.id, "while you were away")

        await expect(reader.page.locator(".message-content")).to_have_text("while you were away")
        await expect(notices).not_to_contain_text("Lost")
        await context.close()
