"""Each story of a repository is told exactly once, whatever its history does."""

from pathlib import Path

from tests.replay.history import BAR, make_history
from tests.replay.run import replay

COMMITS, SEED = 80, 7


def test_the_history_has_everything_that_is_to_be_shown() -> None:
    """Stories that cross the bar both ways, renames, reverts and force-pushes."""
    history = make_history(COMMITS, SEED)
    crossings: dict[int, list[bool]] = {}
    names: dict[int, set[str]] = {}
    for commit in history:
        for name, told in commit.site.items():
            crossings.setdefault(told.number, []).append(told.quality >= BAR)
            names.setdefault(told.number, set()).add(name)
    up_and_down = [each for each in crossings.values() if "101" in _bits(each)]
    assert len(up_and_down) >= 5
    assert any(len(each) > 2 for each in names.values())
    assert any(commit.parent not in {None, at - 1} for at, commit in enumerate(history))
    earlier = [commit.site for commit in history]
    assert any(site in earlier[: at - 1] for at, site in enumerate(earlier) if site)


def _bits(crossings: list[bool]) -> str:
    """The changes only: 101 went below the bar and came back."""
    bits = ""
    for above in crossings:
        bit = "1" if above else "0"
        bits += bit if not bits.endswith(bit) else ""
    return bits


async def test_each_story_is_told_once(tmp_path: Path) -> None:
    """As soon as it is good enough, and never again; `make replay` does it with 1,000 commits."""
    report = await replay(tmp_path, COMMITS, SEED)
    assert report.fine, str(report)
