"""What Eleventy makes of a Markdown file: https://www.11ty.dev/docs. Pure."""

import posixpath
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from bot.ingest.body.reading import read_body
from bot.ingest.field_values import parse_date_as_written
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.eleventy.configuration import Configuration
from bot.ingest.sites.eleventy.data import Data
from bot.ingest.sites.eleventy.slugs import slugify
from bot.ingest.sites.eleventy.templates import UnknownError, evaluate, is_template
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.globs import matches_any
from bot.ingest.sites.javascript_dates import is_yaml_date, parse_javascript_date
from bot.ingest.sites.site import HiddenPage, Page, PageReading, SitePage
from bot.urls.permalinks import expand_permalink, missing_placeholders

_DATE_IN_SLUG = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-(.*)")
_DATE_IN_PATH = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILE_DATES = frozenset({"last modified", "created", "git last modified", "git created"})
# https://github.com/11ty/eleventy-base-blog
_LISTS = frozenset({"all", "nav", "post", "posts", "blog", "article", "articles"})
_INDEX = re.compile(r"/index(?:\.html|/)?\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
# https://www.iso.org/iso-639-language-code: what the plugin for several languages recognises.
_LANGUAGE_CODES = frozenset(
    re.findall(
        r"\w\w",
        "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr "
        "cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn "
        "gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki "
        "kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml "
        "mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt "
        "qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te "
        "tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh "
        "zu",
    )
)
# What `encodeURI` leaves as it is.
_SAFE = "/;,:@&=+$-_.!~*'()%"
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_eleventy_page(page: Page, _now: datetime, site: Configuration) -> PageReading:
    """Return what Eleventy makes of a page. Raises `RejectedError`."""
    path = _path_in_input(page.path, site)
    if path is None:
        return HiddenPage()
    data = site.data.of(path, page.fields)
    if _is_hidden(data, site):
        return HiddenPage()
    date = _date(data, page.path)
    values = {**data, "page": _page_values(path, date)}
    data = {**data, **_computed(data, values, site)}
    address = _address(path, data, {**data, "page": values["page"]}, site, page.fields)
    if address is None:
        return HiddenPage()
    return SitePage(
        address=quote(_ESCAPE.sub("%25", address), safe=_SAFE),
        title=_title(data, page, path),
        published_at=date,
        language=_language(data, address, site),
        fields=_topics(page.fields),
    )


def _path_in_input(path: str, site: Configuration) -> str | None:
    """The path below the folder of pages; None if Eleventy does not read the file."""
    ending = path.rpartition(".")[2]
    if ending != "md" or "md" not in site.formats or "node_modules" in path.split("/"):
        return None
    if site.input_dir and not path.startswith(f"{site.input_dir}/"):
        return None
    if path.startswith(site.ignored_folders) or path in site.ignored:
        return None
    if matches_any(path, site.ignored_patterns):
        return None
    return path[len(site.input_dir) :].lstrip("/")


def _is_hidden(data: Data, site: Configuration) -> bool:
    """Drafts and what is in no collection: the site lists the page nowhere."""
    if _is_true(data.get("draft")) and not site.drafts:
        return True
    return _is_true(data.get("eleventyExcludeFromCollections")) or "pagination" in data


def _is_true(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() == "true"


def _date(data: Data, path: str) -> datetime | None:
    """The page's date, else the first one in its path: https://www.11ty.dev/docs/dates."""
    value = data.get("date")
    if not value:
        found = _DATE_IN_PATH.search(path)
        try:
            return datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else None
        except ValueError:
            return None
    if isinstance(value, str) and value.strip().lower() in _FILE_DATES:
        raise RejectedError("is that of the file, which is not known; write the date", field="date")
    try:
        # Of dates that are text, Eleventy only knows those in ISO 8601.
        parse = parse_javascript_date if is_yaml_date(value) else parse_date_as_written
        written = parse(value)
        assert written is not None
        return written.replace(tzinfo=UTC) if written.tzinfo is None else written.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RejectedError(
            "is not a date; use a format like 2020-09-11T12:19:00Z", field="date"
        ) from error


def _page_values(path: str, date: datetime | None) -> Mapping[str, object]:
    """https://www.11ty.dev/docs/data-eleventy-supplied/#page-variable."""
    # Eleventy takes a first folder of one letter for `./`.
    folder, _, name = re.sub(r"\A./", "", path.removesuffix(".md")).rpartition("/")
    slug = _without_date(name)
    stem = f"/{folder}/{slug}" if folder else f"/{slug}"
    if slug == "index":
        slug = _without_date(folder.rpartition("/")[2])
    return {
        "fileSlug": slug,
        "filePathStem": stem,
        "date": date,
        "inputPath": f"./{path}",
        "outputFileExtension": "html",
    }


def _without_date(name: str) -> str:
    found = _DATE_IN_SLUG.search(name)
    return found[1] if found else name


def _computed(data: Data, values: Mapping[str, object], site: Configuration) -> Data:
    """Fields that are made of others: https://www.11ty.dev/docs/data-computed."""
    templates = data.get("eleventyComputed")
    if not isinstance(templates, dict):
        return {}
    computed: dict[str, object] = {}
    for name in ("title", "permalink", "lang", "description"):
        template = templates.get(name)
        if not isinstance(template, str):
            continue
        try:
            computed[name] = _evaluate(template, values, site)
        except UnknownError:
            if name == "permalink":
                computed[name] = template
    return computed


def _address(
    path: str, data: Data, values: Mapping[str, object], site: Configuration, own: Data
) -> str | None:
    """The address below the site's root; None if the page is not written."""
    permalink = data.get("permalink")
    if site.permalink and not own.get("permalink"):
        return _from_pattern(site.permalink, path, data, values, site)
    if isinstance(permalink, dict) and permalink:
        permalink = permalink.get("build", "false")
    if not isinstance(permalink, str) or not permalink:
        return _default_address(path)
    if permalink.strip().lower() == "false":
        return None
    return _evaluated(permalink, values, site)


def _evaluate(template: str, values: Mapping[str, object], site: Configuration) -> str:
    """Evaluate a template in Liquid or in Nunjucks."""
    engine = values.get("templateEngineOverride")
    nunjucks = "njk" in engine.split(",") if isinstance(engine, str) else site.nunjucks
    return evaluate(template, values, site.changed_filters, escape=nunjucks)


def _evaluated(permalink: str, values: Mapping[str, object], site: Configuration) -> str | None:
    if is_template(permalink):
        try:
            permalink = _evaluate(permalink, values, site).strip()
        except UnknownError as error:
            raise RejectedError(
                "is a template that can't be evaluated; set `permalink` for the source",
                field="permalink",
            ) from error
        if permalink in {"", "false"}:
            return None
    return _href(permalink)


def _from_pattern(
    pattern: str, path: str, data: Data, values: Mapping[str, object], site: Configuration
) -> str | None:
    """An address by the pattern in the source's settings, a template or one with `:slug`."""
    if is_template(pattern):
        return _evaluated(pattern, values, site)
    page = values["page"]
    assert isinstance(page, dict)
    date = page["date"]
    slug = data.get("slug")
    name = path.removesuffix(".md").removesuffix("/index").rpartition("/")[2]
    placeholders = {
        "slug": slug if isinstance(slug, str) and slug else page["fileSlug"],
        "title": slugify(title) if isinstance(title := data.get("title"), str) else "",
        "filename": name,
        "name": name,
        "path": page["filePathStem"].strip("/").removesuffix("/index"),
        "lang": _language(data, "", site) or "",
    }
    if isinstance(date, datetime):
        placeholders |= {
            "year": f"{date.year:04}",
            "month": f"{date.month:02}",
            "day": f"{date.day:02}",
            "short_year": f"{date.year % 100:02}",
            "i_month": str(date.month),
            "i_day": str(date.day),
        }
    if missing := missing_placeholders(pattern, placeholders):
        raise RejectedError(f"is missing; the permalink needs it for :{missing[0]}", field="date")
    return _href(expand_permalink(pattern, placeholders))


def _default_address(path: str) -> str:
    """The folder that is called like the file: https://www.11ty.dev/docs/permalinks."""
    folder, _, name = path.removesuffix(".md").rpartition("/")
    if name == "index" or name == folder.rpartition("/")[2]:
        return f"/{folder}/" if folder else "/"
    return f"/{folder}/{name}/" if folder else f"/{name}/"


def _href(permalink: str) -> str:
    """The address of the file that is written: `index.html` is left out."""
    ends = permalink.endswith("/")
    path = posixpath.normpath(f"/{permalink}").replace("//", "/")
    path += "/" if ends and path != "/" else ""
    return _INDEX.sub("/", path)


def _topics(fields: Data) -> Data:
    """The tags of a page without those by which sites only list their posts."""
    tags = fields.get("tags")
    listed = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    if not any(_is_list_name(each) for each in listed):
        return {}
    kept: list[object] = [each for each in listed if not _is_list_name(each)]
    return {"topics": translate_common({**fields, "tags": kept}).get("topics", [])}


def _is_list_name(tag: object) -> bool:
    return isinstance(tag, str) and tag.strip().lower() in _LISTS


def _title(data: Data, page: Page, path: str) -> str:
    """The page's title, else its first heading, else the name of its file."""
    title = data.get("title")
    if isinstance(title, str) and title.strip():
        return title
    slug = _page_values(path, None)["fileSlug"]
    return read_body(page.body, page.path).heading or str(slug)


def _language(data: Data, address: str, site: Configuration) -> str | None:
    """A field of the page or its folder, else what the plugin for several languages finds."""
    for name in ("lang", "language", "locale"):
        language = data.get(name)
        if isinstance(language, str) and _LANGUAGE.fullmatch(language):
            return language
    folder = address.lstrip("/").partition("/")[0]
    if site.default_language is not None and folder.partition("-")[0] in _LANGUAGE_CODES:
        return folder
    return next(iter(site.languages), None)
