"""The settings of sources and topics, and the types that all settings share."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urljoin
from zoneinfo import available_timezones

import pydantic

from bot.urls.git_repositories import (
    problem_with_branch,
    problem_with_path,
    problem_with_repository,
)
from bot.urls.permalinks import problem_with_permalink
from bot.urls.redaction import redact_address
from bot.urls.safety import problem_with_web_address
from bot.visible_text import is_blank

_DURATION = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_BASE_URL = re.compile(r"https?://[A-Za-z0-9_.:\[\]-]+(?:/[^\s?#]*)?")
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"


def _parse_duration(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write a duration as a number and a unit: 30s, 10m, 12h, 7d or 2w")  # noqa: TRY004 - pydantic reports ValueError
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("write a duration as a number and a unit: 30s, 10m, 12h, 7d or 2w")
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except (OverflowError, ValueError) as error:  # ValueError: thousands of digits
        raise ValueError("the duration is too long") from error


def _check_interval(every: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= every <= timedelta(weeks=52):
        raise ValueError("write a duration between 1s and 52w")
    return every


def _reject_if(problem_with: Callable[[str], str | None]) -> pydantic.AfterValidator:
    def check(value: str) -> str:
        if (problem := problem_with(value)) is not None:
            raise ValueError(problem)
        return value

    return pydantic.AfterValidator(check)


def _check_path(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("contains a NUL character")
    return path


def _problem_with_time_zone(name: str) -> str | None:
    if name in available_timezones():
        return None
    return "is not the name of a time zone; write it like Europe/Berlin, or leave it out for UTC"


Duration = Annotated[
    timedelta,
    pydantic.BeforeValidator(
        _parse_duration,
        json_schema_input_type=Annotated[str, pydantic.Field(pattern=rf"^{_DURATION.pattern}$")],
    ),
]
Interval = Annotated[Duration, pydantic.AfterValidator(_check_interval)]
FilePath = Annotated[Path, pydantic.AfterValidator(_check_path)]
"""A path that the operating system accepts."""
WebAddress = Annotated[str, _reject_if(problem_with_web_address)]
Quality = Annotated[int, pydantic.Field(ge=-999_999_999, le=999_999_999)]
Permalink = Annotated[
    str, pydantic.Field(min_length=1, max_length=200), _reject_if(problem_with_permalink)
]
TimeZone = Annotated[str, _reject_if(_problem_with_time_zone)]
Language = Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$")]
MAX_NAME_LENGTH = 100
"""The longest name of a provider or topic, in characters."""
Name = Annotated[
    str,
    pydantic.Field(min_length=1, max_length=MAX_NAME_LENGTH),
    _reject_if(lambda name: "has no visible character" if is_blank(name) else None),
]


class Section(pydantic.BaseModel):
    """A section of the settings; unknown keys are errors."""

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class ProviderSettings(Section):
    """Who publishes the articles of a source."""

    name: Name
    """The provider's name."""
    domain: Annotated[str, pydantic.Field(min_length=1, max_length=253)] | None = None
    """The provider's domain, such as example.org."""


class SourceSettings(Section):
    """Settings of every source: defaults for fields that its articles lack."""

    quality: Quality | None = None
    """The quality of articles that don't have one."""
    topics: tuple[Name, ...] = ()
    """The topics of articles that have none."""
    provider: ProviderSettings | None = None
    """The provider of articles that don't name one: a name, or a name and a domain."""

    @pydantic.field_validator(
        "provider", mode="before", json_schema_input_type=ProviderSettings | Name | None
    )
    @classmethod
    def _name_alone(cls, provider: object) -> object:
        return {"name": provider} if isinstance(provider, str) else provider


class ArticleSettings(SourceSettings):
    """Settings of sources whose articles may have relative addresses."""

    unpublished: Literal["skip", "announce"] = "skip"
    """What to do with articles that have `published: false`: skip or announce them."""
    base_url: str | None = None
    """The address that relative addresses in the articles are resolved against."""

    @pydantic.field_validator("base_url")
    @classmethod
    def _check_base(cls, base_url: str | None) -> str | None:
        if base_url is None:
            return None
        if _BASE_URL.fullmatch(base_url) is None:
            raise ValueError("write an address like https://example.org/blog/")
        # Without the slash, relative addresses would replace the last part of the path.
        return base_url if base_url.endswith("/") else f"{base_url}/"


