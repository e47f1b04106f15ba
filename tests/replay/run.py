"""Replays a repository commit by commit, from git to the message."""

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
from tests.replay.history import MIN_QUALITY, expected_urls, make_history, write_history
from tests.support.clock import FakeClock


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """The result. `late` counts commits whose stories were not announced right after them."""

    commits: int
    stories: int
    announced: int
    lost: int
    repeated: int
    unwanted: int
    late: int

    @property
    def ok(self) -> bool:
        """Whether each story was announced exactly once, without delay."""
        return not (self.lost or self.repeated or self.unwanted or self.late) and self.announced > 0

    def __str__(self) -> str:
        return (
            f"{self.commits} commits, {self.stories} stories: {self.announced} announced,"
            f" {self.lost} lost, {self.repeated} repeated, {self.unwanted} unwanted,"
            f" {self.late} late"
        )


async def replay(
    folder: Path, commits: int, seed: int, progress: Callable[[int], None] = lambda _: None
) -> ReplayReport:
    """Create a history, show its commits to the bot one by one, and count what it announces."""
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
            for number, wanted in enumerate(expected_urls(history)):
                if not history[number].site:
                    continue  # git does not store empty folders
                repository.git("update-ref", "refs/heads/main", f"refs/replay/{number}")
                await load_source(source, store, clock)
                await newsroom.planner.catch_up()
                late += not await _wait_until_sent(newsroom, len(wanted))
                progress(number)
        sent = [(await store.get_story(story)).article.url for story in newsroom.poster.sent]
    *_, wanted = expected_urls(history)
    times = Counter(sent)
    return ReplayReport(
        commits,
        len({version.number for commit in history for version in commit.site.values()}),
        announced=len(wanted & times.keys()),
        lost=len(wanted - times.keys()),
        repeated=sum(count > 1 for count in times.values()),
        unwanted=len(times.keys() - wanted),
        late=late,
    )


async def _subscribe(newsroom: Newsroom) -> None:
    """Subscribe to all stories with the minimum quality."""
    spec = SubscriptionSpec(CHANNEL, Rules(min_quality=MIN_QUALITY))
    new = NewSubscription(GUILD, 1, newsroom.clock.now(), spec)
    await subscribe(newsroom.store, new, catch_up=0, max_age=WEEK, make_nonce=str)


async def _wait_until_sent(newsroom: Newsroom, wanted: int) -> bool:
    """Let the sender work; returns whether `wanted` stories have been sent by then."""
    for _ in range(100):
        if len(newsroom.poster.sent) >= wanted:
            return True
        await newsroom.step()
    return False
