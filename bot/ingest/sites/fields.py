"""Translates the front matter of other site generators into our fields. Pure.

Jekyll, Hugo, Astro, Eleventy and Docusaurus use other names for the same fields:
https://jekyllrb.com/docs/front-matter, https://gohugo.io/content-management/front-matter,
https://www.11ty.dev/docs/data-configuration,
https://docusaurus.io/docs/api/plugins/@docusaurus/plugin-content-blog#markdown-front-matter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import chain
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.ingest.defaults import Defaults
from bot.ingest.field_values import is_date, parse_boolean, parse_date_as_written
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.addresses import join_written, resolve_picture
from bot.ingest.sites.drafts import is_draft
from bot.ingest.sites.names import as_mapping, by_folded_name, fold_name
from bot.ingest.sites.pictures import page_pictures, without_liquid
from bot.ingest.sites.texts import is_flag, plain_excerpt, plain_title
from bot.ingest.sites.titles import title_of_text
from bot.ingest.sites.topics import page_topics
from bot.ingest.text import clean_text, unescape_key
from bot.urls.permalinks import (
    DATE_PLACEHOLDERS,
    date_values,
    expand_permalink,
    missing_placeholders,
)
from bot.urls.safety import MAX_LENGTH

_OWN_NAMES = {
    fold_name(name): name
    for name in (
        *("title", "excerpt", "publishedDateTime", "webUrl", "originalUrl", "ampWebUrl"),
        *("cdnAmpWebUrl", "type", "category", "quality", "heat", "published", "provider"),
        *("topics", "images", "related", "language"),
    )
}
# Names that need no search for another spelling.
_USUAL_NAMES = frozenset(_OWN_NAMES.values())
# The other names below are folded: `publishdate` is any of publishDate, publishdate, publish_date.
# Hugo's fields for the publication date: https://gohugo.io/configuration/front-matter/#dates.
_DATES = (
    *("publishdate", "pubdate", "publisheddate", "publishedat", "publishedon", "datepublished"),
    *("publicationdate", "date"),
)
_OWN_ADDRESSES = ("permalink", "url", "canonicalurl")
# Where the title of a post leads if the post is about a page of another site.
_EXTERNAL_ADDRESSES = frozenset({"externalurl", "externallink", "redirectto"})
_EXCERPTS = (
    *("description", "summary", "abstract", "lead", "lede", "standfirst", "dek", "deck", "blurb"),
    *("teaser", "intro", "introduction", "synopsis", "tldr", "metadescription", "seodescription"),
    *("ogdescription", "socialdescription", "sharedescription", "shortdescription", "subtitle"),
    *("subheadline", "subheading", "subhead", "tagline"),
)
# Groups of fields that may contain an excerpt.
_EXCERPT_GROUPS = ("params", "seo", "meta", "og", "opengraph")
_LANGUAGES = ("lang", "locale")
# Styles of Jekyll, which are no addresses: https://jekyllrb.com/docs/permalinks/#built-in-formats.
_STYLES = frozenset({"date", "pretty", "ordinal", "weekdate", "none"})
# The file name of a Jekyll post: https://jekyllrb.com/docs/posts/#creating-posts.
_DATED_NAME = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})-(?P<slug>.+)")
# Other dates in the path of a file. Only the year comes before the month without doubt.
_DATE_IN_PATH = re.compile(
    r"(?:\A|/)(\d{4})(?:([-_.])(\d\d?)\2(\d\d?)|(\d\d)(\d\d)(?:\d{4}|\d{6})?)(?![^\W_])[^/]*\Z"
    r"|(?:\A|/)(\d{4})/(\d\d?)/(\d\d?)(?:/|\Z)"
)
_PAGE_ELSEWHERE = re.compile(r"https?://[^/?#]++/*+[^/#].*", re.IGNORECASE)
_BUNDLE = re.compile(r"(?:\A|/)index\.[^/]+\Z")
# Characters that would end an address or its path unless they are escaped.
_UNSAFE_IN_ADDRESS = re.compile(r'[\s"<>\\^`{|}]')
_UNSAFE_IN_PATH = re.compile(r'[\s#?"<>\\^`{|}]')
_SUFFIX = re.compile(r"(?:/_?index)?\.[A-Za-z]+\Z")


def translate(
    fields: Mapping[str, object],
    key: str,
    defaults: Defaults,
    *,
    is_page: bool = True,
    body: bytes | None = None,
) -> Mapping[str, object]:
    """Fill in our fields from those of other generators, of which none is known to build the page.

    Of a document with our date field, only the address is filled in. `key` is the document's path.
    With `is_page`, the front matter may say that the page only links to one of another site. With
    its `body`, it needs no title.
    Raises `RejectedError` if the document lacks a field that the pattern of addresses needs.
    """
    zone = _zone(defaults.time_zone) if defaults.time_zone else None
    fields = _in_own_spelling(fields)
    is_own = bool(fields.get("publishedDateTime"))
    if is_own and zone is None and (fields.get("webUrl") or fields.get("originalUrl")):
        return fields
    folded = by_folded_name(fields)
    filled = dict(fields) if is_own else _fill_own_fields(fields, folded, key)
    if body is not None and not is_own and not fields.get("title"):
        filled["title"] = title_of_text(body, unescape_key(key))
    if zone is not None:
        filled["publishedDateTime"] = _in_zone(filled.get("publishedDateTime"), zone)
    if not (filled.get("webUrl") or filled.get("originalUrl")):
        if str(folded.get("permalink")).casefold() == "false":
            filled["draft"] = True  # Eleventy does not write such a page.
        else:
            folded = {**folded, "publisheddatetime": filled.get("publishedDateTime")}
            external = external_address(fields) if is_page and not is_own else None
            address = external or _address(folded, key, defaults.permalink, zone)
            if address is not None:
                filled["webUrl"] = address if is_own else join_written(defaults.base_url, address)
    if isinstance(pictures := filled.get("images"), list) and not is_own:
        page = filled.get("webUrl") or filled.get("originalUrl")
        filled["images"] = _complete(pictures, page, key, defaults.base_url)
    return filled


def translate_common(
    fields: Mapping[str, object], *, splits_at_spaces: bool = False
) -> dict[str, object]:
    """Fill in the fields that all generators have alike: excerpt, topics, images.

    With `splits_at_spaces`, categories and tags in one string are separate words, as in Jekyll.
    """
    fields = _in_own_spelling(fields)
    return {**fields, **_common_fields(fields, by_folded_name(fields), splits_at_spaces)}


def external_address(fields: Mapping[str, object]) -> str | None:
    """The page of another site that the title of a post leads to; themes call that a link post.

    The front page of a site is none: several posts may lead there, and would become one story.
    """
    for name, value in fields.items():
        is_address = isinstance(value, str) and fold_name(name) in _EXTERNAL_ADDRESSES
        if is_address and (parts := _PAGE_ELSEWHERE.match(str(value).strip())):
            return parts[0]
    return None


def _in_own_spelling(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Add our fields that are only there in another spelling, such as `Title`."""
    added: dict[str, object] = {}
    for name in fields:
        own = None if name in _USUAL_NAMES else _OWN_NAMES.get(fold_name(name))
        if own and not fields.get(own):
            added.setdefault(own, fields[name])
    return {**fields, **added} if added else fields


