"""What `storywire check` says about the sources."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cli.checks.folders import problem_with_folder
from bot.cli.checks.results import CheckResult, Code, Level
from bot.cli.findings import describe_noticed, describe_unsupported
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.config.sources import ConfiguredSource, FolderSettings, GitSettings, PushSettings
from bot.ingest.api.source import ApiSource
from bot.ingest.factory import SourceFactory, topic_rules
from bot.ingest.feed.source import FeedSource
from bot.ingest.git.source import GitSource
from bot.ingest.source import Source
from bot.ingest.text import pluralize
from bot.ingest.topics import NO_RULES
from bot.push.token import read_token
from storage.errors import StorywireError
from storage.models import NO_DOCUMENTS, NO_FINDINGS, SourceFindings, SourceState
from storage.open import inspect_store


@dataclass(frozen=True, slots=True)
class Reading:
    """What a check saw of a source.

    `error` says why it can't be read. `documents` is None if they were not counted, and `findings`
    is None if there is nothing to notice without reading all of it.
    """

    text: str = ""
    error: str | None = None
    documents: int | None = None
    findings: SourceFindings | None = None


async def check_sources(settings: Settings, *, request: bool) -> Sequence[CheckResult]:
    """Read or request each source; without `request` only those on this machine."""
    results: list[CheckResult] = []
    if not settings.all_sources:
        missing = "none; add one under `sources:` (storywire docs settings)"
        results.append(CheckResult(Level.PROBLEM, Code.SOURCES_MISSING, "sources", missing))
    try:
        rules = topic_rules(settings.topics)
    except StorywireError as error:
        results.append(CheckResult(Level.PROBLEM, Code.TOPICS, "topics", str(error)))
        rules = NO_RULES
    async with SourceFactory.open(SystemClock(), clones=settings.clones, rules=rules) as factory:
        sources = [factory.make(each) for each in settings.all_sources]
        readings = await asyncio.gather(
            *(
                _see(each, source, request=request)
                for each, source in zip(settings.all_sources, sources, strict=True)
            )
        )
    states = {state.name: state for state in await _source_states(settings)}
    for each, source, reading in zip(settings.all_sources, sources, readings, strict=True):
        results += judge_source(each, source.name, reading, states.get(source.name))
    if any(isinstance(source, GitSettings) for source in settings.sources):
        problem = problem_with_folder(settings.clones)
        if problem is not None:
            subject = "clones of repositories"
            results.append(CheckResult(Level.PROBLEM, Code.CLONES, subject, problem))
    return results


def judge_source(
    settings: ConfiguredSource, name: str, reading: Reading, state: SourceState | None
) -> Iterator[CheckResult]:
    """Yield what is to be said about a source, whose state is None if it was never read. Pure."""
    findings = reading.findings or (state.findings if state else NO_FINDINGS)
    if reading.error is not None:
        yield CheckResult(Level.PROBLEM, Code.SOURCE, name, reading.error)
    elif reading.documents == 0 and isinstance(settings, FolderSettings):
        patterns = ", ".join(settings.include)
        text = f"0 documents; no file in it matches {patterns} (`include`)"
        yield CheckResult(Level.WARNING, Code.SOURCE_EMPTY, name, text)
    else:
        unread = not isinstance(settings, PushSettings) and (
            state is None or not (state.documents or state.last_run_at)
        )
        text = f"{reading.text}; not read yet" if unread else reading.text
        notes = describe_noticed(findings, settings)
        facts = {"documents": reading.documents}
        yield CheckResult(Level.OK, Code.SOURCE, name, text, notes, facts)
    if (unsupported := describe_unsupported(findings, settings)) is not None:
        yield CheckResult(Level.WARNING, Code.SITE_UNSUPPORTED, name, unsupported)
    if state is not None and state.error and reading.error is None:
        text = f"could not be read at {state.last_run_at:%b %d %H:%M} UTC: {state.error}"
        yield CheckResult(Level.WARNING, Code.SOURCE_FAILED, name, text)
    if state is not None and state.rejected:
        text = (
            f"when last read, {state.rejected} of {state.documents} documents were rejected"
            " (`storywire sources` lists them)"
        )
        facts = {"rejected": state.rejected, "documents": state.documents}
        yield CheckResult(Level.WARNING, Code.SOURCE_REJECTIONS, name, text, facts=facts)


async def _see(settings: ConfiguredSource, source: Source, *, request: bool) -> Reading:
    if isinstance(settings, PushSettings):
        return _see_push(settings)
    if request or _is_local(settings):
        return await _read(source)
    return Reading("not requested; `storywire check --online` does that")


def _see_push(settings: PushSettings) -> Reading:
    try:
        read_token(settings.token_file or Path())
    except StorywireError as error:
        return Reading(error=str(error))
    return Reading(f"articles with the token, at port {settings.port} of {settings.host}")


async def _read(source: Source) -> Reading:
    """Read a source. Repositories are not cloned, so nothing is noticed in them."""
    try:
        if isinstance(source, GitSource | FeedSource | ApiSource):
            return Reading(await source.probe())
        changes = await source.read(NO_DOCUMENTS, None)
    except StorywireError as error:
        return Reading(error=str(error))
    number = changes.changed
    return Reading(pluralize(number, "document"), documents=number, findings=changes.findings)


def _is_local(settings: ConfiguredSource) -> bool:
    return isinstance(settings, FolderSettings) or (
        isinstance(settings, GitSettings) and settings.allow_local
    )


async def _source_states(settings: Settings) -> Sequence[SourceState]:
    try:
        return await inspect_store(settings.database).inspect_sources()
    except StorywireError:
        return ()  # the check of the database reports the problem
