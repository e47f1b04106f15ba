"""Translates the front matter of other site generators into our fields. Pure.

Jekyll, Hugo, Astro, Eleventy and Docusaurus use other names for the same fields:
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

# Hugo's fields for the publication date: https://gohugo.io/configuration/front-matter/#dates.
_DATES = ("publishDate", "publishdate", "pubDate", "pubdate", "date")
_OWN_ADDRESSES = ("permalink", "url", "canonical_url", "canonicalUrl")
_EXCERPTS = ("description", "summary", "subtitle")
_IMAGES = (
    *("image", "cover", "cover_image", "coverImage", "heroImage", "ogImage", "thumbnail"),
    "images",
)
_IMAGE_ADDRESSES = ("url", "src", "path", "image", "relative")
# The file name of a Jekyll post: https://jekyllrb.com/docs/posts/#creating-posts.
_DATED_NAME = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})-(?P<slug>.+)")
# https://gohugo.io/content-management/page-bundles/#branch-bundles
_LIST_PAGE = re.compile(r"(?:\A|/)_index\.[^/]+\Z")
# Characters that would end an address or its path unless they are escaped.
_UNSAFE_IN_PATH = re.compile(r'[\s#?"<>\\^`{|}]')
_SUFFIX = re.compile(r"(?:/_?index)?\.[A-Za-z]+\Z")


def translate(
    fields: Mapping[str, object], key: str, permalink: str | None
) -> Mapping[str, object]:
    """Fill in our fields from those of other generators.

    Of a document with our date field, only the address is filled in. `key` is the document's path;
    `permalink` is the pattern of the source's addresses, such as `/:year/:month/:day/:slug/`.
    Raises `RejectedError` if the document lacks a field that the pattern needs.
    """
    filled = fields if fields.get("publishedDateTime") else _fill_own_fields(fields, key)
    if filled.get("webUrl") or filled.get("originalUrl"):
        return filled
    if str(filled.get("permalink")).casefold() == "false":
        return {**filled, "draft": True}  # Eleventy does not write such a page.
    address = _address(filled, key, permalink)
    return {**filled, "webUrl": address} if address else filled


def translate_common(fields: Mapping[str, object]) -> dict[str, object]:
    """Fill in the fields that all generators have alike: excerpt, topics, images."""
    values: dict[str, object] = {
        "excerpt": _first(fields, _EXCERPTS),
        "topics": _topics(fields),
        "images": _images(fields),
    }
    return {**fields, **{name: value for name, value in values.items() if value}}


def _fill_own_fields(fields: Mapping[str, object], key: str) -> Mapping[str, object]:
    named = _DATED_NAME.fullmatch(_page_name(key))
    values: dict[str, object] = {
        "publishedDateTime": _first(fields, _DATES) or (named["date"] if named else None),
        "excerpt": _first(fields, _EXCERPTS),
        "topics": _topics(fields),
        "images": _images(fields),
    }
    filled = {**fields}
    for name, value in values.items():
        if value and (name == "images" or not filled.get(name)):
            filled[name] = value
    if _LIST_PAGE.search(key):
        filled["draft"] = True
    return filled


def spellings(field: str) -> Sequence[str]:
    """The names that a document may use for one of our fields."""
    others = {"publishedDateTime": _DATES, "excerpt": _EXCERPTS, "webUrl": _OWN_ADDRESSES}
    return (field, *others.get(field, ()))


def _first(fields: Mapping[str, object], names: Sequence[str]) -> object:
    return next((value for name in names if (value := fields.get(name))), None)


def _topics(fields: Mapping[str, object]) -> list[object]:
    """Categories and tags; a string is split at commas, else (as in Jekyll) at spaces."""
    topics: list[object] = []
    for name in ("categories", "category", "tags"):
        value = fields.get(name)
        if isinstance(value, str):
            is_list = name != "category"
            topics += (
                [part.strip() for part in value.split(",")]
                if "," in value
                else (value.split() if is_list else [value])
            )
        elif isinstance(value, list):
            # Docusaurus also has tags of the form `{label, permalink}`.
            topics += [each.get("label") if isinstance(each, dict) else each for each in value]
    return [topic for topic in topics if topic]


def _images(fields: Mapping[str, object]) -> list[object]:
    for name in _IMAGES:
        value = fields.get(name)
        images = [_image(each) for each in (value if isinstance(value, list) else [value])]
        if any(images):
            return [each for each in images if each]
    return []


def _image(value: object) -> dict[str, object] | None:
    if isinstance(value, str) and value:
        return {"url": value}
    if isinstance(value, dict):
        address = _first(value, _IMAGE_ADDRESSES)
        if isinstance(address, str):
            return {**value, "url": address}
    return None


def _address(fields: Mapping[str, object], key: str, pattern: str | None) -> str | None:
    """The page's own permalink, else the expanded pattern of the source."""
    for name in _OWN_ADDRESSES:
        value = fields.get(name)
        if isinstance(value, str) and value and "{{" not in value:
            return _expand(value, fields, key) if value.startswith("/") else value
    if pattern is not None:
        return _expand(pattern, fields, key)
    slug = fields.get("slug")
    return slug if isinstance(slug, str) and slug.startswith("/") else None


