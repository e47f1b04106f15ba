import discord
from discord import app_commands

from bot.sandbox import Sandbox
from tests.sandbox.support import NewsBot, RunBot


async def test_discord_py_logs_in_and_sees_the_server(sandbox: Sandbox, bot: NewsBot) -> None:
    """An unmodified client is ready and knows the server, channels, roles and itself."""
    guild = bot.guilds[0]
    assert guild.name == "Storywire Sandbox"
    assert [c.name for c in guild.text_channels] == ["news", "ai", "general", "read-only"]
    assert bot.user is not None
    assert guild.me.id == sandbox.world.bot.id == bot.user.id


async def test_posted_embed_is_in_the_channel(sandbox: Sandbox, bot: NewsBot) -> None:
    """The world and the history contain what the library sent."""
    news = sandbox.world.find_channel("news")
    channel = bot.get_partial_messageable(news.id)
    sent = await channel.send(embed=discord.Embed(title="Hello", url="https://example.org/1"))
    kept = await sandbox.wait_for_message(news.id)
    assert kept.id == sent.id
    assert kept.embeds[0]["title"] == "Hello"
    found = [message async for message in channel.history(limit=10)]
    assert [message.id for message in found] == [sent.id]
    await sent.edit(embed=discord.Embed(title="Changed"))
    assert kept.embeds[0]["title"] == "Changed"
    await sent.delete()
    assert len(sandbox.world.log(news.id)) == 0


async def test_slash_command_and_button_get_responses(sandbox: Sandbox, run_bot: RunBot) -> None:
    """Commands sync, a member runs one, presses its button, and sees the change."""
    bot = NewsBot()
    group = app_commands.Group(name="news", description="Look stories up")

    class More(discord.ui.View):
        @discord.ui.button(label="More", custom_id="more")
        async def more(
            self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]
        ) -> None:
            await interaction.response.edit_message(content="page 2")

    @group.command(name="topic", description="A topic's page")
    async def topic(interaction: discord.Interaction, topic: str) -> None:
        await interaction.response.send_message(f"about {topic}", view=More())

    @topic.autocomplete("topic")
    async def complete(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}I", value="AI")]

    bot.tree.add_command(group)
    async with run_bot(sandbox, bot):
        await bot.tree.sync()
        person = sandbox.person("Max")
        channel = sandbox.world.find_channel("ai").id
        choices = await person.autocomplete(channel, "news topic", "topic", "A")
        assert choices == [{"name": "AI", "value": "AI"}]
        interaction = await person.command(channel, "news topic", {"topic": "AI"})
        reply = await interaction.answered()
        assert reply is not None
        assert reply.content == "about AI"
        pressed = await person.press(reply.id, "more")
        assert await pressed.answered() is reply
        assert reply.content == "page 2"


async def test_deferred_ephemeral_reply_is_private(sandbox: Sandbox, run_bot: RunBot) -> None:
    """Nobody else sees the placeholder, the reply, the follow-up or its deletion."""
    bot = NewsBot()

    @bot.tree.command(name="slow", description="Thinks first")
    async def slow(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content="done")
        more = await interaction.followup.send("and more", ephemeral=True, wait=True)
        await more.edit(content="and less")

    async with run_bot(sandbox, bot):
        await bot.tree.sync()
        channel = sandbox.world.find_channel("news").id
        person = sandbox.person("Max")
        interaction = await person.command(channel, "slow")
        reply = await interaction.settled()
        await sandbox.wait_until(
            lambda: any(m.content == "and less" for m in person.messages(channel))
        )
        assert reply.content == "done"
        assert sandbox.person("Ada").messages(channel) == []
        assert len(sandbox.world.log(channel)) == 0
