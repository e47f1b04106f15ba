from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings

from bot.discordapp.markdown import discord_length
from bot.discordapp.news.autocomplete import provider_choices, story_choices, topic_choices
from storage.models import Provider
from tests.discordapp.news.support import Archive, Reader, heading, make_aged_article
from tests.discordapp.rendering.limits import hostile
from tests.support.examples import of_hundred


async def test_topics_are_offered_the_largest_first(archive: Archive, ada: Reader) -> None:
    """While nothing is typed, the 25 largest topics are offered."""
    await archive.load(*(make_aged_article(n, topics=("AI", f"Topic {n:02}")) for n in range(30)))
    offered = await ada.offered("latest", "topic", "")
    assert len(offered) == 25
    assert next(iter(offered.items())) == ("AI · 30 stories", "AI")


async def test_topics_are_offered_by_any_part_of_their_name(archive: Archive, ada: Reader) -> None:
    """Names that begin with the typed text come before names that contain it."""
    await archive.load(make_aged_article(1, topics=("Computer Vision", "Vision Pro", "Law")))
    for path in ("latest", "top", "trending", "topic", "search"):
        assert await ada.offered(path, "topic", "visi") == {
            "Vision Pro · 1 story": "Vision Pro",
            "Computer Vision · 1 story": "Computer Vision",
        }


async def test_names_are_offered_by_how_well_they_match(archive: Archive, ada: Reader) -> None:
    """Those that begin with the text, those with a word that does, then those spelled like it."""
    names = ("Robotics", "Space Robots", "Robo Advisors", "Law")
    await archive.load(
        make_aged_article(1, topics=names, provider=Provider("Robo News")),
        make_aged_article(2, topics=("Space Robots",), provider=Provider("Space Robots")),
    )
    offered = await ada.offered("topic", "topic", "robo")
    assert sorted(list(offered.values())[:2]) == ["Robo Advisors", "Robotics"]
    assert list(offered.values())[2:] == ["Space Robots"]
    assert "Robotics" in (await ada.offered("topic", "topic", "robtics")).values()
    offered = await ada.offered("latest", "provider", "robo")
    assert list(offered.values()) == ["Robo News", "Space Robots"]
    assert list((await ada.offered("latest", "provider", "robo nwes")).values()) == ["Robo News"]


async def test_a_mistyped_title_is_completed(archive: Archive, ada: Reader) -> None:
    """Only if no title has what was typed."""
    await archive.load(
        make_aged_article(1, "Facial recognition banned"), make_aged_article(2, "Racial profiling")
    )
    assert list((await ada.offered("story", "story", "facail recognition")).values()) == ["1"]


async def test_providers_are_offered_with_their_stories(archive: Archive, ada: Reader) -> None:
    """The largest ones while nothing is typed, then those whose names contain the typed text."""
    names = ["The Verge"] * 2 + ["Reuters"] * 3
    await archive.load(
        *(make_aged_article(n, provider=Provider(name)) for n, name in enumerate(names)),
        make_aged_article(9, provider=None),
    )
    for path in ("latest", "search"):
        assert await ada.offered(path, "provider", "") == {
            "Reuters · 3 stories": "Reuters",
            "The Verge · 2 stories": "The Verge",
        }
        assert list((await ada.offered(path, "provider", "VERGE")).values()) == ["The Verge"]


@pytest.mark.parametrize("name", ["x" * 300, "id:7", "two\u202etimes"])
async def test_a_name_that_cannot_be_a_value_is_offered_by_id(
    archive: Archive, ada: Reader, name: str
) -> None:
    """A name that is too long or would be changed can still be chosen."""
    await archive.load(make_aged_article(1, topics=(name,), provider=Provider(name)))
    for path, option in (("topic", "topic"), ("latest", "provider")):
        ((shown, value),) = (await ada.offered(path, option, "")).items()
        assert len(shown) <= 100
        assert shown.endswith(" · 1 story")
        assert value.startswith("id:")
        assert heading(await ada.ask(path, {option: value}))


async def test_stories_are_offered_by_the_words_of_their_titles(
    archive: Archive, ada: Reader
) -> None:
    """Beginnings of words are enough; the provider distinguishes equal titles."""
    await archive.load(
        make_aged_article(1, "IBM says " + "very " * 40 + "much", provider=Provider("Reuters")),
        make_aged_article(2, "Something else", provider=None),
    )
    (name,) = await ada.offered("story", "story", "ibm sa")
    assert name.startswith("IBM says very")
    assert name.endswith("… — Reuters")
    assert len(name) <= 100
    assert list(await ada.offered("story", "story", "")) == [name, "Something else"]


async def test_an_address_is_completed_with_its_story(archive: Archive, ada: Reader) -> None:
    """Also one that is longer than a choice; one that no story has is completed with nothing."""
    await archive.load(make_aged_article(1), make_aged_article(2))
    for typed in ("news.example/1", f"https://news.example/1?utm_source={'x' * 200}"):
        assert await ada.offered("story", "story", typed) == {"Story 1 — Reuters": "1"}
    assert await ada.offered("story", "story", "https://news.example/3") == {}


async def test_equal_titles_are_numbered(archive: Archive, ada: Reader) -> None:
    """Two choices with the same name would be one to the member."""
    await archive.load(make_aged_article(1, "Same"), make_aged_article(2, "Same"))
    assert list(await ada.offered("story", "story", "same")) == [
        "Same — Reuters",
        "Same — Reuters (2)",
    ]


async def test_an_unreadable_database_offers_nothing(
    archive: Archive, ada: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord shows no errors while someone types; the operator reads the reason in the log."""
    archive.unreadable = True
    assert await ada.offered("story", "story", "") == {}
    assert await ada.offered("topic", "topic", "") == {}
    assert await ada.offered("latest", "provider", "") == {}
    assert "the disk is full of holes" in caplog.text


@settings(of_hundred(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=hostile, name=hostile)
async def test_choices_fit_discord_for_any_name_and_input(
    archive: Archive, typed: str, name: str
) -> None:
    """Names and values stay within Discord's limits."""
    name = name.encode("utf-8", "ignore").decode() or "x"
    await archive.load(make_aged_article(1, name, topics=(name,), provider=Provider(name)))
    offered = [
        await choices(archive.seen, text)
        for choices in (topic_choices, provider_choices, story_choices)
        for text in (typed, "")
    ]
    assert all(len({choice.name for choice in each}) == len(each) for each in offered)
    for choice in chain.from_iterable(offered):
        assert 1 <= discord_length(choice.name) <= 100
        assert 1 <= discord_length(str(choice.value)) <= 100