def _fill_own_fields(
    fields: Mapping[str, object], folded: Mapping[str, object], key: str
) -> dict[str, object]:
    filled = {**fields, **_common_fields(fields, folded, splits_at_spaces=True)}
    filled["publishedDateTime"] = _first(folded, _DATES) or _date_in_name(folded, key)
    if isinstance(title := fields.get("title"), str):
        filled["title"] = plain_title(title)
    if not fields.get("language"):
        filled["language"] = _first(folded, _LANGUAGES)
    if is_draft(folded, key):
        filled["draft"] = True
    if is_date(fields.get("published")):
        filled["published"] = None
    return filled


def _common_fields(
    fields: Mapping[str, object], folded: Mapping[str, object], splits_at_spaces: bool
) -> dict[str, object]:
    topics = fields.get("topics") or page_topics(folded, splits_at_spaces=splits_at_spaces)
    return {
        "excerpt": _excerpt(folded),
        "topics": topics or None,
        "images": page_pictures(folded) or None,
    }


def _excerpt(folded: Mapping[str, object]) -> str | None:
    groups = (as_mapping(folded[name]) for name in _EXCERPT_GROUPS if name in folded)
    for fields in chain([folded], map(by_folded_name, groups)):
        for name in ("excerpt", *_EXCERPTS):
            text = fields.get(name)
            if isinstance(text, str) and not is_flag(text) and not _is_picture(name, text):
                return plain_excerpt(text)
    return None


def _is_picture(name: str, text: str) -> bool:
    """Whether a field that is the text or the picture for a list of posts is the latter."""
    return name == "teaser" and bool(page_pictures({name: text}))


def _complete(
    pictures: Sequence[Mapping[str, object]], page: object, key: str, base_url: str | None
) -> Sequence[object]:
    """The pictures with complete addresses.

    Files in the folder of a page bundle are relative to the page, others to the site.
    """
    is_bundle = bool(_BUNDLE.search(key))
    complete = []
    for picture in pictures:
        address = str(picture["url"])
        is_beside = is_bundle or address.startswith("./") or _is_true(picture.get("relative"))
        beside = page if is_beside and isinstance(page, str) else None
        complete.append({**picture, "url": resolve_picture(address, base_url, beside)})
    return complete


