"""The history of a news site whose commits rewrite every file, as the portal's do."""

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.ingest.git_support import Repository
from tests.support.articles import make_markdown
from tests.support.clock import START

# Around the minimum quality, equal to it, and far from it: 53 → 93 → 53 occurs in real data.
QUALITIES = (11, 53, 53, 63, 69, 70, 71, 93, 93, 189)
MIN_QUALITY = 70
# With more stories than this, a commit removes each of them with a further 10 %.
CROWDED_STORIES = 25


@dataclass(frozen=True, slots=True)
class StoryVersion:
    """A story as of one commit; `number` identifies it and never changes."""

    number: int
    title: str
    quality: int
    heat: int = 100

    @property
    def url(self) -> str:
        """The address, which never changes."""
        return f"https://news.example/{self.number}"

    def document(self) -> bytes:
        """Return the content of its file."""
        return make_markdown(
            title=f'"{self.title}"',
            webUrl=self.url,
            publishedDateTime=START.isoformat(),
            quality=str(self.quality),
            heat=str(self.heat),
            published="true",
        )


Site = Mapping[str, StoryVersion]


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of the site, and the number of the parent commit (None: the first)."""

    site: Site
    parent: int | None


def make_history(commits: int, seed: int) -> list[Commit]:
    """Create commits that add, change, rename and remove stories, with reverts and force-pushes."""
    random_source = random.Random(seed)  # noqa: S311 - not a secret
    commits_so_far: list[Commit] = []
    site: Site = {}
    for number in range(commits):
        parent = number - 1 if number else None
        if number > 10 and random_source.random() < 0.04:
            # A revert: the site is the same as some commits before.
            site = commits_so_far[number - random_source.randint(2, 8)].site
        elif number > 10 and random_source.random() < 0.04:
            # A force-push: history continues from an older commit, without the ones in between.
            parent = number - random_source.randint(2, 8)
            site = _next_site(commits_so_far[parent].site, number, random_source)
        else:
            site = _next_site(site, number, random_source)
        commits_so_far.append(Commit(site, parent))
    return commits_so_far


def _next_site(before: Site, number: int, random_source: random.Random) -> Site:
    """Return the next state: the heat always changes, everything else now and then."""
    after: dict[str, StoryVersion] = {}
    for name, version in before.items():
        if random_source.random() < 0.01 or (
            len(before) > CROWDED_STORIES and random_source.random() < 0.1
        ):
            continue
        changed = replace(version, heat=version.heat - 1)
        if random_source.random() < 0.3:
            changed = replace(changed, quality=random_source.choice(QUALITIES))
        if random_source.random() < 0.02:
            changed = replace(changed, title=_title(random_source))
        renamed = random_source.random() < 0.05
        after[f"moved/{number}-{changed.number}.md" if renamed else name] = changed
    if random_source.random() < 0.6:
        after[f"{number}.md"] = StoryVersion(
            number, _title(random_source), random_source.choice(QUALITIES)
        )
    return after


def _title(random_source: random.Random) -> str:
    """Return a title whose words occur in no other title."""
    words = ("".join(random_source.choices(string.ascii_lowercase, k=8)) for _ in range(5))
    return " ".join(words).capitalize()


def write_history(repository: Repository, history: list[Commit]) -> None:
    """Write each commit into the repository as `refs/replay/<number>`."""
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
        for name, version in commit.site.items():
            content = version.document()
            yield f"M 100644 inline _news/{name}\ndata {len(content)}\n".encode() + content + b"\n"


def expected_urls(history: list[Commit]) -> Iterator[set[str]]:
    """Yield for each commit the addresses that must have been announced by then.

    Those are the addresses of stories that have reached the minimum quality in any commit so far.
    """
    announced: set[str] = set()
    for commit in history:
        announced |= {story.url for story in commit.site.values() if story.quality >= MIN_QUALITY}
        yield set(announced)
