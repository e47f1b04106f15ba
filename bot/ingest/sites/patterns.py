"""Fills the pattern of a source's settings for generators that have no patterns. Pure."""

from datetime import datetime

from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.fields import slugify
from bot.urls.permalinks import date_values, expand_permalink, missing_placeholders


def fill_pattern(pattern: str, path: str, slug: str, title: object, date: datetime | None) -> str:
    """Return the address of a page by a pattern such as `/blog/:slug/`.

    `path` is that of its file within the posts, without the ending. Raises `RejectedError` if the
    page has no value for a placeholder.
    """
    path = path.removesuffix("/index")
    name = path.rpartition("/")[2]
    values = {
        "slug": slug.strip("/"),
        "title": slugify(title) if isinstance(title, str) else "",
        "filename": name,
        "name": name,
        "path": path,
    }
    if date is not None:
        values |= date_values(date)
    if missing := missing_placeholders(pattern, values):
        raise RejectedError(
            f"can't be made from the permalink: the page has no value for :{missing[0]}",
            field="webUrl",
        )
    return expand_permalink(pattern, values)
