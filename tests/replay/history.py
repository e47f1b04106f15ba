"""A history of a news site: commits that rewrite every file, as the portal's do."""

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.ingest.git_support import Repository
from tests.support.articles import make_markdown
from tests.support.clock import START

# Around the bar, on it, and far from it: 53 → 93 → 53 was seen in real data.
QUALITIES = (11, 53, 53, 63, 69, 70, 71, 93, 93, 189)
BAR = 70
# More stories than that are not on the site at the same time.
STORIES = 25


@dataclass(frozen=True, slots=True)
class Told:
    """A story as a commit tells it; `number` names it for ever."""

    number: int
    title: str
    quality: int
    heat: int = 100

    @property
    def url(self) -> str:
        """Its address, which no change touches."""
        return f"https://news.example/{self.number}"

    def document(self) -> bytes:
        """Its file."""
        return make_markdown(
            title=f'"{self.title}"',
            webUrl=self.url,
            publishedDateTime=START.isoformat(),
            quality=str(self.quality),
            heat=str(self.heat),
            published="true",
        )


Site = Mapping[str, Told]


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of the site, and the commit that it was made from (None: the first)."""

    site: Site
    parent: int | None


def make_history(commits: int, seed: int) -> list[Commit]:
    """Stories that come, change, are renamed and go; reverts and force-pushes among them."""
    chance = random.Random(seed)  # noqa: S311 - a game, not a secret
    made: list[Commit] = []
    site: Site = {}
    for number in range(commits):
        parent = number - 1 if number else None
        if number > 10 and chance.random() < 0.04:
            # A revert: the site is as it was before the last commits.
            site = made[number - chance.randint(2, 8)].site
        elif number > 10 and chance.random() < 0.04:
            # A force-push: history goes on from an older commit, the ones between are gone.
            parent = number - chance.randint(2, 8)
            site = _next(made[parent].site, number, chance)
        else:
            site = _next(site, number, chance)
        made.append(Commit(site, parent))
    return made


def _next(before: Site, number: int, chance: random.Random) -> Site:
    """What upstream does within two hours: heat always, the rest now and then."""
    after: dict[str, Told] = {}
    for name, told in before.items():
        if chance.random() < 0.01 or (len(before) > STORIES and chance.random() < 0.1):
            continue
        now = replace(told, heat=told.heat - 1)
        if chance.random() < 0.3:
            now = replace(now, quality=chance.choice(QUALITIES))
        if chance.random() < 0.02:
            now = replace(now, title=_title(chance))
        renamed = chance.random() < 0.05
        after[f"moved/{number}-{now.number}.md" if renamed else name] = now
    if chance.random() < 0.6:
        after[f"{number}.md"] = Told(number, _title(chance), chance.choice(QUALITIES))
    return after


def _title(chance: random.Random) -> str:
    """Words that no other title has."""
    words = ("".join(chance.choices(string.ascii_lowercase, k=8)) for _ in range(5))
    return " ".join(words).capitalize()


def write_history(repository: Repository, history: list[Commit]) -> None:
    """Put each commit into the repository as `refs/replay/<number>`."""
    repository.git("fast-import", "--quiet", stdin=b"".join(_stream(history)))


def _stream(history: list[Commit]) -> Iterator[bytes]:
    """See https://git-scm.com/docs/git-fast-import."""
    for number, commit in enumerate(history):
        yield f"commit refs/replay/{number}\nmark :{number + 1}\n".encode()
        yield f"committer Ada <ada@news.example> {1_700_000_000 + number} +0000\n".encode()
        yield b"data 0\n"
        if commit.parent is not None:
            yield f"from :{commit.parent + 1}\n".encode()
        yield b"deleteall\n"
        for name, told in commit.site.items():
            content = told.document()
            yield f"M 100644 inline _news/{name}\ndata {len(content)}\n".encode() + content + b"\n"


def newsworthy(history: list[Commit]) -> Iterator[set[str]]:
    """The addresses that must have been told after each commit: those that ever met the bar."""
    told: set[str] = set()
    for commit in history:
        told |= {story.url for story in commit.site.values() if story.quality >= BAR}
        yield set(told)
