"""The places of the page: servers, direct messages, forums, threads."""

import pytest
from playwright.async_api import expect

from bot.sandbox import Sandbox
from bot.sandbox.model.entities import Channel, ChannelType
from tests.sandbox.page.support import CONTRAST, NAMELESS, SIZES, HandBot, Json, Reader

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def add_second_server(sandbox: Sandbox) -> None:
    """A server of Ada's with the channel #lobby, to which Max doesn't belong."""
    world = sandbox.world
    guild = next(iter(world.guilds.values()))
    everyone = guild.roles[guild.id].permissions
    second = world.add_guild("Reading Club", guild.owner_id, everyone=everyone, bot_permissions=0)
    world.add_channel(second.id, "lobby")


def add_forum(sandbox: Sandbox) -> Channel:
    """A forum with the tags AI and Space."""
    guild = next(iter(sandbox.world.guilds))
    forum = sandbox.world.add_channel(guild, "stories", ChannelType.FORUM)
    return sandbox.world.set_forum_tags(forum.id, ["AI", "Space"])


async def start_post(bot: HandBot, forum: Channel, name: str, *tags: str) -> int:
    """Let the bot start a post with the message "story"."""
    ids = [str(each.id) for each in forum.available_tags if each.name in tags]
    body = {"name": name, "applied_tags": ids, "message": {"content": "story"}}
    return int((await bot.call("POST", f"/channels/{forum.id}/threads", body))["id"])


async def send_direct_message(bot: HandBot, sandbox: Sandbox, name: str, text: str) -> Json:
    """Let the bot send a person a direct message."""
    person = {"recipient_id": str(sandbox.world.find_user(name).id)}
    channel = await bot.call("POST", "/users/@me/channels", person)
    return await bot.call("POST", f"/channels/{channel['id']}/messages", {"content": text})


async def open_sidebar(reader: Reader) -> None:
    """Show servers and channels, which a narrow window hides."""
    toggle = reader.page.locator("#drawer-toggle[aria-expanded=false]")
    if await toggle.is_visible():
        await toggle.click()
    await expect(reader.page.locator("#servers")).to_be_in_viewport()


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
@pytest.mark.usefixtures("bot")
async def test_servers_are_switched_by_their_list(reader: Reader, sandbox: Sandbox) -> None:
    """Each server has its own channels, and shows the one that was open there last."""
    add_second_server(sandbox)
    await reader.open("general")
    channels, name = reader.page.locator("#channels"), reader.page.locator("#channel-name")

    await open_sidebar(reader)
    await reader.page.get_by_role("link", name="Reading Club").click()
    await expect(name).to_have_text("lobby")
    await expect(channels.get_by_text("general")).to_have_count(0)
    await open_sidebar(reader)
    await reader.page.get_by_role("link", name="Storywire Sandbox").click()
    await expect(name).to_have_text("general")

    await open_sidebar(reader)
    await reader.act_as("Max")
    await expect(reader.page.locator("#servers a")).to_have_count(2)


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_direct_message_is_marked_until_read(
    reader: Reader, bot: HandBot, sandbox: Sandbox, sandbox_ids: dict[str, int]
) -> None:
    """The mark is also there after a reload; the message links to the channel it is about."""
    await reader.open("general")
    direct = reader.page.locator("#servers").get_by_role("link", name="Direct messages")
    unread = reader.page.locator("#drawer-toggle[data-unread]")
    await expect(unread).to_have_count(0)

    await send_direct_message(bot, sandbox, "Max", "not for Ada")
    await send_direct_message(bot, sandbox, "Ada", f"I can't post in <#{sandbox_ids['news']}>.")
    await expect(unread).to_have_count(1)
    await reader.reload()
    await open_sidebar(reader)
    await expect(direct).to_have_accessible_name("Direct messages, new messages")
    await direct.click()

    await expect(reader.page.locator("#channel-name")).to_have_text("Storywire")
    await expect(reader.page.locator(".message-content")).to_have_text("I can't post in #news.")
    await expect(unread).to_have_count(0)
    await reader.reload()
    await expect(reader.page.locator("#channel-name")).to_have_text("Storywire")
    await expect(unread).to_have_count(0)
    await reader.page.locator(".message").get_by_role("link", name="#news").click()
    await expect(reader.page.locator("#channel-name")).to_have_text("news")


