"""Stories about one event share a message; related ones have their own and show each other."""

import pytest

from bot.clock import SystemClock
from bot.sandbox.model.entities import Message
from storage.open import open_store
from storage.posts import PostStatus
from tests.support.database import execute
from tests.support.desk import Desk

BAN = "Portland passes the broadest ban on facial recognition"
AGAIN = "Facial recognition: Portland passes the broadest ban in the country"
CONTROLS = "IBM wants export controls for facial recognition systems"


def write(desk: Desk, name: str, title: str, related: tuple[str, ...] = ()) -> None:
    """Put an article into the folder that lists others, each by its address."""
    listed = "".join(
        f"\n  - title: {each.title()} elsewhere\n    webUrl: https://news.example/{each}"
        for each in related
    )
    published = SystemClock().now().isoformat(timespec="seconds")
    text = (
        f'---\ntitle: "{title}"\npublishedDateTime: {published}\nquality: 90\npublished: true\n'
        f"webUrl: https://news.example/{name}\ntopics: [AI]\n"
        + (f"related:{listed}\n" if related else "")
        + "---\nThe body.\n"
    )
    half = desk.folder / f".{name}.part"
    half.write_text(text, encoding="utf-8")
    half.replace(desk.folder / f"{name}.md")


def fields(message: Message) -> dict[str, str]:
    """The fields of a message by their names."""
    return {field["name"]: field["value"] for field in message.embeds[0].get("fields", ())}


@pytest.mark.parametrize("first", ["ban", "controls"])
async def test_a_listed_story_about_another_event_is_posted(desk: Desk, first: str) -> None:
    """Whichever comes first, in the end each message shows the other story under Related."""
    titles = {"ban": BAN, "controls": CONTROLS}
    second = next(name for name in titles if name != first)

    def link(name: str) -> str:
        return f"[{titles[name]}](https://news.example/{name})"

    async with desk.bot():
        await desk.subscribe()
        write(desk, first, titles[first], ("ban",) if first == "controls" else ())
        await desk.wait_for_stories(1)
        write(desk, second, titles[second], ("ban",) if second == "controls" else ())
        await desk.wait_for_stories(2)
        one, other = desk.posts()
        await desk.sandbox.wait_until(lambda: link(second) in fields(one).get("Related", ""))
        await desk.sandbox.wait_until(lambda: link(first) in fields(other).get("Related", ""))
        assert all("Also covered by" not in fields(message) for message in (one, other))


async def test_another_report_of_the_event_joins_the_message(desk: Desk) -> None:
    """Nobody lists it; `/subscriptions why` names the evidence."""
    async with desk.bot():
        await desk.subscribe()
        write(desk, "ban", BAN)
        await desk.wait_for_stories(1)
        write(desk, "again", AGAIN)
        await desk.sandbox.wait_until(lambda: "Also covered by" in fields(desk.posts()[0]))
        assert desk.titles() == [BAN]
        (story,) = (await desk.ask("subscriptions why", {"story": AGAIN})).embeds
        assert "The same event: both mention" in story["description"]
        for word in ("Portland", "passes", "broadest"):
            assert word in story["description"]


async def test_what_was_folded_before_an_upgrade_stays_folded(desk: Desk) -> None:
    """Earlier versions folded it because it was listed; it is not announced now."""
    async with desk.bot():
        await desk.subscribe()
        write(desk, "ban", BAN)
        await desk.wait_for_stories(1)
        write(desk, "controls", CONTROLS, ("ban",))
        await desk.wait_for_stories(2)
    # What version 8 left: one message, and the other story folded into it.
    execute(
        desk.database,
        "DELETE FROM related_stories;"
        " UPDATE posts SET status = 'folded', lead_post_id = 1, message_id = NULL, reason ="
        """ '{"code": "same_story", "post": 1, "title": "Portland"}' WHERE id = 2""",
    )
    before = len(desk.posts())
    async with desk.bot():
        write(desk, "controls", f"{CONTROLS}, it says", ("ban",))
        write(desk, "later", "Harbour bridge of Port Ambry opens to cyclists")
        await desk.wait_for_stories(before + 1)
        assert desk.titles()[before:] == ["Harbour bridge of Port Ambry opens to cyclists"]
    async with open_store(desk.database) as store:
        assert (await store.get_post(2)).status is PostStatus.FOLDED
