"""Files: sent by the bot, attached by people, and given out to whoever has the address."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import discord
import pytest

from bot.sandbox import PersonError, Sandbox, UploadedFile
from bot.sandbox.model import attachments as sandbox_files
from bot.sandbox.model.entities import Message
from tests.sandbox.support import NewsBot, Rest, RunBot

RULES = b"topics: [AI]\nname: \xc3\xbcber\n"
# The start of a picture of 640 by 200 pixels: signature and header.
PNG = b"\x89PNG\r\n\x1a\n" + bytes([0, 0, 0, 13]) + b"IHDR" + bytes([0, 0, 2, 128, 0, 0, 0, 200])


def yaml(name: str = "rules.yaml") -> UploadedFile:
    return UploadedFile(name, "application/yaml", RULES)


class Desk(NewsBot):
    """A bot that reads files and writes some."""

    async def setup_hook(self) -> None:
        @self.tree.command(name="import", description="Reads a file")
        async def load(interaction: discord.Interaction, file: discord.Attachment) -> None:
            text = (await file.read()).decode()
            await interaction.response.send_message(
                f"{file.filename} {file.content_type} {file.size} {text}", ephemeral=True
            )

        @self.tree.command(name="export", description="Answers with a file")
        async def save(interaction: discord.Interaction, how: str) -> None:
            files = [
                discord.File(io.BytesIO(RULES), "rules 1.yaml", description="All of it"),
                discord.File(io.BytesIO(b"2"), "two.txt"),
            ]
            if how == "at once":
                await interaction.response.send_message("here", files=files, ephemeral=True)
                return
            await interaction.response.defer(ephemeral=True, thinking=True)
            if how == "followup":
                await interaction.followup.send("here", files=files, ephemeral=True)
            else:
                await interaction.edit_original_response(content="here", attachments=files)

        await self.tree.sync()


@pytest.fixture
async def desk(sandbox: Sandbox, run_bot: RunBot) -> AsyncIterator[Desk]:
    client = Desk()
    async with run_bot(sandbox, client):
        yield client


async def use(sandbox: Sandbox, path: str, **options: object) -> Message:
    """Use a command as Ada in #news."""
    news = sandbox.world.find_channel("news").id
    return await (await sandbox.person("Ada").command(news, path, options)).settled()


@pytest.mark.usefixtures("desk")
async def test_command_file_reaches_the_bot(sandbox: Sandbox) -> None:
    """The bytes, the name and the type arrive unchanged."""
    answer = await use(sandbox, "import", file=yaml())
    assert answer.content == f"rules.yaml application/yaml {len(RULES)} {RULES.decode()}".strip()


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("value", ["1", "x", "", 5, True])
async def test_value_that_is_not_a_file_is_refused(sandbox: Sandbox, value: object) -> None:
    with pytest.raises(PersonError, match="file must be a file"):
        await use(sandbox, "import", file=value)


