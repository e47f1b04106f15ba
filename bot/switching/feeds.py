"""What becomes of the feeds of an imported list. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.config.error_messages import problem_with_source
from bot.config.misplaced_secrets import is_secret_key
from bot.config.sources import MAX_NAME_LENGTH, FeedSettings, SourceSettings
from bot.ingest.text import clean_text
from bot.urls.normalise import comparable_address
from bot.urls.redaction import contains_secret, redact_address
from bot.visible_text import is_blank


class Outcome(StrEnum):
    """What becomes of an entry of a list."""

    ADDED = "added"
    PRESENT = "already there"
    UNSUPPORTED = "not supported"


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """An entry of a list: the settings of a source, or why it can't be one.

    `notes` are about what can't be taken over.
    """

    name: str
    settings: Mapping[str, object]
    problem: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of an entry, for the report."""

    outcome: Outcome
    name: str
    notes: tuple[str, ...] = ()


def make_feed(
    address: str,
    name: str,
    topics: Iterable[str] = (),
    *,
    domain: str | None = None,
    more: Mapping[str, object] | None = None,
    notes: tuple[str, ...] = (),
) -> ListedFeed:
    """A feed with a name and topics as the list has them; `more` are further settings."""
    address = _web_address(address)
    # Some programs write the address as the name.
    is_address = comparable_address(name.strip()) == comparable_address(address)
    provider, topics = "" if is_address else setting_name(name), setting_names(topics)
    if not is_address and is_secret_key(name):  # the settings refuse it
        provider, notes = "", (*notes, "without its name, which looks like a password or token")
    shown = clean_text(redact_address(address), 200)
    settings: dict[str, object] = {"feed": address}
    if provider:
        shown = f"{provider} ({shown})"
        settings["provider"] = {"name": provider, "domain": domain} if domain else provider
    if topics:
        settings["topics"] = list(topics)
    settings |= more or {}
    return ListedFeed(shown, settings, problem_with_source(settings), notes)


def setting_name(name: str) -> str:
    """A name as the settings can have it; empty if they can't, as nothing of it is visible."""
    cleaned = clean_text(name, MAX_NAME_LENGTH)
    return "" if is_blank(cleaned) or contains_secret(cleaned) else cleaned


def setting_names(names: Iterable[str]) -> Sequence[str]:
    """Different names as the settings can have them."""
    different = dict[str, str]()
    for name in filter(None, map(setting_name, names)):
        different.setdefault(name.casefold(), name)
    return list(different.values())


def _web_address(address: str) -> str:
    """An address as it is requested; `feed:` is how browsers once called the reader of feeds."""
    address = address.strip()
    scheme, colon, rest = address.partition(":")
    if scheme.lower() != "feed" or not colon:
        return address
    return f"http:{rest}" if rest.startswith("//") else rest


def compare_with_settings(
    feeds: Sequence[ListedFeed], sources: Sequence[SourceSettings]
) -> tuple[Sequence[Result], Sequence[Mapping[str, object]]]:
    """Return what becomes of each entry, and what has to be added to `sources`."""
    present = {
        comparable_address(source.feed) for source in sources if isinstance(source, FeedSettings)
    }
    results, added = list[Result](), list[Mapping[str, object]]()
    for feed in feeds:
        if feed.problem is not None:
            results.append(Result(Outcome.UNSUPPORTED, feed.name, (feed.problem, *feed.notes)))
            continue
        address = comparable_address(str(feed.settings["feed"]))
        if address in present:
            results.append(Result(Outcome.PRESENT, feed.name))
            continue
        present.add(address)
        added.append(feed.settings)
        results.append(Result(Outcome.ADDED, feed.name, feed.notes))
    return results, added
