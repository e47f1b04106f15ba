"""Describes what was noticed of a source, for operators."""

from collections.abc import Sequence

from bot.config.sources import ConfiguredSource, FileSettings
from bot.ingest.folder.patterns import HTML_ENDINGS, READABLE_ENDINGS
from bot.ingest.text import clean_text, pluralize
from storage.models import SiteDescription, SourceFindings

_MAX_TITLE = 60
_GENERATORS = {
    "astro": "Astro",
    "docusaurus": "Docusaurus",
    "eleventy": "Eleventy",
    "hexo": "Hexo",
    "hugo": "Hugo",
    "jekyll": "Jekyll",
    "mkdocs": "MkDocs",
    "pelican": "Pelican",
}


def describe_findings(findings: SourceFindings, source: ConfiguredSource) -> Sequence[str]:
    """Describe all that was noticed when a source was last read to its end."""
    unsupported = describe_unsupported(findings, source)
    return [*([unsupported] if unsupported else []), *describe_noticed(findings, source)]


def describe_unsupported(findings: SourceFindings, source: ConfiguredSource) -> str | None:
    """Describe that the source's files belong to a site that is not supported, if they do."""
    if findings.unsupported and isinstance(source, FileSettings) and source.permalink is None:
        return (
            f"looks like a site of {findings.unsupported}, which is not supported: set `permalink`"
            " to the pattern of its addresses"
        )
    return None


def describe_noticed(findings: SourceFindings, source: ConfiguredSource) -> Sequence[str]:
    """Describe what was noticed that is no problem."""
    notes = [] if findings.site is None else [_describe(findings.site)]
    if findings.ids_change:
        notes.append("ids change at every reading; entries are recognised by title and date")
    if findings.merged:
        titles = ", ".join(f"“{clean_text(title, _MAX_TITLE)}”" for title in findings.merged_titles)
        more = ", …" if findings.merged > len(findings.merged_titles) else ""
        listed = pluralize(findings.merged, "entry is", "entries are")
        notes.append(f"{listed} listed twice and merged: {titles}{more}")
    return notes + list(describe_passed_over(findings, source))


def describe_passed_over(findings: SourceFindings, source: ConfiguredSource) -> Sequence[str]:
    """Describe the files that may be pages but are not read, with the setting to add."""
    include = list(source.include) if isinstance(source, FileSettings) else []
    notes = []
    for ending, number in findings.passed_over:
        passed_over = f"{pluralize(number, 'file')} ending in {ending} passed over"
        if ending in READABLE_ENDINGS | HTML_ENDINGS:
            patterns = ", ".join(f'"{pattern}"' for pattern in [*include, f"*{ending}"])
            notes.append(f"{passed_over}; to read them, set `include: [{patterns}]`")
        else:
            notes.append(f"{passed_over}; this format can't be read")
    return notes


def _describe(site: SiteDescription) -> str:
    facts = {
        "base_url": site.base_url,
        "permalink": site.permalink,
        "time zone": site.time_zone,
        "languages": ", ".join(site.languages),
    }
    known = [f"{name} {clean_text(value, 100)}" for name, value in facts.items() if value]
    found = f" ({site.configuration})" if site.configuration else ""
    name = _GENERATORS.get(site.generator, site.generator)
    return f"site of {name}{found}" + "".join(f", {fact}" for fact in known)
