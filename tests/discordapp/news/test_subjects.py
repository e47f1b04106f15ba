"""What a member types never fails: it means a topic, a provider or a story, or is explained."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length
from bot.discordapp.news.subjects import find_by_address, find_provider, find_story, find_topic
from bot.discordapp.option_values import is_storable
from storage.errors import NotFoundError
from storage.models import Provider
from tests.discordapp.news.support import Archive, make_aged_article
from tests.discordapp.rendering.limits import hostile
from tests.support.examples import of_hundred

ADDRESSES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["https://", "http:/", "//", ""]),
    hostile,
    st.text(max_size=20),
)
# What Discord's client can send, see `option_values`.
TYPED = (hostile | ADDRESSES | st.text()).filter(lambda text: bool(text) and is_storable(text))


@settings(of_hundred(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=TYPED)
async def test_any_text_is_found_or_explained(archive: Archive, typed: str) -> None:
    """Each explanation fits into a message."""
    for find in (find_topic, find_provider, find_story, find_by_address):
        explained = ""
        try:
            await find(archive.seen, typed)
        except NotFoundError as error:
            explained = str(error)
        assert discord_length(explained) <= 2000


@settings(of_hundred(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TYPED)
async def test_any_title_finds_its_story(archive: Archive, title: str) -> None:
    """As it is, whatever signs it has, unless it is an address or has no word."""
    await archive.load(make_aged_article(1, title), make_aged_article(2, "Other"))
    with suppress(NotFoundError):
        assert (await find_story(archive.seen, title)).story.article.title in {title, "Other"}


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("C++ and .NET", "c++ and .net"),
        ("AT&T: “No comment”", 'AT&T: "No comment"'),
        ("What is it?", "what is it"),
        ("Café société", "CAFÉ SOCIÉTÉ"),
        ("新型ロボット登場", "新型ロボット登場"),
        ("Voyager -1 is back", "Voyager -1 is back"),
        ("100 % of it", "100 % of it"),
        ("word " * 60, "word " * 60),
    ],
)
async def test_titles_with_signs_are_exact(archive: Archive, title: str, typed: str) -> None:
    """Case, signs and the length of a title don't matter."""
    await archive.load(make_aged_article(1, title), make_aged_article(2, "Other"))
    found = await find_story(archive.seen, typed)
    assert found.story.id == 1


async def test_names_are_found_in_any_case(archive: Archive) -> None:
    """Also with spaces around them."""
    await archive.load(make_aged_article(1, topics=("Straße",), provider=Provider("The Verge")))
    assert (await find_topic(archive.seen, " STRASSE ")).name == "Straße"
    assert (await find_provider(archive.seen, "the  VERGE")).name == "The Verge"
