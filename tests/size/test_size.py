"""The size of the database stays the same while articles come and go."""

from pathlib import Path

from tests.size.__main__ import START
from tests.size.run import SizeOptions, simulate


async def test_the_database_stops_growing(tmp_path: Path) -> None:
    """Free pages are used again, so the file is as large after many days as after few."""
    options = SizeOptions(days=50, per_day=6, retention=14)
    samples = await simulate(tmp_path / "size.db", options, START, lambda _: None)
    assert {each.articles for each in samples[20:]} == {13 * 6}
    assert samples[-1].file <= 1.2 * samples[25].file
