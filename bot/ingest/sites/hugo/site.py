"""What Hugo makes of a page."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.config.sources import Generator
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.addresses import is_relative
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.hugo.addresses import (
    Prefixes,
    Target,
    alias_address,
    clean_path,
    target_of_page,
    target_of_url,
)
from bot.ingest.sites.hugo.cascades import Cascade, add_cascades, parse_cascades
from bot.ingest.sites.hugo.configuration import (
    Configuration,
    Language,
    Mount,
    has_configuration,
    read_configuration,
)
from bot.ingest.sites.hugo.content_paths import (
    CONTENT_SUFFIXES,
    ContentPath,
    parse_path,
    parse_path_as_written,
)
from bot.ingest.sites.hugo.dates import PageDates, date_in_name
from bot.ingest.sites.hugo.front_matter import read_front_matter
from bot.ingest.sites.hugo.permalinks import (
    MAX_PATTERN,
    PageValues,
    expand,
)
from bot.ingest.sites.hugo.text import query_unescape
from bot.ingest.sites.hugo.values import flag, group, is_true, lower_keys, text, texts
from bot.ingest.sites.names import by_folded_name
from bot.ingest.sites.pictures import page_pictures
from bot.ingest.sites.site import (
    GeneratorRules,
    HiddenPage,
    Page,
    PageReading,
    SiteFiles,
    SitePage,
    SiteSettings,
    is_within_or_above,
)
from bot.ingest.sites.titles import words_of_name
from bot.ingest.text import clean_text
from storage.models import SiteDescription

CONTENT_FOLDER = "content"
_USUAL_SUFFIXES = ("md", "markdown", "html")
# Pages with `link` have an address, but no file: https://gohugo.io/content-management/build-options.
_NOT_RENDERED = frozenset({"never", "link", "false", "0"})
MAX_TITLE = 1_000
_MAX_ALIASES = 20
_MAX_SECTIONS = 2_000
_HEADING = re.compile(rb"#[ \t]+(\S.*)")
_HEADING_LINES = 100
_COMMON: tuple[str, ...] = ("excerpt", "topics", "images")
_COMPLETE_ADDRESS = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Section:
    """What is known of a section from its `_index.md`."""

    title: str
    slug: str
    cascades: tuple[Cascade, ...]


NO_SECTION = Section("", "", ())


@dataclass(frozen=True, slots=True)
class HugoSite:
    """A site whose configuration has been read.

    `sections` are those that have an `_index.md`, by language and path; `bundles` are the folders
    with an `index.md`, whose other files are no pages. Without `mounts`, it is not known where
    the content is.
    """

    settings: SiteSettings
    configuration: Configuration
    mounts: tuple[Mount, ...]
    sections: Mapping[tuple[str, str], Section]
    bundles: Mapping[str, frozenset[str]]

    @property
    def description(self) -> SiteDescription:
        """What is known of the site."""
        configuration, settings = self.configuration, self.settings
        codes = configuration.language_codes if configuration.is_multilingual else ()
        if not codes and configuration.language:
            codes = (configuration.language,)
        main = configuration.languages[0]
        patterns = [rule.pattern for rule in main.permalinks]
        return SiteDescription(
            Generator.HUGO,
            configuration.file,
            settings.base_url or configuration.base_url,
            settings.permalink or ", ".join(dict.fromkeys(patterns)) or None,
            settings.time_zone or main.time_zone,
            codes,
        )

    def has_pages_in(self, folder: str) -> bool:
        """See `bot.ingest.sites.site.Site`."""
        mounts = self.configuration.mounts
        return any(is_within_or_above(folder, each.source) for each in mounts)

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """Return what Hugo makes of a page at a time. Raises `RejectedError`."""
        mount = self._mount(page.path)
        if mount is None:
            return HiddenPage()
        below = self._below_content(page.path, mount)
        path = parse_path(below, *self._codes)
        language = self._language(path, mount)
        if language is None or not self._is_page(page.path, path):
            return HiddenPage()
        own_fields = lower_keys(page.fields)
        fields = self._with_cascades(own_fields, path, language)
        written = parse_path_as_written(below, *self._codes)
        dates = language.dates.read(fields, written.base_name, self._zone(language))
        if (hidden := self._hidden(fields, dates, now)) is not None:
            return hidden
        if dates.wrong is not None:
            raise RejectedError("is not a date that Hugo reads", field=dates.wrong)
        published_at = dates.date or date_in_name(written.base_name, self._zone(language))[0]
        if published_at is None:
            return HiddenPage()  # It is not an article, but a page such as `about.md`.
        page_fields = _PageFields(path, written, fields, dates)
        target = self._target(page_fields, language)
        complete = self._completion(language)
        in_bundle = path.is_bundle or is_true(group(fields.get("cover")).get("relative"))
        expires_at = None if self.configuration.builds_expired else dates.expires_at
        address = target.address if _is_complete(target.address) else complete(target.address)
        return SitePage(
            address=address,
            title=_title(fields, written, page.body),
            published_at=published_at,
            language=self._language_code(language),
            other_addresses=tuple(map(complete, self._aliases(page_fields, target, language))),
            images_from=complete(self._images_from(page.path, page_fields, target, language)),
            expires_at=expires_at,
            fields=_common_fields(
                fields,
                has_more=len(fields) > len(own_fields),
                pictures_of_site=not in_bundle,
            ),
        )

    @property
    def _codes(self) -> tuple[Collection[str], Collection[str]]:
        return self.configuration.language_codes, self.configuration.disabled_languages

    def locate(self, path: str) -> tuple[ContentPath, Language] | None:
        """Return where a file is in the content, and its language; None if it is not part of it."""
        mount = self._mount(path)
        if mount is None:
            return None
        content_path = parse_path(self._below_content(path, mount), *self._codes)
        language = self._language(content_path, mount)
        return None if language is None else (content_path, language)

    def _language(self, path: ContentPath, mount: Mount) -> Language | None:
        languages = self.configuration.languages
        code = path.file.language or mount.language or languages[0].code
        return next((each for each in languages if each.code == code), None)

    def _mount(self, path: str) -> Mount | None:
        if not self.mounts:
            return Mount("")
        return next((each for each in self.mounts if each.contains(path)), None)

    def _below_content(self, path: str, mount: Mount) -> str:
        if self.mounts:
            below = path[len(mount.source) :].lstrip("/")
            return f"{mount.target}/{below}" if mount.target else below
        # It is not known where the content is.
        return f"/{path}".rpartition(f"/{CONTENT_FOLDER}/")[2].lstrip("/")

    def _is_page(self, path: str, content_path: ContentPath) -> bool:
        return (
            content_path.file.suffix in CONTENT_SUFFIXES
            and not content_path.is_branch
            and content_path.page != ""
            and not content_path.file.disabled
            and not any(each.search(path) for each in self.configuration.ignored)
            and not self._is_within_bundle(path, content_path)
        )

    def _is_within_bundle(self, path: str, content_path: ContentPath) -> bool:
        """Whether it is a file of another page, not a page: of a folder with an `index.md`."""
        folder = path.rpartition("/")[0]
        if content_path.is_leaf:
            folder = folder.rpartition("/")[0]
        while folder:
            if folder in self.bundles:
                return True
            folder = folder.rpartition("/")[0]
        return False

    def _language_code(self, language: Language) -> str | None:
        configuration = self.configuration
        return language.code if configuration.is_multilingual else configuration.language

    def _zone(self, language: Language) -> tzinfo:
        name = self.settings.time_zone or language.time_zone
        return ZoneInfo(name) if name else UTC

    def _with_cascades(
        self, fields: Mapping[str, object], path: ContentPath, language: Language
    ) -> Mapping[str, object]:
        folder = path.parent
        cascades: list[Cascade] = []
        while True:
            cascades += self.sections.get((language.code, folder), NO_SECTION).cascades
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        return add_cascades(fields, (*cascades, *language.cascades), path.page, language.code)

    def _hidden(
        self, fields: Mapping[str, object], dates: PageDates, now: datetime
    ) -> HiddenPage | None:
        """https://gohugo.io/content-management/build-options, and drafts and future pages."""
        build = group(fields.get("_build") if "_build" in fields else fields.get("build"))
        if text(build.get("render")).lower() in _NOT_RENDERED or is_true(fields.get("headless")):
            return HiddenPage()
        builds_drafts = self.settings.drafts or self.configuration.builds_drafts
        if _is_draft(fields) and not builds_drafts:
            return HiddenPage()
        builds_future = self.settings.drafts or self.configuration.builds_future
        if dates.published_at is not None and dates.published_at > now and not builds_future:
            return HiddenPage(until=dates.published_at)
        return None

    def _target(self, page: "_PageFields", language: Language) -> Target:
        prefixes = self._prefixes(language)
        rules = self.configuration.path_rules
        url = text(page.fields.get("url"))
        if url.startswith(_COMPLETE_ADDRESS):
            return Target(url, "/", "")
        if ":" in url and len(url) <= MAX_PATTERN:
            url = query_unescape(expand(url, self._values(page, language), rules))
        if url:
            return target_of_url(url, prefixes)
        expanded = ""
        if (pattern := self._pattern(page.path, language)) is not None:
            expanded = clean_path(
                query_unescape(expand(pattern, self._values(page, language), rules))
            )
        return target_of_page(
            page.written if rules.keep_case else page.path,
            base_name=page.slug,
            expanded=expanded,
            prefixes=prefixes,
            ugly=self.configuration.is_ugly(page.path.section),
            rules=rules,
        )

    def _pattern(self, path: ContentPath, language: Language) -> str | None:
        if self.settings.permalink is not None:
            return self.settings.permalink
        return next(
            (
                rule.pattern
                for rule in language.permalinks
                if rule.target.matches("page", path.page, language.code)
            ),
            None,
        )

    def _values(self, page: "_PageFields", language: Language) -> PageValues:
        path = page.path
        chain = self._sections_of(path, language)
        sections = [self.sections.get((language.code, each), NO_SECTION) for each in chain]
        return PageValues(
            title=text(page.fields.get("title")),
            slug=page.slug,
            file_name=page.written.base_name,
            section=path.section,
            sections=tuple(chain[-1][1:].split("/")) if chain else (),
            section_slugs=tuple(
                section.slug or section.title or folder.rpartition("/")[2]
                for folder, section in zip(chain, sections, strict=True)
            ),
            date=page.dates.date,
            others=self._other_values(page) if self.settings.permalink else {},
        )

    def _other_values(self, page: "_PageFields") -> Mapping[str, str]:
        """Values for the placeholders of other generators, which a source's settings may use."""
        name = self.configuration.path_rules.urlize(page.written.base_name)
        values = {"path": page.path.page[1:], "name": name, "categories": ""}
        if (date := page.dates.date) is None:
            return values
        months = {"i_month": str(date.month), "i_day": str(date.day)}
        return {**values, **months, "short_year": f"{date:%y}"}

    def _sections_of(self, path: ContentPath, language: Language) -> Sequence[str]:
        """The folders that are sections and contain the page, the outermost first.

        Of the folders without an `_index.md`, only those in the root are sections:
        https://gohugo.io/content-management/sections.
        """
        parts = path.parent.split("/")
        folders = ["/".join(parts[:count]) for count in range(2, len(parts) + 1)]
        return [
            folder
            for folder in folders
            if folder.count("/") == 1 or (language.code, folder) in self.sections
        ]

    def _prefixes(self, language: Language) -> Prefixes:
        configuration = self.configuration
        code = language.code
        if configuration.has_hosts:
            return Prefixes("", code, always=True)
        is_main = language is configuration.languages[0]
        in_subfolder = configuration.main_in_subfolder if is_main else True
        return Prefixes(code, code) if in_subfolder else Prefixes()

    def _completion(self, language: Language) -> Callable[[str], str]:
        """Return what makes addresses complete if the language has a host of its own."""
        is_main = language is self.configuration.languages[0]
        base_url = language.base_url
        if not self.configuration.has_hosts or base_url is None or is_main:
            return lambda address: address
        return lambda address: base_url.rstrip("/") + address

    def _aliases(self, page: "_PageFields", target: Target, language: Language) -> Iterator[str]:
        ugly = self.configuration.is_ugly(page.path.section)
        for alias in texts(page.fields.get("aliases"))[:_MAX_ALIASES]:
            address = alias_address(alias, target, self._prefixes(language), ugly=ugly)
            if address is not None:
                yield address

    def _images_from(
        self, path: str, page: "_PageFields", target: Target, language: Language
    ) -> str:
        """The page, or for bundles the folder of its files.

        Translations share the files of a bundle, which are below the page in the main language.
        """
        if not page.path.is_bundle:
            return target.address
        main = self.configuration.languages[0]
        languages = self.bundles.get(path.rpartition("/")[0], ())
        if language is main or page.path.file.language is None or main.code not in languages:
            return target.files
        if self._pattern(page.path, main) is not None:
            return target.files
        return target_of_page(
            page.written if self.configuration.path_rules.keep_case else page.path,
            base_name="",
            expanded="",
            prefixes=self._prefixes(main),
            ugly=False,
            rules=self.configuration.path_rules,
        ).files


