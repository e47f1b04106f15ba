"""Each story of a repository is announced exactly once, whatever happens in its history."""

from pathlib import Path

from tests.replay.history import MIN_QUALITY, make_history
from tests.replay.run import replay

COMMITS, SEED = 80, 7


def test_history_contains_every_kind_of_change() -> None:
    """Stories cross the minimum quality both ways; there are renames, reverts and force-pushes."""
    history = make_history(COMMITS, SEED)
    above_minimum: dict[int, list[bool]] = {}
    names: dict[int, set[str]] = {}
    for commit in history:
        for name, version in commit.site.items():
            above_minimum.setdefault(version.number, []).append(version.quality >= MIN_QUALITY)
            names.setdefault(version.number, set()).add(name)
    up_and_down = [each for each in above_minimum.values() if "101" in _changes(each)]
    assert len(up_and_down) >= 5
    assert any(len(each) > 2 for each in names.values())
    assert any(commit.parent not in {None, at - 1} for at, commit in enumerate(history))
    earlier = [commit.site for commit in history]
    assert any(site in earlier[: at - 1] for at, site in enumerate(earlier) if site)


def _changes(above_minimum: list[bool]) -> str:
    """Return the changes only: 101 means below the minimum quality once, then above again."""
    changes = ""
    for above in above_minimum:
        digit = "1" if above else "0"
        changes += digit if not changes.endswith(digit) else ""
    return changes


async def test_each_story_is_announced_once(tmp_path: Path) -> None:
    """A story is announced once it has the minimum quality; `make replay` uses 1,000 commits."""
    report = await replay(tmp_path, COMMITS, SEED)
    assert report.ok, str(report)
