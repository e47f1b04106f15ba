"""How sites of Eleventy are recognised and read: https://www.11ty.dev/docs."""

from dataclasses import dataclass
from datetime import datetime

from bot.config.sources import Generator
from bot.ingest.sites.eleventy.configuration import Configuration, read_configuration, recognise
from bot.ingest.sites.eleventy.front_matter import read_eleventy_front_matter
from bot.ingest.sites.eleventy.pages import read_eleventy_page
from bot.ingest.sites.site import (
    GeneratorRules,
    Page,
    PageReading,
    SiteFiles,
    SiteSettings,
    is_within_or_above,
)
from storage.models import SiteDescription


@dataclass(frozen=True, slots=True)
class EleventySite:
    """A site of Eleventy; see `bot.ingest.sites.site.Site`."""

    configuration: Configuration

    @property
    def description(self) -> SiteDescription:
        """See `Site`."""
        found = self.configuration
        return SiteDescription(
            generator=Generator.ELEVENTY,
            configuration=found.file,
            base_url=found.base_url,
            permalink=found.permalink,
            languages=found.languages,
        )

    def has_pages_in(self, folder: str) -> bool:
        """See `Site`."""
        return is_within_or_above(folder, self.configuration.input_dir)

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """See `Site`."""
        return read_eleventy_page(page, now, self.configuration)


def _configure(files: SiteFiles, settings: SiteSettings) -> EleventySite:
    return EleventySite(read_configuration(files, settings))


RULES = GeneratorRules(
    generator=Generator.ELEVENTY,
    content_folders=(),
    recognises=recognise,
    configure=_configure,
    read_front_matter=read_eleventy_front_matter,
)