class Generator(StrEnum):
    """The generators of sites whose pages are read as they read them."""

    ASTRO = "astro"
    DOCUSAURUS = "docusaurus"
    ELEVENTY = "eleventy"
    HEXO = "hexo"
    HUGO = "hugo"
    JEKYLL = "jekyll"
    MKDOCS = "mkdocs"
    PELICAN = "pelican"


class FileSettings(ArticleSettings):
    """Settings of sources that are files; for `permalink` see `bot.urls.permalinks`."""

    include: tuple[str, ...] = ("*.md", "*.markdown", "*.mdx")
    """Patterns of the files to read."""
    exclude: tuple[str, ...] = ("README.md",)
    """Patterns of the files to leave out."""
    generator: Generator | Literal["none"] | None = None
    """The program that builds a website from the files; by default, it is found out."""
    permalink: Permalink | None = None
    """A pattern for the addresses of pages, in the form that the generator uses."""
    time_zone: TimeZone | None = None
    """The time zone of dates that don't name one; by default the website's, else UTC."""
    languages: Literal["all", "main"] | tuple[Language, ...] = "all"
    """Which languages of a website are read: all, main, or a list."""


class FolderSettings(FileSettings):
    """A folder of Markdown files, which is read with its subfolders, and watched."""

    folder: FilePath
    """The path of a folder of articles, which is read with its subfolders, and watched."""
    every: Interval | None = None
    """How often to read the folder, in addition to watching it."""

    @property
    def name(self) -> str:
        """The source's name in reports and in the database."""
        return f"folder:{self.folder.as_posix()}"


class GitSettings(FileSettings):
    """A folder on a branch of a git repository."""

    # Declared before `git`, because the validator of that field uses it.
    allow_local: bool = False
    """Whether the repository may be on this machine."""
    git: str
    """The address of a repository: https://…, ssh://… or user@host:path, without a password."""
    branch: Annotated[str, _reject_if(problem_with_branch)] | None = None
    """The branch to read; by default the repository's own."""
    path: Annotated[
        str, _reject_if(problem_with_path), pydantic.AfterValidator(lambda path: path.rstrip("/"))
    ] = ""
    """The folder of the repository that contains the articles."""
    every: Interval = timedelta(minutes=10)
    """How often to read the repository."""
    token_variable: Annotated[str, pydantic.Field(pattern=_VARIABLE)] | None = None
    """The name of an environment variable that contains a token, for https."""

    @property
    def name(self) -> str:
        """The source's name; branch and folder are written as in Docker's build contexts."""
        name = f"git:{self.git}"
        if self.branch or self.path:
            name += f"#{self.branch or ''}"
        return f"{name}:{self.path}" if self.path else name

    @pydantic.field_validator("git")
    @classmethod
    def _check_address(cls, address: str, info: pydantic.ValidationInfo) -> str:
        allowed = bool(info.data.get("allow_local"))
        if problem := problem_with_repository(address, allow_local=allowed):
            raise ValueError(problem)
        return address

    @pydantic.model_validator(mode="after")
    def _token_goes_over_https(self) -> "GitSettings":
        if self.token_variable and not self.git.startswith("https://"):
            raise ValueError("`token_variable` works only with https:// addresses; ssh uses keys")
        return self


class WebSettings(SourceSettings):
    """Settings of sources that are polled over HTTP. Items default to quality 70, so are posted."""

    every: Interval = timedelta(minutes=15)
    """How often to read the address."""
    allow_private: bool = False
    """Whether the addresses may be in private networks or on this machine."""
    time_zone: TimeZone | None = None
    """The time zone of dates that don't name one; by default UTC."""
    quality: Quality | None = 70
    """The quality of articles that don't have one."""

    @property
    def further_addresses(self) -> tuple[str, ...]:
        """The addresses that the settings name besides that of the source."""
        return ()


class FeedSettings(WebSettings):
    """An RSS, Atom or JSON feed."""

    feed: WebAddress
    """The address of an RSS, Atom or JSON feed."""

    @property
    def name(self) -> str:
        """The source's name."""
        return f"feed:{_displayed_address(self.feed)}"