@dataclass(frozen=True, slots=True)
class _PageFields:
    """A page's path (as compared and as written), its fields with those of cascades, its dates."""

    path: ContentPath
    written: ContentPath
    fields: Mapping[str, object]
    dates: PageDates

    @property
    def slug(self) -> str:
        """The slug, which a file's name may have after the date; empty without one."""
        return text(self.fields.get("slug", self.dates.slug)).strip("-")


def _is_complete(address: str) -> bool:
    return address.startswith(_COMPLETE_ADDRESS)


def _is_draft(fields: Mapping[str, object]) -> bool:
    """Whether it is a draft for Hugo, or one for the program that it was exported from."""
    if text(fields.get("status")).lower() == "draft":
        return True
    if "draft" in fields:
        return is_true(fields["draft"])
    return flag(fields.get("published")) is False


def _title(fields: Mapping[str, object], path: ContentPath, body: bytes) -> str | None:
    """The page's title, else the first heading, else the file's name.

    Hugo leaves it empty then, but a story needs one.
    """
    given = text(fields.get("title")) or text(fields.get("linktitle"))
    if given.strip():
        return given
    is_code = False
    for line in body.split(b"\n", _HEADING_LINES)[:_HEADING_LINES]:
        if line.startswith((b"```", b"~~~")):
            is_code = not is_code
        elif not is_code and (heading := _HEADING.match(line)):
            title = heading[1].decode("utf-8", "replace").strip().rstrip("#")
            return clean_text(title, MAX_TITLE) or None
    return words_of_name(path.base_name) or None


