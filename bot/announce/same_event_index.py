"""An index of recent stories that finds those about the same event, and related ones. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from urllib.parse import unquote

from bot.announce.event_terms import TermFrequencies
from bot.announce.same_event import MAX_TIME_APART, Headline, find_evidence
from bot.urls.normalise import comparable_address
from storage.models import RelatedArticle, Story
from storage.posts import SameEvent

# Terms that more of the stories contain find too many candidates, and say too little.
_MAX_SHARE = 0.1
_ALWAYS_SEARCHED = 50
# How many of the stories with the most similar titles are compared in full.
_MAX_CANDIDATES = 25


@dataclass(frozen=True, slots=True)
class Matches:
    """What an index has about a story.

    `same_events` are the stories about the same event, in the order they were added. `related` are
    the ids of others that list the story as related coverage, or that it lists.
    """

    same_events: tuple[SameEvent, ...]
    related: tuple[int, ...]


class SameEventIndex:
    """Finds stories about the same event among recent ones.

    `frequencies` are those of the archive. `headlines` keeps the prepared texts of stories between
    indexes; it may be shared, and only gets entries.
    """

    def __init__(
        self,
        recent: Iterable[Story],
        frequencies: TermFrequencies,
        headlines: "Headlines | None" = None,
    ) -> None:
        self._frequencies = frequencies
        self._headlines = headlines or Headlines()
        self._stories: dict[int, Story] = {}
        self._places: dict[int, int] = {}
        self._norms: dict[int, float] = {}
        self._by_term: dict[str, list[int]] = defaultdict(list)
        self._by_address: dict[str, set[int]] = defaultdict(set)
        self._by_related: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for story in recent:
            self.add(story)

    def add(self, story: Story) -> None:
        """Add a story to the index, unless it was withdrawn."""
        if story.withdrawn or story.id in self._stories:
            return
        self._stories[story.id] = story
        self._places[story.id] = len(self._places)
        text = self._headlines.of(story).text
        self._norms[story.id] = sqrt(
            sum(self._frequencies.weight(term) ** 2 for term in text.title)
        )
        for term in text.title:
            self._by_term[term].append(story.id)
        for address in story.article.addresses:
            self._by_address[address].add(story.id)
        for related in story.article.related:
            self._by_related[_address_key(related.url)].add((story.id, related.url))

    def find(self, story: Story) -> Matches:
        """Find the stories about the same event, with the evidence, and related ones."""
        listed = self._listed(story) - {story.id}
        headline = self._headlines.of(story)
        candidates = {*self._similar_titles(headline), *listed} - {story.id}
        same = []
        for number in sorted(candidates, key=self._places.__getitem__):
            other = self._stories[number]
            apart = abs(other.dated_at - story.dated_at)
            if apart > MAX_TIME_APART:
                continue
            evidence = find_evidence(
                headline, self._headlines.of(other), self._frequencies, listed=number in listed
            )
            if evidence:
                same.append(SameEvent(number, evidence, apart))
        return Matches(tuple(same), tuple(sorted(listed - {each.story_id for each in same})))

    def _listed(self, story: Story) -> set[int]:
        found: set[int] = set()
        for related in story.article.related:
            found |= self._by_address.get(comparable_address(related.url), set())
        for address in story.article.addresses:
            # Normalising is slow, so only addresses with the same key are compared.
            for known, url in self._by_related.get(_address_key(address), ()):
                if comparable_address(url) == address:
                    found.add(known)
        return found

    def _similar_titles(self, headline: Headline) -> list[int]:
        """The ids of the stories with the most similar titles."""
        most = max(_ALWAYS_SEARCHED, _MAX_SHARE * len(self._stories))
        shared: dict[int, float] = defaultdict(float)
        for term in headline.text.title:
            containing = self._by_term.get(term, ())
            if len(containing) <= most:
                weight = self._frequencies.weight(term) ** 2
                for number in containing:
                    shared[number] += weight
        return sorted(shared, key=lambda number: -shared[number] / self._norms[number])[
            :_MAX_CANDIDATES
        ]


class Headlines:
    """The prepared headlines of stories; preparing one takes longer than comparing two."""

    def __init__(self) -> None:
        self._by_story: dict[int, Headline] = {}

    def of(self, story: Story) -> Headline:
        """The headline of a story in its current version."""
        article = story.article
        known = self._by_story.get(story.id)
        if known is None or (known.title, known.excerpt) != (article.title, article.excerpt):
            known = self._by_story[story.id] = Headline(article.title, article.excerpt)
        return known

    def keep(self, story_ids: Iterable[int]) -> None:
        """Forget all other stories."""
        kept = set(story_ids)
        for number in self._by_story.keys() - kept:
            del self._by_story[number]


# A story is rendered for every channel, and judging fifty entries takes milliseconds.
@lru_cache(maxsize=100)
def split_related(
    story: Story, frequencies: TermFrequencies
) -> tuple[tuple[RelatedArticle, ...], tuple[RelatedArticle, ...]]:
    """The story's related coverage about the same event, and the other related coverage."""
    headline = Headline(story.article.title, story.article.excerpt)
    same, other = list[RelatedArticle](), list[RelatedArticle]()
    for related in story.article.related:
        near = (
            related.published_at is None
            or abs(related.published_at - story.dated_at) <= MAX_TIME_APART
        )
        listed = Headline(related.title, related.excerpt)
        is_same = near and find_evidence(headline, listed, frequencies, listed=True)
        (same if is_same else other).append(related)
    return tuple(same), tuple(other)


def _address_key(url: str) -> str:
    """A key that is equal for all addresses of a page; fast to compute, but not unique."""
    page = url.partition("#")[0].partition("?")[0].partition("://")[2].lower()
    return unquote(page.removeprefix("www.")).rstrip("/")
