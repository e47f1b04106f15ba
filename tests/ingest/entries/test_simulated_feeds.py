"""Feeds of simulated publishers: each story is found once, and only new ones are news."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.entries.archive import completed_bounds, is_archive
from bot.ingest.entries.matching import match_entries
from bot.ingest.entries.record import ListedEntry
from storage.models import ArchiveBounds
from tests.ingest.entries.support import Readings
from tests.support.clock import START

PAGE = "https://news.example/changelog"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Habits:
    """What a publisher does with ids, links, dates, titles, and the order of entries."""

    ids: Literal["stable", "one", "position", "new", "missing"]
    links: Literal["own", "page", "fragment", "tracked", "parameters"]
    dates: Literal["exact", "day", "edited", "missing"]
    same_title: bool
    newest_first: bool

    @property
    def has_id(self) -> bool:
        """Whether an entry's id is always the same, and no other entry has it."""
        return self.ids == "stable"

    @property
    def has_link(self) -> bool:
        """Whether an entry's link always means the same page, and no other entry has it."""
        return self.links in {"own", "fragment", "tracked"}

    @property
    def is_decidable(self) -> bool:
        """Whether a reader could know which entries are the same."""
        if self.ids == "position" and self.links == "parameters":
            # Once links are known to change, the number of another entry seems to be its id.
            return False
        if self.same_title and self.ids == "one" and self.links == "page":
            # Entries that differ in the date only are the versions of one, as in Atom.
            return False
        if self.same_title and self.ids == "one" and self.links == "page":
            # Entries that differ in the date only are the versions of one, as in Atom.
            return False
        if self.same_title:
            # Several stories with one title need a date to distinguish them, and ids or links for
            # those of one day.
            return self.dates == "exact" or (
                self.dates == "missing" and self.has_id and self.has_link
            )
        if self.links == "parameters" and self.dates == "edited":
            # With another link and another date, only the id is left; it may be that of the feed.
            return False
        # Without id and link, the date has to stay.
        return self.has_id or self.has_link or self.dates != "edited"

    @property
    def may_edit_titles(self) -> bool:
        """Whether an entry with another title can be known to be the same one."""
        if self.same_title:
            return False
        # With another link and another title, the date has to be the same.
        return self.has_link or (self.has_id and (self.links == "page" or self.dates == "exact"))

    @property
    def may_list_twice(self) -> bool:
        """Without a date, entries with other ids are different, as are those with other links."""
        has_date = self.dates != "missing" or self.ids in {"stable", "one", "missing"}
        return has_date and self.links != "parameters"


HABITS = st.builds(Habits).filter(lambda habits: habits.is_decidable)


@dataclass
class Published:
    """A story of the publisher."""

    number: int
    published: datetime
    edited: datetime
    titles: int = 0
    texts: int = 0


@dataclass(frozen=True)
class Step:
    """What happens before a reading, and which stories it lists."""

    hours: int
    new: int
    window: int
    edited_title: int | None
    edited_text: int | None
    hidden: int | None
    twice: int | None


NUMBERS = st.none() | st.integers(0, 9)
STEPS = st.builds(
    Step,
    st.integers(1, 30),
    st.integers(0, 2),
    st.integers(4, 8),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    NUMBERS,
)


@dataclass
class Publisher:
    """Renders its stories as feeds."""

    habits: Habits
    stories: list[Published] = field(default_factory=list)
    random: Iterator[int] = field(default_factory=lambda: count(1000))

    def publish(self, at: datetime) -> None:
        """Add a story."""
        self.stories.append(Published(len(self.stories), at, at))

    def step(self, step: Step, seen: Sequence[int], now: datetime) -> None:
        """Publish new stories and edit some of those that were listed before."""
        known = [story for story in self.stories if story.number in seen]
        if step.edited_title is not None and self.habits.may_edit_titles:
            story = known[step.edited_title % len(known)]
            story.titles, story.edited = story.titles + 1, now - timedelta(minutes=1)
        if step.edited_text is not None:
            story = known[step.edited_text % len(known)]
            story.texts, story.edited = story.texts + 1, now - timedelta(minutes=1)
        for number in range(step.new):
            self.publish(now - timedelta(minutes=5 + number))

    def feed(self, step: Step) -> Sequence[ListedEntry]:
        """List the newest stories."""
        listed = self.stories[-step.window :]
        # A new story that has the number of one that has left looks like a correction of it.
        if step.hidden is not None and self.habits.ids != "position":
            del listed[step.hidden % len(listed)]
        if self.habits.newest_first:
            listed.reverse()
        if step.twice is not None and self.habits.may_list_twice:
            listed.append(listed[step.twice % len(listed)])
        return [self._entry(story, position) for position, story in enumerate(listed)]

    def _entry(self, story: Published, position: int) -> ListedEntry:
        number = story.number
        entry_id = {
            "stable": f"id-{number}",
            "one": "feed",
            "position": str(position),
            "new": str(next(self.random)),
            "missing": "",
        }[self.habits.ids]
        link = {
            "own": f"https://news.example/{number}",
            "page": PAGE,
            "fragment": f"{PAGE}#{number}",
            "tracked": f"https://news.example/{number}?utm_source={next(self.random)}",
            "parameters": f"https://news.example/{number}?s={next(self.random)}",
        }[self.habits.links]
        date = {
            "exact": story.published.isoformat(),
            "day": story.published.replace(hour=0, minute=0).isoformat(),
            "edited": story.edited.isoformat(),
            "missing": "",
        }[self.habits.dates]
        title = "Update" if self.habits.same_title else f"Story {number}, version {story.titles}"
        return ListedEntry(entry_id, link, title, date, f"{number} {story.titles} {story.texts}")


@given(habits=HABITS, first=STEPS, steps=st.lists(STEPS, max_size=6))
def test_every_story_is_found_once(habits: Habits, first: Step, steps: Sequence[Step]) -> None:
    """Its document stays the same, and it is news if it was published after the first reading."""
    publisher = Publisher(habits)
    # Without dates, older stories that are listed later can't be distinguished from new ones.
    for number in range(4 if habits.dates == "missing" else 9, 0, -1):
        publisher.publish(START - number * DAY)
    old = len(publisher.stories)
    readings = Readings()
    keys = dict[int, str]()
    bounds = ArchiveBounds(START)
    now = START
    # What is newer than all entries of the first reading counts as published after it.
    window = 8 if habits.dates == "missing" else first.window
    first = replace(first, window=window, hidden=None)
    for step in (first, *steps):
        if step is not first:
            now += timedelta(hours=step.hours)
            publisher.step(step, list(keys), now)
        listed = publisher.feed(step)
        matching = match_entries(listed, readings.known)
        shown = [int(each.entry.content.split()[0]) for each in matching.entries]
        numbers = {int(entry.content.split()[0]) for entry in listed}
        assert sorted(shown) == sorted(numbers)
        for number, each in zip(shown, matching.entries, strict=True):
            assert each.is_known == (number in keys)
            assert keys.setdefault(number, each.key) == each.key
            if not each.is_known:
                date = datetime.fromisoformat(each.entry.date) if each.entry.date else None
                archive = is_archive(date, bounds, now, date_only=habits.dates == "day")
                assert archive == (number < old)
        readings.read(*listed, now=now)
        dates = [datetime.fromisoformat(entry.date) if entry.date else None for entry in listed]
        bounds = completed_bounds(bounds, dates, now)
    assert len(set(keys.values())) == len(keys) == len(readings.known)
