"""Names of commands in answers are mentions that open the command."""

import ast
import re
from pathlib import Path

import discord
import pytest

from bot.discordapp import messages
from bot.discordapp.command_mentions import CommandMentions, decode_ids, encode_ids
from bot.discordapp.markdown import discord_length, escaped, plain
from bot.discordapp.messages.command_names import command
from storage.open import open_store
from tests.support.desk import Desk

IDS = {"news": 1576349245890363394, "help": 1576349245890363395}
TOPICS = "</news topics:1576349245890363394>"


@pytest.fixture
def mentions() -> CommandMentions:
    """Mentions of registered commands."""
    made = CommandMentions()
    made.learn(IDS)
    return made


def test_a_subcommand_is_mentioned_by_the_id_of_its_group(mentions: CommandMentions) -> None:
    assert mentions.in_content(f"See {command('news topics')}.") == f"See {TOPICS}."
    assert mentions.in_content(command("help")) == "</help:1576349245890363395>"


def test_an_unregistered_command_is_shown_by_its_name(mentions: CommandMentions) -> None:
    assert mentions.in_content(command("subscriptions list")) == "`/subscriptions list`"
    assert CommandMentions().in_content(command("news topics")) == "`/news topics`"


def test_mentions_are_where_discord_interprets_them(mentions: CommandMentions) -> None:
    """In an embed's title, in the names of its fields and in its footer, the name is plain text."""
    name = command("news topics")
    embed = discord.Embed(title=name, description=name).set_footer(text=name)
    embed.add_field(name=name, value=name)
    (written,) = mentions.in_embeds([embed])
    assert (written.title, written.footer.text) == ("/news topics", "/news topics")
    assert (written.description, written.fields[0].value) == (TOPICS, TOPICS)
    assert written.fields[0].name == "/news topics"
    assert embed.title == name, "the page that is sent again in another form is kept"


def test_a_long_text_has_names_in_place_of_mentions(mentions: CommandMentions) -> None:
    """A marked name is as long as the name in back-ticks, so whatever fits still fits."""
    text = "a" * (2000 - discord_length(command("news topics"))) + command("news topics")
    assert mentions.in_content(text).endswith("a`/news topics`")
    fields = [(1024, "value"), (4096, "description")]
    for limit, place in fields:
        value = text[-limit:].rjust(limit, "a")
        embed = discord.Embed(description=value if place == "description" else "x")
        embed.add_field(name="x", value=value if place == "value" else "x")
        (written,) = mentions.in_embeds([embed])
        assert "`/news topics`" in str(written.to_dict()), place


def test_long_embeds_have_names_in_place_of_mentions(
    mentions: CommandMentions,
) -> None:
    """Discord counts the texts of all embeds of a message together."""
    text = "a" * 2990 + "\n" + command("help")
    embeds = [discord.Embed(description=text) for _ in range(2)]
    assert sum(map(len, embeds)) <= 6000
    written = mentions.in_embeds(embeds)
    assert sum(map(len, written)) <= 6000
    assert all("`/help`" in str(each.description) for each in written)


def test_texts_from_outside_mention_no_command(mentions: CommandMentions) -> None:
    """Titles and names are shown as they are; a mark that was cut is removed."""
    marked = command("news topics")
    for shown in (escaped(marked, 100), plain(marked, 100)):
        assert mentions.in_content(shown) == "/news topics"
    assert mentions.in_content(marked[:6]) == "/news"


def test_stored_ids_are_read_again() -> None:
    """What is damaged is left out; it is registered again."""
    assert decode_ids(encode_ids(IDS)) == IDS
    for damaged in (None, "", "{", "[]", "7", '{"news": "x"}', '{"news": null}', '{"news": -1}'):
        assert decode_ids(damaged) == {}


def texts() -> list[str]:
    """The texts of the catalogue, without its documentation."""
    found = list[str]()
    for path in Path(messages.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = list(ast.walk(tree))
        documentation = [each.value for each in nodes if isinstance(each, ast.Expr)]
        found += [
            str(each.value)
            for each in nodes
            if isinstance(each, ast.Constant) and each not in documentation
        ]
    return found


def test_no_text_names_a_command_without_a_mark() -> None:
    assert [text for text in texts() if re.search("`/[a-z]+ [a-z]", text)] == []


async def test_mentions_work_right_after_a_restart(desk: Desk) -> None:
    """The ids are kept, so nothing is registered again."""
    desk.write("one")
    async with desk.bot():
        refused = await desk.ask("news topic", {"topic": "Unknown"})
        assert desk.mention("news topics") in refused.content
    async with open_store(desk.database) as store:
        application = desk.sandbox.world.bot.id
        kept = await store.get_value(f"command_ids:{application}:{desk.sandbox.api_url}")
    assert set(decode_ids(kept)) == {each["name"] for each in desk.sandbox.world.commands}
    registered = {
        f"{each['name']} {option['name']}"
        for each in desk.sandbox.world.commands
        for option in each.get("options", ())
    }
    named = re.compile("(?:news|subscriptions) [a-z]+")
    assert {text for text in texts() if named.fullmatch(text)} <= registered
    puts = [each for each in desk.sandbox.requests if each.method == "PUT"]
    async with desk.bot():
        refused = await desk.ask("news topic", {"topic": "Unknown"})
        assert desk.mention("news topics") in refused.content
    assert [each for each in desk.sandbox.requests if each.method == "PUT"] == puts
