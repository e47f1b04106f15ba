"""Find the subscriptions that may want some stories, with an index of their topics."""

import json
from collections.abc import Iterable, Sequence

import aiosqlite

from storage.models import Rules, Story, Subscription
from storage.sqlite.codec import decode_many, decode_subscription
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all

# Nothing is planned for subscriptions that were removed or that an admin paused.
MATCHING = """
    SELECT s.* FROM subscriptions AS s
    WHERE s.id IN (
        SELECT t.subscription_id FROM json_each(:wanted) AS w
        CROSS JOIN subscription_topics AS t ON t.folded = w.key AND t.min_quality <= w.value
    )
    AND s.removed_at IS NULL AND s.paused_by IS NOT 'admin'
    ORDER BY s.id
"""


def wanted_topics(stories: Iterable[Story]) -> dict[str, int]:
    """The highest quality of the stories by topic; the topic '' stands for all topics."""
    best: dict[str, int] = {}
    for story in stories:
        if not story.withdrawn:
            for topic in ("", *story.article.topics):
                folded, quality = topic.casefold(), story.article.quality
                best[folded] = max(best.get(folded, quality), quality)
    return best


async def fetch_matching(
    connection: aiosqlite.Connection, damage: DamageLog, stories: Iterable[Story]
) -> Sequence[Subscription]:
    """Subscriptions whose topics and minimum quality a story meets, the oldest first."""
    wanted = json.dumps(wanted_topics(stories))
    rows = await fetch_all(connection, MATCHING, {"wanted": wanted})
    return await decode_many(damage, rows, decode_subscription)


async def write_topics(
    connection: aiosqlite.Connection, subscription_id: int, rules: Rules
) -> None:
    """Update the index of a subscription's topics and minimum quality."""
    await connection.execute(
        "DELETE FROM subscription_topics WHERE subscription_id = ?", (subscription_id,)
    )
    await connection.executemany(
        "INSERT INTO subscription_topics (folded, min_quality, subscription_id) VALUES (?, ?, ?)",
        [
            (folded, rules.min_quality, subscription_id)
            for folded in {topic.casefold() for topic in rules.topics} or {""}
        ],
    )