@pytest.mark.usefixtures("bot")
async def test_commands_depend_on_the_place(reader: Reader, bot: HandBot, sandbox: Sandbox) -> None:
    """Direct messages offer the commands for them; another one says why it can't be used."""
    everywhere = {"name": "help", "description": "What the bot does"}
    servers = {"name": "subscriptions", "description": "What arrives where", "contexts": [0]}
    await bot.register([everywhere, servers])
    ids = {each["name"]: each["id"] for each in sandbox.world.commands}
    await send_direct_message(bot, sandbox, "Ada", f"See </subscriptions:{ids['subscriptions']}>.")
    await reader.open("general")
    page = reader.page

    await page.get_by_role("link", name="Direct messages").click()
    await page.locator(".message").get_by_role("button", name="/subscriptions").click()
    await expect(page.locator("#toasts")).to_contain_text(
        "/subscriptions can't be used in direct messages."
    )
    await page.locator("#command-input").fill("/")
    await expect(page.locator("#suggestions").get_by_role("option")).to_have_count(1)
    await reader.sees_suggestion("/help")


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_forum_lists_its_posts(reader: Reader, bot: HandBot, sandbox: Sandbox) -> None:
    """The newest is first, with tags; archived and locked ones are marked; each can be opened."""
    forum = add_forum(sandbox)
    first = await start_post(bot, forum, "First story", "AI")
    page, posts = reader.page, reader.page.locator("#posts .post")
    await reader.open("stories")
    await expect(posts).to_have_count(1)
    await expect(page.locator("#command-box")).to_be_hidden()

    await start_post(bot, forum, "Second story", "AI", "Space")
    sandbox.world.update_thread(first, archived=True, locked=True)
    await expect(posts.locator(".post-title")).to_have_text(["Second story", "First story"])
    await expect(posts.first.locator(".post-tag")).to_have_text(["AI", "Space"])
    await expect(posts.last.locator(".mark")).to_have_text(["Archived", "Locked"])
    assert await page.evaluate(NAMELESS) == []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(CONTRAST) == []

    await posts.first.focus()
    await reader.press("Enter")
    await expect(page.locator("#channel-name")).to_have_text("Second story")
    await expect(page.locator("#message-scroll")).to_be_focused()
    await expect(page.locator("#channel-intro .post-tag")).to_have_text(["AI", "Space"])
    await expect(page.locator(".message-content")).to_have_text("story")
    await page.get_by_role("link", name="Back to stories").click()
    await expect(posts.first).to_contain_text("no replies")
    await expect(posts.first).not_to_have_attribute("data-unread", "")


@pytest.mark.usefixtures("bot")
async def test_forum_explains_that_it_has_no_commands(reader: Reader, sandbox: Sandbox) -> None:
    """A first step that needs the command box says so."""
    add_forum(sandbox)
    await reader.open("stories")
    await expect(reader.page.locator("#posts")).to_contain_text("No posts yet.")

    await reader.page.locator("#first-steps").get_by_role("button", name="Subscribe").click()

    await expect(reader.page.locator("#toasts")).to_contain_text("A forum has no command box.")


