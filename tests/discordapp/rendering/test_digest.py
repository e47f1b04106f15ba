"""A digest stays within Discord's limits, and shows its best stories first."""

from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import cycle, islice
from urllib.parse import quote, unquote

import pytest
from discord import Colour
from discord.ui import Button
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.messages.stories import QUALITY_EXPLAINED
from bot.discordapp.rendering.digest import (
    MOST_STORIES,
    digest_embeds,
    digest_heading,
    digest_view,
)
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Fact,
    Image,
    Kind,
    Provider,
    Story,
    Style,
    Subscription,
    SubscriptionSpec,
)
from tests.discordapp.rendering.limits import (
    check_components,
    check_embed,
    check_embeds,
    check_markup,
    few_examples,
    make_bare_story,
    stories,
)
from tests.support.articles import make_story

MARK = "story:123:" + "0f" * 12
DUE_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
short_stories = stories.map(
    lambda story: replace(story, article=replace(story.article, related=()))
)


def subscribed(days: DigestDays, timezone: str = "UTC") -> Subscription:
    delivery = DeliveryOptions(timezone=timezone, digest=Digest(days, time(9)))
    return Subscription(1, 1, 1, DUE_AT, SubscriptionSpec(1, delivery=delivery))


@few_examples
@given(
    st.lists(short_stories, min_size=1, max_size=3),
    st.integers(1, MOST_STORIES + 1),
    st.booleans(),
)
def test_any_stories_make_a_valid_digest(some: list[Story], count: int, withdrawn: bool) -> None:
    """Discord accepts the digest whatever its stories contain, and no markup gets through."""
    stories = [replace(some[0], withdrawn=withdrawn), *islice(cycle(some), count - 1)]
    embeds = digest_embeds("Weekly digest · Mon 23 Nov", stories, some)
    check_embeds(*embeds)
    for embed in embeds:
        check_markup((embed.description or "").replace("~~", ""))
        for field in embed.fields:
            check_markup((field.value or "").replace("~~", ""))


@pytest.mark.parametrize("address_length", [40, 140, 220, 300, 2000])
@pytest.mark.parametrize("images", [(), (Image("https://news.example/1.png"),)])
def test_the_longest_digest_fits_with_all_its_stories(
    address_length: int, images: tuple[Image, ...]
) -> None:
    """Twenty stories of maximum length, with coverage below, are all shown."""
    longest = make_bare_story(
        "*" * 500,
        url="https://news.example/".ljust(address_length, "x"),
        kind=Kind.VIDEO,
        quality=-(2**63),
        provider=Provider("_" * 500),
        topics=("|" * 500,),
        images=images,
        excerpt="~" * 900,
    )
    folded = [replace(longest, article=replace(longest.article, url=f"https://f.example/{n}"))
              for n in range(3)]  # fmt: skip
    embeds = digest_embeds("Weekly digest · Mon 23 Nov", [longest] * MOST_STORIES, folded)
    check_embeds(*embeds)
    assert len(embeds) == 1 + len(images)
    texts = [embed.description for embed in embeds]
    texts += [field.value for embed in embeds for field in embed.fields]
    text = "\n".join(map(str, texts))
    assert all(f"**{place}.** " in text for place in range(1, MOST_STORIES + 1))


def test_twenty_everyday_stories_keep_their_links() -> None:
    """Their titles and addresses are of the usual length."""
    everyday = make_story(
        1,
        title="IBM says the United States should adopt new export controls on recognition of faces",
        url="https://www.reuters.example/article/us-usa-china/ibm-says-u-s-should-adopt-new-export-c"
        "ontrols-on-facial-recognition-systems-idUSKBN2621PV",
        provider=Provider("The Reuters News Agency"),
    )
    (embed,) = digest_embeds("Daily digest", [everyday] * MOST_STORIES)
    check_embed(embed)
    text = "\n".join([embed.description or "", *(field.value or "" for field in embed.fields)])
    assert text.count("](https://www.reuters.example/") == MOST_STORIES


def test_a_digest_numbers_its_stories() -> None:
    """Each has its link, provider, quality and time; empty lines separate them.

    The footer counts them, and says what quality is; a withdrawn one is struck through.
    """
    gone = replace(make_story(2, title="Gone"), withdrawn=True)
    (embed,) = digest_embeds("Daily digest · Mon 23 Nov", [make_story(1), gone, make_story(3)])
    when = f"<t:{int(make_story(1).dated_at.timestamp())}:R>"
    assert embed.title == "Daily digest · Mon 23 Nov"
    assert embed.description == (
        "**1.** [Story 1](https://news.example/1)\nWhat story 1 tells.\n"
        f"-# The Example · quality 80 · {when} · AI\n\n"
        "**2.** ~~Gone~~\n-# withdrawn\n\n"
        f"**3.** [Story 3](https://news.example/3)\n-# The Example · quality 80 · {when} · AI"
    )
    assert embed.footer.text == f"3 stories · {QUALITY_EXPLAINED}"
    assert embed.fields == []


def test_the_first_story_has_a_picture_and_an_excerpt() -> None:
    """The excerpt is one line. The picture is below it, and above the other stories."""
    picture = Image("https://news.example/1.png", 800, 600)
    first = make_story(1, excerpt="word \n" * 100, images=(picture,))
    second = make_story(2, images=(picture,))
    top, below = digest_embeds("Digest", [first, second], [make_story(7)])
    assert (top.title, top.image.url) == ("Digest", picture.url)
    title, excerpt, *_ = (top.description or "").split("\n")
    assert title == "**1.** [Story 1](https://news.example/1)"
    assert excerpt.startswith("word word")
    assert len(excerpt) <= 160
    assert (below.title, below.image.url) == (None, None)
    assert (below.description or "").startswith("**2.** [Story 2]")
    assert [field.name for field in below.fields] == ["Also covered by"]
    assert (below.footer.text or "").startswith("2 stories")
    assert top.colour == below.colour


