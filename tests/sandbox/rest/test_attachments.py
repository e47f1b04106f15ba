"""Files: sent by the bot, attached by people, and given out to whoever has the address."""

import io
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import discord
import pytest

from bot.sandbox import PersonError, Sandbox, UploadedFile
from bot.sandbox.model import attachments as sandbox_files
from bot.sandbox.model.entities import Message
from tests.sandbox.support import NewsBot, Rest, RunBot

RULES = b"topics: [AI]\nname: \xc3\xbcber\n"


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
