"""Front matter of other site generators, in the fields that ours has. Pure.

Jekyll, Hugo, Astro, Eleventy and Docusaurus say the same with other words:
https://jekyllrb.com/docs/front-matter, https://gohugo.io/content-management/front-matter,
https://www.11ty.dev/docs/data-configuration,
https://docusaurus.io/docs/api/plugins/@docusaurus/plugin-content-blog#markdown-front-matter.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from bot.ingest.field_values import parse_date_as_written
from bot.ingest.frontmatter import RejectedError
from bot.ingest.text import clean_text
from bot.urls.permalinks import DATE_PLACEHOLDERS, expand_permalink, missing_placeholders
from bot.urls.safety import MAX_LENGTH

# What Hugo takes for the day of publication: https://gohugo.io/configuration/front-matter/#dates.
_DATES = ("publishDate", "publishdate", "pubDate", "pubdate", "date")
_OWN_ADDRESSES = ("permalink", "url", "canonical_url", "canonicalUrl")
_EXCERPTS = ("description", "summary", "subtitle")
_PICTURES = (
    *("image", "cover", "cover_image", "coverImage", "heroImage", "ogImage", "thumbnail"),
    "images",
)
_WITHIN_PICTURE = ("url", "src", "path", "image", "relative")
# What Jekyll reads from the name of a post: https://jekyllrb.com/docs/posts/#creating-posts.
_POST = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})-(?P<slug>.+)")
# https://gohugo.io/content-management/page-bundles/#branch-bundles
_LIST_PAGE = re.compile(r"(?:\A|/)_index\.[^/]+\Z")
# What would end an address, or its path, if it stood there as it is.
_BREAKING = re.compile(r'[\s#?"<>\\^`{|}]')
_ENDING = re.compile(r"(?:/_?index)?\.[A-Za-z]+\Z")


def translate(
    fields: Mapping[str, object], key: str, permalink: str | None
) -> Mapping[str, object]:
    """The fields with ours filled in from theirs; one with our date lacks at most its address.

    `key` is the document's path; `permalink` the pattern of the source's addresses, such as
    `/:year/:month/:day/:slug/`. Raises `RejectedError` if the page has not what a pattern wants.
    """
    filled = fields if fields.get("publishedDateTime") else _in_our_words(fields, key)
    if filled.get("webUrl") or filled.get("originalUrl"):
        return filled
    if str(filled.get("permalink")).casefold() == "false":
        return {**filled, "draft": True}  # Eleventy's way to say that there is no such page.
    address = _address(filled, key, permalink)
    return {**filled, "webUrl": address} if address else filled


def _in_our_words(fields: Mapping[str, object], key: str) -> Mapping[str, object]:
    named = _POST.fullmatch(_name(key))
    told: dict[str, object] = {
        "publishedDateTime": _first(fields, _DATES) or (named["date"] if named else None),
        "excerpt": _first(fields, _EXCERPTS),
        "topics": _topics(fields),
        "images": _pictures(fields),
    }
    filled = {**fields}
    for name, value in told.items():
        if value and (name == "images" or not filled.get(name)):
            filled[name] = value
    if _LIST_PAGE.search(key):
        filled["draft"] = True
    return filled


def spellings(field: str) -> Sequence[str]:
    """Under which names a field of ours may stand in a document."""
    others = {"publishedDateTime": _DATES, "excerpt": _EXCERPTS, "webUrl": _OWN_ADDRESSES}
    return (field, *others.get(field, ()))


def _first(fields: Mapping[str, object], names: Sequence[str]) -> object:
    return next((value for name in names if (value := fields.get(name))), None)


def _topics(fields: Mapping[str, object]) -> list[object]:
    """Categories and tags; in one line they are apart by commas, else (Jekyll) by spaces."""
    topics: list[object] = []
    for name in ("categories", "category", "tags"):
        told = fields.get(name)
        if isinstance(told, str):
            several = name != "category"
            topics += (
                [part.strip() for part in told.split(",")]
                if "," in told
                else (told.split() if several else [told])
            )
        elif isinstance(told, list):
            # Docusaurus writes tags as `{label, permalink}`, too.
            topics += [each.get("label") if isinstance(each, dict) else each for each in told]
    return [topic for topic in topics if topic]


def _pictures(fields: Mapping[str, object]) -> list[object]:
    for name in _PICTURES:
        told = fields.get(name)
        found = [_picture(each) for each in (told if isinstance(told, list) else [told])]
        if any(found):
            return [each for each in found if each]
    return []


def _picture(told: object) -> dict[str, object] | None:
    if isinstance(told, str) and told:
        return {"url": told}
    if isinstance(told, dict):
        address = _first(told, _WITHIN_PICTURE)
        if isinstance(address, str):
            return {**told, "url": address}
    return None


def _address(fields: Mapping[str, object], key: str, pattern: str | None) -> str | None:
    """The page's own permalink, else what the source's pattern makes of it."""
    for name in _OWN_ADDRESSES:
        told = fields.get(name)
        if isinstance(told, str) and told and "{{" not in told:
            return _expand(told, fields, key) if told.startswith("/") else told
    if pattern is not None:
        return _expand(pattern, fields, key)
    slug = fields.get("slug")
    return slug if isinstance(slug, str) and slug.startswith("/") else None


def _expand(pattern: str, fields: Mapping[str, object], key: str) -> str | None:
    """What a pattern makes of a page; None where only its date is missing, which is told as such.

    Raises `RejectedError` for what else the page lacks.
    """
    if len(pattern) > MAX_LENGTH:
        return pattern
    values = _values(fields, key)
    missing = missing_placeholders(pattern, values)
    if lacking := [f":{name}" for name in missing if name not in DATE_PLACEHOLDERS]:
        raise RejectedError(
            f"comes from permalink {clean_text(pattern, 100)}, which wants {lacking[0]};"
            " the page has none",
            field="webUrl",
        )
    return None if missing else expand_permalink(pattern, values)


def _values(fields: Mapping[str, object], key: str) -> Mapping[str, str]:
    named = _POST.fullmatch(_name(key))
    name = named["slug"] if named else _name(key)
    given = fields.get("slug")
    slug = given.strip("/") if isinstance(given, str) and given else name
    title = fields.get("title")
    values = {
        "slug": slug,
        "title": slug or (slugify(title) if isinstance(title, str) else ""),
        "filename": name,
        "name": name,
        "path": _ENDING.sub("", key),
        "categories": _folders(fields, key),
    }
    date = _date(fields, key)
    if date is not None:
        values |= {
            "year": f"{date:%Y}",
            "month": f"{date:%m}",
            "day": f"{date:%d}",
            "i_month": str(date.month),
            "i_day": str(date.day),
            "short_year": f"{date:%y}",
        }
    return {
        name: _BREAKING.sub(lambda found: quote(found[0]), value) for name, value in values.items()
    }


def _name(key: str) -> str:
    """The name of a page: of its file, or of its folder where the file is just the index."""
    return _ENDING.sub("", key).rpartition("/")[2]


def _date(fields: Mapping[str, object], key: str) -> datetime | None:
    """The date of an address, which holds the day of its author's zone."""
    named = _POST.fullmatch(_name(key))
    for told in (fields.get("date"), named and named["date"], fields.get("publishedDateTime")):
        try:
            if date := parse_date_as_written(told):
                return date
        except ValueError:
            continue  # If it is the story's, it is told as what it is.
    return None


def _folders(fields: Mapping[str, object], key: str) -> str:
    """What Jekyll takes for a post's categories: https://jekyllrb.com/docs/posts/#categories."""
    told = fields.get("categories")
    several = told.split() if isinstance(told, str) else told
    names = [*f"/{key}".rpartition("/_posts/")[0].split("/"), fields.get("category")]
    names += several if isinstance(several, list) else ()
    slugs = (slugify(name) for name in names if isinstance(name, str))
    return "/".join(dict.fromkeys(slug for slug in slugs if slug))


def slugify(text: str) -> str:
    """A title as it stands in an address: https://jekyllrb.com/docs/liquid/filters (slugify)."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
