"""Finds the site that a source's files belong to: its root, its generator, its configuration."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from typing import Literal, cast

from bot.config.sources import Generator
from bot.ingest.sites.site import NO_SETTINGS, GeneratorRules, Site, SiteFiles, SiteSettings
from storage.models import SourceFindings

# Increase it when pages should be read differently: those of all sites are then read again.
SITES_VERSION = 1
# Other generators: the file of their configuration, and what it contains.
_UNSUPPORTED = (
    ("Zola", "config.toml", b"base_url"),
    ("Zola", "zola.toml", b"base_url"),
    ("Nikola", "conf.py", b"NAVIGATION_LINKS"),
    ("Gatsby", "gatsby-config.js", b""),
    ("Gatsby", "gatsby-config.ts", b""),
    ("VitePress", ".vitepress/config.js", b""),
    ("VitePress", ".vitepress/config.ts", b""),
    ("VitePress", ".vitepress/config.mts", b""),
    ("VuePress", ".vuepress/config.js", b""),
    ("VuePress", ".vuepress/config.ts", b""),
    ("Middleman", "config.rb", b"activate :blog"),
)
# Where two recognise the same folder, the first one does. Astro is the last one, because it also
# recognises folders by less than their configuration.
_GENERATORS = (
    Generator.HUGO,
    Generator.MKDOCS,
    Generator.PELICAN,
    Generator.ELEVENTY,
    Generator.HEXO,
    Generator.DOCUSAURUS,
    Generator.JEKYLL,
    Generator.ASTRO,
)


@dataclass(frozen=True, slots=True)
class SourceSite:
    """The site of a source. `folder` is the path of the source's folder within the site, or empty.

    `digest` represents the files of the configuration and what is not in them: if it changes, all
    pages have to be read again.
    """

    rules: GeneratorRules
    site: Site
    folder: str
    digest: str

    def path(self, key: str) -> str:
        """Return the path of a document within the site."""
        return f"{self.folder}/{key}" if self.folder else key


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What the settings of a source say about the site that its pages belong to.

    `generator` None: it is found out. The names of the class and its fields are part of the stored
    digests: renaming one makes the bot read every document again.
    """

    generator: Generator | Literal["none"] | None = None
    settings: SiteSettings = NO_SETTINGS


def digest_suffix(site: SourceSite | None) -> str:
    """What is added to the digest of a document, so that it is read again if its site changes."""
    return f"@{site.digest}" if site else ""


NO_SITE_OPTIONS = SiteOptions()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A folder that may be the root of the site; `folder` is the source's path within it."""

    files: SiteFiles
    folder: str


def find_site(candidates: Sequence[Candidate], options: SiteOptions) -> SourceSite | None:
    """Return the site of a source; None if it is not known that a generator builds it.

    `candidates` are the source's folder and its parents, the nearest first.
    """
    generator, settings = options.generator, options.settings
    if generator == "none":
        return None
    every_rules = [rules_of(each) for each in ([generator] if generator else _GENERATORS)]
    for candidate in candidates:
        for rules in every_rules:
            if rules.recognises(candidate.files):
                found = _configure(rules, candidate, settings)
                if generator or found.site.has_pages_in(candidate.folder):
                    return found
    if generator is None or not candidates:
        return None
    [rules] = every_rules
    return _configure(rules, _usual_root(candidates, rules.content_folders), settings)


def site_findings(
    site: SourceSite | None, candidates: Sequence[Candidate], passed_over: Mapping[str, int]
) -> SourceFindings:
    """What a source's folder shows to operators; `passed_over` counts files by their endings."""
    return SourceFindings(
        passed_over=tuple(sorted(passed_over.items())),
        site=site.site.description if site else None,
        unsupported=None if site else find_unsupported(candidates),
    )


def find_unsupported(candidates: Sequence[Candidate]) -> str | None:
    """Return the name of a generator whose sites can't be read as it reads them."""
    for candidate in candidates:
        for name, path, part in _UNSUPPORTED:
            content = candidate.files.read(path)
            if content is not None and part in content:
                return name
    return None


def rules_of(generator: Generator) -> GeneratorRules:
    """Return the rules of a generator, whose module is imported when it is first needed."""
    module = import_module(f"bot.ingest.sites.{generator}.site")
    return cast("GeneratorRules", module.RULES)


def _usual_root(candidates: Sequence[Candidate], content_folders: Collection[str]) -> Candidate:
    """The nearest folder with one of the usual names of folders for content on the source's path.

    Without one, the source's folder is the root.
    """
    for candidate in candidates:
        if candidate.folder.partition("/")[0] in content_folders:
            return candidate
    return candidates[0]


def _configure(rules: GeneratorRules, candidate: Candidate, settings: SiteSettings) -> SourceSite:
    files = _RecordedFiles(candidate.files)
    site = rules.configure(files, settings)
    digest = files.digest(f"{SITES_VERSION} {rules.generator} {candidate.folder}")
    return SourceSite(rules, site, candidate.folder, digest)


class _RecordedFiles:
    """Passes on what is read of a site's files, and makes a digest of all of it."""

    def __init__(self, files: SiteFiles) -> None:
        self._files = files
        self._hash = blake2b(digest_size=8)

    def exists(self, path: str) -> bool:
        exists = self._files.exists(path)
        self._record(path, [str(exists)])
        return exists

    def read(self, path: str) -> bytes | None:
        content = self._files.read(path)
        self._record(path, [blake2b(content).hexdigest() if content is not None else ""])
        return content

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        # Not recorded: a new page would make all others be read again. What is read counts.
        return self._files.find(names, folder)

    def digest(self, more: str) -> str:
        self._record(more, ())
        return self._hash.hexdigest()

    def _record(self, subject: str, results: Iterable[str]) -> None:
        text = "\0".join((subject, *results)) + "\n"
        self._hash.update(text.encode("utf-8", "surrogatepass"))