class ApiSettings(WebSettings, ArticleSettings):
    """A JSON API that lists articles page by page."""

    # Declared before `pages`, because the validator of that field uses it.
    api: WebAddress
    """The address of a JSON API that lists articles."""
    pages: str | None = None
    """The address of its further pages; {page} in it stands for the number."""

    @property
    def name(self) -> str:
        """The source's name."""
        return f"api:{_displayed_address(self.api)}"

    @property
    def further_addresses(self) -> tuple[str, ...]:
        """The address of the second page, if the settings say how to find it."""
        return (_second_page(self.api, self.pages),) if self.pages else ()

    @pydantic.field_validator("pages")
    @classmethod
    def _check_pages(cls, pages: str | None, info: pydantic.ValidationInfo) -> str | None:
        if pages is None:
            return None
        if "{page}" not in pages:
            raise ValueError(
                "put {page} where the page number belongs: https://example.org/api/{page}.json"
            )
        try:
            problem = problem_with_web_address(
                _second_page(info.data.get("api", "https://example.org/"), pages)
            )
        except ValueError:
            problem = "is not a web address"
        if problem:
            raise ValueError(problem)
        return pages


class PushSettings(SourceSettings):
    """Articles that other programs send to the bot; off without a `port`."""

    port: Annotated[int, pydantic.Field(ge=0, le=65535)] | None = None
    """The port to which articles are sent; null means that none are accepted."""
    host: Annotated[str, pydantic.Field(min_length=1)] = "127.0.0.1"
    """The address at which the bot listens; by default, only this machine reaches it."""
    token_file: FilePath | None = None
    """The path of a file that contains the token that senders need."""
    quality: Quality | None = 70
    """The quality of articles that don't have one."""

    @property
    def name(self) -> str:
        """The source's name."""
        return "push"

    @pydantic.model_validator(mode="after")
    def _needs_token(self) -> "PushSettings":
        if self.port is not None and self.token_file is None:
            raise ValueError("`token_file` is missing; add it, so that not everybody can post")
        return self


def _second_page(address: str, pages: str) -> str:
    return urljoin(address, pages.replace("{page}", "2"))


def _displayed_address(address: str) -> str:
    """An address as part of a name; a digest distinguishes addresses that are displayed alike."""
    shown = redact_address(address)
    if shown == address:
        return shown
    return f"{shown} ({blake2b(address.encode(), digest_size=4).hexdigest()})"


class TopicRuleSettings(Section):
    """A topic, its aliases, and the keywords and hashtags that assign it to an article."""

    name: Name
    """The topic."""
    keywords: tuple[Name, ...] = ()
    """Words in titles and excerpts that assign the topic."""
    hashtags: tuple[Name, ...] = ()
    """Hashtags of articles that assign the topic."""
    aliases: tuple[Name, ...] = ()
    """Other names of the topic."""


class TopicsSettings(Section):
    """Rules that assign topics to articles that have none; `folders` contain a rule per file."""

    rules: tuple[TopicRuleSettings, ...] = ()
    """Each gives a topic to articles with certain words or hashtags."""
    folders: tuple[FilePath, ...] = ()
    """Folders with one YAML file per topic, with the same keys."""


# The key that determines the kind of a source.
SOURCE_KINDS: Mapping[str, type[SourceSettings]] = {
    "folder": FolderSettings,
    "git": GitSettings,
    "feed": FeedSettings,
    "api": ApiSettings,
}


def _kind(value: object) -> str | None:
    if isinstance(value, Mapping):
        return next((kind for kind in SOURCE_KINDS if kind in value), None)
    # For anything but a section, the errors of `folder` are the most helpful.
    return next((kind for kind in SOURCE_KINDS if hasattr(value, kind)), "folder")


AnySource: TypeAlias = Annotated[
    Annotated[FolderSettings, pydantic.Tag("folder")]
    | Annotated[GitSettings, pydantic.Tag("git")]
    | Annotated[FeedSettings, pydantic.Tag("feed")]
    | Annotated[ApiSettings, pydantic.Tag("api")],
    pydantic.Discriminator(
        _kind,
        custom_error_type="source_kind",
        custom_error_message=(
            "name what to read: `folder: PATH`, `git: ADDRESS`, `feed: ADDRESS` or `api: ADDRESS`"
        ),
    ),
]
# A source of stories: an entry of `sources`, or the articles that are pushed.
ConfiguredSource: TypeAlias = AnySource | PushSettings
