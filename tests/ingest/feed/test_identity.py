"""Which entries of real feeds become stories, and which of these are news."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.ingest.loader import load_source
from storage.models import SourceFindings, Story
from tests.ingest.feed.support import Opener, item, rss
from tests.ingest.support import stories
from tests.support.web import WebServer

OLD = "Harbour bridge opens to cyclists"
NEW = "Bakery wins the national prize"
PAGE = "https://news.example/releases"
OTHER = item(9, title="Something older")


class Reader:
    """Reads one feed again and again, as a running bot does."""

    def __init__(self, server: WebServer, opener: Opener) -> None:
        self._server, self._opener = server, opener

    async def read(self, *items: str) -> None:
        """Serve a feed of these entries and read it."""
        feed = self._opener.feed(self._server.at("/feed", rss(*items)))
        await load_source(feed, self._opener.store, self._opener.clock)

    async def stories(self) -> Sequence[Story]:
        """All stories, in the order of their titles."""
        return await stories(self._opener.store)

    async def news(self) -> Sequence[str]:
        """The titles of the stories that are news."""
        return sorted(each.article.title for each in await self.stories() if not each.archive)

    async def findings(self) -> SourceFindings:
        """What the last reading noticed."""
        (state,) = await self._opener.store.list_sources()
        return state.findings


@pytest.fixture
def reader(server: WebServer, opener: Opener) -> Reader:
    return Reader(server, opener)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            {"guid": "feed", "link": f"{PAGE}/0"}, {"guid": "feed", "link": f"{PAGE}/1"}, id="guid"
        ),
        pytest.param({"guid": "0", "link": PAGE}, {"guid": "1", "link": PAGE}, id="page"),
        pytest.param({"guid": None, "link": PAGE}, {"guid": None, "link": PAGE}, id="page only"),
        pytest.param({"guid": PAGE, "link": PAGE}, {"guid": PAGE, "link": PAGE}, id="both"),
        pytest.param(
            {"guid": f"{PAGE}#0", "link": f"{PAGE}#0"},
            {"guid": f"{PAGE}#1", "link": f"{PAGE}#1"},
            id="fragment",
        ),
        pytest.param(
            {"guid": None, "link": f"{PAGE}#0"}, {"guid": None, "link": f"{PAGE}#1"}, id="no guid"
        ),
        pytest.param(
            {"guid": "0", "link": f"{PAGE}?utm_source=0"},
            {"guid": "1", "link": f"{PAGE}?utm_source=1"},
            id="page with tracking",
        ),
    ],
)
async def test_new_entry_beside_a_similar_one_is_news(
    reader: Reader, old: dict[str, str | None], new: dict[str, str | None]
) -> None:
    """The older entry keeps its story, and both stay separate."""
    await reader.read(item(1, title=OLD, **old), OTHER)
    (bridge,) = [each for each in await reader.stories() if each.article.title == OLD]
    await reader.read(item(2, title=NEW, **new), item(1, title=OLD, **old), OTHER)
    for _ in range(2):
        assert await reader.news() == [NEW]
        assert bridge in await reader.stories()
        assert (await reader.findings()).merged == 0
        await reader.read(
            item(2, title=NEW, description="Edited.", **new), item(1, title=OLD, **old), OTHER
        )


async def test_known_entry_under_another_id_and_address_is_no_news(reader: Reader) -> None:
    """Collecting feeds encode both differently each time; it is stored once."""
    for name in "abcde":
        entry = item(1, title=OLD, guid=name, link=f"https://collect.example/{name}?oc=5")
        await reader.read(entry, OTHER)
    assert len(await reader.stories()) == 2
    assert await reader.news() == []


async def test_entry_that_returns_after_it_has_left_is_no_news(reader: Reader) -> None:
    """Feeds of popular stories list an old one again."""
    await reader.read(item(1), item(2))
    await reader.read(item(2))
    await reader.read(item(1, guid="again", link="https://news.example/again"), item(2))
    assert await reader.news() == []


async def test_larger_window_shows_archive(reader: Reader) -> None:
    """The operator of the site lets the feed list more entries; only one of them is new."""
    await reader.read(item(5))
    older = [item(n, pubDate=f"Mon, 0{n} Nov 2026 10:00:00 GMT") for n in (4, 3, 2)]
    await reader.read(item(6, pubDate="Mon, 23 Nov 2026 11:00:00 GMT"), item(5), *older)
    assert len(await reader.stories()) == 5
    assert await reader.news() == ["Story 6"]


async def test_feed_that_was_empty_has_news(reader: Reader) -> None:
    """What is dated before the first reading is archive, also if that found nothing."""
    await reader.read()
    dates = ["Mon, 23 Nov 2026 13:00:00 GMT", "Mon, 02 Nov 2026 10:00:00 GMT"]
    await reader.read(item(2, pubDate=dates[0]), item(1, pubDate=dates[1]))
    assert await reader.news() == ["Story 2"]


async def test_entry_without_date_is_news_if_it_appears_later(reader: Reader) -> None:
    """In the first reading it is archive."""
    await reader.read(item(1, pubDate=None))
    await reader.read(item(2, pubDate=None), item(1, pubDate=None))
    assert await reader.news() == ["Story 2"]


async def test_corrected_entries_stay_the_same_stories(reader: Reader) -> None:
    """The title of one is corrected, the address of another, the date of a third."""
    await reader.read(item(1), item(2), item(3))
    before = {each.id for each in await reader.stories()}
    await reader.read(
        item(1, title="Corrected"),
        item(2, link="https://news.example/moved"),
        item(3, pubDate="Mon, 23 Nov 2026 11:00:00 GMT"),
    )
    assert {each.id for each in await reader.stories()} == before
    assert await reader.news() == []


async def test_rejected_entry_that_has_left_is_forgotten(reader: Reader, opener: Opener) -> None:
    """`storywire sources` lists what can be fixed only."""
    await reader.read(item(1), item(2, link="javascript:alert(1)", guid="x"))
    assert len(await opener.store.rejected_documents()) == 1
    await reader.read(item(1), item(3))
    assert await opener.store.rejected_documents() == []


async def test_rejected_entry_that_is_repaired_is_news(reader: Reader) -> None:
    """It had no story before."""
    await reader.read(item(1))
    later = "Mon, 23 Nov 2026 11:00:00 GMT"
    await reader.read(item(2, link="javascript:alert(1)", guid="x", pubDate=later), item(1))
    await reader.read(item(2, guid="x", pubDate=later), item(1))
    assert await reader.news() == ["Story 2"]


@pytest.mark.parametrize("parameters", ["s={}", "PHPSESSID={}&p=5", "token={}&expires={}"])
async def test_new_parameters_edit_nothing(reader: Reader, parameters: str) -> None:
    """Neither those of the address nor those of the picture change what readers see."""
    found = list[Sequence[Story]]()
    for number in range(5):
        query = parameters.replace("{}", f"a{number}").replace("&", "&amp;")
        picture = f'<media:content url="https://news.example/a.jpg?{query}" medium="image"/>'
        await reader.read(item(1, picture, link=f"https://news.example/1?{query}"), OTHER)
        found.append(await reader.stories())
    assert all(each == found[0] for each in found)


async def test_change_that_waited_is_taken_from_an_unchanged_feed(
    reader: Reader, opener: Opener
) -> None:
    """Nothing but the time makes a difference between the readings."""

    async def read(text: str) -> str:
        await reader.read(item(1, description=text))
        (story,) = await reader.stories()
        return story.article.excerpt

    assert [await read(text) for text in ("First.", "Second.")] == ["First.", "Second."]
    assert [await read("Retracted.") for _ in range(2)] == ["Second.", "Second."]
    await opener.clock.advance(timedelta(hours=2))
    assert [await read("Retracted.") for _ in range(2)] == ["Retracted.", "Retracted."]
