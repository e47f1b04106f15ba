from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from discord import Colour
from discord.ui import Button
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.archive_terms import count_terms
from bot.announce.event_terms import TermFrequencies
from bot.discordapp.markdown import discord_length
from bot.discordapp.rendering.coverage import Coverage, story_coverage
from bot.discordapp.rendering.digest import digest_embeds
from bot.discordapp.rendering.story import story_embed, story_page, story_view
from bot.ingest.document import read_document
from storage.models import Article, Fact, Image, Kind, Provider, RelatedArticle, Story, Style
from tests.discordapp.rendering.limits import (
    check_embed,
    check_embeds,
    check_field_url,
    check_markup,
    check_url,
    few_examples,
    make_bare_story,
    stories,
)
from tests.discordapp.subscriptions.strategies import hostile_styles

SEEDS = Path(__file__).parents[3] / "seeds"
MARK = "story:123:" + "0f" * 12


def buttons(story: Story) -> list[Button[Any]]:
    """Return the buttons below the message of a story."""
    return [each for each in story_view(MARK, story).children if isinstance(each, Button)]


def others(count: int) -> tuple[RelatedArticle, ...]:
    return tuple(
        RelatedArticle(
            f"Other {n}", f"https://other.example/{n}", quality=n, provider=Provider("P")
        )
        for n in range(count)
    )


@few_examples
@given(stories)
def test_any_article_makes_a_valid_post(hostile: Story) -> None:
    """Discord accepts the embed whatever the article contains, and no markup gets through."""
    embed = story_embed(hostile, story_coverage(hostile, TermFrequencies()))
    check_embed(embed)
    check_markup((embed.title or "").removeprefix("▶ "))
    check_markup(embed.description or "")
    for field in embed.fields:
        check_markup(field.value or "")


@few_examples
@given(stories, hostile_styles)
def test_any_style_makes_a_valid_post(story: Story, style: Style) -> None:
    """The facts and the footer stay within Discord's limits; a footer has no markup to escape."""
    check_embed(story_embed(story, style=style))
    check_embeds(*digest_embeds("Digest", [story] * 20, [story], style))


@pytest.mark.parametrize(
    ("style", "footer", "has_time"),
    [
        (Style(), "Quality 86 · AI, Health", True),
        (Style(footer="*Ours*"), "Quality 86 · AI, Health · *Ours*", True),
        (Style(footer="Ours", facts=(Fact.TOPICS,)), "AI, Health · Ours", False),
        (Style(footer="Ours", facts=()), "Ours", False),
        (Style(facts=(Fact.QUALITY, Fact.TIME)), "Quality 86", True),
        (Style(facts=(Fact.TIME,)), None, True),
        (Style(facts=()), None, False),
    ],
)
def test_a_style_says_what_is_below_a_story(
    style: Style, footer: str | None, has_time: bool
) -> None:
    """The admin's footer follows the facts; without either there is none."""
    story = make_bare_story(quality=86, topics=("AI", "Health"))
    embed = story_embed(story, style=style)
    assert embed.footer.text == footer
    assert (embed.timestamp is not None) is has_time


def test_a_chosen_colour_replaces_that_of_the_provider() -> None:
    story = make_bare_story(provider=Provider("Reuters"))
    assert story_embed(story, style=Style(colour=0x1F8B4C)).colour == Colour(0x1F8B4C)
    assert story_embed(story, style=Style(colour=0)).colour == Colour(0)


@few_examples
@given(stories, st.integers(0, 9))
def test_any_article_makes_valid_pages(hostile: Story, number: int) -> None:
    """Every page stays within Discord's limits."""
    page = story_page(hostile, number, story_coverage(hostile, TermFrequencies()))
    check_embed(page.embed)
    check_markup(page.embed.description or "")
    assert 0 <= page.number < page.count


@few_examples
@given(stories)
async def test_any_article_makes_valid_buttons(hostile: Story) -> None:
    """Labels and addresses of buttons stay within Discord's limits."""
    (row,) = story_view(MARK, hostile).to_components()
    for button in row["components"]:
        assert 1 <= discord_length(button["label"]) <= 80
        if "url" in button:
            check_url(button["url"], 512)
            check_field_url(button["url"])


