"""The function that worker processes call to parse a feed."""

from bot.ingest.feed.entry import Feed


def parse_feed_in_worker(
    body: bytes, url: str, content_type: str, max_entries: int, time_zone: str | None
) -> Feed:
    """See `bot.ingest.feed.parser.parse_feed`, which the bot itself does not import."""
    from bot.ingest.feed.parser import parse_feed  # noqa: PLC0415 - megabytes that only workers need

    return parse_feed(body, url, content_type, max_entries, time_zone)