def _is_true(value: object) -> bool:
    try:
        return bool(parse_boolean(value))
    except ValueError:
        return False


@lru_cache(maxsize=100)
def _zone(name: str) -> tzinfo | None:
    """The zone of the settings, which check that its name is valid."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _in_zone(value: object, zone: tzinfo) -> object:
    """Add the time zone to a date without one; an invalid date is rejected later."""
    try:
        date = parse_date_as_written(value)
    except ValueError:
        return value
    return value if date is None or date.tzinfo else date.replace(tzinfo=zone).isoformat()


def _date_in_name(folded: Mapping[str, object], key: str) -> str | None:
    """The date in the name of a file or of its folders, or in a flag for publication."""
    if is_date(published := folded.get("published")):
        return str(published)
    if named := _DATED_NAME.fullmatch(_page_name(key)):
        return named["date"]
    found = _DATE_IN_PATH.search(_SUFFIX.sub("", key) or "")
    if found is None:
        return None
    year, _, *parts = found.groups()
    numbers = [part for part in (year, *parts) if part]
    date = "-".join(part.zfill(2) for part in numbers)
    return date if is_date(date) else None


def written_names(field: str, names: Iterable[str]) -> Sequence[str]:
    """Those of the names that a document may use for one of our fields, in their order."""
    order = {fold_name(name): rank for rank, name in reversed([*enumerate(spellings(field))])}
    return sorted(
        (name for name in names if fold_name(name) in order),
        key=lambda name: (name != field, order[fold_name(name)]),
    )


def spellings(field: str) -> Sequence[str]:
    """The names that a document may use for one of our fields; all but the first one are folded."""
    others = {
        "publishedDateTime": _DATES,
        "excerpt": _EXCERPTS,
        "webUrl": _OWN_ADDRESSES,
        "language": _LANGUAGES,
    }
    return (field, *others.get(field, ()))


def _first(fields: Mapping[str, object], names: Sequence[str]) -> object:
    return next((value for name in names if (value := fields.get(name))), None)


def _address(
    folded: Mapping[str, object], key: str, pattern: str | None, zone: tzinfo | None
) -> str | None:
    """The page's own permalink, else the expanded pattern of the source."""
    for name in _OWN_ADDRESSES:
        value = folded.get(name)
        if not isinstance(value, str) or value in _STYLES or not (value := without_liquid(value)):
            continue
        if value.startswith("/"):
            value = _UNSAFE_IN_ADDRESS.sub(_quote, value)
            return _expand(value, folded, key, zone)
        return value
    if pattern is not None:
        return _expand(pattern, folded, key, zone)
    slug = folded.get("slug")
    return slug if isinstance(slug, str) and slug.startswith("/") else None


def _expand(
    pattern: str, fields: Mapping[str, object], key: str, zone: tzinfo | None
) -> str | None:
    """The address of a page by a pattern; None if only its date is missing.

    (The document is then rejected for its date.) Raises `RejectedError` if it lacks other values.
    """
    if len(pattern) > MAX_LENGTH:
        return pattern
    values = _placeholder_values(fields, key, zone)
    missing = missing_placeholders(pattern, values)
    if needed := [f":{name}" for name in missing if name not in DATE_PLACEHOLDERS]:
        raise RejectedError(
            f"can't be made from permalink {clean_text(pattern, 100)}: the page has no value for"
            f" {needed[0]}",
            field="webUrl",
        )
    return None if missing else expand_permalink(pattern, values)


def _placeholder_values(
    fields: Mapping[str, object], key: str, zone: tzinfo | None
) -> Mapping[str, str]:
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
    date = _page_date(fields, key, zone)
    if date is not None:
        values |= date_values(date)
    return {name: _UNSAFE_IN_PATH.sub(_quote, value) for name, value in values.items()}


def _quote(unsafe: re.Match[str]) -> str:
    return quote(unsafe[0])


def _page_name(key: str) -> str:
    """The name of a page: of its file, or of its folder if the file is an index."""
    return _SUFFIX.sub("", key).rpartition("/")[2]


def _page_date(fields: Mapping[str, object], key: str, zone: tzinfo | None) -> datetime | None:
    """The date for an address: its day is the one in the time zone of the site, or as written."""
    named = _DATED_NAME.fullmatch(_page_name(key))
    for value in (fields.get("date"), named and named["date"], fields.get("publisheddatetime")):
        try:
            if date := parse_date_as_written(value):
                return date.astimezone(zone) if zone and date.tzinfo else date
        except (ValueError, OverflowError):
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
