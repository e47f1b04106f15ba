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
    """Ada uses a command in #news."""
    news = sandbox.world.find_channel("news").id
    return await (await sandbox.person("Ada").command(news, path, options)).settled()


@pytest.mark.usefixtures("desk")
async def test_a_command_takes_a_file_that_the_bot_can_read(sandbox: Sandbox) -> None:
    """Its bytes, name and type arrive as they were attached."""
    answer = await use(sandbox, "import", file=yaml())
    assert answer.content == f"rules.yaml application/yaml {len(RULES)} {RULES.decode()}".strip()


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("value", ["1", "x", "", 5, True])
async def test_what_is_no_file_is_refused(sandbox: Sandbox, value: object) -> None:
    """Another id, or something else."""
    with pytest.raises(PersonError, match="file must be a file"):
        await use(sandbox, "import", file=value)


@pytest.mark.usefixtures("desk")
async def test_a_file_that_is_too_large_is_not_attached(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord's client says so before it sends anything."""
    monkeypatch.setattr("bot.sandbox.interactions.person.MAX_FILE_SIZE", len(RULES) - 1)
    with pytest.raises(PersonError, match="A file can have at most"):
        await use(sandbox, "import", file=yaml())


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("how", ["at once", "followup", "edit"])
async def test_an_answer_may_carry_files(sandbox: Sandbox, how: str) -> None:
    """Whichever way the answer comes; each is downloaded, and never shown as a page."""
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


async def test_a_file_that_nobody_sent_is_gone(sandbox: Sandbox) -> None:
    """As is what was forgotten."""
    async with aiohttp.ClientSession() as session:
        for path in ("1/2/a.txt", "1/x/a.txt"):
            async with session.get(f"{sandbox.url}/attachments/{path}") as response:
                assert response.status == 404


async def test_the_oldest_files_are_forgotten(
    sandbox: Sandbox, bot: NewsBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox keeps some megabytes, not all that was ever sent."""
    monkeypatch.setattr(sandbox_files, "_MAX_TOTAL_SIZE", 10)
    news = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    sent = [
        await news.send(file=discord.File(io.BytesIO(b"123456"), f"{number}.txt"))
        for number in range(2)
    ]
    with pytest.raises(discord.NotFound):
        await sent[0].attachments[0].read()
    assert await sent[1].attachments[0].read() == b"123456"


async def test_an_edit_keeps_the_files_that_it_names_and_adds_others(
    sandbox: Sandbox, bot: NewsBot
) -> None:
    """Up to ten in all."""
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


async def test_a_large_file_is_refused_in_discords_words(
    sandbox: Sandbox, bot: NewsBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """413 and 40005; eleven files are 50035."""
    news = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    monkeypatch.setattr("bot.sandbox.model.message_body.MAX_FILE_SIZE", 5)
    with pytest.raises(discord.HTTPException) as caught:
        await news.send(file=discord.File(io.BytesIO(b"123456"), "a.txt"))
    assert (caught.value.status, caught.value.code) == (413, 40005)


async def test_more_than_ten_files_are_refused(sandbox: Sandbox, rest: Rest) -> None:
    """discord.py would not even send them."""
    form = aiohttp.FormData()
    for number in range(11):
        form.add_field(f"files[{number}]", b"x", filename=f"{number}.txt")
    news = sandbox.world.find_channel("news").id
    url = f"{sandbox.api_url}/channels/{news}/messages"
    headers = {"Authorization": f"Bot {sandbox.token}"}
    async with rest.session.post(url, data=form, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50035
