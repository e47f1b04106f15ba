"""The other articles that a story's message and page show: coverage of its event, and related."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.announce.event_terms import TermFrequencies
from bot.announce.same_event_index import split_related
from bot.discordapp.markdown import escaped
from bot.urls.normalise import comparable_address
from storage.models import RelatedArticle, Story
from storage.posts import ClaimedPost


@dataclass(frozen=True, slots=True)
class Coverage:
    """Other articles, each address once: about the same event, and about others."""

    same_event: tuple[RelatedArticle, ...] = ()
    related: tuple[RelatedArticle, ...] = ()

    @property
    def total(self) -> int:
        """The number of articles."""
        return len(self.same_event) + len(self.related)


NO_COVERAGE = Coverage()


def post_coverage(claimed: ClaimedPost, frequencies: TermFrequencies) -> Coverage:
    """The coverage of a post's story, with the stories that its channel also has."""
    return story_coverage(claimed.story, frequencies, claimed.coverage, claimed.related)


def story_coverage(
    story: Story,
    frequencies: TermFrequencies,
    folded: Sequence[Story] = (),
    related: Sequence[Story] = (),
) -> Coverage:
    """The coverage of a story: announced stories first, then what it lists, by quality.

    `folded` are stories about the same event, `related` are others. What the story lists itself is
    judged one by one. Withdrawn stories are omitted.
    """
    same, other = split_related(story, frequencies)
    seen = {comparable_address(story.article.url), *story.article.addresses}
    covered = _deduplicated([*_as_related(folded), *_best_first(same)], seen)
    return Coverage(covered, _deduplicated([*_as_related(related), *_best_first(other)], seen))


def folded_coverage(folded: Sequence[Story]) -> tuple[RelatedArticle, ...]:
    """Folded stories as coverage, each address once."""
    return _deduplicated(_as_related(folded), set())


def _as_related(stories: Sequence[Story]) -> list[RelatedArticle]:
    return _best_first(
        RelatedArticle(
            title=story.article.title,
            url=story.article.url,
            excerpt=story.article.excerpt,
            published_at=story.dated_at,
            kind=story.article.kind,
            quality=story.article.quality,
            provider=story.article.provider,
        )
        for story in stories
        if not story.withdrawn
    )


def _deduplicated(articles: Iterable[RelatedArticle], seen: set[str]) -> tuple[RelatedArticle, ...]:
    """Articles with a visible title, each address once, without addresses in `seen`."""
    found = []
    for article in articles:
        address = comparable_address(article.url)
        if address not in seen and escaped(article.title, 1):
            seen.add(address)
            found.append(article)
    return tuple(found)


def _best_first(articles: Iterable[RelatedArticle]) -> list[RelatedArticle]:
    return sorted(articles, key=lambda related: -(related.quality or 0))