def _common_fields(
    fields: Mapping[str, object], *, has_more: bool, pictures_of_site: bool
) -> Mapping[str, object]:
    """What differs from the fields that all generators have alike.

    With `has_more`, some fields come from a cascade. With `pictures_of_site`, relative addresses
    of pictures are below the site, not the page.
    """
    found: dict[str, object] = {}
    if has_more:
        common = translate_common(fields)
        found = {name: common[name] for name in _COMMON if name in common}
    if pictures_of_site:
        found["images"] = [_below_site(each) for each in page_pictures(by_folded_name(fields))]
    return found


def _below_site(picture: Mapping[str, object]) -> Mapping[str, object]:
    url = picture.get("url")
    if isinstance(url, str) and is_relative(url.strip()):
        return {**picture, "url": f"/{url.strip()}"}
    return picture


def _configure(files: SiteFiles, settings: SiteSettings) -> HugoSite:
    configuration = read_configuration(files)
    mounts = configuration.mounts
    if not any(files.exists(mount.source) for mount in mounts):
        mounts = ()
    folders = sorted({mount.source for mount in mounts}) if mounts else [""]
    site = HugoSite(settings, configuration, mounts, {}, {})
    return replace(
        site,
        sections=_read_sections(files, site, folders),
        bundles=_find_bundles(files, site, folders),
    )


