"""SQLite's plan of the query for subscriptions that may want a story."""

from collections.abc import Iterable

from storage.sqlite import SqliteStore
from storage.sqlite.matching import MATCHING


async def test_subscriptions_are_found_through_indexes(sqlite_store: SqliteStore) -> None:
    """With 100,000 subscriptions, a scan would take longer than the planning."""
    async with sqlite_store._database.read() as connection:  # noqa: SLF001 - SQLite's own words
        rows: Iterable[tuple[int, int, int, str]] = [
            (row[0], row[1], row[2], row[3])
            for row in await connection.execute_fetchall(
                f"EXPLAIN QUERY PLAN {MATCHING}",
                {"wanted": "{}"},
            )
        ]
    steps = [detail for *_, detail in rows]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert all(step.startswith("SCAN w ") for step in scans), steps
    assert any("SEARCH t USING PRIMARY KEY (folded=? AND min_quality<?)" in step for step in steps)
    assert any("SEARCH s USING INTEGER PRIMARY KEY (rowid=?)" in step for step in steps)
