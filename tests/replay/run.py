"""Replaying a repository commit by commit, from git to the message."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.announce.subscription_lifecycle import subscribe
from bot.ingest.loader import load_source
from storage.models import NewSubscription, Rules, SubscriptionSpec
from storage.open import open_store
from tests.announce.newsroom import CHANNEL, GUILD, WEEK, Newsroom
from tests.ingest.git_support import Repository, git_source
from tests.replay.history import BAR, make_history, newsworthy, write_history
from tests.support.clock import FakeClock


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the stories. `late`: not told right after the commit that made them news."""

    commits: int
    stories: int
    told: int
    lost: int
    repeated: int
    unwanted: int
    late: int

    @property
    def fine(self) -> bool:
        """Whether each story was told exactly once, and at once."""
        return not (self.lost or self.repeated or self.unwanted or self.late) and self.told > 0

    def __str__(self) -> str:
        return (
            f"{self.commits} commits, {self.stories} stories: {self.told} told once, {self.lost}"
            f" lost, {self.repeated} repeated, {self.unwanted} unwanted, {self.late} late"
        )


async def replay(
    folder: Path, commits: int, seed: int, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Make a history, show its commits to a bot one after the other, count what it tells."""
    history = make_history(commits, seed)
    repository = Repository(folder / "site")
    write_history(repository, history)
    clock = FakeClock()
    late = 0
    async with open_store(folder / "storywire.db") as store:
        newsroom = Newsroom(store, clock)
        await _subscribe(newsroom)
        source = git_source(repository.folder, folder / "git", path="_news", branch="main")
        async with newsroom.sending():
            for number, wanted in enumerate(newsworthy(history)):
                if not history[number].site:
                    continue  # git keeps no empty folder
                repository.git("update-ref", "refs/heads/main", f"refs/replay/{number}")
                await load_source(source, store, clock)
                await newsroom.planner.catch_up()
                late += not await _told(newsroom, len(wanted))
                progress(number)
        sent = [(await store.get_story(story)).article.url for story in newsroom.poster.sent]
    *_, wanted = newsworthy(history)
    times = Counter(sent)
    return Report(
        commits,
        len({told.number for commit in history for told in commit.site.values()}),
        told=len(wanted & times.keys()),
        lost=len(wanted - times.keys()),
        repeated=sum(count > 1 for count in times.values()),
        unwanted=len(times.keys() - wanted),
        late=late,
    )


async def _subscribe(newsroom: Newsroom) -> None:
    """To everything that is good enough."""
    spec = SubscriptionSpec(CHANNEL, Rules(min_quality=BAR))
    new = NewSubscription(GUILD, 1, newsroom.clock.now(), spec)
    await subscribe(newsroom.store, new, catch_up=0, max_age=WEEK, make_nonce=str)


async def _told(newsroom: Newsroom, wanted: int) -> bool:
    """Let the sender send what is planned; whether so many stories have been told then."""
    for _ in range(100):
        if len(newsroom.poster.sent) >= wanted:
            return True
        await newsroom.step()
    return False