def test_a_post_shows_the_parts_of_its_article() -> None:
    """Title, link, excerpt, provider, icon, picture, topics, quality, time, coverage are shown."""
    embed = story_embed(
        make_bare_story(
            "IBM says",
            excerpt="IBM said on Friday",
            quality=86,
            provider=Provider("Reuters", "reuters.example", "https://img.example/icon.png"),
            topics=("AI", "Computer Vision"),
            images=(Image("https://img.example/a.jpg", 800, 450),),
        ),
        Coverage(others(5)[::-1]),
    )
    assert (embed.title, embed.url) == ("IBM says", "https://news.example/a")
    assert embed.description == "IBM said on Friday"
    assert (embed.author.name, embed.author.icon_url) == ("Reuters", "https://img.example/icon.png")
    assert embed.image.url == "https://img.example/a.jpg"
    assert embed.footer.text == "Quality 86 · AI, Computer Vision"
    assert embed.timestamp == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    (field,) = embed.fields
    assert field.name == "Also covered by"
    assert field.value == (
        "• [Other 4](https://other.example/4) — P\n"
        "• [Other 3](https://other.example/3) — P\n"
        "• [Other 2](https://other.example/2) — P"
    )


def test_the_first_seed_is_posted_in_full() -> None:
    """The article that the project began with is shown with all its parts."""
    (path,) = SEEDS.glob("2020-09-11-ibm-says-*.md")
    article = read_document(path.read_bytes(), unpublished="announce")
    assert isinstance(article, Article)
    story = Story(1, 1, datetime(2026, 1, 1, tzinfo=UTC), False, article)
    embed = story_embed(story, story_coverage(story, count_terms([story])))
    check_embed(embed)
    assert embed.url == article.url
    assert (embed.title or "").startswith("IBM says U.S. should adopt")
    assert embed.author.name == "Reuters"
    assert (embed.author.icon_url or "").endswith("reuters.com-50x50.jpg")
    assert (embed.image.url or "").startswith("https://s3.reutersmedia.net/")
    assert embed.footer.text == "Quality 86 · Computer Vision, AI"
    # It lists six stories about Portland's ban, which is another event.
    assert [field.name for field in embed.fields] == ["Related"]
    assert (embed.fields[0].value or "").count("](https://") == 3


def test_a_minimal_article_can_be_posted() -> None:
    """A story that has only an address still gets a title."""
    embed = story_embed(make_bare_story("\u200b"))
    assert embed.title == "Untitled story"
    assert embed.description is None
    assert embed.author.name is None
    assert embed.fields == []


@pytest.mark.parametrize(("kind", "label"), [(Kind.VIDEO, "Video"), (Kind.SHORT, "Short")])
def test_a_video_is_labelled(kind: Kind, label: str) -> None:
    embed = story_embed(make_bare_story("Clip", kind=kind))
    assert embed.title == "▶ Clip"
    assert embed.footer.text == f"{label} · Quality 0"


def test_a_provider_keeps_its_colour() -> None:
    """The colour depends on the provider's name only, in any case."""
    reuters, same, vice = (
        story_embed(make_bare_story(provider=Provider(name))).colour
        for name in ("Reuters", "REUTERS", "VICE")
    )
    assert reuters == same != vice