@pytest.mark.usefixtures("desk")
async def test_too_large_file_is_not_attached(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox refuses it before the bot receives anything, like Discord's client."""
    monkeypatch.setattr("bot.sandbox.interactions.person.MAX_FILE_SIZE", len(RULES) - 1)
    with pytest.raises(PersonError, match="A file can have at most"):
        await use(sandbox, "import", file=yaml())


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("how", ["at once", "followup", "edit"])
async def test_response_can_contain_files(sandbox: Sandbox, how: str) -> None:
    """Files work in every kind of response; they are downloaded, never shown as a page."""
    answer = await use(sandbox, "export", how=how)
    first, second = answer.attachments
    assert (first["filename"], first["size"]) == ("rules_1.yaml", len(RULES))
    assert first["description"] == "All of it"
    assert first["ephemeral"]
    assert second["filename"] == "two.txt"
    assert urlsplit(first["url"]).hostname == "127.0.0.1"
    async with aiohttp.ClientSession() as session, session.get(first["url"]) as response:
        assert await response.read() == RULES
        assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_unknown_file_returns_404(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("1/2/a.txt", "1/x/a.txt"):
            async with session.get(f"{sandbox.url}/attachments/{path}") as response:
                assert response.status == 404


async def test_oldest_files_are_evicted(
    sandbox: Sandbox, bot: NewsBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the newest files are kept, up to a total size."""
    monkeypatch.setattr(sandbox_files, "_MAX_TOTAL_SIZE", 10)
    news = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    sent = [
        await news.send(file=discord.File(io.BytesIO(b"123456"), f"{number}.txt"))
        for number in range(2)
    ]
    with pytest.raises(discord.NotFound):
        await sent[0].attachments[0].read()
    assert await sent[1].attachments[0].read() == b"123456"


async def test_edit_keeps_listed_files_and_adds_others(sandbox: Sandbox, bot: NewsBot) -> None:
    """A message can have at most ten files in all."""
    news = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    message = await news.send(
        files=[discord.File(io.BytesIO(b"x"), f"{number}.txt") for number in range(10)]
    )
    with pytest.raises(discord.HTTPException) as caught:
        await message.add_files(discord.File(io.BytesIO(b"y"), "eleven.txt"))
    assert caught.value.code == 50035
    sandbox.violations.clear()  # this one was meant
    edited = await message.edit(
        attachments=[message.attachments[3], discord.File(io.BytesIO(b"y"), "new.txt")]
    )
    assert [each.filename for each in edited.attachments] == ["3.txt", "new.txt"]


async def test_large_file_is_refused_as_by_discord(
    sandbox: Sandbox, bot: NewsBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is 413, and the code 40005."""
    news = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    monkeypatch.setattr("bot.sandbox.model.message_body.MAX_FILE_SIZE", 5)
    with pytest.raises(discord.HTTPException) as caught:
        await news.send(file=discord.File(io.BytesIO(b"123456"), "a.txt"))
    assert (caught.value.status, caught.value.code) == (413, 40005)


async def test_more_than_ten_files_are_refused(sandbox: Sandbox, rest: Rest) -> None:
    """The request is sent without discord.py, which would not send it."""
    form = aiohttp.FormData()
    for number in range(11):
        form.add_field(f"files[{number}]", b"x", filename=f"{number}.txt")
    news = sandbox.world.find_channel("news").id
    url = f"{sandbox.api_url}/channels/{news}/messages"
    headers = {"Authorization": f"Bot {sandbox.token}"}
    async with rest.session.post(url, data=form, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50035


def chart(name: str = "chart.png", description: str | None = "12 last week") -> discord.File:
    return discord.File(io.BytesIO(PNG), name, description=description)


def picture_of(name: str = "chart.png") -> discord.Embed:
    return discord.Embed(title="AI").set_image(url=f"attachment://{name}")


def news_of(sandbox: Sandbox, bot: NewsBot) -> discord.PartialMessageable:
    return bot.get_partial_messageable(sandbox.world.find_channel("news").id)


async def test_embed_shows_a_file_of_its_message(sandbox: Sandbox, bot: NewsBot) -> None:
    """The picture has the file's address, size and description, and is not listed beside it."""
    message = await news_of(sandbox, bot).send(embed=picture_of(), files=[chart()])
    image = message.embeds[0].image
    assert message.attachments == []
    assert (image.width, image.height) == (640, 200)
    stored = sandbox.world.log(message.channel.id).get(message.id)
    assert stored is not None
    assert stored.embeds[0]["image"]["description"] == "12 last week"
    assert image.url is not None
    async with aiohttp.ClientSession() as session, session.get(image.url) as response:
        assert response.content_type == "image/png"
        assert await response.read() == PNG


async def test_every_part_of_an_embed_can_show_a_file(sandbox: Sandbox, bot: NewsBot) -> None:
    """Icons refer to files, too; two parts can show the same file."""
    address = "attachment://a,b.png"
    embed = discord.Embed().set_author(name="A", icon_url=address)
    embed.set_thumbnail(url=address).set_footer(text="F", icon_url="attachment://other.gif")
    message = await news_of(sandbox, bot).send(
        embed=embed, files=[chart("a,b.png"), chart("other.gif")]
    )
    shown = message.embeds[0]
    assert message.attachments == []
    assert shown.author.icon_url == shown.thumbnail.url
    assert str(shown.thumbnail.url).endswith("/a_b.png")
    assert str(shown.footer.icon_url).endswith("/other.gif")


@pytest.mark.parametrize("name", ["chart.svg", "rules.yaml", "missing.png"])
async def test_embed_shows_no_other_file(sandbox: Sandbox, bot: NewsBot, name: str) -> None:
    """Only pictures that the message has: anything else stays a file beside the embed."""
    sent = "chart.png" if name == "missing.png" else name
    message = await news_of(sandbox, bot).send(embed=picture_of(name), files=[chart(sent)])
    assert [each.filename for each in message.attachments] == [sent]
    assert message.embeds[0].image.url == f"attachment://{name}"


async def test_edit_without_attachments_keeps_them(sandbox: Sandbox, bot: NewsBot) -> None:
    """An edit of other fields leaves the picture in its embed."""
    message = await news_of(sandbox, bot).send(embed=picture_of(), files=[chart()])
    edited = await message.edit(content="more")
    assert edited.attachments == []
    assert edited.embeds[0].image.url == message.embeds[0].image.url


async def test_edit_to_another_embed_lists_the_file(sandbox: Sandbox, bot: NewsBot) -> None:
    """A kept file that no embed refers to appears beside it; an empty list removes it."""
    message = await news_of(sandbox, bot).send(embed=picture_of(), files=[chart()])
    edited = await message.edit(embed=discord.Embed(title="Page 2"))
    assert [each.filename for each in edited.attachments] == ["chart.png"]
    again = await message.edit(embed=picture_of())
    assert again.attachments == []
    removed = await message.edit(embed=discord.Embed(title="Page 2"), attachments=[])
    assert removed.attachments == []
    assert (await message.edit(embed=discord.Embed(title="Page 3"))).attachments == []


async def test_reply_gets_a_picture_by_an_edit(sandbox: Sandbox, run_bot: RunBot) -> None:
    """The original response and a follow-up take files as messages do."""
    client, done = Desk(), asyncio.Event()

    @client.tree.command(name="topic", description="Answers, and adds a picture")
    async def topic(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(embed=discord.Embed(title="AI"), ephemeral=True)
        await interaction.edit_original_response(embed=picture_of(), attachments=[chart()])
        await interaction.followup.send(embed=picture_of(), files=[chart()])
        done.set()

    async with run_bot(sandbox, client):
        used = await sandbox.person("Ada").command(
            sandbox.world.find_channel("news").id, "topic", {}
        )
        await done.wait()
    assert used.original is not None
    for message in (used.original, *used.follow_ups):
        assert "/attachments/" in message.embeds[0]["image"]["url"]
        assert message.embedded == [int(each["id"]) for each in message.attachments]


async def test_file_that_is_not_listed_is_dropped(sandbox: Sandbox, rest: Rest) -> None:
    """If a request lists attachments, only the files in the list are attached."""
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "x", "attachments": [{"id": 1, "filename": "b"}]}')
    for number in range(2):
        form.add_field(f"files[{number}]", b"x", filename=f"{number}.txt")
    status, message = await send_form(sandbox, rest, form)
    assert status == 200
    assert [each["filename"] for each in message["attachments"]] == ["b"]


async def test_edit_changes_a_description(sandbox: Sandbox, rest: Rest, bot: NewsBot) -> None:
    """A kept file gets the listed description, or keeps its own."""
    message = await news_of(sandbox, bot).send(files=[chart(), chart("b.png")])
    first, second = message.attachments
    listed = [{"id": str(first.id), "description": "New"}, {"id": str(second.id)}]
    path = f"/channels/{message.channel.id}/messages/{message.id}"
    _, edited = await rest.call("PATCH", path, {"attachments": listed})
    described = [each["description"] for each in edited["attachments"]]
    assert described == ["New", "12 last week"]


@pytest.mark.parametrize("length", [1024, 1025])
async def test_description_has_a_limit(sandbox: Sandbox, bot: NewsBot, length: int) -> None:
    """It can have 1,024 characters."""
    file = chart(description="x" * length)
    sending = news_of(sandbox, bot).send(files=[file])
    if length <= 1024:
        assert len((await sending).attachments[0].description or "") == length
        return
    with pytest.raises(discord.HTTPException) as caught:
        await sending
    assert caught.value.code == 50035
    assert "attachments.0.description" in str(caught.value)
    sandbox.violations.clear()  # this one was meant


HOSTILE_NAMES = [
    "../../etc/passwd",
    "a/../b.png",
    "\u202egnp.exe",
    '"><script>.png',
    ".",
    "é" * 500,
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_hostile_file_names_are_harmless(sandbox: Sandbox, rest: Rest, name: str) -> None:
    """A file keeps one safe segment of an address, at which it can be read."""
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "x"}')
    form.add_field("files[0]", b"x", filename=name)
    status, message = await send_form(sandbox, rest, form)
    assert status == 200
    (file,) = message["attachments"]
    assert not set(file["filename"]) & set('/\\"<>\u202e')
    async with rest.session.get(file["url"]) as response:
        assert (response.status, await response.read()) == (200, b"x")


async def test_larger_forms_are_not_read_to_the_end(
    sandbox: Sandbox, rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What exceeds the limit of a request is refused before it takes up memory."""
    monkeypatch.setattr("bot.sandbox.rest.api._MAX_BODY_SIZE", 1000)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("payload_json", "x" * 100_000)
    assert (await send_form(sandbox, rest, form))[0] == 413


async def test_unsupported_forms_are_not_guessed(sandbox: Sandbox, rest: Rest) -> None:
    """Fields without payload_json are answered with 501, and what is no form with 400."""
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("content", "Hello")
    assert (await send_form(sandbox, rest, form))[0] == 501
    sandbox.unknown_routes.clear()  # this one was meant
    url = f"{sandbox.api_url}/channels/{sandbox.world.find_channel('news').id}/messages"
    headers = {"Authorization": f"Bot {sandbox.token}", "Content-Type": "multipart/form-data"}
    async with rest.session.post(url, data=b"x", headers=headers) as response:
        assert response.status == 400


async def send_form(
    sandbox: Sandbox, rest: Rest, form: aiohttp.FormData
) -> tuple[int, dict[str, Any]]:
    """Send a message to #news as a form."""
    url = f"{sandbox.api_url}/channels/{sandbox.world.find_channel('news').id}/messages"
    headers = {"Authorization": f"Bot {sandbox.token}"}
    async with rest.session.post(url, data=form, headers=headers) as response:
        return response.status, await response.json()
