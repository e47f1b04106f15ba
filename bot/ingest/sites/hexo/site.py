"""How sites of Hexo are recognised and read: https://hexo.io/docs."""

from dataclasses import dataclass
from datetime import datetime

from bot.config.sources import Generator
from bot.ingest.sites.hexo.configuration import Configuration, read_configuration, recognise
from bot.ingest.sites.hexo.front_matter import read_hexo_front_matter
from bot.ingest.sites.hexo.pages import read_hexo_page
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
class HexoSite:
    """A site of Hexo; see `bot.ingest.sites.site.Site`."""

    configuration: Configuration

    @property
    def description(self) -> SiteDescription:
        """See `Site`."""
        found = self.configuration
        return SiteDescription(
            generator=Generator.HEXO,
            configuration=found.file,
            base_url=found.base_url,
            permalink=found.permalink,
            time_zone=found.time_zone.key if found.time_zone else None,
            languages=found.languages,
        )

    def has_pages_in(self, folder: str) -> bool:
        """See `Site`."""
        return is_within_or_above(folder, self.configuration.source_dir)

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """See `Site`."""
        return read_hexo_page(page, now, self.configuration)


def _configure(files: SiteFiles, settings: SiteSettings) -> HexoSite:
    return HexoSite(read_configuration(files, settings))


RULES = GeneratorRules(
    generator=Generator.HEXO,
    content_folders=("source",),
    recognises=recognise,
    configure=_configure,
    read_front_matter=read_hexo_front_matter,
)