def test_a_picture_needs_no_second_embed_for_nothing() -> None:
    """A digest of one story is one embed, and a withdrawn story shows no picture."""
    first = make_story(1, images=(Image("https://news.example/1.png", 800, 600),))
    (embed,) = digest_embeds("Digest", [first])
    assert embed.image.url == "https://news.example/1.png"
    (embed,) = digest_embeds("Digest", [replace(first, withdrawn=True), make_story(2)])
    assert embed.image.url is None


def test_folded_stories_are_shown_below() -> None:
    """Later stories about the same event are listed; withdrawn ones are omitted."""
    gone = replace(make_story(8), withdrawn=True)
    (embed,) = digest_embeds("Digest", [make_story(1)], [make_story(7), gone])
    (field,) = embed.fields
    assert field.name == "Also covered by"
    assert field.value == "• [Story 7](https://news.example/7) — The Example"


@pytest.mark.parametrize(
    ("subscription", "heading"),
    [
        (subscribed(DigestDays.DAILY), "Daily digest · Mon 23 Nov"),
        (subscribed(DigestDays.WEEKDAYS), "Weekday digest · Mon 23 Nov"),
        (subscribed(DigestDays.WEEKLY), "Weekly digest · Mon 23 Nov"),
        (subscribed(DigestDays.DAILY, "Pacific/Honolulu"), "Daily digest · Sun 22 Nov"),
        (None, "Digest"),
        (replace(subscribed(DigestDays.DAILY), spec=SubscriptionSpec(1)), "Digest"),
    ],
)
def test_the_heading_names_the_digest_and_its_day(
    subscription: Subscription | None, heading: str
) -> None:
    """The day is that of the subscription's time zone; without a subscription there is no day."""
    assert digest_heading(subscription, DUE_AT) == heading


def test_a_catch_up_has_the_best_so_far() -> None:
    """No schedule has chosen these stories, so the heading names no day."""
    assert digest_heading(subscribed(DigestDays.DAILY), DUE_AT, catch_up=True) == "Best so far"


async def test_the_button_of_a_digest_has_the_mark() -> None:
    """The button is found by its custom_id; discord.py does not keep it in memory."""
    view = digest_view(MARK, [make_story(1), make_story(2)])
    button = view.to_components()[0]["components"][0]
    assert (button["label"], button["custom_id"]) == ("Why these stories?", MARK)
    assert view.is_finished()


async def test_the_select_of_a_digest_opens_its_stories() -> None:
    """Their numbers are those of the digest; withdrawn stories can't be opened."""
    gone = replace(make_story(2), withdrawn=True)
    _, row = digest_view(MARK, [make_story(1), gone, make_story(3)]).to_components()
    (select,) = row["components"]
    assert (select["custom_id"], select["placeholder"]) == ("open:story", "Open a story…")
    assert [option["label"] for option in select["options"]] == ["1. Story 1", "3. Story 3"]
    (row,) = digest_view(MARK, [gone, gone]).to_components()
    assert [each["label"] for each in row["components"]] == ["Why these stories?"]


@few_examples
@given(st.lists(short_stories, min_size=1, max_size=3), st.integers(1, MOST_STORIES + 1))
def test_any_stories_make_valid_components(some: list[Story], count: int) -> None:
    """The button with the mark, the links and the select fit into five rows."""
    stories = list(islice(cycle(some), count))
    for shown in (digest_embeds("Daily digest", stories), ()):
        rows = digest_view(MARK, stories, *shown).to_components()
        check_components(rows)
        assert rows[0]["components"][0]["custom_id"] == MARK


@pytest.mark.parametrize(("length", "count"), [(600, 5), (400, 20), (200, 20), (110, 20)])
@pytest.mark.parametrize("letter", ["x", "я", "新"])
async def test_every_story_of_a_digest_keeps_its_link(length: int, count: int, letter: str) -> None:
    """It is in its line, or in a button if there is no room or no other form."""
    path = letter * (length // len(quote(letter)))
    stories = [
        make_story(number, url=f"https://news.example/{number}/{path}")
        for number in range(1, count + 1)
    ]
    (embed,) = digest_embeds("Daily digest", stories)
    check_embed(embed)
    view = digest_view(MARK, stories, embed)
    lines = "\n".join([embed.description or "", *(field.value or "" for field in embed.fields)])
    buttons = [each for each in view.children if isinstance(each, Button) and each.url]
    for number, story in enumerate(stories, start=1):
        in_line = f"]({story.article.url})" in unquote(lines)
        in_button = [each.label for each in buttons if unquote(each.url or "") == story.article.url]
        assert in_button == ([] if in_line else [f"Read {number}"])


def test_a_style_applies_to_a_digest() -> None:
    """Its colour, the admin's footer, and the facts of each story."""
    story = make_story(1, quality=86, topics=("AI",))
    style = Style(0x1F8B4C, "Chosen for *you*", (Fact.TOPICS,))
    (embed,) = digest_embeds("Daily digest", [story], style=style)
    assert embed.colour == Colour(0x1F8B4C)
    assert embed.footer.text == "1 story · Chosen for *you*"
    assert embed.description == (
        "**1.** [Story 1](https://news.example/1)\nWhat story 1 tells.\n-# The Example · AI"
    )
    (without,) = digest_embeds("Daily digest", [make_bare_story()], style=Style(facts=()))
    assert without.description == "**1.** [A story](https://news.example/a)"
