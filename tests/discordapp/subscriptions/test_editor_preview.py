"""The editor shows what Save will post, as the poster makes it."""

import pytest

from bot.sandbox import Invalid
from bot.sandbox.model.entities import ChannelType, Message
from storage.models import Look
from tests.discordapp.subscriptions.support import choose, described, import_file, yaml_file
from tests.support.desk import Desk

EPHEMERAL = 1 << 6
FOLLOW_UP = "POST /webhooks/{webhook_id}/{webhook_token}"


async def previewed(desk: Desk, editor: Message, count: int) -> tuple[str, list[Message]]:
    """Press Preview; return the text, and the `count` messages below it."""
    log = desk.sandbox.world.ephemeral_log(editor.channel_id, desk.sandbox.person("Ada").user_id)
    before = len(log.all())
    await desk.press(editor, "Preview")
    await desk.sandbox.wait_until(lambda: len(log.all()) > before + count)
    text, *shown = log.all()[before:]
    assert all(each.flags & EPHEMERAL for each in (text, *shown))
    return text.content, shown


async def test_what_is_previewed_is_what_is_posted(desk: Desk) -> None:
    """The best stories so far: the same ones, in the same order, looking the same."""
    for number, quality in enumerate((95, 71, 99, 80, 90), start=1):
        desk.write(f"n{number}", quality=quality, published=f"2026-11-0{number}T08:00:00+00:00")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        assert "Posted when you save: " in described(editor)
        listed = [line for line in described(editor).splitlines() if "](https" in line]
        assert ["n1" in listed[0], "n3" in listed[1], "n5" in listed[2]] == [True] * 3
        assert len(listed) == 3
        text, shown = await previewed(desk, editor, 3)
        assert text == "**Save** posts 3 stories, in this order:"
        await desk.press(editor, "Save")
        assert await desk.wait_for_stories(3) == ["Story n1", "Story n3", "Story n5"]
        assert [each.embeds for each in shown] == [each.embeds for each in desk.posts()]


async def test_a_digest_is_previewed_as_one_message(desk: Desk) -> None:
    for number, quality in enumerate((95, 71, 99), start=1):
        desk.write(f"n{number}", quality=quality)
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await choose(desk, editor, "mode", "daily 0 09:00")
        text, (shown,) = await previewed(desk, editor, 1)
        assert text == "**Save** posts this digest:"
        await desk.press(editor, "Save")
        await desk.wait_for_stories(1)
        (posted,) = desk.posts()
        assert shown.embeds == posted.embeds


async def test_without_a_start_the_newest_match_is_shown(desk: Desk) -> None:
    """So it is for a subscription that exists."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        text, shown = await previewed(desk, editor, 0)
        assert (text, shown) == ("No stories match yet, so there is nothing to show.", [])
    desk.write("one")
    async with desk.bot():
        text, (message,) = await previewed(desk, editor, 1)
        assert text == "**Save** posts nothing now. The newest match would look like this:"
        assert message.embeds[0]["title"] == "Story one"
        assert "Latest matches: " in described(await desk.press(editor, "More…"))


@pytest.mark.parametrize("look", Look)
async def test_the_preview_has_the_look(desk: Desk, look: Look) -> None:
    """Each look is what the poster sends for it."""
    file = yaml_file(f"subscriptions:\n- {{channel: news, look: {look}}}\n")
    async with desk.bot():
        used = await desk.sandbox.person("Ada").command(
            desk.channel().id, "subscriptions import", {"file": file}
        )
        assert (await used.settled()).content == "Added 1 subscription."
        desk.write("one")
        log = desk.sandbox.world.log(desk.channel().id)
        await desk.sandbox.wait_until(lambda: len(log.all()) > 0)
        (posted,) = log.all()
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        _, (shown,) = await previewed(desk, editor, 1)
        assert (shown.content, shown.embeds) == (posted.content, posted.embeds)
        assert shown.flags & ~EPHEMERAL == posted.flags
        kinds = [[each["type"] for each in message.components] for message in (shown, posted)]
        assert kinds[0] == kinds[1]


RICH = """
subscriptions:
- channel: news
  mention: Anglers
  second_mention: Birders
  second_mention_quality: 1000
  line: "New in {topic}: {title} {role}"
  footer: Ours
"""


async def test_the_preview_has_the_line_and_the_roles(desk: Desk) -> None:
    """Nobody is notified by it; a role is left out as it is in the post."""
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    anglers = desk.sandbox.world.add_role(guild_id, "Anglers")
    desk.sandbox.world.add_role(guild_id, "Birders")
    async with desk.bot():
        answer = await import_file(desk, yaml_file(RICH))
        assert answer == "Added 1 subscription."
        desk.write("one", topic="AI")
        await desk.wait_for_stories(1)
        (posted,) = desk.posts()
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        _, (shown,) = await previewed(desk, editor, 1)
        assert shown.content == posted.content == f"New in AI: Story one <@&{anglers.id}>"
        assert shown.embeds == posted.embeds
        assert shown.mention_roles == []


async def test_the_preview_says_the_title_and_tags_in_a_forum(desk: Desk) -> None:
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    forum = world.add_channel(guild_id, "forum", ChannelType.FORUM)
    world.set_forum_tags(forum.id, ["ai", "Space"])
    desk.write("one", topic="AI")
    async with desk.bot():
        editor = await choose(desk, await desk.ask("subscriptions add"), "channel", forum.id)
        text, _ = await previewed(desk, editor, 1)
        assert text.splitlines()[1:] == ["• Thread “Story one” · tags: ai"]


async def test_the_picture_of_a_digest_is_previewed(desk: Desk) -> None:
    """Its first story then has an embed of its own, and the others follow in another."""
    for name in ("one", "two"):
        desk.write(name)
        file = desk.folder / f"{name}.md"
        pictured = (
            "---\nimages:\n- url: https://news.example/picture.png\n  width: 1200\n  height: 800\n"
        )
        file.write_text(file.read_text().replace("---\n", pictured, 1))
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await choose(desk, editor, "mode", "daily 0 09:00")
        _, (shown,) = await previewed(desk, editor, 1)
        await desk.press(editor, "Save")
        await desk.wait_for_stories(1)
        (posted,) = desk.posts()
        assert shown.embeds == posted.embeds
        assert len(shown.embeds) == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("embeds.0.footer",), "The message is sent without its footer, which Discord rejected"),
        (("embeds.0.title",), "The message is sent as plain text, because Discord rejected"),
        (("embeds", "components"), "A message can't be shown: Discord rejected the message"),
    ],
)
async def test_a_rejected_preview_is_reduced(
    desk: Desk, fields: tuple[str, ...], said: str
) -> None:
    """It is shown as it would be sent, and what is missing is said below it."""
    desk.write("one")
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        desk.sandbox.faults.plan(Invalid(fields), route=FOLLOW_UP, times=None)
        note = "components" in fields
        text, shown = await previewed(desk, editor, 1 if note else 2)
        assert text.startswith("**Save** posts 1 story")
        assert said in shown[-1].content
