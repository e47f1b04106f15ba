"""Which pages are drafts for any generator. Pure.

It is for pages of which it is not known what generator builds them: what one of them would not
publish is not news. https://jekyllrb.com/docs/posts/#drafts,
https://gohugo.io/content-management/build-options,
https://gohugo.io/content-management/page-bundles/#headless-bundle,
https://docs.getpelican.com/en/latest/content.html#publishing-drafts.
"""

import re
from collections.abc import Mapping
from typing import TypeVar

from bot.ingest.field_values import parse_boolean
from bot.ingest.sites.names import as_mapping, by_folded_name, fold_name

T = TypeVar("T")
_STATES = frozenset(
    {
        *("draft", "drafts", "auto-draft", "hidden", "pending", "private", "skip", "trash"),
        *("unlisted", "unpublished"),
    }
)
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
# What Hugo does not write: https://gohugo.io/content-management/build-options/#render.
_NOT_RENDERED = frozenset({"never", "link", *_FALSE})
# https://gohugo.io/content-management/page-bundles/#branch-bundles
_LIST_PAGE = re.compile(r"(?:\A|/)_index\.[^/]+\Z")
_DRAFT_FOLDER = re.compile(r"(?:\A|/)_drafts/")
# The names of Jekyll's posts need a date, but Hexo has a folder of the same name.
_POST = re.compile(r"(?:\A|/)_posts/(?:.*/)?(?!\d{2,4}-\d{1,2}-\d{1,2}-)[^/]+\Z", re.DOTALL)
_HEXO_FOLDER = re.compile(r"(?:\A|/)source/(?:.*/)?_posts/", re.DOTALL)


def is_draft(folded: Mapping[str, object], key: str) -> bool:
    """Whether a page is one by its fields, with folded names, or by its path."""
    build = by_folded_name(as_mapping(folded.get("build")))
    return (
        _text(folded, "status") in _STATES
        or _text(folded, "visibility") in _STATES
        or _text(folded, "publish") in _FALSE
        or any(
            _text(folded, name) in _TRUE for name in ("headless", "hidden", "isdraft", "private")
        )
        or _text(build, "render") in _NOT_RENDERED
        # Eleventy does not write such a page.
        or _text(folded, "permalink") == "false"
        or bool(_LIST_PAGE.search(key) or _DRAFT_FOLDER.search(key))
        or (bool(_POST.search(key)) and not _HEXO_FOLDER.search(key))
    )


def last_unless_draft(name: str, first: T, last: T) -> T:
    """Which of two values of a field counts for programs that take the last one.

    A value that marks a draft stays, whatever follows; so does an invalid one, which is rejected.
    """
    return first if _doubt(name, first) > _doubt(name, last) else last


def _doubt(name: str, value: object) -> int:
    """2 if the value marks a draft, 1 if it may, 0 if it does not."""
    name = fold_name(name)
    if name == "status":
        return 2 * (_text({name: value}, name) == "draft")
    if name == "build":
        return 2 * (_text(by_folded_name(as_mapping(value)), "render") in _NOT_RENDERED)
    if name not in {"draft", "published", "unlisted"}:
        return 0
    try:
        flag = parse_boolean(value)
    except ValueError:
        return 1
    return 2 * (not flag if name == "published" else bool(flag))


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return str(value).strip().casefold() if isinstance(value, str | bool | int) else ""