async def test_unread_post_marks_its_forum(reader: Reader, bot: HandBot, sandbox: Sandbox) -> None:
    """The mark is at the forum until it is opened, and in its list at the post until that is."""
    forum = add_forum(sandbox)
    await start_post(bot, forum, "Before the first visit")
    await reader.open("general")
    unread = reader.page.locator("#channels [data-unread]")
    await expect(unread).to_have_count(0)

    await start_post(bot, forum, "A new story")
    await expect(unread).to_contain_text("stories")
    await unread.click()

    marked = reader.page.locator("#posts .post[data-unread]")
    await expect(marked.locator(".post-title")).to_have_text("A new story")
    await expect(unread).to_have_count(0)
    await start_post(bot, forum, "While the forum is open")
    await expect(marked).to_have_count(2)
    await expect(unread).to_have_count(0)
    await marked.first.click()
    await reader.page.get_by_role("link", name="Back to stories").click()
    await expect(marked.locator(".post-title")).to_have_text("A new story")


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_thread_is_below_its_channel(reader: Reader, bot: HandBot, sandbox: Sandbox) -> None:
    """Active ones are in the sidebar; all of them are in a list; a deleted one disappears."""
    world, news = sandbox.world, sandbox.world.find_channel("news")
    await bot.post("news", content="hello")
    active = world.add_thread(news.id, "Active thread")
    archived = world.add_thread(news.id, "Old thread")
    world.update_thread(archived.id, archived=True)
    await reader.open("news")
    page = reader.page

    await open_sidebar(reader)
    threads = page.get_by_role("list", name="Threads of news")
    await expect(threads).to_have_text("Active thread")
    await threads.get_by_role("link").click()
    await expect(page.locator("#channel-name")).to_have_text("Active thread")
    await page.get_by_role("link", name="Back to news").click()
    await page.get_by_role("button", name="Threads").click()
    listed = page.get_by_role("dialog").locator(".post-title")
    await expect(listed).to_have_text(["Old thread", "Active thread"])
    assert await page.evaluate(NAMELESS) == []
    await listed.first.click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("#channel-name")).to_have_text("Old thread")

    world.delete_channel(archived.id)
    await expect(page.locator("#channel-name")).to_have_text("news")
    world.delete_channel(active.id)
    await expect(page.get_by_role("button", name="Threads")).to_have_count(0)


async def test_thread_is_linked_from_its_message(
    reader: Reader, bot: HandBot, sandbox: Sandbox
) -> None:
    """The link appears with the thread, and counts the replies."""
    message = await bot.post("news", content="A story")
    await reader.open("news")
    link = reader.page.locator(".message .thread-link")
    await expect(link).to_have_count(0)

    path = f"/channels/{message['channel_id']}/messages/{message['id']}/threads"
    thread = await bot.call("POST", path, {"name": "What do you think?"})
    await expect(link).to_have_text("What do you think?no replies")
    await sandbox.person("Max").say(int(thread["id"]), "A lot")

    await expect(link).to_have_text("What do you think?1 reply")
    await link.click()
    await expect(reader.page.locator(".message-content")).to_have_text("A lot")


@pytest.mark.parametrize("reader", SIZES, indirect=True, ids=["wide", "narrow"])
async def test_admin_can_archive_and_lock_a_thread(
    reader: Reader, bot: HandBot, sandbox: Sandbox
) -> None:
    """By keyboard, and back again; a member has no such buttons."""
    post = sandbox.world.channel(await start_post(bot, add_forum(sandbox), "A story"))
    await reader.open("stories")
    page = reader.page
    await page.locator("#posts .post").click()

    for name in ("Archived", "Locked"):
        button = page.get_by_role("button", name=name)
        await button.focus()
        await reader.press("Enter")
        await expect(button).to_have_attribute("aria-pressed", "true")
        await expect(button).to_be_focused()
    assert (post.archived, post.locked) == (True, True)
    await expect(page.locator("#channel-notices")).to_contain_text("archived and locked")
    for name in ("Archived", "Locked"):
        await page.get_by_role("button", name=name).click()
    await expect(page.locator("#channel-notices")).to_be_empty()
    assert (post.archived, post.locked) == (False, False)

    await open_sidebar(reader)
    await reader.act_as("Max")
    await expect(page.get_by_role("button", name="Archived")).to_have_count(0)


@pytest.mark.usefixtures("bot")
async def test_admin_can_add_a_forum_with_tags(reader: Reader, sandbox: Sandbox) -> None:
    """The dialog asks for tags only where there are any."""
    await reader.open("general")
    page = reader.page
    await page.get_by_role("button", name="Add a channel").click()
    await expect(page.get_by_label("Tags, separated by commas")).to_be_hidden()
    await page.get_by_label("Name").fill("Debate")
    await page.get_by_label("Type").select_option("Forum")
    await page.get_by_label("Tags, separated by commas").fill("AI, Space,")
    await reader.press("Enter")

    await page.get_by_role("link", name="debate").click()
    await expect(page.locator("#posts")).to_contain_text("Tags of this forum: AI, Space.")
    tags = sandbox.world.find_channel("debate").available_tags
    assert [each.name for each in tags] == ["AI", "Space"]