def test_a_time_in_the_future_is_not_shown() -> None:
    """A story with a date in the future is dated when it was first seen."""
    future = make_bare_story(published_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert story_embed(future).timestamp == future.first_seen_at


@pytest.mark.parametrize(
    ("images", "shown"),
    [
        ([("https://i.example/a", 300, 200), ("https://i.example/b", 800, 400)], "b"),
        ([("https://i.example/a", None, None), ("https://i.example/b", None, None)], "a"),
        ([("https://i.example/a", 40, 40), ("https://i.example/b", None, None)], "b"),
        ([("https://i.example/a", 9000, 9000), ("https://i.example/b", 640, 480)], "b"),
        ([("javascript:1", 800, 600), ("https://i.example/b", 100, 100)], "b"),
        ([("https://i.example/a.SVG?v=1", 800, 600), ("https://i.example/b", 100, 100)], "b"),
        ([("https://i.example/a.pdf", None, None), ("https://i.example/b", None, None)], "b"),
        ([("https://i.example/a.mp4#t", 800, 600), ("https://i.example/b", 100, 100)], "b"),
        ([("https://i_a.example/a", 800, 600), ("https://i.example/b", 100, 100)], "b"),
    ],
)
def test_the_largest_sensible_picture_is_shown(
    images: list[tuple[str, int | None, int | None]], shown: str
) -> None:
    """Icons, posters, other files and addresses that Discord refuses are skipped."""
    embed = story_embed(make_bare_story(images=tuple(Image(*image) for image in images)))
    assert embed.image.url == f"https://i.example/{shown}"


def test_coverage_is_unique_and_sorted_by_quality() -> None:
    """Repeated addresses, the story's own address and invisible titles are omitted."""
    best, worst = others(2)[1], others(2)[0]
    unseen = RelatedArticle("\u200b", "https://other.example/9")
    own = RelatedArticle("Self", "https://news.example/a")
    story = make_bare_story(related=(worst, own, best, unseen, best))
    assert story_coverage(story, TermFrequencies()) == Coverage(related=(best, worst))


async def test_the_first_button_has_the_mark() -> None:
    """The button is found by its custom_id, and shows how much coverage there is."""
    few, many = (
        story_view(MARK, make_bare_story(), Coverage(others(count), others(9))).to_components()[0][
            "components"
        ]
        for count in (3, 9)
    )
    assert [button["label"] for button in few] == ["About this story", "Read"]
    assert [button["label"] for button in many] == ["Coverage (9)", "Read"]
    assert many[0]["custom_id"] == MARK
    assert many[1]["url"] == "https://news.example/a"


async def test_the_link_button_fits_the_story() -> None:
    """Its label depends on the kind; addresses beyond 512 characters have no button."""
    video = make_bare_story(kind=Kind.VIDEO)
    (row,) = story_view(MARK, video).to_components()
    assert [button["label"] for button in row["components"]] == ["About this story", "Watch"]
    long = replace(video, article=replace(video.article, url="https://a.example/" + "x" * 600))
    assert len(story_view(MARK, long).children) == 1


async def test_a_host_that_discord_refuses_is_linked_in_the_text() -> None:
    """Discord accepts underscores in no field for addresses, but makes links of them in texts."""
    story = make_bare_story(
        url="https://my_site.example/a_b",
        excerpt="What happened",
        provider=Provider("P", icon_url="https://my_site.example/icon.png"),
        images=(Image("https://my_site.example/a.png"),),
    )
    other = RelatedArticle("Other", "https://their_site.example/")
    embed = story_embed(story, Coverage((other,)))
    check_embed(embed)
    assert (embed.url, embed.image.url, embed.author.icon_url) == (None, None, None)
    assert embed.description == "What happened\n\n[Read](https://my_site.example/a_b)"
    assert embed.fields[0].value == "• [Other](https://their_site.example/)"
    assert [button.label for button in buttons(story)] == ["About this story"]


@pytest.mark.parametrize("letter", ["я", "新", "ä", "ش", "한"])
@pytest.mark.parametrize("length", [20, 90, 400, 1500])
async def test_long_words_of_any_script_keep_their_links(letter: str, length: int) -> None:
    """Percent-encoded letters take up to nine characters.

    Where these don't fit, the link is elsewhere, or in a text, where its letters are not encoded.
    """
    address = f"https://news.example/{letter * length}"
    related = f"https://other.example/{letter * 150}"
    story = make_bare_story(url=address)
    embed = story_embed(story, Coverage((RelatedArticle("Other", related),)))
    check_embed(embed)
    button = next((each.url for each in buttons(story) if each.url), address)
    assert unquote(button) == address
    assert unquote(embed.url or embed.description or "") in {address, f"[Read]({address})"}
    assert unquote(embed.fields[0].value or "") == f"• [Other]({related})"


async def test_discord_py_keeps_no_view_in_memory() -> None:
    """A bot that posts for years must not remember the view of every post."""
    assert story_view(MARK, make_bare_story()).is_finished()


def test_coverage_is_split_into_pages() -> None:
    """Nine articles take two pages; the first has the excerpt and the picture."""
    full = make_bare_story(excerpt="What happened", images=(Image("https://i.example/a"),))
    coverage = Coverage(others(9))
    first, second, beyond = (story_page(full, number, coverage) for number in (0, 1, 5))
    assert (first.count, first.number) == (2, 0)
    assert (first.embed.description or "").startswith("What happened\n\n**Other coverage (9)**\n")
    assert (first.embed.description or "").count("https://other.example/") == 5
    assert first.embed.image.url is not None
    assert (second.embed.description or "").count("https://other.example/") == 4
    assert second.embed.image.url is None
    assert (second.embed.footer.text or "").endswith("page 2/2")
    assert beyond.number == 1


def test_related_articles_follow_the_coverage() -> None:
    """Each kind has its heading, repeated on a page that begins within it."""
    coverage = Coverage(others(3), others(9)[3:])
    first, second = (story_page(make_bare_story(), number, coverage) for number in (0, 1))
    lines = (first.embed.description or "").splitlines()
    assert [line for line in lines if line.startswith("**")] == [
        "**Other coverage (3)**",
        "**Related (6)**",
    ]
    assert (second.embed.description or "").startswith("**Related (6)**\n")
    assert (second.embed.description or "").count("https://other.example/") == 4