def _expand(pattern: str, fields: Mapping[str, object], key: str) -> str | None:
    """The address of a page by a pattern; None if only its date is missing.

    (The document is then rejected for its date.) Raises `RejectedError` if it lacks other values.
    """
    if len(pattern) > MAX_LENGTH:
        return pattern
    values = _placeholder_values(fields, key)
    missing = missing_placeholders(pattern, values)
    if needed := [f":{name}" for name in missing if name not in DATE_PLACEHOLDERS]:
        raise RejectedError(
            f"can't be made from permalink {clean_text(pattern, 100)}: the page has no value for"
            f" {needed[0]}",
            field="webUrl",
        )
    return None if missing else expand_permalink(pattern, values)


def _placeholder_values(fields: Mapping[str, object], key: str) -> Mapping[str, str]:
    named = _DATED_NAME.fullmatch(_page_name(key))
    name = named["slug"] if named else _page_name(key)
    given = fields.get("slug")
    slug = given.strip("/") if isinstance(given, str) and given else name
    title = fields.get("title")
    values = {
        "slug": slug,
        "title": slug or (slugify(title) if isinstance(title, str) else ""),
        "filename": name,
        "name": name,
        "path": _SUFFIX.sub("", key),
        "categories": _category_path(fields, key),
    }
    date = _page_date(fields, key)
    if date is not None:
        values |= {
            "year": f"{date:%Y}",
            "month": f"{date:%m}",
            "day": f"{date:%d}",
            "i_month": str(date.month),
            "i_day": str(date.day),
            "short_year": f"{date:%y}",
        }
    return {name: _quote_unsafe(value) for name, value in values.items()}


def _quote_unsafe(value: str) -> str:
    return _UNSAFE_IN_PATH.sub(lambda match: quote(match[0]), value)


def _page_name(key: str) -> str:
    """The name of a page: of its file, or of its folder if the file is an index."""
    return _SUFFIX.sub("", key).rpartition("/")[2]


def _page_date(fields: Mapping[str, object], key: str) -> datetime | None:
    """The date for an address, which has the day in the author's time zone."""
    named = _DATED_NAME.fullmatch(_page_name(key))
    for value in (fields.get("date"), named and named["date"], fields.get("publishedDateTime")):
        try:
            if date := parse_date_as_written(value):
                return date
        except ValueError:
            continue  # If it is the article's date, the document is rejected for it later.
    return None


def _category_path(fields: Mapping[str, object], key: str) -> str:
    """The categories of a page as Jekyll finds them: https://jekyllrb.com/docs/posts/#categories."""
    value = fields.get("categories")
    categories = value.split() if isinstance(value, str) else value
    names = [*f"/{key}".rpartition("/_posts/")[0].split("/"), fields.get("category")]
    names += categories if isinstance(categories, list) else ()
    slugs = (slugify(name) for name in names if isinstance(name, str))
    return "/".join(dict.fromkeys(slug for slug in slugs if slug))


def slugify(text: str) -> str:
    """A title as part of an address: https://jekyllrb.com/docs/liquid/filters (slugify)."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
