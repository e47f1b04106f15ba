"""What Hexo makes of a page: https://hexo.io/docs/writing. Pure."""

import re
from binascii import crc32
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha1

from bot.ingest.body.reading import read_body
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.globs import matches_any
from bot.ingest.sites.hexo.configuration import Configuration, is_language
from bot.ingest.sites.hexo.permalinks import expand, match_name, placeholders, split_ending
from bot.ingest.sites.hexo.slugs import slugize
from bot.ingest.sites.javascript_dates import is_yaml_date, parse_javascript_date
from bot.ingest.sites.site import HiddenPage, Page, PageReading, SitePage

Fields = Mapping[str, object]

_POSTS, _DRAFTS = "_posts/", "_drafts/"
# https://github.com/hexojs/hexo-renderer-marked
_MARKDOWN = frozenset((".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext"))
_HIDDEN = re.compile(r"(?:\A|/)[_.]")
# What a post's name looks like if `new_post_name` does not say it.
_DATED_NAME = re.compile(r"(?:.*/)?(?P<date>\d{4}-\d{1,2}-\d{1,2})[-_ ].", re.ASCII | re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_MILLISECONDS = re.compile(r"\d+", re.ASCII)
# What the name of a post's file says of these does not replace fields.
_PRESERVED = frozenset({"title", "year", "month", "day", "i_month", "i_day", "hash"})
# Pages that themes fill with lists.
_LIST_PAGES = frozenset(
    {"tags", "tag", "categories", "category", "archives", "archive", "link", "links", "friends"}
)


def read_hexo_page(page: Page, now: datetime, site: Configuration) -> PageReading:
    """Return what Hexo makes of a page of `source/`. Raises `RejectedError`."""
    path = _path_in_source(page.path, site)
    if path is None or not _is_rendered(path, site):
        return HiddenPage()
    if path.startswith((_POSTS, _DRAFTS)):
        folder, _, name = path.partition("/")
        if _HIDDEN.search(name) or (folder == "_drafts" and not site.drafts):
            return HiddenPage()
        return _if_due(_read_post(name, page, site), now, site)
    if _HIDDEN.search(path) and not matches_any(path, site.include):
        return HiddenPage()
    if matches_any(path, site.exclude) or _is_list_page(page.fields):
        return HiddenPage()
    return _if_due(_read_other_page(path, page, site), now, site)


def _path_in_source(path: str, site: Configuration) -> str | None:
    """The path in the folder `source`; None if it is elsewhere.

    Without a configuration, the source may be a part of a site: then every page is a post.
    """
    if site.source_dir == ".":
        return path
    if path.startswith(f"{site.source_dir}/"):
        return path[len(site.source_dir) + 1 :]
    if site.file is not None:
        return None
    for folder in (_POSTS, _DRAFTS):
        _, found, after = f"/{path}".partition(f"/{folder}")
        if found:
            return folder + after
    return _POSTS + path


def _is_rendered(path: str, site: Configuration) -> bool:
    if path.endswith(("%", "~")) or split_ending(path)[1] not in _MARKDOWN:
        return False
    if path.startswith((_POSTS, _DRAFTS)) and site.asset_folders:
        # Other files with text may be assets of a post.
        default = split_ending(site.new_post_name)[1]
        if default and split_ending(path)[1] != default:
            return False
    if matches_any(path, site.skip_render):
        return False
    # These are patterns of complete paths.
    return not matches_any(f"{site.source_dir}/{path}", (p for p in site.ignore if "**" in p))


def _is_list_page(fields: Fields) -> bool:
    return not _LIST_PAGES.isdisjoint((fields.get("type"), fields.get("layout")))


def _if_due(page: SitePage, now: datetime, site: Configuration) -> PageReading:
    if site.future or page.published_at is None or page.published_at <= now:
        return page
    return HiddenPage(page.published_at)


def _read_post(name: str, page: Page, site: Configuration) -> SitePage:
    named = _read_name(name, site)
    own = {key: text for key, text in named.items() if key not in _PRESERVED}
    fields = {**page.fields, **own}
    published_at = _published_at(fields, name, named, site)
    if published_at is None:
        # Hexo takes the time of the file, which is another one in each copy.
        raise RejectedError("is missing or empty", field="publishedDateTime")
    address = _post_path(fields, named, published_at, site)
    return SitePage(
        address=None if address is None else site.pretty_urls.address(address),
        title=_title(fields) or _other_title(page, named["title"]),
        published_at=published_at,
        language=_language(fields, address, site),
        images_from=None if site.asset_folders else "/",
        fields=_own_pictures(fields) if site.asset_folders else {},
    )


def _read_other_page(path: str, page: Page, site: Configuration) -> SitePage:
    fields = page.fields
    address = _text(fields.get("permalink"))
    if address:
        address += "index" if address.endswith("/") else ""
        address += "" if split_ending(address)[1] else ".html"
    else:
        address = f"{split_ending(path)[0]}.html"
    return SitePage(
        address=site.pretty_urls.address(address),
        title=_title(fields) or _other_title(page, split_ending(path)[0].removesuffix("/index")),
        published_at=_date(fields.get("date"), site),
        language=_language(fields, address, site),
        images_from="/",
    )


def _read_name(name: str, site: Configuration) -> Mapping[str, str]:
    """What the name of a post's file says: https://hexo.io/docs/configuration#Writing."""
    stem = split_ending(name)[0]
    found = match_name(split_ending(site.new_post_name)[0], stem) or {}
    return {"title": slugize(stem), **found}


def _published_at(
    fields: Fields, name: str, named: Mapping[str, str], site: Configuration
) -> datetime | None:
    """The date of the front matter or of the file's name.

    Without one, Hexo takes the file's time, which a repository does not have.
    """
    if fields.get("date"):
        return _date(fields["date"], site)
    month = named.get("month") or named.get("i_month")
    day = named.get("day") or named.get("i_day")
    if named.get("year") and month and day:
        return _date(f"{named['year']}-{month}-{day}", site)
    dated = _DATED_NAME.match(name)
    return _date(dated["date"], site) if dated else None


def _date(value: object, site: Configuration) -> datetime | None:
    """Return a date in UTC.

    The time of a date is that in the zone of the site, even if the date has an offset: of a date
    in YAML, Hexo takes the time in UTC, and of one in another form the time on its machine.
    """
    if not value:
        return None
    machine = site.machine_zone or UTC
    try:
        if isinstance(value, str) and _MILLISECONDS.fullmatch(value):
            date = datetime.fromtimestamp(int(value) / 1000, machine)
        else:
            written = parse_javascript_date(value)
            assert written is not None
            date = (
                written
                if written.tzinfo is None
                else written.astimezone(UTC if is_yaml_date(value) else machine)
            )
        time = date.replace(tzinfo=UTC)
        zone = site.time_zone or machine
        offset = time.astimezone(zone).utcoffset()
        assert offset is not None
        return time - offset
    except (ValueError, OverflowError, OSError) as error:
        raise RejectedError(
            "is not a date; use a format like 2020-09-11 12:19:00", field="date"
        ) from error


def _post_path(
    fields: Fields, named: Mapping[str, str], published_at: datetime | None, site: Configuration
) -> str | None:
    """The path of a post; None if it depends on a date that is not known."""
    if permalink := _text(fields.get("permalink")):
        return _as_folder(permalink, site)
    if published_at is None:
        return None
    if "id" in placeholders(site.permalink) and not _text(fields.get("id")):
        raise RejectedError("is missing; the permalink of the site contains :id", field="id")
    return _as_folder(expand(site.permalink, _values(fields, named, published_at, site)), site)


def _as_folder(path: str, site: Configuration) -> str:
    is_page = path.endswith(("/", ".html"))
    return path if is_page or not site.asset_folders else f"{path}/"


def _values(
    fields: Fields, named: Mapping[str, str], published_at: datetime, site: Configuration
) -> Mapping[str, str]:
    """The values of placeholders: also every field, and every part of the file's name."""
    slug = named["title"]
    title = _title(fields)
    local = published_at.astimezone(site.machine_zone or UTC)
    timestamp = str(int(published_at.timestamp()))
    digest = sha1((slug + timestamp).encode(), usedforsecurity=False).hexdigest()
    own = {name: _written(value) for name, value in fields.items()}
    if (
        site.abbrlink is not None
        and not own.get("abbrlink")
        and own.get("layout", "post") == "post"
    ):
        own["abbrlink"] = _abbrlink(title, site.abbrlink)
    return {
        **site.permalink_defaults,
        **own,
        "slug": slug,
        "id": _text(fields.get("id")),
        "title": slug,
        "name": slug.rstrip("/").rpartition("/")[2],
        "post_title": slugize(title, 1),
        "year": f"{local.year:04}",
        "month": f"{local.month:02}",
        "day": f"{local.day:02}",
        "hour": f"{local.hour:02}",
        "minute": f"{local.minute:02}",
        "second": f"{local.second:02}",
        "i_month": str(local.month),
        "i_day": str(local.day),
        "timestamp": timestamp,
        "hash": digest[:12],
        "category": _category_slug(fields, site) or site.default_category,
    }


def _written(value: object) -> str:
    """A field as JavaScript writes it as text."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return ",".join("" if each is None else _written(each) for each in value)
    return value if isinstance(value, str) else "[object Object]"


def _abbrlink(title: str, options: Mapping[str, str]) -> str:
    """The number that hexo-abbrlink writes into a post: https://github.com/ohroy/hexo-abbrlink."""
    number = crc32(title.encode()) if options.get("alg") == "crc32" else _crc16(title.encode())
    return f"{number:x}" if options.get("rep") == "hex" else str(number)


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _category_slug(fields: Fields, site: Configuration) -> str:
    """The slug of the last category, with its parents: https://hexo.io/docs/front-matter."""
    paths = dict.fromkeys(
        tuple(chain[: length + 1])
        for chain in _category_chains(fields)
        for length in range(len(chain))
    )
    last: Sequence[str] = next(reversed(paths), ())
    return "/".join(
        slugize(site.category_map.get(name) or name, site.filename_case) for name in last
    )


def _category_chains(fields: Fields) -> Sequence[Sequence[str]]:
    """Categories, each with its parents: a plain list is one chain, lists in a list are several."""
    value = fields.get("categories") or fields.get("category")
    categories = value if isinstance(value, list) else [value]
    if any(isinstance(each, list) for each in categories):
        chains = [each if isinstance(each, list) else [each] for each in categories]
    else:
        chains = [categories]
    return [[name for each in chain if (name := _text(each))] for chain in chains]


def _own_pictures(fields: Fields) -> Fields:
    """The pictures of a post with a folder of its own, in which only a name alone is meant to be.

    Themes take other addresses as relative to the root of the site.
    """
    images = translate_common(fields).get("images")
    return {"images": [_from_root(each) for each in images]} if isinstance(images, list) else {}


def _from_root(image: object) -> object:
    if not isinstance(image, dict) or not isinstance(url := image.get("url"), str):
        return image
    if "/" not in url or url.startswith("/") or _SCHEME.match(url):
        return image
    return {**image, "url": "/" + url.removeprefix("./")}


def _language(fields: Fields, address: str | None, site: Configuration) -> str | None:
    """https://hexo.io/docs/internationalization: by a field, the address, or the site's first."""
    own = _text(fields.get("lang")) or _text(fields.get("language"))
    if own:
        return own if is_language(own) else None
    folder, slash, _ = (address or "").lstrip("/").partition("/")
    if slash and folder in site.language_folders:
        return folder
    return next(iter(site.languages), None)


def _other_title(page: Page, path: str) -> str:
    """The first heading, else the name of the file: Hexo would show nothing."""
    return read_body(page.body, page.path).heading or path.rpartition("/")[2]


def _title(fields: Fields) -> str:
    return _text(fields.get("title"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