def _read_sections(
    files: SiteFiles, site: HugoSite, folders: Sequence[str]
) -> Mapping[tuple[str, str], Section]:
    sections: dict[tuple[str, str], Section] = {}
    for file in _find(files, "_index", site, folders)[:_MAX_SECTIONS]:
        found = site.locate(file)
        if found is None:
            continue
        path, language = found
        try:
            fields = lower_keys(read_front_matter(files.read(file) or b"").fields)
        except RejectedError:
            fields = {}
        sections[language.code, path.folder] = Section(
            text(fields.get("title")),
            text(fields.get("slug")).strip("-"),
            parse_cascades(fields.get("cascade")),
        )
    return sections


def _find_bundles(
    files: SiteFiles, site: HugoSite, folders: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    bundles: dict[str, frozenset[str]] = {}
    for file in _find(files, "index", site, folders):
        found = site.locate(file)
        folder = file.rpartition("/")[0]
        if found is not None and found[0].folder:
            bundles[folder] = bundles.get(folder, frozenset()) | {found[1].code}
    return bundles


def _find(files: SiteFiles, name: str, site: HugoSite, folders: Sequence[str]) -> Sequence[str]:
    codes = site.configuration.language_codes
    stems = [name, *(f"{name}.{code}" for code in codes)]
    names = [f"{stem}.{suffix}" for stem in stems for suffix in _USUAL_SUFFIXES]
    return sorted({path for folder in folders for path in files.find(names, folder)})


RULES = GeneratorRules(
    generator=Generator.HUGO,
    content_folders=(CONTENT_FOLDER,),
    recognises=has_configuration,
    configure=_configure,
    read_front_matter=read_front_matter,
)
